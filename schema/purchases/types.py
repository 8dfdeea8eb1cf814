"""Purchases, their lines and what came back of them."""

from dataclasses import dataclass

import strawberry

from app.members.models import Member as MemberDocument
from app.products.models import Product as ProductDocument
from app.purchases.judging import whole_explanation
from app.purchases.models import PaidWithPoints as StoredPayment
from app.purchases.models import Purchase as PurchaseDocument
from app.purchases.models import PurchaseLine as StoredLine
from app.purchases.models import Return as StoredReturn
from app.purchases.models import ReturnLine as StoredReturnLine
from app.rewards.models import Redemption as RedemptionDocument
from app.stores.models import Store as StoreDocument
from schema.connections import Connection
from schema.context import Context
from schema.fields import says
from schema.ledger import Explanation
from schema.money import Amount, Money
from schema.nodes import Node
from schema.products import Product
from schema.refs import MemberRef, RedemptionRef
from schema.scalars import Date, DateTime, Points
from schema.stores import Store


@dataclass(frozen=True, slots=True)
class LineView:
    """A line and the currency of its sale."""

    line: StoredLine
    currency: str


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return and its sale."""

    returned: StoredReturn
    purchase: PurchaseDocument

    @property
    def id(self) -> str:
        """Id of the return."""
        return self.returned["id"]


@dataclass(frozen=True, slots=True)
class ReturnLineView:
    """A returned line and the line as sold."""

    returned: StoredReturnLine
    line: LineView


async def _line_product(view: LineView, context: Context) -> ProductDocument | None:
    return await context.products.load(view.line["product"]) if view.line["product"] else None


@strawberry.type(description="A line of a sale.")
class PurchaseLine:
    """Source: a LineView."""

    id: strawberry.ID = says("Id of the line, within its sale.", read=lambda view: view.line["id"])
    product: Product | None = says("The product, where the catalogue has it.", load=_line_product)
    name: str = says("Name on the receipt.", read=lambda view: view.line["name"])
    quantity: int = says("Items sold.", read=lambda view: view.line["quantity"])
    amount: Money = says(
        "Of the whole line, after discounts.", read=lambda view: Amount(view.line["amount"], view.currency)
    )
    returned_quantity: int = says("Items that came back.", read=lambda view: view.line["returned_quantity"])
    earned: Points = says("This line's share of the points.", read=lambda view: view.line["earned"])


@strawberry.type(description="What came back of a line.")
class ReturnLine:
    """Source: a ReturnLineView."""

    line: PurchaseLine = says("The line as sold.")
    quantity: int = says("Items that came back.", read=lambda view: view.returned["quantity"])
    amount: Money = says(
        "What they were sold for.", read=lambda view: Amount(view.returned["amount"], view.line.currency)
    )


def _returned_lines(view: ReturnView) -> list[ReturnLineView]:
    sold = {line["id"]: line for line in view.purchase["lines"]}
    return [
        ReturnLineView(line, LineView(sold[line["line"]], view.purchase["currency"])) for line in view.returned["lines"]
    ]


def _lines(purchase: PurchaseDocument) -> list[LineView]:
    return [LineView(line, purchase["currency"]) for line in purchase["lines"]]


def _returns(purchase: PurchaseDocument) -> list[ReturnView]:
    return [ReturnView(returned, purchase) for returned in purchase["returns"]]


@dataclass(frozen=True, slots=True)
class PaidView:
    """Points and what they paid."""

    points: int
    amount: Amount


def paid_view(paid: StoredPayment | None, currency: str) -> PaidView | None:
    """A payment with points and the currency of its sale."""
    return PaidView(paid["points"], Amount(paid["amount"], currency)) if paid else None


@strawberry.type(description="A part of a sale that was paid with points.")
class PaidWithPoints:
    """Source: a PaidView."""

    points: Points = says("How many.")
    amount: Money = says("What they were worth.")


def _total(purchase: PurchaseDocument) -> Amount:
    return Amount(purchase["total"], purchase["currency"])


async def _store(purchase: PurchaseDocument, context: Context) -> StoreDocument | None:
    return await context.stores.load(purchase["store"])


async def _member(purchase: PurchaseDocument, context: Context) -> MemberDocument | None:
    member_id = purchase["member"]
    return await context.members.load(member_id) if member_id and context.sees_member(member_id) else None


async def _redemptions(purchase: PurchaseDocument, context: Context) -> list[RedemptionDocument]:
    asked = [context.redemptions.load(redemption["id"]) for redemption in purchase["redemptions"]]
    return [found for future in asked if (found := await future) is not None]


@strawberry.type(description="A sale.")
class Purchase(Node):
    """Source: a stored purchase."""

    id: strawberry.ID = says("Id of the sale.", key="_id")
    store: Store = says("Where.", load=_store)
    till_id: str = says("The till that rang it up.", key="till")
    receipt_number: str = says("Number on the receipt.")
    business_date: Date = says("The store's calendar day.")
    occurred_at: DateTime = says("When it was rung up.")
    received_at: DateTime = says("When the service got it; later than that for sales rung up offline.")
    member: MemberRef | None = says(
        "Who bought; null for anonymous sales, and for callers who may not see the member.", load=_member
    )
    lines: list[PurchaseLine] = says("What was sold.", read=_lines)
    total: Money = says("What was paid, with the part that points paid.", read=_total)
    paid_with_points: PaidWithPoints | None = says(
        "What of it was paid with points, which earned nothing; null when nothing was.",
        read=lambda purchase: paid_view(purchase.get("paid_with_points"), purchase["currency"]),
    )
    earned: Points = says("Points earned.")
    explanation: Explanation = says("Why these points.", read=whole_explanation)
    returns: list["Return"] = says("What came back, oldest first.", read=_returns)
    redemptions: list[RedemptionRef] = says("Rewards handed over with it.", load=_redemptions)
    deferred: bool = says("True when it was rung up while the line was down.")


@strawberry.type(description="Goods of one sale that came back.")
class Return(Node):
    """Source: a ReturnView."""

    id: strawberry.ID = says("Id of the return.", read=lambda view: view.id)
    purchase: Purchase = says("The sale.")
    receipt_number: str = says(
        "Number on the receipt of the return.", read=lambda view: view.returned["receipt_number"]
    )
    occurred_at: DateTime = says("When it was taken back.", read=lambda view: view.returned["occurred_at"])
    lines: list[ReturnLine] = says("What came back.", read=_returned_lines)
    reversed: Points = says("Points taken back.", read=lambda view: view.returned["reversed"])
    points_back: PaidWithPoints | None = says(
        "What of it had been paid with points and was given back in points; null when nothing had.",
        read=lambda view: paid_view(view.returned.get("points_back"), view.purchase["currency"]),
    )
    total: Money = says(
        "What it was sold for.", read=lambda view: Amount(view.returned["total"], view.purchase["currency"])
    )


PurchaseConnection = Connection[Purchase]


@strawberry.type(description="What the till prints about points.")
class Receipt:
    """Source: a Receipt of the purchase service."""

    points_before: Points | None = says("Active points before; null for an anonymous sale.")
    points_earned: Points = says("Earned; negative after a return.")
    points_used: Points = says("Spent on rewards handed over and on paying; negative when a return gave some back.")
    points_after: Points | None = says("Active points after; null for an anonymous sale.")
    lines: list[str] = says("Lines of text to print.")
