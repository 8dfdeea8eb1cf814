"""The wallet without a line, or without its storage: it opens, its card scans, and what was lost comes back unasked."""

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, async_playwright, expect

from tests import browser as chromium
from tests.journeys.conftest import (
    PHONE,
    TABLET,
    OpenPage,
    address,
    join,
    pair_till,
    ring_up,
    scan_screen,
    wedge,
)
from tests.running import RunningService
from wallet.codes import Rotating, parse

IN_CHARGE = "async () => { await navigator.serviceWorker.ready; return navigator.serviceWorker.controller !== null }"
NO_CONNECTION = "No connection. Nothing was changed"
FORGET_ALL = """async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name)
  await Promise.all(names.map((name) => new Promise((done) => {
    const request = indexedDB.deleteDatabase(name)
    request.onsuccess = request.onerror = request.onblocked = done
  })))
  return names.length
}"""


async def visit_every_screen(wallet: Page) -> None:
    """Open each of the member's screens once while online, and wait until it shows what the service says."""
    for name, heading in (("Rewards", "Rewards"), ("Activity", "Activity"), ("You", "You")):
        await wallet.get_by_role("link", name=name, exact=True).click()
        await expect(wallet.get_by_role("heading", name=heading, level=1)).to_be_visible()
        await expect(wallet.get_by_text("Loading", exact=True)).to_be_hidden()
    await wallet.get_by_role("link", name="Devices and sessions").click()
    await expect(wallet.get_by_role("heading", name="Signed in")).to_be_visible()


async def in_charge(page: Page) -> None:
    """Wait until the page's service worker answers for it, as from the second visit on."""
    await page.evaluate(IN_CHARGE)
    await page.reload()
    assert await page.evaluate(IN_CHARGE)


async def test_every_screen_of_the_wallet_opens_offline_and_the_card_still_scans(
    open_page: OpenPage, service: RunningService
) -> None:
    till = await open_page(TABLET)
    await pair_till(till, service)
    wallet = await open_page(PHONE)
    await join(wallet, service, address("ola"), "Ola Offline")
    await wedge(till, await scan_screen(wallet))
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Ola")
    await ring_up(till, "fluid milk", "300.00")
    await till.get_by_role("button", name=re.compile("^Pay")).first.click()
    await expect(till.get_by_text("Sale posted")).to_be_visible()
    await till.get_by_role("button", name="Next customer").click()
    await visit_every_screen(wallet)
    await wallet.get_by_role("link", name="Rewards", exact=True).click()
    await wallet.get_by_role("link", name=re.compile(r"^\$2 off")).click()
    reward = urlsplit(wallet.url).path
    await wallet.get_by_role("button", name="Reserve for 200 points").click()
    await wallet.get_by_role("region", name="Show this at the till").wait_for()
    code = urlsplit(wallet.url).path
    await in_charge(wallet)
    await wallet.context.set_offline(True)

    for path, sign in (
        ("/rewards", "More to look forward to"),
        (reward, "Two dollars off your shopping"),
        (code, "Cancel and get 200 points back"),
        ("/activity", "Harvest"),
        ("/you", "Ways to sign in"),
        ("/you/devices", "Cards on devices"),
    ):
        await wallet.goto(path)
        await expect(wallet.locator("main").get_by_text(sign).first).to_be_visible()
        await expect(wallet.get_by_text(re.compile("^Offline"))).to_be_visible()
    await wallet.goto("/claim/ABCD-EFGH")
    await expect(wallet.get_by_role("button", name="Add them to my card")).to_be_visible()
    await expect(wallet.get_by_text(NO_CONNECTION)).to_be_visible()
    await wallet.get_by_role("button", name="Go to your card").click()
    await expect(wallet.get_by_text("Offline. Your card still works.")).to_be_visible()
    await wallet.goto("/join")
    await expect(wallet.get_by_text("Offline. Your card still works.")).to_be_visible()
    await expect(wallet.get_by_text(re.compile("^As of "))).to_be_visible()

    shown = await scan_screen(wallet)
    rotated = await scan_screen(wallet, after=shown)
    assert isinstance(parse(rotated), Rotating), rotated
    await wedge(till, rotated)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Ola")

    await wallet.context.set_offline(False)
    await expect(wallet.get_by_text("Offline. Your card still works.")).to_be_hidden()


async def test_lost_storage_is_healed_without_a_word(open_page: OpenPage, service: RunningService) -> None:
    till = await open_page(TABLET)
    await pair_till(till, service)
    wallet = await open_page(PHONE)
    await join(wallet, service, address("lars"), "Lars Lost")
    assert await wallet.evaluate(FORGET_ALL) > 0
    await wallet.goto("/")
    code = await scan_screen(wallet)
    assert isinstance(parse(code), Rotating), code
    await wedge(till, code)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Lars")


async def test_a_screen_that_could_not_be_fetched_comes_with_the_line(
    browser: Browser, service: RunningService
) -> None:
    # Nothing is kept yet, as before the first visit is over.
    context = await browser.new_context(viewport=PHONE, base_url=service.url, service_workers="block")
    wallet = await context.new_page()
    await join(wallet, service, address("nils"), "Nils New")
    await wallet.get_by_role("heading", name="Ready to use").wait_for()
    await context.set_offline(True)
    await wallet.get_by_role("link", name="Rewards", exact=True).click()
    await expect(wallet.get_by_text("Loading", exact=True)).to_be_attached()
    await context.set_offline(False)
    await expect(wallet.get_by_role("heading", name="More to look forward to")).to_be_visible()
    await context.close()


async def test_the_wallet_can_be_installed_and_joining_opens_offline(service: RunningService, tmp_path: Path) -> None:
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            tmp_path, executable_path=chromium.executable(), args=chromium.ARGUMENTS, base_url=service.url
        )
        page = context.pages[0]
        await page.goto("/")
        await page.evaluate(IN_CHARGE)
        session = await context.new_cdp_session(page)
        errors = (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"]
        manifest = await session.send("Page.getAppManifest")
        await context.set_offline(True)
        for path in ("/join", "/claim/ABCD-EFGH"):
            await page.goto(path)
            await expect(page.get_by_label("E-mail address")).to_be_visible()
            await expect(page.get_by_text(NO_CONNECTION)).to_be_visible()
        await expect(page.get_by_text("You already have points waiting")).to_be_visible()
        await context.close()
    assert errors == []
    assert manifest["errors"] == []
    assert '"Show card"' in manifest["data"]
