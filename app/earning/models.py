"""Shapes of earning: rule sets, baskets, the context of a sale, and what an evaluation answers.

Money is `Decimal` in currency units ("50.00"), points are whole numbers, instants are aware UTC and are read in the
programme's IANA zone where a rule speaks of days or hours.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypedDict

Rounding = Literal["down", "half_up", "half_even", "up"]
Qualifying = Literal["all", "base"]


class PartKind(StrEnum):
    """What one part of an explanation is about; the words of `ExplanationKind` in the API."""

    RULE = "RULE"
    MISS = "MISS"
    CAP = "CAP"
    ROUNDING = "ROUNDING"
    BASIS = "BASIS"
    DEFICIT = "DEFICIT"
    NOTE = "NOTE"


class EffectKind(StrEnum):
    """How a bonus pays: times the base rate, points per currency unit, points per item, or once per purchase."""

    MULTIPLY = "multiply"
    PER_UNIT = "per_unit"
    PER_ITEM = "per_item"
    FLAT = "flat"


@dataclass(frozen=True, slots=True)
class Scope:
    """Which products a rule is about: every named dimension must contain the product; nothing named means all."""

    departments: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()

    def covers(self, line: "BasketLine") -> bool:
        """Whether this line's product is meant."""
        return (
            (not self.departments or line.department in self.departments)
            and (not self.categories or line.category in self.categories)
            and (not self.brands or line.brand in self.brands)
            and (not self.products or line.product_id in self.products)
        )


@dataclass(frozen=True, slots=True)
class Window:
    """When a rule applies, in the programme's zone: ISO weekdays (1 = Monday), hours [starts, ends), first to last day.

    `ends` before `starts` runs over midnight, and the hours after it belong to the day they fall on.
    """

    weekdays: frozenset[int] = frozenset()
    starts: time | None = None
    ends: time | None = None
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class BaseRate:
    """Points for each currency unit spent."""

    id: str
    points_per_unit: Decimal


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Products that never earn, and the plain words for why ("fuel does not earn points")."""

    id: str
    scope: Scope
    reason: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a bonus pays: factor for MULTIPLY (2 = double), otherwise points."""

    kind: EffectKind
    value: Decimal


@dataclass(frozen=True, slots=True)
class Bonus:
    """Points on top of the base rate.

    `because` completes "20 because …". Bonuses that share an `exclusive` name do not add up: the one worth most
    counts. `min_spend` is in currency units over the lines in scope; `tiers` are tier ids; `max_points` trims.
    """

    id: str
    name: str
    because: str
    effect: Effect
    scope: Scope = field(default_factory=Scope)
    window: Window | None = None
    min_spend: Decimal = Decimal(0)
    tiers: frozenset[str] = frozenset()
    max_points: int | None = None
    exclusive: str | None = None


@dataclass(frozen=True, slots=True)
class Caps:
    """The most points one purchase, and one member on one day in the programme's zone, can earn; None = no cap."""

    per_purchase: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One immutable version of the earning rules, in force from an instant until the next version's.

    The tier's multiplier applies to base points; all multipliers add up, none multiplies another.
    `qualifying` says whether bonus points count towards the tier too.
    """

    version: int
    effective_from: datetime
    base: BaseRate
    exclusions: tuple[Exclusion, ...] = ()
    bonuses: tuple[Bonus, ...] = ()
    caps: Caps = Caps()
    rounding: Rounding = "down"
    tier_multiplier: bool = True
    qualifying: Qualifying = "all"


@dataclass(frozen=True, slots=True)
class BasketLine:
    """One line as the rules see it; `amount` is what was paid for the whole line after discounts, in currency units."""

    id: str
    product_id: str | None
    department: str
    category: str
    brand: str | None
    quantity: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Context:
    """Everything besides the basket that the rules may look at; kept with the purchase so that returns see the same.

    `earned_today` counts the member's other purchases on the same day; only a daily cap reads it.
    """

    occurred_at: datetime
    zone: str
    currency: str
    tier_id: str | None = None
    tier_name: str | None = None
    tier_multiplier: Decimal = Decimal(1)
    earned_today: int = 0
    points_one: str = "point"
    points_other: str = "points"


@dataclass(frozen=True, slots=True)
class Part:
    """One line of an explanation; the points of all parts add up to what was earned."""

    kind: PartKind
    text: str
    rule: str | None = None
    points: int | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Earning:
    """What a basket earns: points, tier-qualifying points, the split to lines, and why in words."""

    version: int
    points: int
    qualifying: int
    lines: dict[str, int]
    parts: tuple[Part, ...]
    summary: str


class RuleSetDocument(TypedDict):
    """A stored rule set: `_id` is "<programme>:<version>"; `rules` is the encoded `RuleSet`, decimals as strings."""

    _id: str
    programme: str
    version: int
    effective_from: datetime
    published_at: datetime
    published_by: str
    rules: dict[str, Any]
