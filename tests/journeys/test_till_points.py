"""Paying a part of a sale with points at the till: offered, previewed, refused in words, printed, and given back."""

import re

from playwright.async_api import Page, expect

from tests.journeys.conftest import PHONE, TABLET, OpenPage, address, join, pair_till, ring_up, scan_screen, wedge
from tests.running import RunningService


async def _card_number(wallet: Page) -> str:
    return re.sub(r"\D", "", await wallet.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")).inner_text())


async def _points(till: Page, label: str) -> int:
    row = till.locator(".receipt-points > div").filter(has_text=label)
    return int(re.sub(r"[^\d−]", "", await row.locator("dd").inner_text()).replace("−", "-"))


async def test_a_member_pays_a_part_with_points_and_gets_them_back(
    open_page: OpenPage, service: RunningService
) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, address("paula"), "Paula Points")
    till = await open_page(TABLET)
    await pair_till(till, service)
    offer = till.get_by_role("button", name=re.compile("^Pay with points up to"))

    # The card's number earns, and spends nothing.
    await wedge(till, await _card_number(wallet))
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Earns points")
    await ring_up(till, "fluid milk", "400.00")
    await till.get_by_text(re.compile("^Earns [1-9]")).wait_for()
    await expect(offer).to_be_hidden()
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    earned = await _points(till, "Earned")
    assert earned >= 400
    await till.get_by_role("button", name="Next customer").click()

    await wedge(till, await scan_screen(wallet))
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Paula")
    await ring_up(till, "fluid milk", "1.00")
    await expect(till.get_by_text("This sale is too small to pay with points")).to_be_visible()
    await till.get_by_role("textbox", name=re.compile("^Price of")).fill("20.00")
    await till.keyboard.press("Tab")
    most = min(earned, 1000)
    await expect(offer).to_contain_text(f"up to {most:,} points (${most / 100:.2f})")
    await offer.click()
    wanted = till.get_by_role("textbox", name="Points to pay with")
    await expect(wanted).to_have_value(str(most))
    slider = till.get_by_role("slider", name="Points to pay with, by slider")
    await slider.press("Home")
    await expect(wanted).to_have_value("100")
    await expect(till.get_by_text(f"{earned - 100:,} points left")).to_be_visible()
    await wanted.fill("99")
    await expect(till.get_by_text("Choose a number of points in this range.")).to_be_visible()
    await expect(till.get_by_role("button", name=re.compile("^Use .* points"))).to_be_disabled()
    await wanted.fill("300")
    await expect(till.get_by_text("$3.00 off")).to_be_visible()
    await wanted.press("Enter")
    await expect(till.get_by_role("button", name=re.compile(r"^Pay \$17\.00"))).to_be_enabled()

    # Taken back, then smaller than what it was chosen for: the service says why not.
    await till.get_by_role("region", name="Basket").get_by_role("button", name="Pay without points").click()
    await expect(till.get_by_role("button", name=re.compile(r"^Pay \$20\.00"))).to_be_enabled()
    await offer.click()
    await wanted.fill("300")
    await wanted.press("Enter")
    await till.get_by_role("textbox", name=re.compile("^Price of")).fill("4.00")
    await till.keyboard.press("Tab")
    await expect(till.get_by_text("This sale can be paid with 100 to 200 points.")).to_be_visible()
    await expect(till.get_by_role("button", name=re.compile(r"^Pay \$"))).to_be_disabled()
    await till.get_by_role("button", name="Undo").click()
    await till.get_by_role("button", name=re.compile(r"^Pay \$17\.00")).click()

    receipt = till.get_by_role("article", name="Receipt")
    await expect(receipt).to_contain_text("Paid with 300 points")
    await expect(receipt).to_contain_text("$17.00")
    before, used = await _points(till, "Points before"), await _points(till, "Used")
    gained, after = await _points(till, "Earned"), await _points(till, "Points now")
    assert (before, used, after) == (earned, -300, earned + gained - 300)

    await till.get_by_role("button", name="Next customer").click()
    await till.get_by_role("button", name="Return").click()
    await till.get_by_role("region", name="Last sales of this till").get_by_role("button").first.click()
    await expect(till.get_by_text("$3.00 of it was paid with 300 points")).to_be_visible()
    await till.get_by_role("button", name="Return everything").click()
    await till.get_by_role("button", name=re.compile(r"^Return \$20\.00")).click()
    await expect(receipt).to_contain_text("Back as 300 points")
    await expect(receipt).to_contain_text("Back as money")
    assert await _points(till, "Given back") == 300
    assert await _points(till, "Points now") == earned

    # The member reads the same, in words.
    await wallet.get_by_role("link", name="Activity").click()
    entries = wallet.locator("details")
    await expect(entries.filter(has_text="Points back from a return")).to_contain_text("+300")
    paid = entries.filter(has_text="Paid with points at")
    await expect(paid).to_contain_text("−300")
    await paid.locator("summary").click()
    await expect(paid).to_contain_text("$3.00 of it was paid with 300 points, and earned nothing.")
