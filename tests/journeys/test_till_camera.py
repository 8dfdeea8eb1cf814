"""The till's page reads what a camera sees: degraded frames through Chromium's fake camera into the page's decoder."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypedDict

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from tests import browser as chromium
from tests.journeys.conftest import TABLET, pair_till
from tests.running import RunningService
from tests.wallet.camera import middling, photograph
from tests.wallet.test_decoding import random_code

WIDTH, HEIGHT = 640, 480
FRAMES_A_SECOND = 5
CODES, EMPTY = 30, 10
CODE_WIDTH = 240
MARK = 16
MARKS = 8
"""Every frame carries its number in black and white squares along its upper edge: the truth to judge by."""

RECORD_FRAMES = (
    f"const [marks, size] = [{MARKS}, {MARK}]"
    """
const frames = (window.seenFrames = [])
const post = Worker.prototype.postMessage
Worker.prototype.postMessage = function (message, transfer) {
  const context = new OffscreenCanvas(marks * size, size).getContext('2d')
  context.drawImage(message.frame, 0, 0)
  const { data } = context.getImageData(0, 0, marks * size, size)
  const light = (mark) => data[4 * ((size / 2) * marks * size + mark * size + size / 2)] > 127
  const number = Array.from({ length: marks }, (_, mark) => light(mark) << mark).reduce((sum, bit) => sum + bit)
  const frame = { number, text: null, answered: false }
  frames.push(frame)
  this.addEventListener('message', ({ data }) => Object.assign(frame, data, { answered: true }), { once: true })
  return post.call(this, message, transfer)
}
"""
)


class SeenFrame(TypedDict):
    """One frame as the page's decoder got it, and what it read."""

    number: int
    text: str | None
    answered: bool


@pytest.fixture(scope="module")
def shown() -> list[str | None]:
    """What each frame of the clip shows; a quarter shows nothing."""
    rng = np.random.default_rng(2)
    codes: list[str | None] = [random_code(rng) for _ in range(CODES)]
    codes += [None] * EMPTY
    return [codes[place] for place in rng.permutation(len(codes))]


@pytest.fixture(scope="module")
def clip(shown: list[str | None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip that the fake camera plays for ever, YUV4MPEG2."""
    rng = np.random.default_rng(3)
    path = tmp_path_factory.mktemp("camera") / "clip.y4m"
    chroma = bytes([128]) * (WIDTH * HEIGHT // 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_A_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for number, code in enumerate(shown):
            frame = np.full((HEIGHT, WIDTH), rng.integers(120, 220), dtype=np.uint8)
            if code is not None:
                seen = photograph(code, middling(CODE_WIDTH, rng), rng).astype(np.uint8)
                top, left = (HEIGHT - seen.shape[0]) // 2, (WIDTH - seen.shape[1]) // 2
                frame[top : top + seen.shape[0], left : left + seen.shape[1]] = seen
            _mark(frame, number)
            file.write(b"FRAME\n" + frame.tobytes() + chroma)
    return path


def _mark(frame: NDArray[np.uint8], number: int) -> None:
    for mark in range(MARKS):
        frame[:MARK, mark * MARK : (mark + 1) * MARK] = 255 if number >> mark & 1 else 0


@pytest.fixture
async def till(clip: Path, service: RunningService) -> AsyncIterator[Page]:
    """A paired till in a browser of its own, whose camera plays the clip."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable(),
            args=[
                *chromium.ARGUMENTS,
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-video-capture={clip}",
            ],
        )
        context: BrowserContext = await browser.new_context(viewport=TABLET, base_url=service.url)
        await context.grant_permissions(["camera"])
        await context.add_init_script(RECORD_FRAMES)
        page = await context.new_page()
        await pair_till(page, service)
        yield page
        await browser.close()


async def test_nine_of_ten_frames_are_read_none_wrongly_and_the_camera_stops(
    till: Page, shown: list[str | None]
) -> None:
    # Practice: the codes are read and judged by their shape, and nothing is sent.
    await till.get_by_role("button", name="Practice").click()
    await till.get_by_role("button", name="Camera").click()
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Practice member")
    answered = await _frames_of_the_whole_clip(till, len(shown))
    with_code = [frame for frame in answered if shown[frame["number"]] is not None]
    hits = [frame for frame in with_code if frame["text"] == shown[frame["number"]]]
    wrong = [frame for frame in answered if frame["text"] not in {None, shown[frame["number"]]}]
    assert wrong == []
    assert len(hits) >= 0.9 * len(with_code), f"{len(hits)} of {len(with_code)} frames with a code were read"

    await till.get_by_role("button", name="Stop camera").click()
    await expect(till.get_by_label("Camera picture")).to_be_hidden()
    before = len(await _frames(till))
    await till.wait_for_timeout(500)
    assert len(await _frames(till)) == before


async def _frames(page: Page) -> list[SeenFrame]:
    frames: list[SeenFrame] = await page.evaluate("() => window.seenFrames")
    return frames


async def _frames_of_the_whole_clip(page: Page, length: int) -> list[SeenFrame]:
    """The frames that were decoded until nearly every frame of the clip has been among them."""
    deadline = time.monotonic() + 90
    while True:
        answered = [frame for frame in await _frames(page) if frame["answered"]]
        if len({frame["number"] for frame in answered}) >= length - 2:
            return answered
        assert time.monotonic() < deadline, f"only {len(answered)} frames were decoded"
        await page.wait_for_timeout(250)
