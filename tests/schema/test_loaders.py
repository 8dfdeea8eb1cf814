import asyncio
from collections.abc import Sequence

import pytest

from schema.loaders import Loader


async def test_asks_once_for_everything_asked_for_in_one_turn() -> None:
    asked: list[list[str]] = []

    async def fetch(keys: Sequence[str]) -> dict[str, str]:
        asked.append(list(keys))
        return {key: key.upper() for key in keys if key != "none"}

    loader = Loader(fetch)
    found = await asyncio.gather(*(loader.load(key) for key in ("a", "b", "a", "none")))
    assert found == ["A", "B", "A", None]
    assert await loader.load("b") == "B"
    assert asked == [["a", "b", "none"]]
    loader.forget()
    loader.prime("a", "primed")
    assert await loader.load("a") == "primed"
    assert await loader.load("b") == "B"
    assert asked == [["a", "b", "none"], ["b"]]


async def test_a_failure_reaches_everybody_who_asked() -> None:
    async def fetch(keys: Sequence[str]) -> dict[str, str]:
        raise RuntimeError("away")

    loader = Loader(fetch)
    found = await asyncio.gather(loader.load("a"), loader.load("b"), return_exceptions=True)
    assert [str(each) for each in found] == ["away", "away"]
    with pytest.raises(RuntimeError):
        await loader.load("a")
