"""An agent's day on the console: finding members by anything, reading their history, correcting points."""

import re

from playwright.async_api import Locator, Page, expect

from tests.journeys.conftest import DESK, PHONE, OpenPage, address, find, join, sign_in_as_staff, sign_in_long_ago
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
    preview = page.get_by_role("group", name="What it would do")
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

    await expect(newest).to_contain_text("You")

    await newest.get_by_role("button", name="Reverse this entry").click()
    form = page.get_by_role("form", name="Reverse this entry")
    await form.get_by_label("Points to take back in all").fill("50")
    await expect(preview.get_by_role("row", name="Active")).to_have_text(re.compile("Active.*120.*70"))
    await expect(preview.get_by_role("row", name="of these, good until")).to_have_text(re.compile("120.*70"))
    await form.get_by_label("Reason", exact=True).fill("Half of it was a mistake")
    await form.get_by_role("button", name="Reverse", exact=True).click()
    await expect(figure(page, "Active")).to_contain_text("70")
    await expect(newest).to_contain_text("Taken back: A gift from us")

    await page.get_by_role("button", name="Messages").click()
    await expect(timeline.get_by_role("listitem").filter(has_text="A gift from us")).to_have_count(0)
    await page.get_by_role("button", name="Merges").click()
    await expect(page.get_by_text("Nothing of this kind so far.")).to_be_visible()
    await page.get_by_role("button", name="Everything").click()

    # What was just given is taken back on one press.
    await page.get_by_role("button", name="Adjust points").click()
    form = page.get_by_role("form", name="Adjust points")
    await form.get_by_label("Points").fill("7")
    await form.get_by_label("Reason").fill("For the wrong member")
    await form.get_by_role("button", name="Give 7 points").click()
    await expect(figure(page, "Active")).to_contain_text("77")
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("Undone. The balance is 70 points.")).to_be_visible()
    await expect(newest).to_contain_text("Undone right away")

    # Too much for this role: refused beside the field, nothing moved.
    await page.get_by_role("button", name="Adjust points").click()
    await form.get_by_label("Points").fill("501")
    await form.get_by_label("Reason").fill("A try")
    await form.get_by_role("button", name="Give 501 points").click()
    await expect(form.get_by_text("You may correct up to 500 points at once, not 501.")).to_be_visible()

    await page.reload()
    await expect(page.get_by_role("heading", level=1, name="Odile Marchetti")).to_be_visible()
    await expect(figure(page, "Active")).to_contain_text("70")
    await expect(page.get_by_role("list", name="Recent").get_by_role("link", name="Odile Marchetti")).to_be_visible()


async def test_the_keyboard_walks_the_timeline_of_a_member_of_the_demo(
    open_page: OpenPage, service: RunningService
) -> None:
    page = await open_page(DESK)
    await sign_in_as_staff(page, service, AGENT)
    await find(page, await service.demo_member())
    await page.keyboard.press("Enter")
    timeline = page.get_by_role("list", name="Timeline")
    events = timeline.get_by_role("listitem")
    await expect(events).to_have_count(50)
    await page.get_by_role("button", name="Show earlier").click()
    await expect(events.nth(50)).to_be_visible()
    times = await timeline.get_by_role("time").evaluate_all("all => all.map((one) => one.dateTime)")
    assert times == sorted(times, reverse=True)
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


async def test_an_admin_adds_somebody_changes_their_roles_and_refuses_them(
    open_page: OpenPage, service: RunningService
) -> None:
    page = await open_page(DESK)
    email = address("casey")
    await sign_in_as_staff(page, service, MANAGER, "/console/staff")
    await page.get_by_role("button", name="Add somebody").click()
    form = page.get_by_role("form", name="Add somebody")
    await form.get_by_label("Name").fill("Casey Newhouse")
    await form.get_by_label("E-mail address").fill(email)
    await form.get_by_role("checkbox", name=re.compile("^Agent")).check()
    await form.get_by_role("button", name="Add to the staff").click()
    row = page.get_by_role("table", name="Staff").get_by_role("row", name=re.compile(email))
    await expect(row).to_contain_text("Invited")

    theirs = await open_page(DESK)
    await sign_in_as_staff(theirs, service, email)
    await row.get_by_role("button", name="Change Casey Newhouse").click()
    person = page.get_by_role("region", name="Change Casey Newhouse")
    await person.get_by_role("checkbox", name=re.compile("^Agent")).uncheck()
    await person.get_by_role("checkbox", name=re.compile("^Auditor")).check()
    await person.get_by_role("button", name="Save the roles").click()
    await expect(row).to_contain_text("Auditor")
    await person.get_by_label("Reason").fill("Left the company")
    await person.get_by_role("button", name="Disable Casey Newhouse").click()
    await expect(row).to_contain_text("Disabled")
    await theirs.reload()
    await expect(theirs.get_by_label("E-mail address")).to_be_visible()
    await person.get_by_role("button", name="Let Casey Newhouse sign in again").click()
    await expect(row).to_contain_text("Active")


async def test_a_passkey_needs_a_fresh_proof_and_then_signs_in(refused_page: Page, service: RunningService) -> None:
    page = refused_page
    authenticator = await page.context.new_cdp_session(page)
    await authenticator.send("WebAuthn.enable")
    await authenticator.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    await sign_in_as_staff(page, service, MANAGER, "/console/me")
    await page.get_by_role("heading", name="Ways to sign in").wait_for()
    await sign_in_long_ago(service, MANAGER)
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("heading", name="Confirm that it is you")).to_be_focused()
    await page.get_by_role("button", name=f"Send a code to {MANAGER}").click()
    await page.get_by_label("Code from the e-mail").wait_for()
    await page.get_by_label("Code from the e-mail").fill(await service.sign_in_code(MANAGER))
    await expect(page.get_by_text("The passkey is added.")).to_be_visible()
    methods = page.get_by_role("region", name="Ways to sign in")
    await expect(methods.get_by_role("listitem").filter(has_text="Passkey")).to_have_count(1)
    await page.get_by_role("button", name="Sign out", exact=True).click()
    await page.get_by_role("button", name="Use a passkey").click()
    await expect(page.get_by_role("region", name="Signed in on")).to_contain_text("with a passkey")

    await sign_in_long_ago(service, MANAGER)
    await methods.get_by_role("button", name="Remove").last.click()
    await methods.get_by_role("button", name="Remove").last.click()
    await page.get_by_role("button", name="Not now").click()
    await expect(methods.get_by_role("alert")).to_contain_text("Confirm first that it is you")
    await methods.get_by_role("button", name="Remove").last.click()
    await methods.get_by_role("button", name="Remove").last.click()
    await page.get_by_role("button", name="Use a passkey").click()
    # The list is away while one proves, so that it shows no passkey says little.
    await expect(page.get_by_text("It is removed.")).to_be_visible()
    await expect(methods.get_by_role("listitem").filter(has_text="Passkey")).to_have_count(0)
