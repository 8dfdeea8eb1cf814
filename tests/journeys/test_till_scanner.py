"""A keyboard-wedge scanner at the till: heard wherever the focus is, and however busy the page or the machine is."""

import asyncio
import re

from playwright.async_api import Page, expect

from tests.journeys.conftest import TABLET, OpenPage, pair_till, wedge
from tests.running import RunningService

CARD_NUMBER = "2900000000000007"
CODE = "LY0H000G40R40M30E203JE3G13DGKJ9M2B8G66JB1PGX"

HOLD_UP = """(ms) => new Promise((done) => setTimeout(() => {
  const end = performance.now() + ms
  while (performance.now() < end);
  done()
}))"""
"""Nothing else runs on the page meanwhile; keys wait."""


async def _forget(till: Page) -> None:
    await till.get_by_role("button", name="Remove the member").click()
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Ready to scan")


async def test_a_scan_is_heard_wherever_the_focus_is_and_however_slow_the_machine(
    open_page: OpenPage, service: RunningService
) -> None:
    till = await open_page(TABLET)
    await pair_till(till, service)
    # Practice: what is read is judged by its shape, and nothing is sent.
    await till.get_by_role("button", name="Practice").click()
    await till.evaluate("document.activeElement.blur()")
    member = till.get_by_role("region", name="Member")
    await wedge(till, CARD_NUMBER)
    await expect(member).to_contain_text("Practice member")

    for place in (3, 8, 13):
        # The button that was pressed is gone, and the focus with it; the page hears the rest much later.
        await _forget(till)
        await till.keyboard.type(CARD_NUMBER[:place], delay=4)
        held_up = asyncio.create_task(till.evaluate(HOLD_UP, 450))
        await till.keyboard.type(CARD_NUMBER[place:], delay=4)
        await till.keyboard.press("Enter")
        await held_up
        await expect(member).to_contain_text("Practice member")
        await expect(till.get_by_text("That is not a code")).to_be_hidden()

    # The machine is slow itself: as slow as a person who types.
    await _forget(till)
    await till.keyboard.type(CARD_NUMBER[:6], delay=180)
    await till.keyboard.type(CARD_NUMBER[6:], delay=60)
    await till.keyboard.press("Enter")
    await expect(member).to_contain_text("Practice member")

    # A field that a scanner has typed into is as it was before.
    await _forget(till)
    search = till.get_by_role("combobox", name="Find a product")
    await search.fill("fluid milk")
    await till.get_by_role("option").first.click()
    await search.fill("oat")
    await wedge(till, CODE)
    await expect(member).to_contain_text("Practice member")
    await expect(search).to_have_value("oat")
    price = till.get_by_role("textbox", name=re.compile("^Price of"))
    before = await price.input_value()
    await _forget(till)
    await price.focus()
    await wedge(till, CODE)
    await expect(member).to_contain_text("Practice member")
    await expect(price).to_have_value(before)
