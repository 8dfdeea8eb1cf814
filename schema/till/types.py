"""A till, and as much of a member as a scan's trust lets it see."""

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry

from app.ledger.models import Balance as LedgerBalance
from app.members.models import Member as MemberDocument
from app.products.models import Product as ProductDocument
from app.purchases.models import Purchase as PurchaseDocument
from app.rewards.models import Redemption as RedemptionDocument
from auth.clients.models import ClientDocument
from schema.connections import After, First, Page, page_size
from schema.context import Context
from schema.fields import field, means, says, value
from schema.ledger import Balance, BalanceView
from schema.nodes import Node
from schema.products import Product, ProductConnection
from schema.purchases.types import Purchase
from schema.rewards.catalog import affordable_rewards, ready_redemptions
from schema.rewards.types import Redemption
from schema.scalars import Date
from schema.scopes import needs
from schema.stores import Store
from schema.wallet.types import card_of

Info = strawberry.Info[Context]


async def _store(till: ClientDocument, context: Context) -> object:
    return await context.stores.load(till["store_id"])


@strawberry.type(description="A till as it sees itself.")
class Till(Node):
    """Source: a stored client of kind till."""

    id: strawberry.ID = says("Id of the till.", key="_id")
    name: str = says("Name for people.")
    store: Store = says("Where it stands.", load=_store)

    @field(
        "Products by the beginnings of words, a barcode or a SKU; what is bought most comes first.",
        kind=ProductConnection,
        directives=needs("till:earn"),
    )
    async def products(
        self: Any, info: Info, search: Annotated[str, means("What was typed.")], first: First = 20, after: After = None
    ) -> Page:
        """A page of the catalogue."""
        found = await info.context.services.products.search(search, page_size(first), after)
        return Page(found.products, found.cursors, found.has_next, after is not None)

    @field(
        "The whole catalogue, what is bought most first: for a till to keep what it will need while the line is down.",
        kind=ProductConnection,
        directives=needs("till:earn"),
    )
    async def catalogue(self: Any, info: Info, first: First = 20, after: After = None) -> Page:
        """A page of it."""
        found = await info.context.services.products.catalogue(page_size(first), after)
        return Page(found.products, found.cursors, found.has_next, after is not None)

    @field("The product of a barcode as scanned.", kind=Product | None, directives=needs("till:earn"))
    async def product_by_barcode(
        self: Any, info: Info, barcode: Annotated[str, means("As scanned: EAN-8, UPC-A, EAN-13 or GTIN-14.")]
    ) -> ProductDocument | None:
        """One product."""
        return await info.context.services.products.by_barcode(barcode)

    @field(
        "A sale of this till's store by its receipt number; without a day the latest.",
        kind=Purchase | None,
        directives=needs("till:reverse"),
    )
    async def purchase(
        self: Any,
        info: Info,
        receipt_number: Annotated[str, means("Number on the receipt.")],
        business_date: Annotated[Date | None, means("The store's calendar day.")] = None,
    ) -> PurchaseDocument | None:
        """One sale of the same store."""
        day: date | None = business_date
        found = await info.context.services.purchases.by_receipt(
            receipt_number, store=self["store_id"], business_date=day, first=1
        )
        return next(iter(found), None)

    @field("What this till sent in last, newest first.", kind=list[Purchase], directives=needs("till:earn"))
    async def recent_purchases(self: Any, info: Info, first: First = 20) -> list[PurchaseDocument]:
        """The till's own sales."""
        return await info.context.services.purchases.recent(self["_id"], page_size(first))


@strawberry.enum(description="What a scan came to.")
class CardVerdict(Enum):
    """As the wallet answers."""

    FRESH = value("FRESH", "Good.")
    STALE = value("STALE", "The code is too old: ask for the one on the screen now.")
    CLOCK_AHEAD = value("CLOCK_AHEAD", "The phone's clock is ahead.")
    REPLAY = value("REPLAY", "This very code was used before.")
    MALFORMED = value("MALFORMED", "Not one of our codes, or misread.")
    UNKNOWN = value("UNKNOWN", "Nobody has this card.")
    REVOKED = value("REVOKED", "The phone or code was removed from the card.")
    BLOCKED = value("BLOCKED", "The card is blocked.")
    REPLACED = value("REPLACED", "Another card number took its place.")
    WRONG_PROGRAMME = value("WRONG_PROGRAMME", "A card of another programme.")
    LOCKED = value("LOCKED", "Too many wrong tries: locked for a while.")


@strawberry.enum(description="What kind of proof a code is.")
class CardTrust(Enum):
    """As the wallet answers."""

    ROTATING = value("ROTATING", "A fresh code from the member's phone.")
    TOTP = value("TOTP", "A fresh code from a Google pass.")
    STATIC = value("STATIC", "A printed code or an Apple pass.")
    NUMBER = value("NUMBER", "The plain card number.")


@dataclass(frozen=True, slots=True)
class TillMemberView:
    """A member and what the till may see of it; `balance` None where it may not."""

    member: MemberDocument
    balance: LedgerBalance | None
    may_redeem: bool


def _first_name(view: TillMemberView) -> str:
    return view.member["given_name"] or view.member["display_name"].split()[0]


async def _tier_name(view: TillMemberView, context: Context) -> str | None:
    if view.balance is None:
        return None
    return (await context.services.tiers.standing(view.balance, context.now)).tier["name"]


def _balance(view: TillMemberView, context: Context) -> BalanceView | None:
    return None if view.balance is None else BalanceView(view.balance, context.now)


async def _ready(view: TillMemberView, context: Context) -> list[RedemptionDocument]:
    return await ready_redemptions(context, view.member) if view.may_redeem else []


async def _affordable(view: TillMemberView, context: Context) -> int | None:
    return None if view.balance is None else await affordable_rewards(context, view.member)


@strawberry.type(description="As much of a member as the scan's trust lets the till see.")
class TillMember:
    """Source: a TillMemberView."""

    first_name: str = says("What to call the member.", read=_first_name)
    tier_name: str | None = says("The tier, where the trust allows.", load=_tier_name)
    balance: Balance | None = says("Points, where the trust allows.", load=_balance)
    card_number_ending: str = says(
        "Last four digits of the card number.", read=lambda view: card_of(view.member).number[-4:]
    )
    ready_redemptions: list[Redemption] = says("Reservations to hand over, where the trust allows.", load=_ready)
    affordable_rewards: int | None = says("How many rewards the member could have now.", load=_affordable)
    unclaimed: bool = says(
        "True when the member has not signed in yet: earns, and redeems after claiming.",
        read=lambda view: view.member["status"] == "unclaimed",
    )
