"""The till's queue through what can go wrong at once: lost replies, a killed service, a killed tab, no room."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Route, expect

from app.core.opening import opened_client
from app.core.settings import Settings
from tests.journeys.conftest import TABLET, pair_till, ring_up, wedge
from tests.journeys.screens import Screens
from tests.running import RunningService

NOBODYS_CARD = "2900000000000007"
LONG = 60_000
LINE_IS_BACK = "dispatchEvent(new Event('online'))"

REFUSE_WHEN_FULL = """
const put = IDBObjectStore.prototype.put
IDBObjectStore.prototype.put = function (...row) {
  if (localStorage.getItem('full')) throw new DOMException('No room', 'QuotaExceededError')
  return put.apply(this, row)
}
"""
"""Chromium's own quota does not reach the databases of a context that is kept in memory, as a test's is."""


@pytest.fixture
async def context(browser: Browser, service: RunningService) -> AsyncIterator[BrowserContext]:
    """The browser of one till, whose console may complain of what is done to it here."""
    context = await browser.new_context(viewport=TABLET, base_url=service.url)
    context.set_default_timeout(15_000)
    yield context
    await context.close()


@dataclass
class Line:
    """The line between the till and the service, which loses the first reply and kills the service in a later post."""

    service: RunningService
    posts: Counter[str] = field(default_factory=Counter)
    killed_in: str | None = None

    async def carry(self, route: Route) -> None:
        """Pass a request on, or not."""
        sent = json.loads(route.request.post_data or "{}")
        receipt = sent.get("variables", {}).get("input", {}).get("receiptNumber")
        if receipt is not None:
            self.posts[receipt] += 1
        if receipt is not None and self.posts.total() == 1:
            await route.fetch()
            await route.abort()
        elif receipt is not None and self.killed_in is None and len(self.posts) > 1:
            self.killed_in = receipt
            posting = asyncio.ensure_future(route.fetch())
            await self.service.kill()
            await asyncio.gather(posting, return_exceptions=True)
            await route.abort()
        else:
            await route.continue_()


async def _sell(till: Page, card: str | None) -> None:
    if card is not None:
        await wedge(till, card)
        await expect(till.get_by_role("region", name="Member")).to_contain_text("Card noted")
    await till.get_by_role("combobox", name="Find a product").fill("fluid milk")
    await till.get_by_role("option").first.click()
    await till.keyboard.press("F9")
    await expect(till.get_by_text("Sale kept on this till")).to_be_visible()
    await till.get_by_role("button", name="Next customer").click()


async def _member(service: RunningService) -> dict[str, Any]:
    async with opened_client(Settings(data=service.data), share=True) as client:
        member = await client[Settings().database]["members"].find_one({"status": "active"}, sort=[("_id", -1)])
        assert member is not None
        return member


async def _posted(service: RunningService, receipts: Counter[str]) -> list[tuple[str | None, int]]:
    """Member and number of ledger entries of each purchase with these numbers."""
    async with opened_client(Settings(data=service.data), share=True) as client:
        database = client[Settings().database]
        purchases = await database["purchases"].find({"receipt_number": {"$in": list(receipts)}}).to_list()
        return [
            (each["member"], await database["entries"].count_documents({"operation": f"purchase:{each['_id']}"}))
            for each in purchases
        ]


async def test_every_sale_is_posted_once_through_lost_replies_and_kills(
    context: BrowserContext, service: RunningService
) -> None:
    member = await _member(service)
    one, other = await context.new_page(), await context.new_page()
    await pair_till(one, service)
    await one.get_by_role("combobox", name="Find a product").fill("fluid milk")
    await one.get_by_role("option").first.wait_for()
    await other.goto("/till")
    await other.get_by_text("Ready to scan").wait_for()

    await context.set_offline(True)
    await expect(one.get_by_text("Offline", exact=True)).to_be_visible()
    for card in (member["cards"][0]["number"], None, NOBODYS_CARD):
        await _sell(one, card)
    # What one tab of a till keeps, the other knows of.
    await expect(other.get_by_role("button", name="3 sales waiting")).to_be_visible()

    line = Line(service)
    await context.route("**/graphql", line.carry)
    await context.set_offline(False)
    while line.posts.total() == 0:
        await other.wait_for_timeout(50)
    await one.close()
    # The other tab would find out by itself, a little later.
    while line.killed_in is None:
        await other.evaluate(LINE_IS_BACK)
        await other.wait_for_timeout(250)
    await service.start_again()
    await other.evaluate(LINE_IS_BACK)

    await expect(other.get_by_role("button", name="1 to decide")).to_be_visible(timeout=LONG)
    assert len(line.posts) == 3
    assert line.posts[line.killed_in] > 1, "what was being posted when the service died is posted again"
    await other.get_by_role("button", name="1 to decide").click()
    await other.get_by_role("button", name="Post without the member").click()
    await expect(other.get_by_role("button", name="Nothing waiting")).to_be_visible(timeout=LONG)
    posted = await _posted(service, line.posts)
    assert sorted(posted, key=str) == sorted([(member["_id"], 1), (None, 0), (None, 0)], key=str)


async def test_a_till_without_room_says_so_and_keeps_the_basket(
    context: BrowserContext, service: RunningService
) -> None:
    await context.add_init_script(REFUSE_WHEN_FULL)
    till = await context.new_page()
    await pair_till(till, service)
    await till.evaluate("localStorage.setItem('full', 'yes')")
    await till.reload()
    await till.get_by_text("Ready to scan").wait_for()
    await ring_up(till, "fluid milk", "3.00")
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    await expect(till.get_by_text("This till cannot store anything")).to_be_visible()
    await expect(till.get_by_role("button", name="Nothing waiting")).to_be_visible()
    await expect(till.get_by_text("Online", exact=True)).to_be_visible()
    await till.evaluate("localStorage.removeItem('full')")
    await till.get_by_role("button", name=re.compile(r"^Pay \$3\.00")).click()
    await expect(till.get_by_text("Sale posted")).to_be_visible()


async def test_a_part_that_cannot_be_loaded_costs_no_basket(browser: Browser, service: RunningService) -> None:
    # A service worker would have kept the file; the first visit and a deployment find nothing kept.
    context = await browser.new_context(viewport=TABLET, base_url=service.url, service_workers="block")
    till = await context.new_page()
    await context.route(re.compile("/assets/return-"), lambda route: route.abort())
    await pair_till(till, service)
    await ring_up(till, "fluid milk", "3.00")
    await till.get_by_role("button", name="Return").click()
    await expect(till.get_by_text("This part of the till could not be loaded")).to_be_visible()
    screens = Screens(till)
    await screens.check("till, a part is missing")
    screens.verdict()
    async with till.expect_event("load"):
        await till.get_by_role("button", name="Load it again").click()
    await expect(till.get_by_role("button", name=re.compile(r"^Pay \$3\.00"))).to_be_visible()
    await context.unroute_all()
    await till.get_by_role("button", name="Return").click()
    await expect(till.get_by_label("Receipt number")).to_be_visible()
    await till.get_by_role("button", name="Back to the sale").click()
    await till.get_by_role("button", name=re.compile(r"^Pay \$3\.00")).click()
    await expect(till.get_by_text("Sale posted")).to_be_visible()
    await till.reload()
    await expect(till.get_by_text("Ready to scan")).to_be_visible()
    await expect(till.get_by_role("button", name=re.compile(r"^Pay"))).to_be_disabled()
    await context.close()
