"""Every screen of the wallet, the sign-in and the shop as everybody has to be able to use it."""

import re

from playwright.async_api import Page, expect

from tests.journeys.conftest import (
    PHONE,
    TABLET,
    OpenPage,
    address,
    pair_till,
    ring_up,
    wedge,
)
from tests.journeys.screens import Screens
from tests.running import RunningService


async def test_the_wallet(open_page: OpenPage, service: RunningService) -> None:
    email = address("rosa")
    page = await open_page(PHONE)
    screens = Screens(page)
    await page.goto("/")
    await page.get_by_label("E-mail address").wait_for()
    await screens.check("join, address")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("Code from the e-mail").wait_for()
    await screens.check("join, code")
    await page.get_by_label("Code from the e-mail").fill(await service.sign_in_code(email))
    await page.get_by_role("textbox", name="Name").fill("Rosa Access")
    await screens.check("join, name")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Show my card").click()
    await page.get_by_text("Card number:").wait_for(state="attached")
    await page.get_by_role("link", name="Activity").click()
    await page.get_by_text("Nothing here yet").wait_for()
    await screens.check("activity, empty")
    await page.get_by_role("link", name="Card", exact=True).click()
    await _buy(await open_page(TABLET), service, page)

    await expect(page.get_by_role("progressbar")).to_be_visible()
    await screens.check("card")
    await page.get_by_role("button", name="Show card full screen").click()
    await page.get_by_role("dialog").wait_for()
    await screens.check("card, full")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("link", name="Rewards", exact=True).click()
    await page.get_by_role("heading", name="Yours now").wait_for()
    await screens.check("rewards")
    await page.get_by_role("link", name=re.compile(r"^\$2 off")).click()
    reserve = page.get_by_role("button", name="Reserve for 200 points")
    await reserve.wait_for()
    await screens.check("reward")
    await reserve.click()
    await page.get_by_role("region", name="Show this at the till").wait_for()
    await screens.check("reserved code")
    await page.get_by_role("link", name="Activity").click()
    await page.locator("details").first.wait_for()
    await page.locator("details").last.locator("summary").click()
    await page.get_by_text(re.compile("^Receipt ")).wait_for()
    await screens.check("activity, with a reason open")
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("heading", name="Ways to sign in").wait_for()
    await screens.check("you")
    await page.get_by_role("button", name="Sign out").click()
    await screens.check("you, signing out")
    await page.get_by_role("link", name="Devices and sessions").click()
    await page.get_by_role("heading", name="Signed in").wait_for()
    await screens.check("devices")
    await page.goto("/rewards/nothing")
    await page.get_by_text("This reward is no longer here").wait_for()
    await screens.check("a reward that is gone")
    screens.verdict()


async def _buy(till: Page, service: RunningService, wallet: Page) -> None:
    number = re.sub(r"\D", "", await wallet.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")).inner_text())
    await pair_till(till, service)
    await wedge(till, number)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Earns points")
    await ring_up(till, "fluid milk", "300.00")
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    await expect(till.get_by_text("Sale posted")).to_be_visible()


async def test_signing_in_for_somebody_elses_page(refused_page: Page, service: RunningService) -> None:
    email = address("sina")
    page = refused_page
    screens = Screens(page)
    await page.goto("/authorize?client_id=nobody&response_type=code")
    await page.get_by_role("heading").wait_for()
    await screens.check("error")
    await page.goto(f"http://127.0.0.1:{service.port}/storefront")
    await page.get_by_role("button", name="See your points").click()
    await page.get_by_label("E-mail address").wait_for()
    await screens.check("sign in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send code").click()
    await page.get_by_label("Code").fill("0000 0000")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("alert").wait_for()
    await screens.check("code, wrong")
    await page.get_by_label("Code").fill(await service.sign_in_code(email))
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Allow", exact=True).wait_for()
    await screens.check("consent")
    await page.get_by_role("button", name="Allow", exact=True).click()
    await page.get_by_role("link", name=re.compile("^Join ")).wait_for()
    await screens.check("storefront, no member yet")
    screens.verdict()


async def test_the_storefront_and_the_outbox(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page(PHONE)
    screens = Screens(page)
    await page.goto(f"http://127.0.0.1:{service.port}/storefront")
    await page.get_by_role("button", name="See your points").wait_for()
    await screens.check("storefront")
    await page.goto("/outbox")
    await page.get_by_role("heading").first.wait_for()
    await screens.check("outbox")
    screens.verdict()
