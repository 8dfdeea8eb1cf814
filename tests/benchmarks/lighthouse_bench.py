"""What Lighthouse says on the phone it imitates, median of three: of a member's own card, and of the first visit."""

import asyncio
import json
import statistics
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.async_api import async_playwright

from tests import browser as chromium
from tests.benchmarks.rows import BenchRow
from tests.journeys.conftest import address, join
from tests.running import RunningService, free_port, running_service

HOME = Path(__file__).parent / "lighthouse"
RUNS = 3
CATEGORIES = ("performance", "accessibility", "best-practices")
MEASURES = {
    "first-contentful-paint": "ms",
    "largest-contentful-paint": "ms",
    "total-blocking-time": "ms",
    "cumulative-layout-shift": "",
}


def run() -> list[BenchRow]:
    """Scores of 100 and the figures behind them; takes about two minutes, and installs Lighthouse the first time."""
    if not (HOME / "node_modules").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=HOME, check=True)
    return asyncio.run(_measure())


async def _measure() -> list[BenchRow]:
    port = free_port()
    with tempfile.TemporaryDirectory() as data, tempfile.TemporaryDirectory() as profile:
        async with running_service(Path(data)) as service, async_playwright() as playwright:
            context = await playwright.chromium.launch_persistent_context(
                profile,
                executable_path=chromium.executable(),
                args=[*chromium.ARGUMENTS, f"--remote-debugging-port={port}"],
                base_url=service.url,
            )
            page = context.pages[0]
            await join(page, service, address("bench"), "Bea Bench")
            await page.locator("svg.qr").wait_for()
            await page.evaluate("async () => { await navigator.serviceWorker.ready }")
            await page.goto("about:blank")
            card = [await _audit(service, port, "--disable-storage-reset") for _ in range(RUNS)]
            await page.goto("/")
            await page.locator("svg.qr").wait_for()  # it was the card that was looked at
            await page.goto("about:blank")
            first = [await _audit(service, port) for _ in range(RUNS)]
            await context.close()
    return [*_rows("card", card), *_rows("first visit", first)]


Report = Mapping[str, Mapping[str, Mapping[str, float]]]


async def _audit(service: RunningService, port: int, *options: str) -> Report:
    """One run; it begins by clearing what the page stored, unless told otherwise."""
    process = await asyncio.create_subprocess_exec(
        *("node", "node_modules/lighthouse/cli/index.js", f"{service.url}/", f"--port={port}"),
        *(f"--only-categories={','.join(CATEGORIES)}", "--output=json", "--quiet", *options),
        cwd=HOME,
        stdout=subprocess.PIPE,
    )
    said, _ = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"Lighthouse ended with {process.returncode}")
    report: Report = json.loads(said)
    return report


def _rows(page: str, reports: list[Report]) -> list[BenchRow]:
    rows = []
    for category in CATEGORIES:
        score = statistics.median(report["categories"][category]["score"] for report in reports)
        rows.append(BenchRow(f"Lighthouse, {page}, {category}", 100 * score, "of 100"))
    for audit, unit in MEASURES.items():
        value = statistics.median(report["audits"][audit]["numericValue"] for report in reports)
        rows.append(BenchRow(f"Lighthouse, {page}, {audit.replace('-', ' ')}", round(value, 3), unit))
    return rows


if __name__ == "__main__":
    for row in run():
        print(row)  # noqa: T201 -- a command
