"""A camera model: what a code on a phone looks like to a till's camera. Synthetic; it ranks designs and guards them.

A scene is drawn at twice the frame's size through one projective map, brought down, then spoiled in the order light
goes: glare and finger on the screen, contrast, lens and motion blur, sensor noise.
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import zxingcpp
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from wallet import images

_MARGIN = 1.5
"""The frame's side, in widths of the code."""
_OVER = 2
_QR = zxingcpp.barcode_formats_from_str("QRCode")
Frame = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class View:
    """How the phone is seen. Angles in degrees, lengths in frame pixels, light in steps of 255."""

    width: int
    """Of the whole code with its quiet zone."""
    rotation: float = 0
    tilt: float = 0
    turn: float = 0
    blur: float = 0
    motion: int = 1
    noise: float = 0
    contrast: float = 255
    glare: float = 0
    """How much light the brightest point of a reflection adds, of 255."""
    finger: float = 0
    """Part of the code's area that is covered."""

    @property
    def frame(self) -> int:
        """The frame's side in pixels."""
        return round(self.width * _MARGIN)


def mild(width: int, rng: Generator) -> Iterator[View]:
    """One degradation at a time, then five together gently."""
    base = View(width)
    yield replace(base, rotation=rng.uniform(-180, 180))
    yield replace(base, tilt=rng.choice([-30, 30]))
    yield replace(base, turn=rng.choice([-30, 30]))
    yield replace(base, blur=1.2)
    yield replace(base, motion=5)
    yield replace(base, noise=25)
    yield replace(base, contrast=50)
    yield replace(base, glare=160)
    yield replace(base, finger=0.03)
    yield replace(
        base,
        rotation=rng.uniform(-15, 15),
        tilt=rng.uniform(-15, 15),
        blur=0.7,
        noise=10,
        contrast=140,
    )


def middling(width: int, rng: Generator) -> View:
    """Everything at once, as in a queue."""
    return View(
        width,
        rotation=rng.uniform(-25, 25),
        tilt=rng.uniform(-25, 25),
        turn=rng.uniform(-25, 25),
        blur=rng.uniform(0.5, 1.5),
        motion=int(rng.integers(1, 5)),
        noise=rng.uniform(8, 22),
        contrast=rng.uniform(70, 180),
        glare=rng.uniform(0, 120),
        finger=rng.uniform(0, 0.03),
    )


def photograph(code: str, view: View, rng: Generator) -> Frame:
    """The frame a camera would deliver, grey values 0 to 255."""
    frame = _projected(code, view, rng)
    frame = frame * np.float32(view.contrast / 255) + np.float32((255 - view.contrast) * rng.uniform(0.3, 0.7))
    if view.glare:
        frame += _spot(view.frame, view.width * 0.25, rng) * np.float32(view.glare)
    picture = Image.fromarray(np.clip(frame, 0, 255).astype(np.uint8))
    if view.blur:
        picture = picture.filter(ImageFilter.GaussianBlur(view.blur))
    frame = np.asarray(picture, dtype=np.float32)
    if view.motion > 1:
        axis = int(rng.integers(2))
        frame = np.mean([np.roll(frame, shift, axis) for shift in range(view.motion)], axis=0, dtype=np.float32)
    if view.noise:
        frame = frame + rng.standard_normal(frame.shape, dtype=np.float32) * np.float32(view.noise)
    return np.clip(frame, 0, 255)


def read(frame: Frame, *, passes: int = 3) -> str | None:
    """What the till reads: the frame, then blurred, then at half its size, as its page does."""
    picture = Image.fromarray(frame.astype(np.uint8))
    tries: tuple[Callable[[], Image.Image], ...] = (
        lambda: picture,
        lambda: picture.filter(ImageFilter.GaussianBlur(1.5)),
        lambda: picture.resize((picture.width // 2, picture.height // 2), Image.Resampling.BOX),
    )
    for attempt in tries[:passes]:
        found = zxingcpp.read_barcodes(np.asarray(attempt()), formats=_QR)
        if found:
            return found[0].text
    return None


def _projected(code: str, view: View, rng: Generator) -> Frame:
    """The code on a grey surrounding, turned, tilted and placed."""
    size = view.frame * _OVER
    screen = Image.open(io.BytesIO(images.qr_png(code))).convert("L")
    if view.finger:
        screen = _covered(screen, view.finger, rng)
    corners = _corners(view, rng) * _OVER
    side = screen.width
    source = np.array([(0, 0), (side, 0), (side, side), (0, side)], dtype=np.float64)
    surround = int(rng.integers(120, 220))
    coefficients = _homography(corners, source)
    bent = screen.transform((size, size), Image.Transform.PERSPECTIVE, coefficients, Image.Resampling.BICUBIC)
    shape = Image.new("L", (size, size), 0)
    ImageDraw.Draw(shape).polygon([(float(x), float(y)) for x, y in corners], fill=255)
    canvas = Image.new("L", (size, size), surround)
    canvas.paste(bent, mask=shape)
    return np.asarray(canvas.resize((view.frame, view.frame), Image.Resampling.BOX), dtype=np.float32)


def _corners(view: View, rng: Generator) -> NDArray[np.float64]:
    """Where the code's corners fall: a pinhole three code widths away."""
    half = view.width / 2
    square = np.array([(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)])
    roll, tilt, turn = (math.radians(angle) for angle in (view.rotation, view.tilt, view.turn))
    about_z = np.array([(math.cos(roll), -math.sin(roll), 0), (math.sin(roll), math.cos(roll), 0), (0, 0, 1)])
    about_x = np.array([(1, 0, 0), (0, math.cos(tilt), -math.sin(tilt)), (0, math.sin(tilt), math.cos(tilt))])
    about_y = np.array([(math.cos(turn), 0, math.sin(turn)), (0, 1, 0), (-math.sin(turn), 0, math.cos(turn))])
    turned = square @ (about_x @ about_y @ about_z).T
    distance = 3 * view.width
    flat = turned[:, :2] * distance / (distance + turned[:, 2:])
    middle = view.frame / 2 + rng.uniform(-4, 4, 2)
    return np.asarray(flat + middle, dtype=np.float64)


def _homography(source: NDArray[np.float64], target: NDArray[np.float64]) -> list[float]:
    """The eight numbers that Pillow maps output points back with."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [(x, y, 1, 0, 0, 0, -u * x, -u * y), (0, 0, 0, x, y, 1, -v * x, -v * y)]
        values += [u, v]
    return [float(number) for number in np.linalg.solve(np.array(rows), np.array(values))]


def _covered(screen: Image.Image, part: float, rng: Generator) -> Image.Image:
    """A thumb over an edge of the code's modules."""
    grid = np.asarray(screen, dtype=np.uint8).copy()
    side = screen.width
    inner = side * 29 / 37
    radius = math.sqrt(2 * part * inner * inner / math.pi)
    along = rng.uniform(0.35, 0.65) * side
    edge = side * 33 / 37
    y, x = np.ogrid[:side, :side]
    centre = ((edge, along), (along, edge))[int(rng.integers(2))]
    grid[(x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius * radius] = 150
    return Image.fromarray(grid)


def _spot(side: int, radius: float, rng: Generator) -> Frame:
    y, x = np.ogrid[:side, :side]
    centre = side / 2 + rng.uniform(-radius, radius, 2)
    distance = ((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * radius * radius)
    spot: Frame = np.exp(-distance).astype(np.float32)
    return spot
