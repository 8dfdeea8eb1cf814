"""Every screen of the console as everybody has to be able to use it, those of trouble included."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, expect

from tests.journeys.conftest import DESK, PHONE, OpenPage, address, find, join, sign_in_as_staff
from tests.journeys.screens import DESK_LOOKS, Screens
from tests.running import RunningService

LEAD = "lead@harvest.example"
SECOND = "lead.evenings@harvest.example"
MANAGER = "manager@harvest.example"


class Desk(Screens):
    """The console's screens, in a desk's looks."""

    async def see(self, screen: str, within: str | None = None) -> None:
        """Look at what the page shows now, or at the part that changed."""
        await self.check(screen, DESK_LOOKS, within)


@asynccontextmanager
async def line_down(page: Page) -> AsyncIterator[None]:
    """Let no question reach the service."""
    await page.route("**/graphql", lambda route: route.abort())
    yield
    await page.unroute("**/graphql")


async def test_the_screens_of_a_member(refused_page: Page, open_page: OpenPage, service: RunningService) -> None:
    email = address("cora")
    await join(await open_page(PHONE), service, email, "Cora Console")
    page, desk = refused_page, Desk(refused_page)
    await page.set_viewport_size(DESK)
    await page.goto("/console")
    await page.get_by_label("E-mail address").wait_for()
    await desk.see("sign in")
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_text("Type an address such as").wait_for()
    await page.get_by_label("E-mail address").fill(LEAD)
    await page.get_by_role("button", name="Send me a code").click()
    code = page.get_by_label("Code from the e-mail")
    await code.wait_for()
    await page.get_by_role("button", name="Sign in").click()
    await desk.see("sign in, a code that is too short")
    await code.fill(await service.sign_in_code(LEAD))
    await page.get_by_text("Points given in all").wait_for()
    await page.get_by_label("Find a member").fill("nobody at all")
    await page.get_by_text("Nothing found for").wait_for()
    await desk.see("overview, nothing found")

    await (await find(page, email)).click()
    timeline = page.get_by_role("list", name="Timeline")
    await timeline.get_by_role("listitem").first.get_by_role("button", expanded=False).click()
    await desk.see("member found, an event open")
    await page.get_by_role("button", name="Merges").click()
    await page.get_by_text("Nothing of this kind so far.").wait_for()
    await page.get_by_role("button", name="Adjust points").click()
    form = page.get_by_role("form", name="Adjust points")
    await form.get_by_label("Points").fill("25")
    await page.get_by_role("group", name="What it would do").wait_for()
    await form.get_by_role("button", name="Give 25 points").click()
    await desk.see("timeline of nothing, adjusting with a preview and without a reason")
    await form.get_by_label("Reason").fill("To look at it")
    await form.get_by_role("button", name="Give 25 points").click()
    await page.get_by_role("button", name="Undo").wait_for()
    await page.get_by_role("button", name="Points", exact=True).click()
    entry = timeline.get_by_role("listitem").filter(has_text="A gift from us")
    await entry.get_by_role("button", expanded=False).click()
    await entry.get_by_role("button", name="Reverse this entry").click()
    await page.get_by_role("group", name="What it would do").wait_for()
    await desk.see("just adjusted, reversing", ".member")
    await entry.get_by_role("button", expanded=True).click()
    await page.get_by_role("button", name="Replace card").click()
    await desk.see("replacing the card", ".actions")
    await page.get_by_role("button", name="Sign out everywhere").click()
    await page.get_by_text("Ends 1 session").wait_for()
    await desk.see("ending sessions", ".actions")
    await _merged(page, desk)
    await _merged_by_two(page, open_page, service)

    async with line_down(page):
        await page.get_by_role("button", name="Refresh").click()
        await page.get_by_text("No connection.").first.wait_for()
        await desk.see("member, no connection")
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    await page.goto("/console/members/mbr_nobody")
    await page.get_by_text("There is no such member").wait_for()
    await page.get_by_role("button", name="Keyboard shortcuts").click()
    await desk.see("no such member, the keys")
    await page.goto("/console/staff")
    await page.get_by_text("Your role does not include this page").wait_for()
    await desk.see("forbidden")
    await page.goto("/console/nowhere")
    await page.get_by_text("There is no such page").wait_for()
    await desk.see("no such page")
    desk.verdict()


async def _merged(page: Page, desk: Desk) -> None:
    """Merge a member with a history of sales into the one shown, and undo it."""
    await page.get_by_role("button", name="Merge another member into this one").click()
    await page.get_by_label("The other member").fill("an")
    other = page.get_by_role("button", name=re.compile("^Merge (?!another)")).first
    await other.wait_for()
    await desk.see("merging, choosing whom", ".actions")
    name = await other.locator(".hit-name").inner_text()
    await other.click()
    await page.get_by_role("group", name="What it would do").wait_for()
    await desk.see("merging, what it would do", ".actions")
    await page.get_by_label("Reason").fill("The same person")
    await page.get_by_role("button", name="Merge", exact=True).click()
    await page.get_by_role("button", name="Returns", exact=True).click()
    await page.get_by_role("button", name=f"Undo the merge of {name}").click()
    await page.get_by_label("Reason").wait_for()
    await desk.see("undoing the merge", ".actions")
    await page.get_by_label("Reason").fill("Two people after all")
    await page.get_by_role("button", name="Separate them").click()
    await expect(page.get_by_text("The memberships are separate again.")).to_be_visible()

    await (await find(page, name)).click()
    await expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    await page.get_by_role("button", name="Sales").click()
    sale = page.get_by_role("list", name="Timeline").get_by_role("listitem").filter(has_text="Purchase").first
    await sale.get_by_role("button", expanded=False).click()
    await sale.get_by_role("table").first.wait_for()
    await desk.see("why a sale earned what it did", ".event[data-kind=PURCHASE]:first-child")


async def _merged_by_two(page: Page, open_page: OpenPage, service: RunningService) -> None:
    """Ask for the merge of two members who both sign in, and have a colleague approve it."""
    wallet = await open_page(PHONE)
    await join(wallet, service, address("cleo"), "Cleo Console")
    await wallet.context.close()
    await (await find(page, "Cora Console")).click()
    await page.get_by_role("heading", level=1, name="Cora Console").wait_for()
    await page.get_by_role("button", name="Merge another member into this one").click()
    await page.get_by_label("The other member").fill("Cleo Console")
    await page.get_by_role("button", name="Merge Cleo Console").click()
    await page.get_by_label("Reason").fill("One person, two phones")
    await page.get_by_role("button", name="Merge", exact=True).click()
    await page.get_by_role("region", name="1 merge waits for a second person").get_by_role("button").click()
    await expect(page.get_by_text("nothing has changed")).to_be_visible()
    await expect(page.get_by_role("button", name="Approve the merge")).to_have_count(0)
    await expect(page.get_by_role("button", name="Withdraw")).to_be_visible()

    colleague = await open_page(DESK)
    await sign_in_as_staff(colleague, service, SECOND, "/console/")
    second = Desk(colleague)
    await colleague.get_by_role("button", name="Cleo Console into Cora Console").click()
    await colleague.get_by_role("group", name="What it would do").wait_for()
    await colleague.get_by_role("button", name="Decline").click()
    await colleague.get_by_role("button", name="Decline").click()
    await expect(colleague.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    await second.see("a merge to approve or decline", ".waiting")
    await colleague.get_by_role("button", name="Approve the merge").click()
    await expect(colleague.get_by_text("Cleo Console is part of this membership now.")).to_be_visible()
    await expect(colleague.get_by_role("region", name="second person")).to_have_count(0)
    await colleague.context.close()
    second.verdict()

    await page.get_by_role("button", name="Refresh").click()
    merged = page.get_by_role("list", name="Timeline").get_by_role("listitem").filter(has_text="Merged with Cleo")
    await expect(merged).to_contain_text("Imani Brooks, Ravi Menon")


async def test_the_screens_of_a_manager(refused_page: Page, service: RunningService) -> None:
    page, desk = refused_page, Desk(refused_page)
    await page.set_viewport_size(DESK)
    await sign_in_as_staff(page, service, MANAGER, "/console/")
    await page.get_by_role("button", name="Show as a table").click()
    await desk.see("overview as a table")
    await page.get_by_role("link", name="Tills").click()
    await page.get_by_role("button", name="Pair a till").click()
    form = page.get_by_role("form", name="Pair a till")
    await form.get_by_role("radio").first.wait_for()
    await form.get_by_role("button", name="Make a pairing code").click()
    await desk.see("tills, pairing one without a name")
    await form.get_by_label("Name of the till").fill("Till to look at")
    await form.get_by_role("radio").first.check()
    await form.get_by_role("button", name="Make a pairing code").click()
    shown = page.get_by_role("status", name="Pairing code")
    await shown.wait_for()
    await desk.see("tills, a pairing code", "main")
    till = await page.context.new_page()
    await till.goto(f"/till#pair={await shown.inner_text()}")
    await till.get_by_role("button", name="Pair this till").click()
    await till.get_by_text("Ready to scan").wait_for()
    await till.close()
    await page.get_by_role("button", name="Done").click()
    await page.get_by_role("button", name="Disable Till to look at").click()
    await desk.see("tills, disabling one", "main")

    await page.get_by_role("link", name="Staff", exact=True).click()
    await page.get_by_role("table", name="Staff").wait_for()
    await page.get_by_role("button", name="Change Sam Okafor").click()
    await page.get_by_role("heading", name="What happened lately").wait_for()
    await desk.see("staff, changing somebody")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("button", name="Add somebody").click()
    await page.get_by_role("button", name="Add to the staff").click()
    await desk.see("staff, adding somebody without a name", "main")
    await page.get_by_role("link", name="Account").click()
    await page.get_by_role("heading", name="Ways to sign in").wait_for()
    await desk.see("own account")
    await page.get_by_role("link", name="Change e-mail address").click()
    await page.get_by_role("heading", name="Change your e-mail address").wait_for()
    await page.get_by_role("button", name="Cancel").click()
    await page.get_by_role("heading", name="Ways to sign in").wait_for()
    challenge = 'Bearer error="insufficient_user_authentication"'
    await page.route(
        "**/passkey/options",
        lambda route: route.fulfill(
            status=401,
            headers={"www-authenticate": challenge},
            json={"error": "insufficient_user_authentication"},
        ),
    )
    await page.get_by_role("button", name="Add a passkey").click()
    await page.get_by_role("heading", name="Confirm that it is you").wait_for()
    await desk.see("a fresh proof")
    await page.get_by_role("button", name="Not now").click()
    await page.get_by_text("Not done: it was not confirmed that it is you.").wait_for()
    await page.context.clear_cookies()
    await page.get_by_role("link", name="Overview").click()
    await page.get_by_text("You have been signed out.").first.wait_for()
    await desk.see("signed out meanwhile")
    await page.route("**/web/session", lambda route: route.abort())
    await page.reload()
    await page.get_by_text("The service does not answer").wait_for()
    await desk.see("the service is away")
    desk.verdict()


async def test_the_screen_of_somebody_without_a_role(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page(PHONE)
    desk = Desk(page)
    await join(page, service, address("noor"), "Noor Role")
    await page.goto("/console")
    await expect(page.get_by_role("heading", name="This page is for the staff")).to_be_visible()
    await expect(page.get_by_role("link", name="Open my wallet")).to_be_visible()
    await desk.see("not for members")
    desk.verdict()
