"""The card's page as the browser weighs and watches it: small, still, its own origin only, no complaint."""

import gzip
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, Response, expect

from tests.journeys.conftest import PHONE, OpenPage, address, join
from tests.journeys.test_offline import FORGET_ALL
from tests.running import RunningService

CARD_BYTES = 25_000
"""The page, its scripts and its styles, as they come over the wire."""
WIDGET_BYTES = 8_000
LAYOUT_SHIFT = 0.02

WATCH = """
window.shifts = []
new PerformanceObserver((list) => window.shifts.push(...list.getEntries().map(({ value, hadRecentInput, sources }) =>
  ({ value, hadRecentInput, moved: sources.map(({ node }) => node?.outerHTML?.slice(0, 120) ?? '') }))))
  .observe({ type: 'layout-shift', buffered: true })
window.violations = []
new MutationObserver((_, watching) => {
  if (!document.querySelector('svg.qr')) return
  window.codeShownAt = performance.now()
  watching.disconnect()
}).observe(document, { childList: true, subtree: true })
document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
  window.violations.push(`${violatedDirective} ${blockedURI}`))
"""


LOADED_BEFORE_THE_CODE = """() => Object.fromEntries([
    ...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource').filter(({ name }) => /\\.(js|css)$/.test(name)),
  ]
  .filter(({ startTime }) => startTime < window.codeShownAt)
  .map(({ name, encodedBodySize }) => [new URL(name).pathname, encodedBodySize]))"""


async def test_the_first_load_of_the_card_is_small_still_and_our_own(
    open_page: OpenPage, service: RunningService
) -> None:
    page = await open_page(PHONE)
    await page.context.add_init_script(WATCH)
    await join(page, service, address("clara"), "Clara Card")
    await page.locator("svg.qr").wait_for()
    # As on a device that knows the member and has nothing of the app: every file comes over the wire.
    session = await page.context.new_cdp_session(page)
    await session.send("Network.enable")
    await session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    await session.send("Network.setBypassServiceWorker", {"bypass": True})
    said: list[str] = []
    responses: list[Response] = []
    page.on("console", lambda line: said.append(line.text) if line.type in {"error", "warning"} else None)
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 -- marked by the driver
    answer = await page.reload()
    assert answer is not None
    await page.locator("svg.qr").wait_for()
    await page.wait_for_load_state("networkidle")

    await _is_light(page)
    assert {urlsplit(response.url).netloc for response in responses} == {f"localhost:{service.port}"}
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    await _is_still(page)
    assert await page.evaluate("() => window.violations") == []
    # And on a device that is signed in and has to be given a card first.
    assert await page.evaluate(FORGET_ALL) > 0
    await page.reload()
    await page.locator("svg.qr").wait_for()
    await _is_light(page)
    assert said == []


async def _is_light(page: Page) -> None:
    weights: dict[str, int] = await page.evaluate(LOADED_BEFORE_THE_CODE)
    assert {path.rsplit(".")[-1] for path in weights} == {"/", "js", "css"}
    assert all(weights.values())
    assert sum(weights.values()) <= CARD_BYTES, weights


async def _is_still(page: Page) -> None:
    shifts = await page.evaluate("() => window.shifts.filter(({ hadRecentInput }) => !hadRecentInput)")
    assert sum(shift["value"] for shift in shifts) <= LAYOUT_SHIFT, shifts


async def test_the_card_opens_again_without_moving(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page(PHONE)
    await page.context.add_init_script(WATCH)
    await join(page, service, address("cleo"), "Cleo Card")
    await page.evaluate("async () => { await navigator.serviceWorker.ready }")
    await page.reload()
    await page.locator("svg.qr").wait_for()
    await page.wait_for_timeout(1_000)
    await _is_still(page)
    await page.context.set_offline(True)
    await page.reload()
    await page.locator("svg.qr").wait_for()
    await expect(page.get_by_text("Offline. Your card still works.")).to_be_visible()
    await _is_still(page)
    assert await page.evaluate("() => window.violations") == []


async def test_the_widget_is_one_small_script(browser: Browser, service: RunningService) -> None:
    context = await browser.new_context(viewport=PHONE, base_url=service.url)
    try:
        await context.add_init_script(WATCH)
        page = await context.new_page()
        await page.goto(f"http://127.0.0.1:{service.port}/storefront")
        await page.get_by_role("button", name="See your points").wait_for()
        answer = await page.request.get("/widget/balance.js", headers={"accept-encoding": "identity"})
        assert answer.ok
        assert 0 < len(gzip.compress(await answer.body())) <= WIDGET_BYTES
        await _is_still(page)
    finally:
        await context.close()
