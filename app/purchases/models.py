"""Shapes of purchases: stored documents, commands from the till, and what they answer.

Stored money is whole minor units of the purchase's currency (cents); commands carry decimals in currency units.
Instants are aware UTC; business dates are the store's calendar days as "YYYY-MM-DD".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import NotRequired, TypedDict

from app.members.models import Member
from app.products.models import Product


class ExplanationPart(TypedDict):
    """One line of why; `lines` are purchase line ids, empty where the part is about the whole basket."""

    kind: str
    rule: str | None
    version: int | None
    text: str
    points: int | None
    lines: list[str]


class Explanation(TypedDict):
    """Why these points: a sentence for the member, and the parts, whose points add up."""

    summary: str
    parts: list[ExplanationPart]


class PaidWithPoints(TypedDict):
    """Points that paid a part of a sale, and that part in minor units."""

    points: int
    amount: int


class PurchaseLine(TypedDict):
    """A line as sold, with what the rules need to see it again when it comes back.

    `paid` is `amount` less this line's share of the purchase's discount. It earned on that, less what of it points
    paid (`by_points`, minor units; absent when none).
    """

    id: str
    product: str | None
    name: str
    department: str
    category: str
    brand: str | None
    quantity: int
    amount: int
    paid: int
    by_points: NotRequired[int]
    earned: int
    returned_quantity: int
    returned_amount: int


class PurchaseRedemption(TypedDict):
    """A reward handed over with the sale: points it cost and money it took off, in minor units."""

    id: str
    reward: str
    name: str
    points: int
    discount: int


class ReturnLine(TypedDict):
    """What came back of one line: items and the amount they were sold for, in minor units."""

    line: str
    quantity: int
    amount: int


class LateCount(TypedDict):
    """What a sale earned more because a sale from before it arrived after it and had made a tier; `id` names the entry.

    `because` is the late sale.
    """

    id: str
    because: str
    points: int
    qualifying: int
    explanation: Explanation


class Return(TypedDict):
    """One return of a purchase; `reversed` are the points it took back, `reversed_total` with all returns before it.

    `points_back` is what it gave back of the points that the sale was paid with, `points_back_total` how many points
    that makes with all returns before it; absent when points paid nothing. `posting` is there until the ledger has
    confirmed it.
    """

    id: str
    receipt_number: str
    occurred_at: datetime
    received_at: datetime
    lines: list[ReturnLine]
    total: int
    reversed: int
    reversed_total: int
    qualifying_total: int
    points_back: NotRequired[PaidWithPoints]
    points_back_total: NotRequired[int]
    restored: list[str]
    explanation: Explanation
    till: str
    actor: str
    idempotency_key: str
    digest: str
    posting: NotRequired[bool]


class StoredContext(TypedDict):
    """The evaluation context a purchase was judged in; decimals as strings."""

    zone: str
    tier_id: str | None
    tier_name: str | None
    tier_multiplier: str
    earned_today: int


class Purchase(TypedDict):
    """A sale; `_id` derives from its business key, so one receipt is one purchase whatever is retried.

    `total` is what was paid (lines less `discount`), the part that points paid (`paid_with_points`) included. `rules`
    is the rule set version that judged it. `late` is what it earned later, counted in `earned` and `qualifying`, with
    `context` as it is known now. `revision` counts changes. `posting` is there until redemptions and points
    are settled; the sweeper finishes what it finds.
    """

    _id: str
    programme: str
    store: str
    till: str
    member: str | None
    receipt_number: str
    business_date: str
    occurred_at: datetime
    received_at: datetime
    currency: str
    lines: list[PurchaseLine]
    redemptions: list[PurchaseRedemption]
    discount: int
    total: int
    paid_with_points: NotRequired[PaidWithPoints]
    earned: int
    qualifying: int
    rules: int
    context: StoredContext
    explanation: Explanation
    late: NotRequired[list[LateCount]]
    returns: list[Return]
    deferred: bool
    actor: str
    idempotency_key: str
    digest: str
    revision: int
    posting: NotRequired[bool]


class PastReturn(TypedDict):
    """Of a return, what the history of status points needs."""

    occurred_at: datetime
    qualifying_total: int


class PastSale(TypedDict):
    """Of a sale, what the history of status points needs; the stored document has more."""

    _id: str
    occurred_at: datetime
    qualifying: int
    context: StoredContext
    revision: int
    returns: list[PastReturn]


@dataclass(frozen=True, slots=True)
class LineInput:
    """A line as the till sends it: the product by id, SKU or barcode; `amount` for the whole line, after discounts."""

    quantity: int
    amount: Decimal
    currency: str
    product_id: str | None = None
    sku: str | None = None
    barcode: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RecordPurchase:
    """A sale to record. `actor` is "till:<id>"; `member_id` is None for an anonymous sale.

    `deferred` marks a sale rung up while the line was down: it earns and can spend nothing. `may_redeem` says whether
    the way the member was identified is good enough for handing over rewards and paying with points.
    """

    store_id: str
    till_id: str
    actor: str
    receipt_number: str
    business_date: date
    occurred_at: datetime
    lines: tuple[LineInput, ...]
    idempotency_key: str
    member_id: str | None = None
    redemption_ids: tuple[str, ...] = ()
    pay_with_points: int | None = None
    deferred: bool = False
    may_redeem: bool = True


@dataclass(frozen=True, slots=True)
class PreviewPurchase:
    """A sale as it would be recorded now; nothing is written."""

    lines: tuple[LineInput, ...]
    member_id: str | None = None
    redemption_ids: tuple[str, ...] = ()
    pay_with_points: int | None = None
    may_redeem: bool = True


@dataclass(frozen=True, slots=True)
class ReturnLineInput:
    """What comes back of a line: items, an amount in currency units, or neither for all that is left of the line."""

    line_id: str
    quantity: int | None = None
    amount: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class RecordReturn:
    """A return to record; no lines means everything that is left."""

    purchase_id: str
    receipt_number: str
    occurred_at: datetime
    till_id: str
    actor: str
    idempotency_key: str
    lines: tuple[ReturnLineInput, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the till prints: points before, earned, used (both negative after a return) and after, and lines of text.

    `points_before` and `points_after` are active points; both are None for an anonymous sale.
    """

    points_before: int | None
    points_earned: int
    points_used: int
    points_after: int | None
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """The purchase and its receipt; `duplicate` when this receipt had been posted before."""

    purchase: Purchase
    receipt: Receipt
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Returned:
    """The return, the purchase after it, and the receipt; `duplicate` when it had been posted before."""

    return_: Return
    purchase: Purchase
    receipt: Receipt
    duplicate: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a sale would come to: minor units to pay, points to earn, and why."""

    currency: str
    total: int
    discount: int
    paid_with_points: PaidWithPoints | None
    earned: int
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Known:
    """Documents that the caller has at hand, by id, so that recording in bulk need not look them up again."""

    members: Mapping[str, Member] = field(default_factory=dict)
    products: Mapping[str, Product] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayOfSales:
    """One business day ("YYYY-MM-DD"): how many sales, and the points they earned before returns."""

    day: str
    purchases: int
    earned: int
