"""Pictures of codes, as PNG (Pillow) and SVG: black on white, quiet zone included, no logo.

Everything here computes and belongs in a thread; `wallet.routes` sees to it. The mask is fixed: choosing the best one
takes two thirds of the time and made no difference to any reader measured.
"""

import io
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape
from typing import Final

import qrcode
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import MODE_ALPHA_NUM, QRData

from wallet.code128 import modules_of
from wallet.colours import Rgb

QUIET: Final = 4
BARCODE_QUIET: Final = 10
BARCODE_HEIGHT: Final = 40
_VERSION: Final = 3
_MASK: Final = 3
_REMEMBERED: Final = 512

Matrix = tuple[bytes, ...]
"""Rows of modules, 1 where dark, without the quiet zone."""


def qr_png(text: str, scale: int = 8) -> bytes:
    """A QR of capitals and digits, each module `scale` pixels wide."""
    return png_of(qr_matrix(text), scale)


def qr_svg(text: str, title: str) -> str:
    """The same as SVG, one unit a module; `title` is what a screen reader says."""
    return _svg(qr_matrix(text), QUIET, QUIET, 1, title)


def barcode_png(digits: str, scale: int = 2) -> bytes:
    """A Code 128, each module `scale` pixels wide."""
    return png_of((bytes(modules_of(digits)),) * BARCODE_HEIGHT, scale, BARCODE_QUIET)


def barcode_svg(digits: str, title: str) -> str:
    """The same as SVG, one unit a module."""
    return _svg((bytes(modules_of(digits)),), BARCODE_QUIET, QUIET, BARCODE_HEIGHT, title)


def letter_png(letter: str, side: int, colour: Rgb) -> bytes:
    """A programme's letter in white on its colour, `side` pixels square: the logo on passes."""
    picture = Image.new("RGB", (side, side), colour)
    font = ImageFont.load_default(side * 0.6)
    ImageDraw.Draw(picture).text((side / 2, side / 2), letter, fill=(255, 255, 255), font=font, anchor="mm")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@lru_cache(_REMEMBERED)
def qr_matrix(text: str) -> Matrix:
    """Version 3 at least, error correction Q, alphanumeric mode."""
    code = qrcode.QRCode(version=_VERSION, error_correction=ERROR_CORRECT_Q, border=0, mask_pattern=_MASK)
    code.add_data(QRData(text.encode("ascii"), mode=MODE_ALPHA_NUM))
    code.make(fit=True)
    return tuple(bytes(map(bool, row)) for row in code.modules)


def png_of(matrix: Matrix, scale: int, quiet_x: int = QUIET) -> bytes:
    """A matrix in black on white with its quiet zone, `quiet_x` modules wide at the sides."""
    width, height = len(matrix[0]), len(matrix)
    light = b"".join(row.translate(_TO_LUMINANCE) for row in matrix)
    small = Image.frombytes("L", (width, height), light).convert("1", dither=Image.Dither.NONE)
    picture = Image.new("1", ((width + 2 * quiet_x) * scale, (height + 2 * QUIET) * scale), 1)
    large = small.resize((width * scale, height * scale), Image.Resampling.NEAREST)
    picture.paste(large, (quiet_x * scale, QUIET * scale))
    out = io.BytesIO()
    picture.save(out, "PNG", dpi=(300, 300))
    return out.getvalue()


def _svg(matrix: Matrix, quiet_x: int, quiet_y: int, row_height: int, title: str) -> str:
    width = len(matrix[0]) + 2 * quiet_x
    height = len(matrix) * row_height + 2 * quiet_y
    path = "".join(
        f"M{quiet_x + start} {quiet_y + index * row_height}h{length}v{row_height}h-{length}z"
        for index, row in enumerate(matrix)
        for start, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" shape-rendering="crispEdges" '
        f'role="img" aria-label="{escape(title)}"><path fill="#fff" d="M0 0h{width}v{height}H0z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    start = None
    for position, dark in enumerate((*row, 0)):
        if dark and start is None:
            start = position
        elif not dark and start is not None:
            yield start, position - start
            start = None


_TO_LUMINANCE: Final = bytes((255, 0)) + bytes(254)
