"""Random rule sets and baskets, shared by the tests of earning and of returns."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from app.earning.models import (
    BaseRate,
    BasketLine,
    Bonus,
    Caps,
    Context,
    Effect,
    EffectKind,
    Exclusion,
    RuleSet,
    Scope,
    Window,
)

steady = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties of pure functions: how long an example takes says something about the machine, not about them."""

DEPARTMENTS = ("GROCERY", "PRODUCE", "FUEL", "DRUG GM")
CATEGORIES = ("MILK", "FRUIT", "CIGARETTES")
BRANDS = ("National", "Private")
PRODUCTS = ("prd_1", "prd_2", "prd_3")
START = datetime(2026, 1, 1, tzinfo=UTC)

amounts = st.integers(0, 20_000).map(lambda cents: Decimal(cents).scaleb(-2))
rates = st.integers(0, 500).map(lambda hundredths: Decimal(hundredths).scaleb(-2))


def subsets(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.one_of(st.just(frozenset()), st.frozensets(st.sampled_from(values), min_size=1))


scopes = st.builds(
    Scope,
    departments=subsets(DEPARTMENTS),
    categories=subsets(CATEGORIES),
    brands=subsets(BRANDS),
    products=subsets(PRODUCTS),
)
narrow_scopes = scopes.filter(lambda scope: scope != Scope())
times = st.one_of(st.none(), st.builds(time, st.integers(0, 23), st.sampled_from([0, 30])))
windows = st.builds(
    Window,
    weekdays=st.frozensets(st.integers(1, 7)),
    starts=times,
    ends=times,
    first_day=st.one_of(st.none(), st.dates(date(2026, 1, 1), date(2026, 12, 31))),
)
effects = st.one_of(
    st.builds(Effect, st.just(EffectKind.MULTIPLY), rates.map(lambda rate: 1 + rate)),
    st.builds(Effect, st.sampled_from([EffectKind.PER_UNIT, EffectKind.PER_ITEM, EffectKind.FLAT]), rates),
)


@st.composite
def rule_sets(draw: st.DrawFn) -> RuleSet:
    bonuses = draw(
        st.lists(
            st.builds(
                Bonus,
                st.just(""),
                st.just("Offer"),
                st.just("there was an offer"),
                effects,
                scope=scopes,
                window=st.one_of(st.none(), windows),
                min_spend=amounts,
                tiers=subsets(("silver", "gold")),
                max_points=st.one_of(st.none(), st.integers(0, 200)),
                exclusive=st.sampled_from([None, None, "one", "two"]),
            ),
            max_size=4,
        )
    )
    named = tuple(
        Bonus(
            f"bonus-{position}",
            f"Offer {position}",
            bonus.because,
            bonus.effect,
            bonus.scope,
            bonus.window,
            bonus.min_spend,
            bonus.tiers,
            bonus.max_points,
            bonus.exclusive,
        )
        for position, bonus in enumerate(bonuses)
    )
    exclusions = draw(st.lists(narrow_scopes, max_size=2))
    return RuleSet(
        version=1,
        effective_from=START,
        base=BaseRate("base", draw(rates)),
        exclusions=tuple(Exclusion(f"no-{i}", scope, "this does not earn") for i, scope in enumerate(exclusions)),
        bonuses=named,
        caps=Caps(draw(st.one_of(st.none(), st.integers(0, 2_000))), draw(st.one_of(st.none(), st.integers(0, 2_000)))),
        rounding=draw(st.sampled_from(["down", "half_up", "half_even", "up"])),
        tier_multiplier=draw(st.booleans()),
        qualifying=draw(st.sampled_from(["all", "base"])),
    )


@st.composite
def baskets(draw: st.DrawFn, min_size: int = 0, max_size: int = 6) -> list[BasketLine]:
    size = draw(st.integers(min_size, max_size))
    return [
        BasketLine(
            id=f"lin_{position}",
            product_id=draw(st.sampled_from(PRODUCTS)),
            department=draw(st.sampled_from(DEPARTMENTS)),
            category=draw(st.sampled_from(CATEGORIES)),
            brand=draw(st.sampled_from(BRANDS)),
            quantity=draw(st.integers(1, 5)),
            amount=draw(amounts),
        )
        for position in range(size)
    ]


contexts = st.builds(
    Context,
    occurred_at=st.integers(0, 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
    zone=st.sampled_from(["America/New_York", "Asia/Kolkata", "UTC"]),
    currency=st.just("USD"),
    tier_id=st.sampled_from([None, "silver", "gold"]),
    tier_name=st.just("Gold"),
    tier_multiplier=st.sampled_from([Decimal(1), Decimal("1.1"), Decimal("1.25")]),
    earned_today=st.integers(0, 500),
)
