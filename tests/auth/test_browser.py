"""What only a real browser can prove: passkeys, cookies across sites, frames, a client library in a page."""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, JSONResponse
from starlette.routing import Route

from app.core.database import Client
from app.core.mongod import EmbeddedMongod
from auth.federation.models import OutsideProvider
from auth.pages.strings import STRINGS
from tests.auth.conftest import CLIENTS, Service, alone, listen, serving
from tests.auth.person import storefront
from tests.browser import ARGUMENTS, executable
from tests.journeys.screens import Screens


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    context = await chromium.new_context(locale="en-GB")
    context.set_default_timeout(20_000)
    yield context
    await context.close()


@pytest.fixture(scope="module")
async def service(client: Client, mongod: EmbeddedMongod) -> AsyncIterator[Service]:
    """The issuer is `localhost`, as passkeys need a name; Chromium takes it for a site of its own."""
    async with alone(client, mongod, host="localhost") as service:
        yield service


async def sign_in(page: Page, service: Service, email: str) -> None:
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send code").click()
    await page.get_by_label("Code").wait_for()
    code = service.mails.code(email)
    await page.get_by_label("Code").fill(f"{code[:4]} {code[4:]}")
    await page.get_by_role("button", name="Continue").click()


PASTE = """(field, text) => {
  field.focus()
  const data = new DataTransfer()
  data.setData('text/plain', text)
  if (field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })))
    document.execCommand('insertText', false, text)
}"""

ADD_PASSKEY = """async () => {
  const ask = (path, body) => fetch(path, {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) })
  const options = await (await ask('/passkey/options', {})).json()
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const credential = await navigator.credentials.create({ publicKey })
  return (await ask('/passkey/verify', credential.toJSON())).status
}"""


@asynccontextmanager
async def authenticator(page: Page, *, verifies: bool = True) -> AsyncIterator[None]:
    """A virtual device that keeps passkeys."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    await session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield


async def test_a_passkey_is_made_and_signs_in_without_an_address(service: Service, context: BrowserContext) -> None:
    page = await context.new_page()
    async with authenticator(page):
        await page.goto(service.url + "/login?return_to=/whoami")
        await sign_in(page, service, "passkey@example.test")
        await page.wait_for_url("**/whoami")
        before = json.loads(await page.locator("body").inner_text())
        assert await page.evaluate(ADD_PASSKEY) == 201
        assert service.mails.sent[-1]["subject"] == "A way to sign in was added"
        assert await page.evaluate("async () => (await fetch('/web/session', { method: 'DELETE' })).status") == 200
        await page.goto(service.url + "/login?return_to=/whoami?level=3")
        await page.get_by_role("button", name="Sign in with a passkey").click()
        await page.wait_for_url("**/whoami?level=3")
        after = json.loads(await page.locator("body").inner_text())
        assert after["subject"] == before["subject"]
        assert after["acr"] == 3
        old = await page.evaluate(
            "async () => (await fetch('/passkey/options', { method: 'POST', body: '{}' })).status"
        )
        assert old == 415


async def test_the_pages_fit_320_pixels_in_the_dark_and_from_right_to_left(service: Service, chromium: Browser) -> None:
    """Every page of sign-in, in Arabic words: what axe finds in any look, what runs off, what the policy stops."""
    context = await chromium.new_context(locale="ar", color_scheme="dark", viewport={"width": 320, "height": 640})
    context.set_default_timeout(20_000)
    page = await context.new_page()
    stopped: list[str] = []
    page.on("console", lambda message: stopped.append(message.text) if "Refused" in message.text else None)
    says, screens, email = STRINGS["ar"], Screens(page), "noor@example.test"

    async def press(text: str) -> None:
        await page.get_by_role("button", name=says[text], exact=True).click()

    async def look(name: str, heading: str, **named: str) -> None:
        await expect(page.get_by_role("heading")).to_have_text(says[heading].format(**named))
        if folder := os.environ.get("STAMPBOOK_SCREENSHOTS"):
            await page.screenshot(path=f"{folder}/{name}.png", full_page=True)
        await screens.check(name)
        await page.evaluate("document.documentElement.dir = 'rtl'")
        await page.emulate_media(color_scheme="dark")

    await page.goto(service.url + "/login?return_to=/stepup")
    assert await page.locator("html").get_attribute("dir") == "rtl"
    assert (await page.evaluate("getComputedStyle(document.body).backgroundColor")).startswith("oklch(0.19")
    await expect(page.locator("#email")).to_be_focused()
    await look("sign-in", "sign_in")
    await page.locator("#email").fill(email)
    await press("send_code")
    await expect(page.locator("#code")).to_be_focused()
    await look("code", "check_mail")
    await page.locator("#code").fill("0000 0000")
    await press("continue")
    await expect(page.get_by_role("alert")).to_have_text(says["error.code"])
    await look("code-wrong", "check_mail")
    code = service.mails.code(email)
    await page.locator("#code").evaluate(PASTE, f" {code[:4]}\u00a0{code[4:]}\n")
    await press("continue")
    await look("step-up", "confirm_you")
    await press("send_code")
    await look("step-up-code", "check_mail")
    await page.goto(service.url + "/account/email")
    await look("address", "address_title")

    method = await service.auth.identities.by_method("email", email)
    assert method is not None
    identity = method["identity_id"]
    await service.auth.identities.add_method(identity, "passkey", "a-key", "Passkey", peer=None)
    service.clock.advance(timedelta(minutes=11))
    await page.goto(service.url + "/stepup?return_to=/")
    await look("step-up-passkey", "confirm_you")
    await expect(page.get_by_role("button", name=says["confirm_passkey"])).to_be_visible()
    await expect(page.get_by_text(says["no_passkeys"])).to_have_count(0)
    await expect(page.get_by_role("button", name=says["send_code"])).to_have_count(0)

    shop = await storefront(service)
    await page.goto(service.url + shop.url())
    await look("consent", "consent_title", client="Corner Shop")
    await page.goto(service.url + "/end_session")
    await look("sign-out", "sign_out_title")
    await press("sign_out")
    await look("signed-out", "signed_out")
    await page.goto(await service.auth.contacts.offer_undo(identity, "old@example.test", email))
    await look("undo", "undo_title")
    await press("undo")
    await look("undone", "undone_title")
    await page.goto(service.url + "/authorize?client_id=nobody")
    await look("error", "error.title")
    assert stopped == []
    screens.verdict()
    await context.close()


async def test_clickjacking_the_sign_in_page_shows_nothing_in_a_frame(
    service: Service, context: BrowserContext
) -> None:
    async def frame(_: object) -> HTMLResponse:
        return HTMLResponse(f'<iframe src="{service.url}/login" width="400" height="400"></iframe>')

    listener, url = listen()
    async with serving(Starlette(routes=[Route("/", frame)]), listener):
        page = await context.new_page()
        await page.goto(url)
        inner = page.frames[1]
        assert await inner.locator("form").count() == 0


async def test_the_sign_in_page_lets_one_leave_for_an_outside_provider(
    client: Client, mongod: EmbeddedMongod, context: BrowserContext
) -> None:
    """Its policy stops forms that end on another site, and the provider's page may be on any."""
    listener, issuer = listen()
    second, elsewhere = listen()

    async def metadata(_: object) -> JSONResponse:
        return JSONResponse(
            {
                "issuer": issuer,
                "authorization_endpoint": elsewhere + "/authorize",
                "token_endpoint": issuer + "/token",
                "jwks_uri": issuer + "/jwks",
            }
        )

    async def keys(_: object) -> JSONResponse:
        return JSONResponse({"keys": []})

    async def page_there(_: object) -> HTMLResponse:
        return HTMLResponse("<h1>Corp</h1>")

    provider = OutsideProvider(id="corp", name="Corp", issuer=issuer, client_id="loyalty", authentication="none")
    home = Starlette(routes=[Route("/.well-known/openid-configuration", metadata), Route("/jwks", keys)])
    async with (
        serving(home, listener),
        serving(Starlette(routes=[Route("/authorize", page_there)]), second),
        alone(client, mongod, host="localhost", providers=[provider]) as service,
    ):
        page = await context.new_page()
        shop = await storefront(service)
        for path in ("/login?return_to=/whoami", shop.url()):
            await page.goto(service.url + path)
            await page.get_by_role("link", name="Continue with Corp").click()
            await expect(page.get_by_role("heading")).to_have_text("Corp")


SHOP = """<!doctype html><meta charset="utf-8"><title>Shop</title><body><script src="/oidc-client-ts.min.js"></script>
<script>
const store = new oidc.WebStorageStateStore({ store: window.localStorage })
const settings = {
  authority: "%(authority)s", client_id: "%(client_id)s", redirect_uri: location.origin + "/",
  silent_redirect_uri: location.origin + "/silent", post_logout_redirect_uri: location.origin + "/bye",
  scope: "openid email points:read", userStore: store, loadUserInfo: false, automaticSilentRenew: false,
  dpop: { store: new oidc.IndexedDbDPoPStore(), bind_authorization_code: true },
}
const manager = new oidc.UserManager(settings)
const say = (value) => { document.title = "done"; document.body.dataset.said = JSON.stringify(value) }
const run = async () => {
  const query = new URLSearchParams(location.search)
  if (location.pathname === "/silent") return manager.signinCallback()
  if (query.has("code") || query.has("error")) {
    try {
      const user = await manager.signinCallback()
      history.replaceState(null, "", "/")
      say({ sub: user.profile.sub, email: user.profile.email ?? null, type: user.token_type })
    } catch (error) { say({ error: error.error ?? String(error) }) }
  }
}
const done = run()
</script>"""


async def said(page: Page) -> dict[str, object]:
    await page.wait_for_function("document.body?.dataset.said !== undefined")
    return dict(json.loads(await page.evaluate("document.body.dataset.said")))


async def test_oidc_client_ts_in_a_shop_on_another_site(
    client: Client, mongod: EmbeddedMongod, context: BrowserContext
) -> None:
    """Sign-in, silent top-level return, refresh in the page, and logout; a hidden frame cannot, and says so."""
    listener, shop_url = listen()
    shop_url = shop_url.replace("127.0.0.1", "shop.localhost")
    async with alone(client, mongod, host="id.localhost") as service:
        registered = await service.auth.clients.register(
            "storefront_browser",
            "Corner Shop",
            redirect_uris=[shop_url + "/", shop_url + "/silent"],
            post_logout_redirect_uris=[shop_url + "/bye"],
            origins=[shop_url],
        )

        async def home(_: object) -> HTMLResponse:
            return HTMLResponse(SHOP % {"authority": service.url, "client_id": registered.client["_id"]})

        async def library(_: object) -> FileResponse:
            return FileResponse(CLIENTS / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js")

        routes = [Route("/oidc-client-ts.min.js", library), *(Route(path, home) for path in ("/", "/silent", "/bye"))]
        async with serving(Starlette(routes=routes), listener):
            page = await context.new_page()
            await page.goto(shop_url + "/")
            await page.evaluate("void manager.signinRedirect()")
            await sign_in(page, service, "shopper@example.test")
            await page.get_by_role("button", name="Allow", exact=True).click()
            user = await said(page)
            assert user["type"] == "DPoP"
            await page.goto(shop_url + "/")
            refreshed = await page.evaluate(
                "async () => { const was = (await manager.getUser()).refresh_token;"
                " return (await manager.signinSilent()).refresh_token !== was }"
            )
            assert refreshed
            await page.evaluate("void manager.signinRedirect({ prompt: 'none' })")
            assert (await said(page))["sub"] == user["sub"]
            await page.goto(shop_url + "/")
            framed = await page.evaluate(
                "async () => { await manager.removeUser(); try { await manager.signinSilent({ silentRequestTimeout"
                "InSeconds: 3 }); return 'signed in' } catch (error) { return error.error ?? error.name } }"
            )
            assert framed in ("login_required", "ErrorTimeout")
            await page.goto(shop_url + "/")
            await page.evaluate("void manager.signinRedirect({ prompt: 'none' })")
            await said(page)
            await page.goto(shop_url + "/")
            await page.evaluate("void manager.signoutRedirect()")
            await page.wait_for_url("**/bye*")
            await page.goto(shop_url + "/")
            await page.evaluate("void manager.signinRedirect({ prompt: 'none' })")
            assert await said(page) == {"error": "login_required"}
