"""How soon the card's code is on the screen, in a real browser whose processor is slowed down six times."""

import asyncio
import statistics
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import BrowserContext, Page, async_playwright

from tests import browser as chromium
from tests.benchmarks.rows import BenchRow
from tests.journeys.conftest import PHONE, address, join
from tests.running import running_service
from wallet.codes import Rotating, parse, step_at

RUNS = 20
WARM_UP = 2
REST_MS = 300
SLOWDOWN = 6
PAINTED = "the code is on the screen"
WATCH = f"""
new MutationObserver((_, watching) => {{
  if (!document.querySelector('svg.qr')) return
  watching.disconnect()
  // A message sent from a frame's callback arrives when that frame was handed over to be shown.
  requestAnimationFrame(() => {{
    const {{ port1, port2 }} = new MessageChannel()
    port1.onmessage = () => console.debug('{PAINTED}', performance.now())
    port2.postMessage(0)
  }})
}}).observe(document, {{ childList: true, subtree: true }})
"""
"""Told by the console: asking the page for it would put the driver's own work into what is measured."""


def run() -> list[BenchRow]:
    """Milliseconds from the navigation to the painted code, of a wallet that was open before: offline against online.

    The page's process and its caches are as in an app that is opened again; its processor is slowed down. Each code is
    checked to be the one for now. Takes about a minute and starts a service of its own.
    """
    return asyncio.run(_measure())


async def _measure() -> list[BenchRow]:
    with tempfile.TemporaryDirectory() as data:
        async with running_service(Path(data)) as service, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.ARGUMENTS)
            context = await browser.new_context(viewport=PHONE, base_url=service.url)
            page = await context.new_page()
            await join(page, service, address("bench"), "Bea Bench")
            await page.evaluate("async () => { await navigator.serviceWorker.ready }")
            await page.reload()
            await page.locator("svg.qr").wait_for()
            await page.add_init_script(WATCH)
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
    for _ in range(WARM_UP + RUNS):
        await page.goto("about:blank")
        await page.wait_for_timeout(REST_MS)
        async with page.expect_console_message(lambda line: line.text.startswith(PAINTED)) as told:
            await page.goto("/", wait_until="commit")
        taken.append(float((await told.value).text.removeprefix(PAINTED)))
        code = parse(await page.get_by_test_id("card-code").get_attribute("data-code") or "")
        if not isinstance(code, Rotating) or code.step not in {_step() - 1, _step()}:
            raise RuntimeError(f"not the code for now: {code}")
    return taken[WARM_UP:]


def _step() -> int:
    return step_at(datetime.now(UTC).timestamp())


def _percentile(figures: list[float], at: int) -> float:
    return statistics.quantiles(figures, n=100, method="inclusive")[at - 1]


if __name__ == "__main__":
    for row in run():
        print(row)  # noqa: T201 -- a command
