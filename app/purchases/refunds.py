"""The arithmetic of returns: what comes back of each line, so that any split and order ends the same; pure functions.

Items and money of a line run out together: the last item takes whatever money is left, and when all money is back the
items are too. How much money an item brings depends on how many came back before, never on how they came back.
"""

from collections.abc import Sequence

from app.purchases.errors import INPUT, InvalidPurchase, LineNotFound, MoreThanLeft, NothingLeft
from app.purchases.intake import MOST_LINES, check_amount
from app.purchases.models import PurchaseLine, ReturnLine, ReturnLineInput
from app.purchases.money import from_minor


def take_back_lines(
    sold: Sequence[PurchaseLine], asked: Sequence[ReturnLineInput], currency: str
) -> tuple[list[PurchaseLine], list[ReturnLine]]:
    """The lines after a return, and what came back; nothing asked means everything that is left.

    Raises InvalidPurchase, CurrencyMismatch, LineNotFound, MoreThanLeft and NothingLeft, naming the field.
    """
    lines = {line["id"]: line for line in sold}
    if not asked:
        asked = [ReturnLineInput(line["id"]) for line in sold if _is_left(line)]
        if not asked:
            raise NothingLeft((INPUT, "lines"))
    if len(asked) > MOST_LINES:
        raise InvalidPurchase((INPUT, "lines"), f"A return has at most {MOST_LINES} lines.")
    back: list[ReturnLine] = []
    for index, wanted in enumerate(asked):
        line = lines.get(wanted.line_id)
        if line is None:
            raise LineNotFound(index)
        coming = _coming_back((INPUT, "lines", str(index)), line, wanted, currency)
        back.append(coming)
        lines[line["id"]] = {
            **line,
            "returned_quantity": line["returned_quantity"] + coming["quantity"],
            "returned_amount": line["returned_amount"] + coming["amount"],
        }
    return list(lines.values()), back


def is_returned_in_full(lines: Sequence[PurchaseLine]) -> bool:
    """Whether nothing of a purchase is left with the customer."""
    return not any(_is_left(line) for line in lines)


def _is_left(line: PurchaseLine) -> bool:
    return line["returned_quantity"] < line["quantity"]


def _coming_back(path: tuple[str, ...], line: PurchaseLine, wanted: ReturnLineInput, currency: str) -> ReturnLine:
    items_left = line["quantity"] - line["returned_quantity"]
    money_left = line["paid"] - line["returned_amount"]
    if not items_left:
        raise NothingLeft(path)
    quantity = wanted.quantity
    if quantity is not None and quantity < 1:
        raise InvalidPurchase((*path, "quantity"), "At least one item comes back.")
    if quantity is not None and quantity > items_left:
        raise MoreThanLeft((*path, "quantity"), str(items_left))
    amount = None
    if wanted.amount is not None:
        amount = check_amount((*path, "amount"), wanted.amount, wanted.currency, currency)
        if amount > money_left:
            raise MoreThanLeft((*path, "amount"), f"{from_minor(money_left, currency)} {currency}")
    if quantity is None and amount is None:
        quantity = items_left
    if quantity == items_left:
        # The last items bring all that is left of the money, whatever was asked for them.
        return {"line": line["id"], "quantity": items_left, "amount": money_left}
    if quantity is None:
        return _by_amount(path, line, amount or 0, items_left, money_left)
    return {"line": line["id"], "quantity": quantity, "amount": _money_of(line, quantity, amount, money_left)}


def _by_amount(path: tuple[str, ...], line: PurchaseLine, amount: int, items_left: int, money_left: int) -> ReturnLine:
    if not amount:
        raise InvalidPurchase((*path, "amount"), "An amount that comes back is more than nothing.")
    return {"line": line["id"], "quantity": items_left if amount == money_left else 0, "amount": amount}


def _money_of(line: PurchaseLine, quantity: int, amount: int | None, money_left: int) -> int:
    """What some but not all items bring: the amount asked, else their part of the line by count."""
    if amount is not None:
        return min(amount, money_left)
    after = line["returned_quantity"] + quantity
    due = line["paid"] * after // line["quantity"] - line["returned_amount"]
    return min(max(0, due), money_left)
