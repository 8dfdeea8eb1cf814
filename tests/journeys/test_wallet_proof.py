"""A member with a passkey changes the account after a fresh proof only, and loses nothing on the way there and back."""

from playwright.async_api import Page, expect

from tests.journeys.conftest import address, join, sign_in_long_ago
from tests.running import RunningService

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def _leave_and_prove(page: Page) -> None:
    await page.wait_for_url("**/stepup?tx=*")
    await page.get_by_role("button", name="passkey").click()
    await page.wait_for_url("**/you")


async def test_what_was_typed_and_wished_is_there_after_the_proof(refused_page: Page, service: RunningService) -> None:
    page, email = refused_page, address("pia")
    authenticator = await page.context.new_cdp_session(page)
    await authenticator.send("WebAuthn.enable")
    await authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await join(page, service, email, "Pia Proof")
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_text("Passkey added.")).to_be_visible()
    methods = page.get_by_role("region", name="Ways to sign in")
    await expect(methods.get_by_role("listitem")).to_have_count(2)

    await sign_in_long_ago(service, email)
    await page.get_by_role("textbox", name="Name").fill("Pia Proven")
    by_email = methods.get_by_role("listitem").filter(has_text="E-mail code")
    await by_email.get_by_role("button", name="Remove").click()
    await by_email.get_by_role("button", name="Remove").click()
    await page.wait_for_url("**/stepup?tx=*")
    await page.get_by_role("button", name="Cancel").click()
    await page.wait_for_url("**/you")
    # Who would rather not is told why nothing happened, once, and is asked again only when they try again.
    await expect(methods.get_by_role("alert")).to_contain_text("Confirm first that it is you")
    await expect(methods.get_by_role("listitem")).to_have_count(2)

    await by_email.get_by_role("button", name="Remove").click()
    await by_email.get_by_role("button", name="Remove").click()
    await _leave_and_prove(page)
    await expect(methods.get_by_role("listitem")).to_have_count(1)
    await expect(methods).not_to_contain_text("E-mail code")
    await expect(page.get_by_role("textbox", name="Name")).to_have_value("Pia Proven")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
