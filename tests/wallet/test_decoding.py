"""A till's camera reads the card: a synthetic corpus, decoded by zxing as the till's page does."""

import numpy as np
import pytest
from numpy.random import Generator

from tests.wallet.camera import View, middling, mild, photograph, read
from wallet import codes


def random_code(rng: Generator) -> str:
    signed = codes.rotating_message(rng.bytes(8), 0, 0, int(rng.integers(58_000_000, 70_000_000)))
    return codes.token_text(signed, rng.bytes(32))


def score(views: list[View], rng: Generator, passes: int = 3) -> float:
    read_right = 0
    for view in views:
        code = random_code(rng)
        text = read(photograph(code, view, rng), passes=passes)
        assert text in {code, None}, "a wrong text was read"
        read_right += text == code
    return read_right / len(views)


@pytest.mark.parametrize("width", [160, 240])
def test_mild_views(width: int) -> None:
    rng = np.random.default_rng(width)
    views = [view for _ in range(15) for view in mild(width, rng)]
    assert score(views, rng, passes=1) >= 0.97


@pytest.mark.parametrize(("width", "least"), [(180, 0.85), (240, 0.93)])
def test_everything_at_once_with_every_pass(width: int, least: float) -> None:
    rng = np.random.default_rng(width)
    assert score([middling(width, rng) for _ in range(200)], rng) >= least


def test_the_passes_are_worth_their_while() -> None:
    views = [middling(180, np.random.default_rng(n)) for n in range(60)]
    single, every = (score(views, np.random.default_rng(1), passes) for passes in (1, 3))
    assert every > single + 0.1
