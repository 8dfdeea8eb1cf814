"""Code 128 (ISO/IEC 15417), code sets B and C: the bars for scanners that cannot read a QR."""

import re
from typing import Final

# Widths of bar, space, bar, space, bar, space for the values 0 to 105 (ISO/IEC 15417 table 1).
_WIDTHS: Final = re.findall(
    "[1-4]{6}",
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 "
    "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 "
    "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 "
    "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 "
    "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 "
    "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 "
    "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232 ",
)
_STOP: Final = "2331112"
_CODE_C, _CODE_B = 99, 100
_START_B, _START_C = 104, 105


def values_of(text: str) -> list[int]:
    """Start, data and check values: pairs of digits in set C where four or more follow each other, else set B.

    Raises ValueError for characters outside printable ASCII.
    """
    if not text or not all(32 <= ord(character) < 127 for character in text):
        raise ValueError("Code 128 B and C hold printable ASCII only")
    values: list[int] = []
    in_c: bool | None = None
    position = 0
    while position < len(text):
        digits = _digits_from(text, position)
        want_c = digits >= 2 and digits % 2 == 0 and (digits >= 4 or in_c is True or digits == len(text))
        if want_c is not in_c:
            values.append(_switch(values, want_c))
            in_c = want_c
        step = digits if want_c else 1
        chunk = text[position : position + step]
        if want_c:
            values += [int(chunk[at : at + 2]) for at in range(0, step, 2)]
        else:
            values.append(ord(chunk) - 32)
        position += step
    check = (values[0] + sum(place * value for place, value in enumerate(values))) % 103
    return [*values, check]


def modules_of(text: str) -> list[int]:
    """The bars and spaces, 1 for a dark module, without the quiet zone of ten modules each side."""
    widths = "".join(_WIDTHS[value] for value in values_of(text)) + _STOP
    return [1 - index % 2 for index, width in enumerate(widths) for _ in range(int(width))]


def _digits_from(text: str, position: int) -> int:
    end = position
    while end < len(text) and text[end] in "0123456789":
        end += 1
    return end - position


def _switch(values: list[int], to_c: bool) -> int:
    if not values:
        return _START_C if to_c else _START_B
    return _CODE_C if to_c else _CODE_B
