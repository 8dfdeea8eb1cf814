"""A keyboard-wedge scanner at the till: heard wherever the focus is, and however busy the page or the machine is."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.journeys.conftest import TABLET, OpenPage, pair_till, wedge
from tests.running import RunningService

CARD_NUMBER = "2900000000000007"
MILK = "2000010821853"

HOLD_UP = """(ms) => new Promise((done) => setTimeout(() => {
  const end = performance.now() + ms
  while (performance.now() < end);
  done()
}))"""
"""Nothing else runs on the page meanwhile; keys wait."""


@pytest.fixture
async def till(open_page: OpenPage, service: RunningService) -> Page:
    page = await open_page(TABLET)
    await pair_till(page, service)
    # Practice: what is read is judged by its shape, and nothing is sent.
    await page.get_by_role("button", name="Practice").click()
    await page.evaluate("document.activeElement.blur()")
    return page


async def _forget(till: Page) -> None:
    await till.get_by_role("button", name="Remove the member").click()
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Ready to scan")


async def test_a_scan_is_heard_with_the_focus_nowhere_and_the_page_held_up(till: Page) -> None:
    member = till.get_by_role("region", name="Member")
    await wedge(till, CARD_NUMBER)
    await expect(member).to_contain_text("Practice member")
    for place in (3, 8, 13):
        # The button that was pressed is gone, and the focus with it.
        await _forget(till)
        await till.keyboard.type(CARD_NUMBER[:place], delay=4)
        held_up = asyncio.create_task(till.evaluate(HOLD_UP, 450))
        await till.keyboard.type(CARD_NUMBER[place:], delay=4)
        await till.keyboard.press("Enter")
        await held_up
        await expect(member).to_contain_text("Practice member")
        await expect(till.get_by_text("That is not a code")).to_be_hidden()


async def test_a_scan_is_heard_from_a_machine_that_is_slow_itself(till: Page) -> None:
    member = till.get_by_role("region", name="Member")
    await till.keyboard.type(CARD_NUMBER, delay=180)
    await till.keyboard.press("Enter")
    await expect(member).to_contain_text("Practice member")


async def test_a_scan_into_a_field_leaves_the_field_as_it_was(till: Page) -> None:
    search = till.get_by_role("combobox", name="Find a product")
    await search.fill("fluid milk")
    await till.get_by_role("option").first.click()
    await search.fill("oat")
    await wedge(till, CARD_NUMBER)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Practice member")
    await expect(search).to_have_value("oat")
    price = till.get_by_role("textbox", name=re.compile("^Price of"))
    before = await price.input_value()
    await price.focus()
    await wedge(till, MILK)
    await expect(till.get_by_text("2 items")).to_be_visible()
    await expect(price.first).to_have_value(before)
