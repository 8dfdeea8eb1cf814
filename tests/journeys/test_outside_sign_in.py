"""Where an operator configured an outside provider, every way in offers it, and one's own account can be connected."""

from playwright.async_api import Page, Route, expect

from tests.journeys.conftest import DESK, PHONE, OpenPage, address, join
from tests.running import RunningService

CORP = {"id": "corp", "name": "Corp"}


async def with_provider(page: Page) -> None:
    """Let the service of the journeys, which has no provider, answer as one that has."""

    async def answer(route: Route) -> None:
        response = await route.fetch()
        await route.fulfill(response=response, json={**await response.json(), "providers": [CORP]})

    await page.route("**/web/session", answer)


async def test_an_outside_provider_is_offered_wherever_one_signs_in(
    open_page: OpenPage, service: RunningService
) -> None:
    wallet, console = await open_page(PHONE), await open_page(DESK)
    await with_provider(console)
    await console.goto("/console/tills")
    link = console.get_by_role("link", name="Continue with Corp")
    await expect(link).to_have_attribute("href", "/login/idp/corp?return_to=%2Fconsole%2Ftills")
    await with_provider(wallet)
    await wallet.goto("/join?then=/rewards")
    link = wallet.get_by_role("link", name="Continue with Corp")
    await expect(link).to_have_attribute("href", "/login/idp/corp?return_to=%2Fjoin%3Fthen%3D%2Frewards")

    await join(wallet, service, address("otto"), "Otto Outside")
    await wallet.route("**/link/idp/corp?return_to=/you", lambda route: route.fulfill(json={"location": "/activity"}))
    await wallet.goto("/you")
    await wallet.get_by_role("button", name="Connect Corp").click()
    await wallet.wait_for_url("**/activity")
    await wallet.goto("/you")
    await wallet.get_by_role("link", name="Change e-mail address").click()
    await wallet.get_by_role("heading", name="Change your e-mail address").wait_for()
    await wallet.get_by_role("button", name="Cancel").click()
    await wallet.get_by_role("heading", name="Ways to sign in").wait_for()
