import asyncio

import pytest

from app.core.database import Database
from app.core.errors import InvalidInput
from app.programme import ProgrammeService
from app.programme.cursors import cursor_of, number_key, text_key
from app.programme.defaults import HARVEST
from app.programme.errors import NoProgramme
from app.programme.service import zone_of
from app.programme.text import plain, words


async def test_there_is_none_before_it_is_set_up(database: Database) -> None:
    with pytest.raises(NoProgramme):
        await ProgrammeService(database).current()


async def test_setting_up_at_the_same_moment_gives_one(database: Database) -> None:
    made = await asyncio.gather(*(ProgrammeService(database).ensure(HARVEST) for _ in range(5)))
    assert made == [HARVEST] * 5
    assert await database["programmes"].count_documents({}) == 1


async def test_what_was_set_up_before_stays(database: Database) -> None:
    await ProgrammeService(database).ensure({**HARVEST, "name": "Orchard"})
    assert (await ProgrammeService(database).ensure(HARVEST))["name"] == "Orchard"


def test_the_ladder_rises() -> None:
    tiers = HARVEST["tiers"]
    assert [tier["rank"] for tier in tiers] == list(range(len(tiers)))
    assert tiers[0]["threshold"] == 0
    assert [tier["threshold"] for tier in tiers] == sorted({tier["threshold"] for tier in tiers})
    assert zone_of(HARVEST).key == "America/New_York"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zoë ŁUKASIEWICZ-Groß", ["zoe", "lukasiewicz", "gross"]),
        ("Fluid Milk, White Only · 1 gal", ["fluid", "milk", "white", "only", "1", "gal"]),
        ("Ａｄａ ﬁne", ["ada", "fine"]),
        ("مُحَمَّد", ["محمد"]),
        ("हिन्दी", ["हिनदी"]),
        ("İstanbul", ["istanbul"]),
        ("a a A", ["a"]),
        ("…!", []),
    ],
)
def test_words_are_plain(text: str, found: list[str]) -> None:
    assert words(text) == found
    assert plain(plain(text)) == plain(text)


def test_cursors_come_back_as_they_were() -> None:
    assert number_key(cursor_of(17, "a")) == (17, "a")
    assert text_key(cursor_of("zoe", "b")) == ("zoe", "b")
    with pytest.raises(InvalidInput):
        number_key(cursor_of("zoe", "b"))
    with pytest.raises(InvalidInput):
        text_key(cursor_of(17, "a"))
    for forged in (cursor_of(2**63, "a"), "W10=", "WzEsMl0=", "[" * 900, "x" * 2000, "\ud800"):
        with pytest.raises(InvalidInput):
            number_key(forged)
