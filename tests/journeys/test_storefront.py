"""A shop on another origin shows the wallet's balance: agreed once, silent after that, over once they sign out."""

import base64
import hashlib
import re
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import PHONE, TABLET, OpenPage, address, join, pair_till, ring_up, wedge
from tests.running import RunningService


async def test_the_shop_shows_the_same_balance_until_the_member_signs_out(
    open_page: OpenPage, service: RunningService
) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, address("selma"), "Selma Shop")
    number = re.sub(r"\D", "", await wallet.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")).inner_text())
    till = await open_page(TABLET)
    await pair_till(till, service)
    await wedge(till, number)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Earns points")
    await ring_up(till, "fluid milk", "120.00")
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    await expect(till.get_by_text("Sale posted")).to_be_visible()
    await expect(wallet.get_by_test_id("balance")).not_to_have_text("0 points")
    balance = await wallet.get_by_test_id("balance").inner_text()

    # The member's own browser: signed in already, so the shop asks for agreement and nothing else.
    shop = await wallet.context.new_page()
    storefront = f"http://127.0.0.1:{service.port}/storefront"
    await shop.goto(storefront)
    await shop.get_by_role("button", name="See your points").click()
    await expect(shop.get_by_role("heading", name="Harvest at home asks for access")).to_be_visible()
    await shop.get_by_role("button", name="Allow", exact=True).click()
    await expect(shop.locator("stampbook-balance")).to_contain_text(balance)
    assert shop.url == f"http://127.0.0.1:{service.port}/widget/storefront.html"

    # Another tab, with nothing of the first one's: signed in without being asked.
    again = await wallet.context.new_page()
    visited = _addresses(again)
    await again.goto(storefront)
    await expect(again.locator("stampbook-balance")).to_contain_text(balance)
    assert not [url for url in visited if "/login" in url or "/consent" in url], visited

    await wallet.get_by_role("link", name="You", exact=True).click()
    await wallet.get_by_role("button", name="Sign out").click()
    await wallet.get_by_role("button", name="Sign out here").click()
    await expect(wallet.get_by_label("E-mail address")).to_be_visible()
    await again.reload()
    await expect(again.get_by_role("button", name="See your points")).to_be_visible()
    await expect(again.locator("stampbook-balance")).not_to_contain_text(balance)


def _addresses(page: Page) -> list[str]:
    visited: list[str] = []
    page.on("framenavigated", lambda frame: visited.append(frame.url))
    return visited


async def test_the_shops_own_server_hands_its_page_a_token(open_page: OpenPage, service: RunningService) -> None:
    shop = f"http://127.0.0.1:{service.port}"
    callback = f"{shop}/healthz"
    said = await service.command(
        *("clients", "add", "storefront_server", "Corner shop", "--redirect", callback, "--origin", shop)
    )
    client = dict(re.findall(r"(client_\w+)\s+(\S+)", said))
    wallet = await open_page(PHONE)
    await join(wallet, service, address("sid"), "Sid Server")
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": client["client_id"],
        "redirect_uri": callback,
        "response_type": "code",
        "scope": "openid member:read points:read rewards:read",
        "state": "a state",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    page = await wallet.context.new_page()
    await page.goto(f"{service.url}/authorize?{urlencode(asked)}")
    await page.get_by_role("button", name="Allow", exact=True).click()
    await page.wait_for_url(f"{callback}?*")
    traded = {
        **client,
        "grant_type": "authorization_code",
        "code": parse_qs(urlsplit(page.url).query)["code"][0],
        "redirect_uri": callback,
        "code_verifier": verifier,
    }
    async with httpx2.AsyncClient() as server:
        answer = (await server.post(f"{service.url}/token", data=traded)).json()
    assert answer["token_type"] == "Bearer"
    assert answer["expires_in"] <= 300

    await page.goto(f"{shop}/storefront")
    balance = page.locator("stampbook-balance")
    hand_out = "(element, token) => { element.tokens = async () => token ?? undefined; return element.refresh() }"
    await balance.evaluate(hand_out, answer["access_token"])
    await expect(balance).to_contain_text("0 points")
    for nobody in (None, "not a token"):
        await balance.evaluate(hand_out, nobody)
        await expect(balance.get_by_role("button", name="See your points")).to_be_visible()


async def test_without_javascript_it_is_a_link_to_the_wallet(browser: Browser, service: RunningService) -> None:
    context = await browser.new_context(viewport=PHONE, java_script_enabled=False)
    try:
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{service.port}/storefront")
        await expect(page.get_by_role("link", name="Your Harvest points")).to_be_visible()
        await page.get_by_role("link", name="Your Harvest points").click()
        assert page.url == f"{service.url}/"
    finally:
        await context.close()
