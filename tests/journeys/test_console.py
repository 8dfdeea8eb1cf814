"""An agent's day on the console: finding members by anything, reading their history, correcting points."""

import re

from playwright.async_api import Locator, Page, expect

from tests.journeys.conftest import DESK, PHONE, OpenPage, find, join, sign_in_as_staff
from tests.running import RunningService

AGENT = "agent@harvest.example"
MANAGER = "manager@harvest.example"


def figure(page: Page, name: str) -> Locator:
    """A figure of the balance by its name, such as "Active"."""
    return (
        page.get_by_role("region", name="Facts").locator("dt", has_text=re.compile(f"^{name}$")).locator("xpath=../dd")
    )


async def test_an_agent_finds_a_member_reads_the_timeline_and_corrects_points(
    open_page: OpenPage, service: RunningService
) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, "odile.marchetti@example.org", "Odile Marchetti")

    page = await open_page(DESK)
    await sign_in_as_staff(page, service, AGENT)
    await page.keyboard.press("/")
    await expect(page.get_by_label("Find a member")).to_be_focused()
    await (await find(page, "odile march")).click()
    await expect(page.get_by_role("heading", level=1, name="Odile Marchetti")).to_be_visible()
    facts = page.get_by_role("region", name="Facts")
    await expect(facts).to_contain_text("odile.marchetti@example.org verified")
    number = re.search(r"\d{4} \d{4} \d{4} \d{4}", await facts.inner_text())
    assert number is not None

    for text in (number.group(), number.group().replace(" ", ""), "odile.marchetti@example.org"):
        await expect(await find(page, text)).to_contain_text("Odile Marchetti")

    await page.get_by_role("button", name="Adjust points").click()
    form = page.get_by_role("form", name="Adjust points")
    await form.get_by_label("Points").fill("120")
    preview = form.get_by_role("group", name="What it would do")
    await expect(preview.get_by_role("row", name="Active")).to_have_text(re.compile("Active.*0.*120"))
    await form.get_by_role("button", name="Give 120 points").click()
    await expect(form.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    await form.get_by_label("Reason").fill("Waited too long at the till")
    await form.get_by_role("button", name="Give 120 points").click()
    await expect(page.get_by_text("Done. The balance is 120 points.")).to_be_visible()
    await expect(figure(page, "Active")).to_contain_text("120")

    timeline = page.get_by_role("list", name="Timeline")
    newest = timeline.get_by_role("listitem").first
    await expect(newest).to_contain_text("A gift from us")
    await expect(newest).to_contain_text("+120")
    await expect(newest).to_contain_text("Waited too long at the till")
    await newest.get_by_role("button", expanded=False).click()
    await expect(newest).to_contain_text("Proof hash")
    await expect(newest).to_contain_text("Lots moved")
    await expect(timeline.get_by_role("listitem").filter(has_text="Joined").first).to_be_visible()

    await page.get_by_role("button", name="Messages").click()
    await expect(timeline.get_by_role("listitem").filter(has_text="A gift from us")).to_have_count(0)

    # Too much for this role: refused beside the field, nothing moved.
    await page.get_by_role("button", name="Adjust points").click()
    await form.get_by_label("Points").fill("501")
    await form.get_by_label("Reason").fill("A try")
    await form.get_by_role("button", name="Give 501 points").click()
    await expect(form.get_by_text("You may correct up to 500 points at once, not 501.")).to_be_visible()

    await page.reload()
    await expect(page.get_by_role("heading", level=1, name="Odile Marchetti")).to_be_visible()
    await expect(figure(page, "Active")).to_contain_text("120")
    await expect(page.get_by_role("list", name="Recent").get_by_role("link", name="Odile Marchetti")).to_be_visible()


async def test_the_keyboard_walks_the_timeline_of_a_member_of_the_demo(
    open_page: OpenPage, service: RunningService
) -> None:
    page = await open_page(DESK)
    await sign_in_as_staff(page, service, AGENT)
    await page.get_by_label("Find a member").fill("an")
    await page.get_by_role("list", name="Results").get_by_role("link").first.wait_for()
    await page.keyboard.press("Enter")
    timeline = page.get_by_role("list", name="Timeline")
    await timeline.get_by_role("listitem").first.wait_for()
    await page.get_by_role("button", name="Sales").click()
    sale = timeline.get_by_role("listitem").first
    await expect(sale).to_contain_text("Purchase")
    await page.get_by_role("heading", level=2, name="Timeline").click()
    await page.keyboard.press("j")
    await page.keyboard.press("o")
    await expect(sale.get_by_role("table")).to_contain_text("Total")
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()


async def test_a_manager_pairs_and_disables_a_till_and_sees_the_staff(
    open_page: OpenPage, service: RunningService
) -> None:
    page = await open_page(DESK)
    await sign_in_as_staff(page, service, MANAGER, "/console/tills")
    await page.get_by_role("button", name="Pair a till").click()
    form = page.get_by_role("form", name="Pair a till")
    await form.get_by_label("Name of the till").fill("Till at the door")
    await form.get_by_role("radio").first.check()
    await form.get_by_role("button", name="Make a pairing code").click()
    code = await page.get_by_role("status", name="Pairing code").inner_text()
    assert re.fullmatch("[A-Z0-9]{8}", code)
    await expect(page.get_by_role("img", name="Pairing link as a QR code")).to_be_visible()

    till = await open_page(DESK)
    await till.goto(f"/till#pair={code}")
    await till.get_by_role("button", name="Pair this till").click()
    await till.get_by_text("Ready to scan").wait_for()

    await page.get_by_role("button", name="Done").click()
    row = page.get_by_role("table", name="Tills").get_by_role("row", name=re.compile("Till at the door"))
    await expect(row).to_contain_text("Active")
    await row.get_by_role("button", name="Disable Till at the door").click()
    await row.get_by_label("Reason").fill("Lost")
    await row.get_by_role("button", name="Disable the till").click()
    await expect(row).to_contain_text("Disabled")

    await page.get_by_role("link", name="Staff", exact=True).click()
    await expect(page.get_by_role("table", name="Staff")).to_contain_text(AGENT)


async def test_a_member_without_a_role_is_told_so(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page(PHONE)
    await join(page, service, "no.role@example.org", "Noor Role")
    await page.goto("/console")
    await expect(page.get_by_role("heading", name="This page is for the staff")).to_be_visible()
    await expect(page.get_by_role("link", name="Open my wallet")).to_be_visible()
