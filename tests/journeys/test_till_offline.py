"""The till while the line is down: scans and sales are kept, survive a reload, and are posted once when it is back."""

import re

from playwright.async_api import Page, expect

from tests.journeys.conftest import PHONE, TABLET, OpenPage, address, join, pair_till, scan_screen, wedge
from tests.running import RunningService

BANANAS = "2000010821853"
"""What the demo's grocer sells most."""


async def _keep_a_sale(till: Page, code: str) -> None:
    """Scan a card and sell one product that the till has met, all without the line."""
    await wedge(till, code)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Card noted")
    await till.get_by_role("combobox", name="Find a product").fill("fluid milk")
    await till.get_by_role("option").first.click()
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    await expect(till.get_by_text("Sale kept on this till")).to_be_visible()
    await till.get_by_role("button", name="Next customer").click()


async def test_a_sale_without_the_line_is_kept_and_posted_once(open_page: OpenPage, service: RunningService) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, address("noor"), "Noor Aziz")
    till = await open_page(TABLET)
    await pair_till(till, service)
    await expect(till.get_by_text("Online")).to_be_visible()
    await till.get_by_role("combobox", name="Find a product").fill("fluid milk")
    await expect(till.get_by_role("option").first).to_be_visible()
    await till.evaluate("navigator.serviceWorker.ready.then(() => true)")

    await till.context.set_offline(True)
    await expect(till.get_by_text("Offline", exact=True)).to_be_visible()
    await till.get_by_role("combobox", name="Find a product").fill("")
    await _keep_a_sale(till, await scan_screen(wallet))
    await expect(till.get_by_role("button", name="1 sale waiting")).to_be_visible()

    await till.reload()
    await expect(till.get_by_text("Ready to scan")).to_be_visible()
    await expect(till.get_by_role("button", name="1 sale waiting")).to_be_visible()

    await till.context.set_offline(False)
    await expect(till.get_by_role("button", name="Nothing waiting")).to_be_visible(timeout=30_000)
    await expect(wallet.get_by_text("0 points", exact=True)).to_be_hidden()
    await till.get_by_role("button", name="Return").click()
    await expect(till.get_by_role("region", name="Last sales of this till").get_by_role("button")).to_have_count(1)
    await wallet.get_by_role("link", name="Activity").click()
    await expect(wallet.get_by_role("main").get_by_role("listitem")).to_have_count(1)


async def test_what_sells_most_is_rung_up_offline_though_the_till_never_met_it(
    open_page: OpenPage, service: RunningService
) -> None:
    till = await open_page(TABLET)
    await pair_till(till, service)
    await till.get_by_role("button", name="Settings").click()
    await expect(till.get_by_text(re.compile(r"^[\d,]*\d00 products"))).to_be_visible(timeout=15_000)
    await till.get_by_role("button", name="Back to the sale").click()
    await till.context.set_offline(True)
    await expect(till.get_by_text("Offline", exact=True)).to_be_visible()
    await wedge(till, BANANAS)
    await expect(till.get_by_text("Added: Bananas")).to_be_visible()
    await till.get_by_role("combobox", name="Find a product").fill("fluid milk")
    await expect(till.get_by_text("Offline: only the products that this till keeps.")).to_be_visible()
    await till.get_by_role("option").first.click()
    await expect(till.get_by_text("2 items")).to_be_visible()
    await wedge(till, "96385074")
    await expect(till.get_by_text("96385074 is not kept on this till.")).to_be_visible()
