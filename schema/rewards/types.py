"""Rewards, who can have them, and redemptions."""

from enum import Enum

import strawberry

from app.purchases.models import Purchase as PurchaseDocument
from app.rewards.models import Eligibility as RewardEligibility
from app.rewards.models import Redemption as RedemptionDocument
from app.rewards.models import Reward as RewardDocument
from schema.connections import Connection
from schema.context import Context
from schema.fields import says, value
from schema.money import Amount, Money
from schema.nodes import Node
from schema.products import Product
from schema.refs import PurchaseRef
from schema.scalars import DateTime, Points


@strawberry.enum(description="What a reward gives.")
class RewardKind(Enum):
    """As stored."""

    FIXED_DISCOUNT = value("FIXED_DISCOUNT", "Money off a sale.")
    PERCENT_DISCOUNT = value("PERCENT_DISCOUNT", "Per cent off a sale.")
    FREE_PRODUCT = value("FREE_PRODUCT", "A product for nothing.")
    VOUCHER_CODE = value("VOUCHER_CODE", "A code from a pool, to be used elsewhere.")


@strawberry.enum(description="Why a reward cannot be had now.")
class IneligibleReason(Enum):
    """As stored."""

    NOT_ENOUGH_POINTS = value("NOT_ENOUGH_POINTS", "Fewer active points than it costs.")
    OUT_OF_STOCK = value("OUT_OF_STOCK", "None is left.")
    MEMBER_LIMIT_REACHED = value("MEMBER_LIMIT_REACHED", "This member had as many of it as anybody may.")
    DEFICIT = value("DEFICIT", "Points taken back have to be earned again first.")
    TIER_TOO_LOW = value("TIER_TOO_LOW", "Needs a higher tier.")
    UNCLAIMED = value("UNCLAIMED", "The membership earns, but redeems only after it was claimed by signing in.")
    NOT_AVAILABLE = value("NOT_AVAILABLE", "Not offered now.")


@strawberry.type(description="Whether the signed-in member can have a reward now.")
class Eligibility:
    """Source: an Eligibility of the reward service."""

    eligible: bool = says("Whether it can be reserved now.")
    reason: IneligibleReason | None = says("Why not.")
    message: str | None = says("Why not, as a sentence.")
    points_missing: Points | None = says("How many points are missing.")


def _discount(reward: RewardDocument, context: Context) -> Amount | None:
    return None if reward["discount"] is None else Amount(reward["discount"], context.services.currency)


async def _product(reward: RewardDocument, context: Context) -> object:
    return await context.products.load(reward["product"]) if reward["product"] else None


async def _stock(reward: RewardDocument, context: Context) -> int | None:
    return await context.stock.load(reward["_id"]) if reward["limited"] else None


async def _eligibility(reward: RewardDocument, context: Context) -> RewardEligibility | None:
    return await context.eligibilities.load(reward["_id"]) if context.access.member_id else None


@strawberry.type(description="Something to have for points.")
class Reward(Node):
    """Source: a stored reward."""

    id: strawberry.ID = says("Id of the reward.", key="_id")
    kind: RewardKind = says("What it gives.")
    name: str = says("Name for people.")
    description: str = says("What it is.")
    terms: str | None = says("Small print.")
    price: Points = says("Points that it costs.")
    discount: Money | None = says("Money off, for FIXED_DISCOUNT.", load=_discount)
    percent: int | None = says("Per cent off, for PERCENT_DISCOUNT.")
    product: Product | None = says("The product, for FREE_PRODUCT.", load=_product)
    stock: int | None = says("Units left; null when unlimited.", load=_stock)
    per_member_limit: int | None = says("How many one member may have; null = any number.", key="per_member")
    available_until: DateTime | None = says("The end of the offer.")
    eligibility: Eligibility | None = says("For the signed-in member; null for anybody else.", load=_eligibility)
    glyph: str = says("Name of its picture in the set of our own front ends.")


RewardConnection = Connection[Reward]


@strawberry.enum(description="Where a redemption stands.")
class RedemptionStatus(Enum):
    """As stored."""

    RESERVED = value("RESERVED", "Points and stock are set aside; waiting for the till.")
    CONFIRMED = value("CONFIRMED", "Handed over.")
    CANCELLED = value("CANCELLED", "Called off; points and stock came back.")
    EXPIRED = value("EXPIRED", "Not fetched in time; points and stock came back.")
    REVERSED = value("REVERSED", "Given back after it was handed over.")


async def _reward(redemption: RedemptionDocument, context: Context) -> RewardDocument | None:
    return await context.rewards.load(redemption["reward"])


async def _redeemed_with(redemption: RedemptionDocument, context: Context) -> PurchaseDocument | None:
    return await context.purchases.load(redemption["purchase"]) if redemption["purchase"] else None


def _voucher_code(redemption: RedemptionDocument, context: Context) -> str | None:
    shown = redemption["status"] == "CONFIRMED" and context.is_own(redemption["member"])
    return redemption["voucher_code"] if shown else None


@strawberry.type(description="A reward on its way to a member.")
class Redemption(Node):
    """Source: a stored redemption."""

    id: strawberry.ID = says("Id of the redemption.", key="_id")
    reward: Reward = says("What is redeemed.", load=_reward)
    status: RedemptionStatus = says("Where it stands.")
    points: Points = says("What it costs; fixed when it was reserved.")
    reserved_at: DateTime = says("When it was reserved.")
    reserved_until: DateTime = says("How long the till may hand it over.")
    confirmed_at: DateTime | None = says("When it was handed over.")
    code: str = says("What the till scans for this redemption: LR and 16 characters.")
    voucher_code: str | None = says("From the pool, once confirmed, to the member only.", load=_voucher_code)
    purchase: PurchaseRef | None = says("The sale that it was handed over with.", load=_redeemed_with)


RedemptionConnection = Connection[Redemption]
