"""What a rule set must satisfy before it is published."""

from decimal import Decimal

from app.earning.errors import InvalidRules
from app.earning.models import Bonus, EffectKind, RuleSet, Window

_MOST = Decimal(1_000_000)
_MOST_DECIMALS = 6


def check(rules: RuleSet) -> None:
    """Refuse rules that could lose precision, take points away, or be mistaken for each other.

    Raises InvalidRules with the path of the first field that is wrong.
    """
    _check_number(("base", "pointsPerUnit"), rules.base.points_per_unit, Decimal(0))
    for name, cap in (("perPurchase", rules.caps.per_purchase), ("perDay", rules.caps.per_day)):
        if cap is not None and cap < 0:
            raise InvalidRules(("caps", name), "A cap cannot be negative.")
    seen = {rules.base.id}
    named = [(("exclusions", str(i)), rule.id) for i, rule in enumerate(rules.exclusions)]
    named += [(("bonuses", str(i)), rule.id) for i, rule in enumerate(rules.bonuses)]
    for path, rule_id in named:
        if rule_id in seen:
            raise InvalidRules((*path, "id"), f"Two rules are called {rule_id}.")
        seen.add(rule_id)
    for position, bonus in enumerate(rules.bonuses):
        _check_bonus(("bonuses", str(position)), bonus)


def _check_bonus(path: tuple[str, ...], bonus: Bonus) -> None:
    least = Decimal(1) if bonus.effect.kind is EffectKind.MULTIPLY else Decimal(0)
    _check_number((*path, "effect"), bonus.effect.value, least)
    _check_number((*path, "minSpend"), bonus.min_spend, Decimal(0))
    if bonus.max_points is not None and bonus.max_points < 0:
        raise InvalidRules((*path, "maxPoints"), "A bonus cannot pay less than nothing.")
    if bonus.window is not None:
        _check_window((*path, "window"), bonus.window)


def _check_number(path: tuple[str, ...], value: Decimal, least: Decimal) -> None:
    if not value.is_finite() or not least <= value <= _MOST:
        raise InvalidRules(path, f"Must be between {least} and {_MOST:,}.")
    if value != round(value, _MOST_DECIMALS):
        raise InvalidRules(path, f"At most {_MOST_DECIMALS} decimals.")


def _check_window(path: tuple[str, ...], window: Window) -> None:
    if not window.weekdays <= set(range(1, 8)):
        raise InvalidRules((*path, "weekdays"), "Weekdays are 1 (Monday) to 7 (Sunday).")
    if window.first_day is not None and window.last_day is not None and window.last_day < window.first_day:
        raise InvalidRules((*path, "lastDay"), "The last day is before the first.")
    if window.starts is not None and window.starts == window.ends:
        raise InvalidRules((*path, "ends"), "The window is empty.")
