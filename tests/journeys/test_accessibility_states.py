"""The wallet where something is missing, wrong, asked for or off: as usable as where all is well, and as still."""

import re
from datetime import UTC, datetime

from playwright.async_api import Page, expect

from app.core.opening import opened_client
from app.core.settings import Settings
from tests.journeys.conftest import OpenPage, address, join
from tests.journeys.screens import Screens
from tests.journeys.test_card_page import LAYOUT_SHIFT, WATCH
from tests.running import RunningService

STAFF = "agent@harvest.example"
MEMBER_PATHS = ("/", "/rewards", "/rewards/nothing", "/rewards/code/nothing", "/activity", "/you", "/you/devices", "/a")


async def test_joining_with_slips(refused_page: Page, service: RunningService) -> None:
    page, email = refused_page, address("sally")
    screens = Screens(page)
    await page.goto("/")
    await page.get_by_label("E-mail address").fill("sally at example")
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_text("Type your e-mail address").wait_for()
    await screens.check("join, no address")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("Code from the e-mail").fill("00000000")
    await page.locator("[aria-invalid=true]").wait_for()
    await screens.check("join, wrong code")
    await page.get_by_label("Code from the e-mail").fill(await service.sign_in_code(email))
    await page.get_by_role("button", name="Show my card").click()
    await page.get_by_text("Type a name").wait_for()
    await screens.check("join, no name")
    await page.get_by_role("textbox", name="Name").fill("Sally Slip")
    await page.get_by_role("button", name="Show my card").click()
    await page.get_by_role("alert").wait_for()
    await screens.check("join, terms not accepted")
    screens.verdict()


async def test_asking_before_doing_and_what_is_not_there(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page()
    screens = Screens(page)
    await join(page, service, address("nora"), "Nora Nothing")
    await page.get_by_role("heading", name="Ready to use").wait_for()
    await screens.check("card without points")
    await page.get_by_role("button", name="Show card full screen").click()
    await page.get_by_role("button", name="Not scanning?").click()
    await screens.check("card, full, as a number")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("link", name="Activity").click()
    await page.get_by_text("Nothing here yet").wait_for()
    await screens.check("activity, empty")
    await page.get_by_role("button", name="Expired").click()
    await page.get_by_text("Nothing of this kind").wait_for()
    await screens.check("activity, none of a kind")
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("textbox", name="Name").fill(" ")
    await page.get_by_role("button", name="Save").click()
    await page.locator("[aria-invalid=true]").wait_for()
    await page.get_by_role("button", name="Sign out").click()
    await screens.check("you, no name, signing out")
    await page.get_by_role("link", name="Devices and sessions").click()
    await page.get_by_role("button", name="Remove this card").click()
    await page.get_by_role("button", name="Replace all cards and passes").click()
    await screens.check("devices, removing and replacing")
    for path, sign in (
        ("/nowhere", "There is nothing here"),
        ("/rewards/nothing", "This reward is no longer here"),
        ("/rewards/code/nothing", "This reward is no longer here"),
    ):
        await page.goto(path)
        await page.get_by_text(sign).wait_for()
        await screens.check(path)
    screens.verdict()


async def test_without_a_line_and_without_a_session(refused_page: Page, service: RunningService) -> None:
    page, email = refused_page, address("otto")
    screens = Screens(page)
    await join(page, service, email, "Otto Offline")
    await page.locator("svg.qr").wait_for()
    await page.evaluate("async () => { await navigator.serviceWorker.ready }")
    await page.reload()
    await page.locator("svg.qr").wait_for()
    # The other languages' words are fetched while there is a line, as by everybody who chose one.
    await screens.check("card")
    await page.context.set_offline(True)
    await page.get_by_text("Offline. Your card still works.").wait_for()
    await screens.check("card, offline")
    await page.get_by_role("link", name="Activity").click()
    await page.get_by_role("alert").wait_for()
    await screens.check("activity, offline and never seen")
    await page.context.set_offline(False)
    await page.get_by_role("link", name="Rewards", exact=True).click()
    await page.get_by_role("heading", name="More to look forward to").wait_for()
    await page.context.set_offline(True)
    await page.get_by_text(re.compile("^Offline")).wait_for()
    await screens.check("rewards, offline")
    await page.goto("/claim/ABCD-EFGH")
    await page.get_by_text("No connection. Nothing was changed").wait_for()
    await screens.check("claim, offline")
    await page.context.set_offline(False)
    await page.context.clear_cookies()
    await page.goto("/")
    await page.get_by_text("You have been signed out").wait_for()
    await screens.check("card, signed out elsewhere")
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("link", name="Sign in").wait_for()
    await screens.check("you, signed out elsewhere")
    screens.verdict()


async def test_a_card_that_was_ended_or_blocked_and_a_screen_for_staff(
    open_page: OpenPage, service: RunningService
) -> None:
    page, email = await open_page(), address("bert")
    screens = Screens(page)
    await join(page, service, email, "Bert Blocked")
    await page.locator("svg.qr").wait_for()
    async with opened_client(Settings(data=service.data), share=True) as client:
        database, now = client[Settings().database], datetime.now(UTC)
        member = await database["members"].find_one({"email": email})
        assert member is not None
        await database["card_credentials"].update_many({"member_id": member["_id"]}, {"$set": {"revoked_at": now}})
        await page.get_by_text("Your card was removed from this device").wait_for()
        await screens.check("card, ended elsewhere")
        change = {"$set": {"cards.0.status": "blocked", "updated_at": now}}
        await database["members"].update_one({"_id": member["_id"]}, change)
    await page.reload()
    await page.get_by_text("This card is blocked").wait_for()
    await screens.check("card, blocked")
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("button", name="Sign out").click()
    await page.get_by_role("button", name="Sign out here").click()
    await page.get_by_label("E-mail address").fill(STAFF)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("Code from the e-mail").wait_for()
    await page.get_by_label("Code from the e-mail").fill(await service.sign_in_code(STAFF))
    await page.get_by_role("heading", name="You are signed in as staff").wait_for()
    await screens.check("signed in as staff")
    screens.verdict()


async def test_no_screen_moves_while_it_opens(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page()
    await page.context.add_init_script(WATCH)
    await join(page, service, address("stella"), "Stella Still")
    for path in MEMBER_PATHS:
        await page.goto(path)
        await expect(page.get_by_role("heading", level=1)).to_be_attached()
        await expect(page.get_by_text("Loading", exact=True)).to_be_hidden()
        await page.wait_for_load_state("networkidle")
        shifts = await page.evaluate("() => window.shifts.filter(({ hadRecentInput }) => !hadRecentInput)")
        assert sum(shift["value"] for shift in shifts) <= LAYOUT_SHIFT, (path, shifts)
