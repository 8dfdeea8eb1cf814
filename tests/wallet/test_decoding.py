"""A till's camera reads the card: a synthetic corpus, decoded by zxing as the till's page does."""

import numpy as np
import pytest
from numpy.random import Generator

from tests.wallet.camera import View, middling, mild, photograph, read
from wallet import codes


def random_code(rng: Generator) -> str:
    signed = codes.rotating_message(rng.bytes(8), 0, 0, int(rng.integers(58_000_000, 70_000_000)))
    return codes.token_text(signed, rng.bytes(32))


def scores(views: list[View], rng: Generator, *passes: int) -> list[float]:
    """The part of the views that is read, for each number of passes."""
    read_right = [0] * len(passes)
    for view in views:
        code = random_code(rng)
        frame = photograph(code, view, rng)
        for index, number in enumerate(passes):
            text = read(frame, passes=number)
            assert text in {code, None}, "a wrong text was read"
            read_right[index] += text == code
    return [count / len(views) for count in read_right]


@pytest.mark.parametrize("width", [160, 240])
def test_mild_views(width: int) -> None:
    rng = np.random.default_rng(width)
    views = [view for _ in range(12) for view in mild(width, rng)]
    (single,) = scores(views, rng, 1)
    assert single >= 0.97


@pytest.mark.parametrize(("width", "least"), [(180, 0.85), (240, 0.93)])
def test_everything_at_once_needs_every_pass(width: int, least: float) -> None:
    rng = np.random.default_rng(width)
    single, every = scores([middling(width, rng) for _ in range(200)], rng, 1, 3)
    assert every >= least
    assert every > single + 0.1
