"""What the till prints about points; pure functions."""

from collections.abc import Sequence

from app.earning import words
from app.ledger.models import EntryDocument
from app.ledger.points import counted_again
from app.programme.models import Programme
from app.purchases.models import Purchase, Receipt, Return
from app.purchases.money import from_minor


def of_sale(programme: Programme, purchase: Purchase, entry: EntryDocument | None, active: int | None) -> Receipt:
    """The receipt of a sale: its ledger entry, or without one the active points as they are."""
    paid = purchase.get("paid_with_points")
    used = sum(redemption["points"] for redemption in purchase["redemptions"]) + (paid["points"] if paid else 0)
    lines = [purchase["explanation"]["summary"], *_money_off(purchase)]
    if paid is not None:
        amount = words.money(from_minor(paid["amount"], purchase["currency"]), purchase["currency"])
        counted = words.count(paid["points"], programme["points_one"], programme["points_other"])
        lines.append(f"Paid with {counted}: {amount}")
    after = entry["balance"] if entry is not None else active
    if after is None:
        return Receipt(None, purchase["earned"], used, None, tuple(lines))
    before = after - (entry["points"] if entry is not None else 0) + used
    lines += [f"{_noun(programme)} before: {before:,}", f"Earned: {purchase['earned']:,}"]
    if used:
        lines.append(f"Used: {used:,}")
    lines.append(f"{_noun(programme)} now: {after:,}")
    if entry is not None:
        lines += _exceptions(programme, purchase, entry) + _late([entry])
    return Receipt(before, purchase["earned"], used, after, tuple(lines))


def of_return(programme: Programme, return_: Return, entries: Sequence[EntryDocument], active: int | None) -> Receipt:
    """The receipt of a return: what went back either way, and the points before and after.

    `entries` are its ledger entries, oldest first; without any, `active` are the points as they are.
    """
    lines = [return_["explanation"]["summary"]]
    given = return_["points_back"]["points"] if "points_back" in return_ else 0
    after = entries[-1]["balance"] if entries else active
    if after is None:
        return Receipt(None, -return_["reversed"], -given, None, tuple(lines))
    before = after - sum(entry["points"] for entry in entries)
    lines += [f"{_noun(programme)} before: {before:,}", f"Taken back: {return_['reversed']:,}"]
    if given:
        lines.append(f"Given back: {given:,}")
    lines.append(f"{_noun(programme)} now: {after:,}")
    again = sum(map(counted_again, entries))
    if before - return_["reversed"] + given + again < after:
        lines.append("The rest was spent already; your next points make up for it.")
    lines += _late(entries)
    return Receipt(before, -return_["reversed"], -given, after, tuple(lines))


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
    pending = purchase["earned"] - swallowed - (entry["points"] - counted_again(entry))
    if pending > 0:
        counted = words.count(pending, programme["points_one"], programme["points_other"])
        lines.append(f"{counted} will be usable once the waiting time is over.")
    return lines


def _late(entries: Sequence[EntryDocument]) -> list[str]:
    again = sum(map(counted_again, entries))
    return [f"{again:+,} because it arrived late: what came after it was counted again."] if again else []


def _noun(programme: Programme) -> str:
    return programme["points_other"].capitalize()
