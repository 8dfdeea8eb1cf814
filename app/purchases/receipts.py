"""What the till prints about points; pure functions."""

from app.earning import words
from app.ledger.models import EntryDocument
from app.programme.models import Programme
from app.purchases.models import Purchase, Receipt, Return
from app.purchases.money import from_minor


def of_sale(programme: Programme, purchase: Purchase, entry: EntryDocument | None, active: int | None) -> Receipt:
    """The receipt of a sale: its ledger entry, or without one the active points as they are."""
    used = sum(redemption["points"] for redemption in purchase["redemptions"])
    lines = [purchase["explanation"]["summary"], *_money_off(purchase)]
    after = entry["balance"] if entry is not None else active
    if after is None:
        return Receipt(None, purchase["earned"], used, None, tuple(lines))
    before = after - (entry["points"] if entry is not None else 0) + used
    lines += [f"{_noun(programme)} before: {before:,}", f"Earned: {purchase['earned']:,}"]
    if used:
        lines.append(f"Used: {used:,}")
    lines.append(f"{_noun(programme)} now: {after:,}")
    if entry is not None:
        lines += _exceptions(programme, purchase, entry)
    return Receipt(before, purchase["earned"], used, after, tuple(lines))


def of_return(programme: Programme, return_: Return, entry: EntryDocument | None, active: int | None) -> Receipt:
    """The receipt of a return: what went back, and the points before and after."""
    lines = [return_["explanation"]["summary"]]
    after = entry["balance"] if entry is not None else active
    if after is None:
        return Receipt(None, -return_["reversed"], 0, None, tuple(lines))
    before = after - (entry["points"] if entry is not None else 0)
    lines += [
        f"{_noun(programme)} before: {before:,}",
        f"Taken back: {return_['reversed']:,}",
        f"{_noun(programme)} now: {after:,}",
    ]
    owed = before - return_["reversed"]
    if owed < after:
        lines.append("The rest was spent already; your next points make up for it.")
    return Receipt(before, -return_["reversed"], 0, after, tuple(lines))


def _money_off(purchase: Purchase) -> list[str]:
    lines: list[str] = []
    for redemption in purchase["redemptions"]:
        off = words.money(from_minor(redemption["discount"], purchase["currency"]), purchase["currency"])
        lines.append(f"{redemption['name']}: {off} off" if redemption["discount"] else redemption["name"])
    return lines


def _exceptions(programme: Programme, purchase: Purchase, entry: EntryDocument) -> list[str]:
    lines: list[str] = []
    swallowed = entry.get("swallowed", 0)
    if swallowed:
        counted = words.count(swallowed, programme["points_one"], programme["points_other"])
        lines.append(f"{counted} made up for points that were taken back before.")
    pending = purchase["earned"] - swallowed - entry["points"]
    if pending > 0:
        counted = words.count(pending, programme["points_one"], programme["points_other"])
        lines.append(f"{counted} will be usable once the waiting time is over.")
    return lines


def _noun(programme: Programme) -> str:
    return programme["points_other"].capitalize()
