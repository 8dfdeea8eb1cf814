import asyncio

import pytest

from app.core.database import Database
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST
from app.programme.errors import NoProgramme
from app.programme.service import zone_of


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
