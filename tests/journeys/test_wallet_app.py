"""The wallet as an app: the card held towards a scanner, and a newer version taken over without losing a word."""

import re

from playwright.async_api import expect

from tests.journeys.conftest import PHONE, OpenPage, address, join
from tests.journeys.test_offline import in_charge
from tests.running import RunningService
from wallet.codes import Rotating, parse

WAKE_LOCKS = """
window.locks = []
Object.defineProperty(navigator, 'wakeLock', { value: { request: async (kind) => {
  const lock = { kind, released: false, release: async () => { lock.released = true } }
  window.locks.push(lock)
  return lock
} } })
"""
"""A browser without a screen has no lock to give: what the page asks for is noted instead."""

LOOKS = """(card) => {
  const { backgroundColor } = getComputedStyle(card)
  const { left, top, width, height } = card.getBoundingClientRect()
  return { backgroundColor, whole: left === 0 && top === 0 && width === innerWidth && height === innerHeight }
}"""

STILL = "(card) => Promise.all(card.getAnimations().map(({ finished }) => finished)).then(() => undefined)"

SAY_COME_BACK = "() => document.dispatchEvent(new Event('visibilitychange'))"

NEWER = "() => navigator.serviceWorker.register('/sw.js?newer').then(() => undefined)"


async def test_the_card_held_to_a_scanner_is_white_awake_and_bright(
    open_page: OpenPage, service: RunningService
) -> None:
    page = await open_page(PHONE, scheme="dark")
    await page.context.add_init_script(WAKE_LOCKS)
    await join(page, service, address("wanda"), "Wanda White")
    await expect(page.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$"))).to_be_visible()
    await page.locator("svg.qr").wait_for()
    await page.get_by_role("button", name="Show card full screen").click()
    card = page.get_by_role("dialog", name="Your card")
    await card.locator("svg.qr").wait_for()
    await card.evaluate(STILL)
    assert await card.evaluate(LOOKS) == {"backgroundColor": "rgb(255, 255, 255)", "whole": True}
    await expect(card).to_have_attribute("increasebrightness", "")
    await expect(card).to_contain_text("turn your screen brighter")
    assert await page.evaluate("() => window.locks.map(({ kind, released }) => [kind, released])") == [
        ["screen", False]
    ]
    await page.evaluate(SAY_COME_BACK)
    assert await page.evaluate("() => window.locks.length") == 2  # browsers drop it in the background
    await card.get_by_role("button", name="Close").click()
    await expect(card).to_be_hidden()
    # Given back by what goes after the dialog has closed.
    await page.wait_for_function("() => window.locks.at(-1).released")


async def test_all_cards_are_replaced_and_this_device_goes_on(open_page: OpenPage, service: RunningService) -> None:
    async def credential() -> bytes:
        await page.locator("svg.qr").wait_for()
        code = parse(await page.get_by_test_id("card-code").get_attribute("data-code") or "")
        assert isinstance(code, Rotating)
        return code.credential

    page = await open_page(PHONE)
    await join(page, service, address("rita"), "Rita Replaced")
    old = await credential()
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("link", name="Devices and sessions").click()
    devices = page.get_by_role("region", name="Cards on devices").get_by_role("listitem")
    await expect(devices).to_have_count(1)
    await expect(devices).to_contain_text("This device")
    await page.get_by_role("button", name="Replace all cards and passes").click()
    await page.get_by_role("button", name="Replace all cards and passes").click()
    await expect(page.get_by_text("All codes were replaced.")).to_be_visible()
    await expect(devices).to_have_count(1)
    await expect(devices).to_contain_text("This device")
    await page.get_by_role("link", name="Card", exact=True).click()
    assert await credential() != old


async def test_a_device_whose_card_was_ended_elsewhere_says_so_and_shows_no_code(
    open_page: OpenPage, service: RunningService
) -> None:
    phone, email = await open_page(PHONE), address("ella")
    await join(phone, service, email, "Ella Ended")
    await phone.locator("svg.qr").wait_for()
    # The same sign-in on another device, which makes a card of its own.
    other = await open_page(PHONE)
    [cookie] = await phone.context.cookies()
    await other.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": service.url}])
    await other.goto("/you/devices")
    devices = other.get_by_role("region", name="Cards on devices").get_by_role("listitem")
    await expect(devices).to_have_count(2)
    await devices.first.get_by_role("button", name="Remove this card").click()
    await devices.first.get_by_role("button", name="Remove", exact=True).click()
    await expect(devices).to_have_count(1)

    ended = phone.get_by_text("Your card was removed from this device")
    await expect(ended).to_be_visible()
    await expect(phone.get_by_test_id("card-code")).to_have_count(0)
    await phone.reload()
    await expect(ended).to_be_visible()
    await expect(phone.locator("svg.qr")).to_have_count(0)
    await other.get_by_role("link", name="Card", exact=True).click()
    await other.locator("svg.qr").wait_for()

    await phone.get_by_role("button", name="Sign in").click()
    await phone.get_by_label("E-mail address").wait_for()
    # That ended the sign-in which both had.
    await other.reload()
    await expect(other.get_by_text("Your card was removed from this device")).to_be_visible()
    await phone.get_by_label("E-mail address").fill(email)
    await phone.get_by_role("button", name="Send me a code").click()
    await phone.get_by_label("Code from the e-mail").wait_for()
    await phone.get_by_label("Code from the e-mail").fill(await service.sign_in_code(email))
    await phone.locator("svg.qr").wait_for()


async def test_a_browser_that_speaks_german_joins_and_reads_in_german(
    open_page: OpenPage, service: RunningService
) -> None:
    page, email = await open_page(PHONE, language="de-AT"), address("gerda")
    await page.goto("/")
    await page.get_by_label("E-Mail-Adresse").fill(email)
    await page.get_by_role("button", name="Code schicken").click()
    await page.get_by_label("Code aus der E-Mail").wait_for()
    await page.get_by_label("Code aus der E-Mail").fill(await service.sign_in_code(email))
    await page.get_by_role("textbox", name="Name").fill("Gerda")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Meine Karte zeigen").click()
    await page.locator("svg.qr").wait_for()
    await page.goto("/you/devices")
    await expect(page.get_by_text("Angemeldet mit einem Code per E-Mail")).to_be_visible()


async def test_a_newer_version_waits_and_loses_nothing(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page(PHONE)
    await join(page, service, address("uma"), "Uma Update")
    await page.get_by_role("heading", name="Ready to use").wait_for()
    await in_charge(page)
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("textbox", name="Name").fill("Uma Updated")
    await page.evaluate(NEWER)
    await expect(page.get_by_text("A new version is ready.")).to_be_visible()
    await expect(page.get_by_role("textbox", name="Name")).to_have_value("Uma Updated")
    async with page.expect_navigation():
        await page.get_by_role("button", name="Use it now").click()
    await expect(page.get_by_role("textbox", name="Name")).to_have_value("Uma Updated")
    assert "newer" in await page.evaluate("() => navigator.serviceWorker.controller.scriptURL")
    await page.get_by_role("link", name="Card", exact=True).click()
    await page.locator("svg.qr").wait_for()
