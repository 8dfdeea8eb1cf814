"""The brand's colour for passes, which know sRGB only: OKLCH brought down until white text is readable on it."""

import math
from typing import Final

_CHROMA: Final = 0.11
_READABLE: Final = 4.5

Rgb = tuple[int, int, int]


def brand_colour(hue: float) -> Rgb:
    """A dark tone of a hue (OKLCH degrees) on which white has a contrast of 4.5 at least."""
    lightness = 0.5
    while True:
        colour = _to_rgb(lightness, _CHROMA, hue)
        if contrast(colour, (255, 255, 255)) >= _READABLE:
            return colour
        lightness -= 0.02


def contrast(first: Rgb, second: Rgb) -> float:
    """The contrast ratio of two colours (WCAG 2.2)."""
    brighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def css(colour: Rgb) -> str:
    """The way passes write colours."""
    return f"rgb({colour[0]}, {colour[1]}, {colour[2]})"


def _luminance(colour: Rgb) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _to_rgb(lightness: float, chroma: float, hue: float) -> Rgb:
    """OKLCH to sRGB, clipped (Björn Ottosson, "A perceptual color space for image processing")."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    encoded = [12.92 * c if c <= 0.0031308 else 1.055 * max(c, 0) ** (1 / 2.4) - 0.055 for c in linear]
    red, green, blue = (round(255 * min(1, max(0, c))) for c in encoded)
    return red, green, blue
