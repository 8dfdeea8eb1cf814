"""One demo service and one browser for all journeys; pages that fail a test when their console complains."""

import asyncio
import io
import re
import secrets
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, async_playwright, expect

from app.core.opening import opened_client
from app.core.settings import Settings
from tests import browser as chromium
from tests.running import RunningService, running_service
from wallet.codes import Rotating, parse

PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 1280, "height": 800}
DESK: ViewportSize = {"width": 1440, "height": 900}

_STEP_SECONDS = 30
_LOOK_AGAIN_MS = 500
_SCANNER_SECONDS = 0.004
Scheme = Literal["light", "dark"]


class OpenPage(Protocol):
    """Opens a page in a context of its own: another person at another device."""

    async def __call__(
        self, viewport: ViewportSize = PHONE, *, scheme: Scheme = "light", language: str = "en-US"
    ) -> Page: ...


@pytest.fixture(scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningService]:
    async with running_service(tmp_path_factory.mktemp("journeys"), "--demo") as running:
        yield running


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium.executable(), args=[*chromium.ARGUMENTS, "--force-color-profile=srgb"]
        )
        yield launched
        await launched.close()


@pytest.fixture
async def open_page(browser: Browser, service: RunningService) -> AsyncIterator[OpenPage]:
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_page(viewport: ViewportSize = PHONE, *, scheme: Scheme = "light", language: str = "en-US") -> Page:
        context = await browser.new_context(
            viewport=viewport,
            base_url=service.url,
            device_scale_factor=2,
            locale=language,
            color_scheme=scheme,
        )
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda line: complaints.append(f"{page.url}: {line.text}") if line.type == "error" else None,
        )
        return page

    yield open_page
    for context in contexts:
        await context.close()
    # Offline is a state that the journeys go through on purpose; the browser logs each request that it stops.
    assert [said for said in complaints if "ERR_INTERNET_DISCONNECTED" not in said] == []


@pytest.fixture
async def refused_page(browser: Browser, service: RunningService) -> AsyncIterator[Page]:
    """A page that is allowed to be refused, which the browser's console always complains of."""
    context = await browser.new_context(viewport=PHONE, base_url=service.url)
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


def address(name: str) -> str:
    """An e-mail address that nobody has used yet."""
    return f"{name}.{secrets.token_hex(4)}@example.org"


async def join(page: Page, service: RunningService, email: str, name: str) -> None:
    """Join the programme on the wallet with an e-mail address and the code from the outbox."""
    await page.goto("/")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("Code from the e-mail").wait_for()
    await page.get_by_label("Code from the e-mail").fill(await service.sign_in_code(email))
    await page.get_by_role("textbox", name="Name").fill(name)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Show my card").click()
    await page.get_by_text("Card number:").wait_for(state="attached")


async def pair_till(page: Page, service: RunningService) -> None:
    """Make the page a till of the demo's first store with a fresh pairing code, as a manager hands one out."""
    await page.goto(f"/till#pair={await service.pairing_code()}")
    await page.get_by_role("button", name="Pair this till").click()
    await page.get_by_text("Ready to scan").wait_for()


async def scan_screen(page: Page, *, after: str = "") -> str:
    """Read the code on a screen as a scanner would, from a picture of it; waits for a later step than `after`'s."""
    async with asyncio.timeout(_STEP_SECONDS * 2):
        while True:
            found = zxingcpp.read_barcodes(Image.open(io.BytesIO(await page.screenshot())))
            codes = [str(barcode.text) for barcode in found if _step_of(barcode.text) > _step_of(after)]
            if codes:
                return codes[0]
            await page.wait_for_timeout(_LOOK_AGAIN_MS)


def _step_of(code: str) -> int:
    """The step of a rotating code; other codes are of step 0, and no code at all is before them."""
    credential = parse(code)
    return credential.step if isinstance(credential, Rotating) else 0 if code else -1


async def wedge(page: Page, code: str) -> None:
    """Send a code as a keyboard-wedge scanner does: fast keys and Enter, wherever the focus is.

    The keys bear the times of a scanner, however long this machine takes over each of them.
    """
    # Kept with the page: detaching would also end what the context pretends, such as being offline.
    scanner = await page.context.new_cdp_session(page)
    begun = time.time()
    strokes = []
    for place, key in enumerate([*code, "Enter"]):
        stroke = {"key": key, "timestamp": begun + place * _SCANNER_SECONDS}
        typed = {"text": "\r", "windowsVirtualKeyCode": 13} if key == "Enter" else {"text": key}
        strokes += [{**stroke, **typed, "type": "keyDown"}, {**stroke, "type": "keyUp"}]
    await asyncio.gather(*(scanner.send("Input.dispatchKeyEvent", stroke) for stroke in strokes))


async def ring_up(till: Page, product: str, price: str) -> None:
    """Find a product by name, put the first one found in the basket, and set its price."""
    search = till.get_by_role("combobox", name="Find a product")
    await search.fill(product)
    await till.get_by_role("option").first.click()
    await till.get_by_role("textbox", name=re.compile("^Price of")).last.fill(price)
    await till.keyboard.press("Tab")


async def sign_in_as_staff(page: Page, service: RunningService, email: str, path: str = "/console") -> None:
    """Sign in on the console with the code from the outbox."""
    await page.goto(path)
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    code = page.get_by_label("Code from the e-mail")
    await code.wait_for()
    await code.fill(await service.sign_in_code(email))
    await page.get_by_role("search").wait_for()


async def sign_in_long_ago(service: RunningService, email: str) -> None:
    """Let the last proof of whoever has an address be an hour old."""
    async with opened_client(Settings(data=service.data), share=True) as client:
        database = client[Settings().database]
        address_of = await database["methods"].find_one({"key": email})
        assert address_of is not None
        theirs = {"identity_id": address_of["identity_id"]}
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        await database["sessions"].update_many(theirs, {"$set": {"auth_time": long_ago}})


async def find(page: Page, text: str) -> Locator:
    """Type into the search and return the first result, once it is the result of this text."""
    await page.get_by_label("Find a member").fill(text)
    results = page.get_by_role("list", name="Results")
    await expect(results).to_have_attribute("aria-busy", "false")
    first = results.get_by_role("link").first
    await first.wait_for()
    return first
