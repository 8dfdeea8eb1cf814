"""The rules engine: one pure function from a rule set, a basket and its context to points and reasons.

Exact decimals all the way, rounded once per posting; the whole points are then shared out to rules and lines by
largest remainder, so that parts and lines always add up to what was posted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from app.earning import words
from app.earning.models import (
    BasketLine,
    Bonus,
    Context,
    Earning,
    EffectKind,
    Part,
    PartKind,
    RuleSet,
    Window,
)
from app.earning.split import largest_remainder

_ZERO = Decimal(0)
_ROUNDING = {"down": ROUND_FLOOR, "half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "up": ROUND_CEILING}
_ROUNDED = {"down": "down", "half_up": "to the nearest", "half_even": "to the nearest", "up": "up"}
TIER_RULE = "tier"


@dataclass(frozen=True, slots=True)
class _Award:
    """What one rule pays, exactly, and on which lines."""

    rule: str
    points: Decimal
    lines: Sequence[BasketLine]
    because: str
    is_base: bool = False


def evaluate(rules: RuleSet, basket: Sequence[BasketLine], context: Context) -> Earning:
    """What this basket earns under these rules, and why.

    Deterministic and free of side effects; amounts must not be negative. Points never fall when a line is added, made
    dearer, or split into lines of the same product and sum.
    """
    counted, parts = _exclude(rules, basket)
    spend = sum((line.amount for line in counted), _ZERO)
    parts.append(_basis(counted, basket, spend, context))
    base = _Award(
        rules.base.id,
        rules.base.points_per_unit * spend,
        counted,
        f"for {words.money(spend, context.currency)}",
        is_base=True,
    )
    bonuses, notes = _bonuses(rules, counted, context)
    awards = [award for award in (base, *_tier(rules, base, context), *bonuses) if award.points]
    parts.extend(notes)

    exact = sum((award.points for award in awards), _ZERO)
    rounded = _round(exact, rules)
    if exact != rounded:
        parts.append(
            Part(PartKind.ROUNDING, f"{words.plain(exact)} rounded {_ROUNDED[rules.rounding]} to {rounded:,}.")
        )
    shares = largest_remainder(rounded, [award.points for award in awards])
    granted = list(zip(awards, shares, strict=True))
    parts[:0] = [
        Part(
            PartKind.RULE, _rule_text(award, share, context), award.rule, share, tuple(line.id for line in award.lines)
        )
        for award, share in granted
    ]
    total, caps = _cap(rules, rounded, context)
    parts.extend(caps)
    qualifying = min(total, _round(base.points, rules)) if rules.qualifying == "base" else total
    return Earning(
        rules.version,
        total,
        qualifying,
        _to_lines(basket, granted, rounded, total),
        tuple(parts),
        _summary(total, spend, granted, parts, context),
    )


def applies_at(window: Window | None, occurred_at: datetime, zone: str) -> bool:
    """Whether an instant falls into a window; no window is always open."""
    if window is None:
        return True
    local = occurred_at.astimezone(ZoneInfo(zone))
    if window.weekdays and local.isoweekday() not in window.weekdays:
        return False
    if window.first_day is not None and local.date() < window.first_day:
        return False
    if window.last_day is not None and local.date() > window.last_day:
        return False
    now = local.time()
    if window.starts is not None and window.ends is not None and window.ends < window.starts:
        return now >= window.starts or now < window.ends
    return (window.starts is None or now >= window.starts) and (window.ends is None or now < window.ends)


def _exclude(rules: RuleSet, basket: Sequence[BasketLine]) -> tuple[list[BasketLine], list[Part]]:
    counted: list[BasketLine] = []
    left_out: dict[str, list[str]] = {}
    for line in basket:
        exclusion = next((rule for rule in rules.exclusions if rule.scope.covers(line)), None)
        if exclusion is not None:
            left_out.setdefault(exclusion.id, []).append(line.id)
        elif line.amount > 0:
            counted.append(line)
    parts = [
        Part(PartKind.MISS, _sentence(rule.reason), rule.id, None, tuple(left_out[rule.id]))
        for rule in rules.exclusions
        if rule.id in left_out
    ]
    return counted, parts


def _basis(counted: Sequence[BasketLine], basket: Sequence[BasketLine], spend: Decimal, context: Context) -> Part:
    paid = sum((line.amount for line in basket), _ZERO)
    text = (
        f"All of {words.money(paid, context.currency)} counted."
        if spend == paid
        else f"{words.money(spend, context.currency)} of {words.money(paid, context.currency)} counted."
    )
    return Part(PartKind.BASIS, text, None, None, _ids(counted))


def _tier(rules: RuleSet, base: _Award, context: Context) -> list[_Award]:
    extra = context.tier_multiplier - 1
    if not rules.tier_multiplier or extra <= 0:
        return []
    return [_Award(TIER_RULE, base.points * extra, base.lines, f"because you are {context.tier_name or 'in a tier'}")]


def _bonuses(rules: RuleSet, counted: Sequence[BasketLine], context: Context) -> tuple[list[_Award], list[Part]]:
    awards: list[_Award] = []
    notes: list[Part] = []
    best: dict[str, tuple[Decimal, str]] = {}
    candidates: list[tuple[Bonus, _Award]] = []
    for bonus in rules.bonuses:
        lines = [line for line in counted if bonus.scope.covers(line)]
        spend = sum((line.amount for line in lines), _ZERO)
        why_not = _why_not(bonus, spend, context)
        if why_not is not None:
            notes.append(Part(PartKind.MISS, f"{bonus.name}: {why_not}.", bonus.id))
            continue
        points = _worth(rules, bonus, lines, spend)
        if bonus.max_points is not None and points > bonus.max_points:
            points = Decimal(bonus.max_points)
            most = words.count(bonus.max_points, context.points_one, context.points_other)
            notes.append(Part(PartKind.CAP, f"{bonus.name} pays at most {most} per purchase.", bonus.id))
        candidates.append((bonus, _Award(bonus.id, points, lines, f"because {bonus.because}")))
        if bonus.exclusive is not None and (bonus.exclusive not in best or points > best[bonus.exclusive][0]):
            best[bonus.exclusive] = (points, bonus.id)
    for bonus, award in candidates:
        if bonus.exclusive is None or best[bonus.exclusive][1] == bonus.id:
            awards.append(award)
        else:
            notes.append(Part(PartKind.MISS, f"{bonus.name}: a better offer applied instead.", bonus.id))
    return awards, notes


def _why_not(bonus: Bonus, spend: Decimal, context: Context) -> str | None:
    if bonus.window is not None and not applies_at(bonus.window, context.occurred_at, context.zone):
        return f"only {words.window(bonus.window)}"
    if bonus.tiers and context.tier_id not in bonus.tiers:
        return "not for your tier"
    if not spend:
        return "nothing in this basket counts for it"
    if spend < bonus.min_spend:
        missing = words.money(bonus.min_spend - spend, context.currency)
        return f"{missing} short of {words.money(bonus.min_spend, context.currency)}"
    return None


def _worth(rules: RuleSet, bonus: Bonus, lines: Sequence[BasketLine], spend: Decimal) -> Decimal:
    value = bonus.effect.value
    match bonus.effect.kind:
        case EffectKind.MULTIPLY:
            return (value - 1) * rules.base.points_per_unit * spend
        case EffectKind.PER_UNIT:
            return value * spend
        case EffectKind.PER_ITEM:
            return value * sum(line.quantity for line in lines)
        case EffectKind.FLAT:
            return value


def _round(exact: Decimal, rules: RuleSet) -> int:
    return int(exact.to_integral_value(rounding=_ROUNDING[rules.rounding]))


def _cap(rules: RuleSet, points: int, context: Context) -> tuple[int, list[Part]]:
    parts: list[Part] = []
    most = rules.caps.per_purchase
    if most is not None and points > most:
        limit = words.count(most, context.points_one, context.points_other)
        parts.append(Part(PartKind.CAP, f"One purchase earns at most {limit}.", "cap.purchase", most - points))
        points = most
    per_day = rules.caps.per_day
    if per_day is not None and points > (left := max(0, per_day - context.earned_today)):
        limit = words.count(per_day, context.points_one, context.points_other)
        text = f"One day earns at most {limit}; {context.earned_today:,} were earned before."
        parts.append(Part(PartKind.CAP, text, "cap.day", left - points))
        points = left
    return points, parts


def _to_lines(
    basket: Sequence[BasketLine], granted: Sequence[tuple[_Award, int]], rounded: int, total: int
) -> dict[str, int]:
    earned = {line.id: 0 for line in basket}
    for award, share in granted:
        for line, points in zip(
            award.lines, largest_remainder(share, [row.amount for row in award.lines]), strict=True
        ):
            earned[line.id] += points
    if total == rounded:
        return earned
    trimmed = largest_remainder(total, [Decimal(points) for points in earned.values()])
    return dict(zip(earned, trimmed, strict=True))


def _ids(lines: Sequence[BasketLine]) -> tuple[str, ...]:
    return tuple(line.id for line in lines)


def _rule_text(award: _Award, share: int, context: Context) -> str:
    return f"{words.count(share, context.points_one, context.points_other)} {award.because}."


def _summary(
    total: int, spend: Decimal, granted: Sequence[tuple[_Award, int]], parts: Sequence[Part], context: Context
) -> str:
    if not total:
        return f"You earned no {context.points_other}: {_why_nothing(spend, parts, context)}"
    paid = [(award, share) for award, share in granted if share]
    earned = words.count(total, context.points_one, context.points_other)
    capped = [part.text for part in parts if part.kind is PartKind.CAP and part.points is not None]
    tail = f" {' '.join(capped)}" if capped else ""
    if len(paid) == 1 and not capped:
        return f"You earned {earned} {paid[0][0].because}."
    return f"You earned {earned}: {words.listing([f'{share:,} {award.because}' for award, share in paid])}.{tail}"


def _why_nothing(spend: Decimal, parts: Sequence[Part], context: Context) -> str:
    if not spend:
        missed = [part.text[0].lower() + part.text[1:] for part in parts if part.kind is PartKind.MISS and part.lines]
        return " ".join(missed) or "nothing was paid."
    capped = [part.text for part in parts if part.kind is PartKind.CAP]
    if capped:
        return capped[-1][0].lower() + capped[-1][1:]
    return f"{words.money(spend, context.currency)} is too little for one {context.points_one}."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
