"""The README's picture, taken from the running product: `make screenshots`."""

import asyncio
import io
import re
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests import browser as chromium
from tests.journeys.conftest import DESK, PHONE, TABLET, pair_till, scan_screen, wedge
from tests.running import RunningService, running_service

PICTURES = Path(__file__).parent.parent / "frontend" / "pictures"
_SCALE = 2
_BACKGROUND = (236, 240, 236)
_SETTLE_MS = 1500


async def _page(browser: Browser, service: RunningService, viewport: ViewportSize) -> Page:
    context = await browser.new_context(
        viewport=viewport, base_url=service.url, device_scale_factor=_SCALE, locale="en-US"
    )
    return await context.new_page()


async def _sign_in(page: Page, service: RunningService, path: str, email: str) -> None:
    await page.goto(path)
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).first.click()
    field = page.get_by_label(re.compile("Code", re.IGNORECASE)).first
    await field.wait_for()
    await field.fill(await service.sign_in_code(email))
    await page.wait_for_timeout(_SETTLE_MS)


async def _shots(service: RunningService, browser: Browser, member: str) -> dict[str, bytes]:
    wallet = await _page(browser, service, PHONE)
    await _sign_in(wallet, service, "/", member)
    await wallet.get_by_role("img", name=re.compile("Card code")).wait_for()
    code = await scan_screen(wallet)
    shots = {"card": await wallet.screenshot()}
    till = await _page(browser, service, TABLET)
    await pair_till(till, service)
    await wedge(till, code)
    for product in ("bananas", "fluid milk", "bread"):
        await till.get_by_role("combobox", name="Find a product").fill(product)
        await till.get_by_role("option").first.click()
    await till.wait_for_timeout(_SETTLE_MS)
    shots["till"] = await till.screenshot()

    console = await _page(browser, service, DESK)
    await _sign_in(console, service, "/console/", "agent@harvest.example")
    await console.get_by_role("searchbox").first.fill(member)
    await console.keyboard.press("Enter")
    await console.wait_for_timeout(_SETTLE_MS)
    await console.get_by_role("link", name=re.compile(re.escape(member))).first.click()
    await console.wait_for_timeout(_SETTLE_MS)
    shots["console"] = await console.screenshot()
    return shots


def _rounded(shot: bytes, width: int) -> Image.Image:
    """A screenshot at a width, with round corners and a soft shadow around it."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    picture = picture.resize((width, picture.height * width // picture.width), Image.Resampling.LANCZOS)
    mask = Image.new("L", picture.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *picture.size), 22, fill=255)
    margin = 48
    framed = Image.new("RGBA", (picture.width + 2 * margin, picture.height + 2 * margin), (0, 0, 0, 0))
    shadow = Image.new("RGBA", framed.size, (0, 0, 0, 0))
    shadow.paste((20, 40, 25, 90), (margin, margin + 10), mask)
    framed.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(18)))
    framed.paste(picture, (margin, margin), mask)
    return framed


def _overview(shots: dict[str, bytes]) -> Image.Image:
    sheet = Image.new("RGBA", (2000, 1180), (*_BACKGROUND, 255))
    sheet.alpha_composite(_rounded(shots["console"], 1250), (660, 20))
    sheet.alpha_composite(_rounded(shots["till"], 1000), (420, 430))
    sheet.alpha_composite(_rounded(shots["card"], 470), (40, 60))
    return sheet.convert("RGB")


async def main() -> None:
    """Load the demonstration, take the pictures, and lay them out where the README shows them."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        async with running_service(Path(folder), "--demo") as service, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.ARGUMENTS)
            shots = await _shots(service, browser, await service.demo_member())
            await browser.close()
    _overview(shots).quantize(256).save(PICTURES / "overview.png", optimize=True)


if __name__ == "__main__":
    asyncio.run(main())
