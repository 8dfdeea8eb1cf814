"""How soon the card's code is on the screen, in a real browser whose processor is slowed down six times."""

import asyncio
import statistics
import tempfile
from pathlib import Path

from playwright.async_api import BrowserContext, Page, async_playwright

from tests import browser as chromium
from tests.benchmarks.rows import BenchRow
from tests.journeys.conftest import PHONE, address, join
from tests.running import running_service

RUNS = 10
SLOWDOWN = 6
CODE_SHOWN = """
new MutationObserver((_, watching) => {
  if (!document.querySelector('svg.qr')) return
  window.codeShownAt = performance.now()
  watching.disconnect()
}).observe(document, { childList: true, subtree: true })
"""


def run() -> list[BenchRow]:
    """Milliseconds from the navigation to the code, of a wallet that was open before: offline against online.

    Takes about a minute and starts a service of its own.
    """
    return asyncio.run(_measure())


async def _measure() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as data:
        async with running_service(Path(data)) as service, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.ARGUMENTS)
            context = await browser.new_context(viewport=PHONE, base_url=service.url)
            await context.add_init_script(CODE_SHOWN)
            page = await context.new_page()
            await join(page, service, address("bench"), "Bea Bench")
            await page.evaluate("async () => { await navigator.serviceWorker.ready }")
            await page.reload()
            session = await context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
            online = await _openings(context, page, offline=False)
            offline = await _openings(context, page, offline=True)
            await browser.close()
    rows: list[BenchRow] = []
    for name, at in (("p50", 50), ("p95", 95)):
        base, value = _percentile(online, at), _percentile(offline, at)
        rows.append(BenchRow(f"card on screen, online, CPU 6x slower, {name}", round(base), "ms"))
        rows.append(
            BenchRow(f"card on screen, offline, CPU 6x slower, {name}", round(value), "ms", "online", value / base)
        )
    return rows


async def _openings(context: BrowserContext, page: Page, *, offline: bool) -> list[float]:
    await context.set_offline(offline)
    taken: list[float] = []
    for _ in range(RUNS):
        await page.goto("about:blank")
        await page.goto("/")
        await page.locator("svg.qr").wait_for()
        taken.append(float(await page.evaluate("() => window.codeShownAt")))
    return taken


def _percentile(figures: list[float], at: int) -> float:
    return statistics.quantiles(figures, n=100, method="inclusive")[at - 1]


if __name__ == "__main__":
    for row in run():
        print(row)  # noqa: T201 -- a command
