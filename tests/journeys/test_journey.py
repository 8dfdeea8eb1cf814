"""The journey of a visitor who becomes a member, buys, redeems and asks: real service, real database, real browser."""

import re

from playwright.async_api import expect

from tests.journeys.conftest import (
    DESK,
    PHONE,
    TABLET,
    OpenPage,
    find,
    join,
    pair_till,
    ring_up,
    scan_screen,
    sign_in_as_staff,
    wedge,
)
from tests.running import RunningService

EMAIL = "amira.h2@example.org"
A_SECOND = 1_000


async def test_a_visitor_joins_buys_redeems_and_an_agent_sees_it_all(
    open_page: OpenPage, service: RunningService
) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, EMAIL, "Amira Haddad")
    await expect(wallet.get_by_text("0 points", exact=True)).to_be_visible()
    number = re.sub(r"\D", "", await wallet.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")).inner_text())
    assert len(number) == 16

    till = await open_page(TABLET)
    await pair_till(till, service)

    await wedge(till, number)
    member = till.get_by_role("region", name="Member")
    await expect(member).to_contain_text("Earns points")
    await expect(member).not_to_contain_text("Amira")
    await member.get_by_role("button", name="Remove the member").click()

    code = await scan_screen(wallet)
    await wedge(till, code)
    await expect(member).to_contain_text("Amira")
    await expect(member).to_contain_text("0 points")
    await ring_up(till, "fluid milk", "300.00")
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    await expect(till.get_by_text("Sale posted")).to_be_visible()
    # Pushed, not polled: the wallet lies there untouched and the points arrive.
    await expect(wallet.get_by_text("0 points", exact=True)).to_be_hidden(timeout=A_SECOND)
    earned = int((await till.get_by_text(re.compile(r"^\+\d+$")).inner_text()).removeprefix("+"))
    assert earned >= 300
    await expect(wallet.get_by_text(f"{earned} points", exact=True)).to_be_visible(timeout=A_SECOND)
    receipt = re.search(r"Receipt (\S+)", await till.get_by_role("article", name="Receipt").inner_text())
    assert receipt is not None
    await till.get_by_role("button", name="Next customer").click()

    await wallet.get_by_role("link", name="Rewards", exact=True).click()
    await wallet.get_by_role("link", name=re.compile(r"^\$2 off")).click()
    await wallet.get_by_role("button", name="Reserve for 200 points").click()
    await expect(wallet.get_by_role("region", name="Show this at the till")).to_be_visible()
    await wallet.get_by_role("link", name="Card", exact=True).click()
    await expect(wallet.get_by_text(f"{earned - 200} points", exact=True)).to_be_visible()

    await wedge(till, code)
    await expect(member).to_contain_text("used already")
    await wedge(till, await scan_screen(wallet, after=code))
    await expect(member).to_contain_text("$2 off")
    await ring_up(till, "fluid milk", "12.00")
    await (
        till.get_by_role("checkbox", name=re.compile("With this sale"))
        .or_(till.get_by_role("button", name=re.compile("With this sale")))
        .first.click()
    )
    await till.get_by_role("button", name=re.compile(r"^Pay \$10\.00")).click()
    handed_over = till.get_by_role("article", name="Receipt")
    await expect(handed_over).to_contain_text("Points before")
    await expect(handed_over).to_contain_text("200")
    await expect(handed_over).to_contain_text("$10.00")

    await wallet.get_by_role("link", name="Activity").click()
    await expect(wallet.get_by_text(f"+{earned}").first).to_be_visible()
    await wallet.get_by_text(f"+{earned}").first.click()
    await expect(wallet.get_by_text(re.compile(f"You earned {earned} points"))).to_be_visible()

    console = await open_page(DESK)
    await sign_in_as_staff(console, service, "agent@harvest.example")
    for wanted in (EMAIL, number, receipt.group(1)):
        await expect(await find(console, wanted)).to_contain_text("Amira Haddad")
    await (await find(console, number)).click()
    await expect(console.get_by_role("heading", level=1, name="Amira Haddad")).to_be_visible()
    timeline = console.get_by_role("list", name="Timeline")
    told = ["Joined the programme", f"+{earned}", "−200"]
    for text in told:
        await expect(timeline).to_contain_text(text)
    read = await timeline.inner_text()
    places = [read.index(text) for text in told]
    assert places == sorted(places, reverse=True), "newest first"

    await wallet.get_by_role("link", name="Card", exact=True).click()
    shop = await wallet.context.new_page()
    await shop.goto(f"http://127.0.0.1:{service.port}/storefront")
    await shop.get_by_role("button", name="See your points").click()
    await shop.get_by_role("button", name="Allow", exact=True).click()
    await expect(shop.locator("stampbook-balance")).to_contain_text(await wallet.get_by_test_id("balance").inner_text())
