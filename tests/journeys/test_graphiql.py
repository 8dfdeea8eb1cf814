"""The development page of the API: its first query runs, and a subscription answers at once."""

import re

from playwright.async_api import Locator, Page, expect

from tests.journeys.conftest import DESK, OpenPage, address, join
from tests.running import RunningService

_SUBSCRIPTION = "subscription Live { memberChanged { member { displayName } } }"


async def test_the_first_query_answers_by_button_and_by_keyboard(open_page: OpenPage) -> None:
    page = await _explorer(await open_page(DESK))
    await page.get_by_role("button", name=re.compile("^Execute query")).click()
    await expect(_result(page)).to_contain_text('"name": "Harvest"')

    again = await _explorer(await open_page(DESK, scheme="dark"))
    await again.locator(".graphiql-query-editor .CodeMirror").click()
    await again.keyboard.press("Control+Enter")
    await expect(_result(again)).to_contain_text('"name": "Harvest"')


async def test_documentation_and_settings_open(open_page: OpenPage) -> None:
    page = await _explorer(await open_page(DESK))
    await page.get_by_role("button", name="Show Documentation Explorer").click()
    await expect(page.get_by_role("link", name="Programme", exact=True)).to_be_visible()
    await page.get_by_role("button", name="Open settings dialog").click()
    await page.get_by_role("button", name="Dark", exact=True).click()
    await expect(page.locator("body")).to_have_class(re.compile("graphiql-dark"))


async def test_a_member_subscribes_with_the_session_cookie(open_page: OpenPage, service: RunningService) -> None:
    wallet = await open_page(DESK)
    await join(wallet, service, address("ines"), "Ines Explorer")
    page = await _explorer(wallet)
    await page.locator(".graphiql-query-editor .CodeMirror").click()
    await page.keyboard.press("Control+a")
    await page.keyboard.insert_text(_SUBSCRIPTION)
    # The tab is named after the operation once the editor has read it.
    await expect(page.get_by_role("tab", name="Live")).to_be_visible()
    await page.keyboard.press("Control+Enter")
    await expect(_result(page)).to_contain_text("Ines Explorer")


async def _explorer(page: Page) -> Page:
    await page.goto("/graphql")
    await expect(page.locator(".graphiql-query-editor")).to_contain_text("serverTime")
    return page


def _result(page: Page) -> Locator:
    return page.locator(".result-window")
