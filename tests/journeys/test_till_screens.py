"""Every screen of the till as everybody has to be able to use it, in English and in Arabic."""

import re

from playwright.async_api import Page, expect

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
from tests.journeys.screens import LOOKS, Screens
from tests.running import RunningService

NOBODYS_CARD = "2900000000000007"
UNKNOWN_BARCODE = "96385074"
FEW = LOOKS[1:]
"""For screens that are put together of what other screens have shown in the light."""


async def _card_number(wallet: Page) -> str:
    return re.sub(r"\D", "", await wallet.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")).inner_text())


async def _reserve(wallet: Page) -> None:
    await wallet.get_by_role("link", name="Rewards", exact=True).click()
    await wallet.get_by_role("link", name=re.compile(r"^\$2 off")).click()
    await wallet.get_by_role("button", name="Reserve for 200 points").click()
    await wallet.get_by_role("region", name="Show this at the till").wait_for()
    await wallet.get_by_role("link", name="Card", exact=True).click()


async def test_the_till_sells(open_page: OpenPage, service: RunningService) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, address("thea"), "Thea Access")
    till = await open_page(TABLET)
    member = till.get_by_role("region", name="Member")
    screens = Screens(till)
    await till.goto("/till")
    await till.get_by_role("button", name="Pair this till").wait_for()
    await screens.check("pairing")
    await pair_till(till, service)
    await screens.check("ready")
    await till.get_by_role("button", name="Number pad").click()
    await wedge(till, "not a code at all")
    await till.get_by_text("That is not a code").wait_for()
    await wedge(till, NOBODYS_CARD)
    await expect(member).to_contain_text("Unknown card")
    await screens.check("a card that was refused")
    await till.get_by_role("button", name="Number pad").click()
    await wedge(till, await _card_number(wallet))
    await expect(member).to_contain_text("Earns points")
    await till.get_by_role("combobox", name="Find a product").fill("fluid milk")
    await till.get_by_role("option").first.wait_for()
    await screens.check("finding a product, a card that only earns", FEW)
    await till.get_by_role("option").first.click()
    await till.get_by_role("textbox", name=re.compile("^Price of")).fill("600.00")
    await till.keyboard.press("Tab")
    await till.get_by_text(re.compile("^Earns [1-9]")).wait_for()
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    await till.get_by_role("button", name="Next customer").click()

    await _reserve(wallet)
    await wedge(till, await scan_screen(wallet))
    await expect(member).to_contain_text("$2 off")
    await ring_up(till, "fluid milk", "40.00")
    await till.get_by_role("button", name="With this sale").click()
    await till.get_by_role("button", name=re.compile(r"^Pay \$38\.00")).wait_for()
    await till.get_by_text(re.compile("^Earns [1-9]")).click()
    await screens.check("member, reward and basket")
    await till.get_by_role("button", name=re.compile("^Pay with points up to")).click()
    await screens.check("how many points", FEW)
    await till.get_by_role("textbox", name="Points to pay with").fill("100")
    await till.keyboard.press("Enter")
    await till.get_by_role("textbox", name=re.compile("^Price of")).fill("3.00")
    await till.keyboard.press("Tab")
    await till.get_by_text("This sale is too small to pay with points").first.wait_for()
    await screens.check("points that were refused", FEW)
    await till.get_by_role("button", name="Undo").click()
    await till.get_by_role("button", name=re.compile(r"^Pay \$37\.00")).click()
    await till.get_by_role("article", name="Receipt").wait_for()
    await till.get_by_role("button", name="Undo this sale").click()
    await screens.check("receipt, about to be undone")
    await till.get_by_role("button", name="Keep it").click()
    await till.get_by_role("button", name="Next customer").click()

    await till.get_by_role("button", name="Return").click()
    recent = till.get_by_role("region", name="Last sales of this till").get_by_role("button").first
    await recent.wait_for()
    await screens.check("return")
    await recent.click()
    await till.get_by_role("button", name="Return everything").click()
    await screens.check("return, lines", FEW)
    await till.get_by_role("button", name=re.compile(r"^Return \$")).click()
    await till.get_by_text("Back as money").wait_for()
    await screens.check("receipt of a return", FEW[:1])
    screens.verdict()


async def test_the_till_beside_its_sales(open_page: OpenPage, service: RunningService) -> None:
    till = await open_page(TABLET)
    screens = Screens(till)
    await pair_till(till, service)
    await till.get_by_role("button", name="New member").click()
    await till.get_by_role("button", name="Enrol").wait_for()
    await screens.check("enrolment")
    await till.get_by_role("button", name="Enrol").click()
    await till.get_by_text("Or type this code").wait_for()
    await screens.check("enrolled", FEW)
    await till.get_by_role("button", name="Back to the sale").first.click()
    await till.get_by_role("button", name="Settings").click()
    await till.get_by_text("Products kept for when the line is down").wait_for()
    await screens.check("settings")
    await till.get_by_label("Language", exact=True).select_option("Deutsch")
    await till.get_by_role("heading", name="Einstellungen dieser Kasse").wait_for()
    await till.reload()
    await till.get_by_role("button", name="Einstellungen").click()
    await till.get_by_label("Sprache", exact=True).select_option("English")
    await till.get_by_role("button", name="Back to the sale").click()
    await till.get_by_role("button", name="Nothing waiting").click()
    await till.get_by_text("Everything is posted").wait_for()
    await screens.check("queue, empty", FEW[:1])
    await till.get_by_role("button", name="Practice").click()
    await screens.check("practice", FEW)
    await till.get_by_role("button", name="Leave practice").click()

    await till.context.set_offline(True)
    await expect(till.get_by_text("Offline", exact=True)).to_be_visible()
    await wedge(till, NOBODYS_CARD)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Card noted")
    await wedge(till, UNKNOWN_BARCODE)
    price = till.get_by_role("textbox", name=f"Price of {UNKNOWN_BARCODE}")
    await price.fill("nothing")
    await price.press("Enter")
    await screens.check("offline, a card noted, a product that nobody knows")
    await price.fill("1.50")
    await price.press("Enter")
    await till.keyboard.press("F9")
    await till.get_by_text("Sale kept on this till").wait_for()
    await screens.check("receipt, kept", FEW[:1])
    await till.get_by_role("button", name="Next customer").click()
    await till.get_by_role("button", name="1 sale waiting").click()
    await screens.check("queue, waiting", FEW[:1])
    await till.get_by_role("button", name="Back to the sale").click()
    await wedge(till, NOBODYS_CARD)
    await wedge(till, UNKNOWN_BARCODE)
    await price.fill("2.50")
    await price.press("Enter")
    await till.context.set_offline(False)
    await expect(till.get_by_text("Online", exact=True)).to_be_visible()
    await till.get_by_role("button", name="1 to decide").wait_for()
    await till.keyboard.press("F9")
    await till.get_by_text("The sale was not posted").wait_for()
    await screens.check("a sale that was refused")
    await till.get_by_role("alert").get_by_role("button", name="Next customer").click()
    await till.get_by_role("button", name="2 to decide").click()
    await till.get_by_role("button", name="Set aside").first.click()
    await screens.check("queue, to decide and set aside")
    screens.verdict()
