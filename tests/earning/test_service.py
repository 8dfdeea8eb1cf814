from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.earning.defaults import HARVEST_RULES
from app.earning.errors import InvalidRules, NoRules, RulesChanged
from app.earning.models import BaseRate, Bonus, Caps, Effect, EffectKind, RuleSet, Window
from app.earning.repository import INDEXES
from app.earning.service import EarningService
from app.programme.defaults import HARVEST
from app.programme.service import ProgrammeService


@pytest.fixture
async def programmes(database: Database) -> ProgrammeService:
    service = ProgrammeService(database)
    await service.ensure(HARVEST)
    return service


@pytest.fixture
async def earning(database: Database, clock: MovableClock, programmes: ProgrammeService) -> EarningService:
    await ensure_indexes(database, INDEXES)
    return EarningService(database, clock, programmes)


async def test_nothing_published_is_said(earning: EarningService, clock: MovableClock) -> None:
    with pytest.raises(NoRules):
        await earning.at(clock.now())


async def test_setting_up_twice_is_setting_up_once(earning: EarningService, clock: MovableClock) -> None:
    await earning.ensure(HARVEST_RULES)
    await earning.ensure(replace(HARVEST_RULES, rounding="up"))
    assert await earning.at(clock.now()) == HARVEST_RULES


async def test_a_sale_is_judged_by_the_rules_of_its_time(earning: EarningService, clock: MovableClock) -> None:
    await earning.ensure(HARVEST_RULES)
    tomorrow = clock.now() + timedelta(days=1)
    second = await earning.publish(
        replace(HARVEST_RULES, base=BaseRate("base", Decimal(2)), effective_from=tomorrow), "agent:a"
    )
    assert second.version == 2
    assert (await earning.at(clock.now())).version == 1
    assert (await earning.at(tomorrow)).version == 2
    assert (await earning.at(datetime(1999, 1, 1, tzinfo=UTC))).version == 1
    assert (await earning.version(1)) == HARVEST_RULES
    with pytest.raises(NoRules):
        await earning.version(3)


async def test_two_editors_cannot_overwrite_each_other(
    earning: EarningService, database: Database, clock: MovableClock, programmes: ProgrammeService
) -> None:
    await earning.ensure(HARVEST_RULES)
    other = EarningService(database, clock, programmes)
    await other.publish(HARVEST_RULES, "agent:a")
    with pytest.raises(RulesChanged):
        await earning.publish(HARVEST_RULES, "agent:b")


async def test_another_process_sees_a_publication(
    earning: EarningService, database: Database, clock: MovableClock, programmes: ProgrammeService
) -> None:
    await earning.ensure(HARVEST_RULES)
    await EarningService(database, clock, programmes).publish(replace(HARVEST_RULES, rounding="up"), "agent:a")
    clock.advance(timedelta(seconds=6))
    assert (await earning.at(clock.now())).rounding == "up"


def offer(value: str, kind: EffectKind = EffectKind.FLAT, window: Window | None = None) -> Bonus:
    return Bonus("offer", "Offer", "there was an offer", Effect(kind, Decimal(value)), window=window)


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        (replace(HARVEST_RULES, base=BaseRate("base", Decimal(-1))), ("base", "pointsPerUnit")),
        (replace(HARVEST_RULES, base=BaseRate("base", Decimal("0.0000001"))), ("base", "pointsPerUnit")),
        (replace(HARVEST_RULES, base=BaseRate("base", Decimal("NaN"))), ("base", "pointsPerUnit")),
        (replace(HARVEST_RULES, caps=Caps(per_day=-1)), ("caps", "perDay")),
        (replace(HARVEST_RULES, bonuses=(offer("1"), offer("2"))), ("bonuses", "1", "id")),
        (replace(HARVEST_RULES, bonuses=(offer("0.5", EffectKind.MULTIPLY),)), ("bonuses", "0", "effect")),
        (replace(HARVEST_RULES, bonuses=(replace(offer("1"), max_points=-1),)), ("bonuses", "0", "maxPoints")),
        (
            replace(HARVEST_RULES, bonuses=(offer("1", window=Window(frozenset({0}))),)),
            ("bonuses", "0", "window", "weekdays"),
        ),
        (
            replace(HARVEST_RULES, bonuses=(offer("1", window=Window(starts=time(9), ends=time(9))),)),
            ("bonuses", "0", "window", "ends"),
        ),
    ],
)
async def test_rules_that_cannot_work_are_refused(
    earning: EarningService, rules: RuleSet, field: tuple[str, ...]
) -> None:
    await earning.ensure(HARVEST_RULES)
    with pytest.raises(InvalidRules) as refused:
        await earning.publish(rules, "agent:a")
    assert refused.value.field == field
