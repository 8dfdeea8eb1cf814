"""A member, and everything that hangs off one."""

from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from app.members.models import Member as MemberDocument
from app.stores.models import Store as StoreDocument
from app.tiers.models import Standing
from auth.identities.models import MethodDocument
from schema.auth.types import AnySession, SecurityEventConnection, Session, SignInMethod, events_page, sessions_of
from schema.connections import After, First, Page, key_of, page_of, page_size
from schema.context import Context
from schema.fields import field, means, says, value
from schema.ledger import ActivityConnection, Balance, BalanceView, EntryKind, stored_kinds
from schema.nodes import Node
from schema.purchases.types import PurchaseConnection
from schema.rewards.catalog import catalog_page, redemption_page
from schema.rewards.types import RedemptionConnection, RedemptionStatus, RewardConnection
from schema.scalars import Date, DateTime
from schema.scopes import needs
from schema.stores import Store
from schema.tiers import TierStanding
from schema.wallet.types import Card, card_of

Info = strawberry.Info[Context]


@strawberry.enum(description="Where a membership stands.")
class MemberStatus(Enum):
    """As stored."""

    ACTIVE = value("active", "Earns and redeems.")
    UNCLAIMED = value("unclaimed", "Enrolled at a till: earns at once, redeems after claiming by signing in.")
    MERGED = value("merged", "Merged into another membership, which has its points.")
    CLOSED = value("closed", "Ended.")


@strawberry.enum(description="A way to reach somebody.")
class ContactKind(Enum):
    """Names of the kinds."""

    EMAIL = value("EMAIL", "An e-mail address.")
    PHONE = value("PHONE", "A telephone number, E.164.")


@strawberry.type(description="An address or number of a member.")
class Contact:
    """Source: a dict made here."""

    kind: ContactKind = says("What it is.")
    value: str = says("The address or number.")
    verified: bool = says("Whether the member proved that it is theirs.")


def _contacts(member: MemberDocument) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    if member["email"]:
        found.append({"kind": "EMAIL", "value": member["email"], "verified": member["email_verified"]})
    if member["phone"]:
        found.append({"kind": "PHONE", "value": member["phone"], "verified": member["phone_verified"]})
    return found


async def _joined_at_store(member: MemberDocument, context: Context) -> StoreDocument | None:
    return await context.stores.load(member["joined_store"]) if member["joined_store"] else None


async def _balance(member: MemberDocument, context: Context) -> BalanceView:
    return BalanceView(await context.balance(member["_id"]), context.now)


async def _standing(member: MemberDocument, context: Context) -> Standing:
    return await context.services.tiers.standing(await context.balance(member["_id"]), context.now)


async def _sessions(member: MemberDocument, context: Context) -> list[AnySession]:
    return await sessions_of(member["identity_id"], context)


async def _methods(member: MemberDocument, context: Context) -> list[MethodDocument]:
    if member["identity_id"] is None:
        return []
    return await context.services.auth.identities.methods_of(member["identity_id"])


@strawberry.type(description="Somebody who collects points.")
class Member(Node):
    """Source: a stored member."""

    id: strawberry.ID = says("Id of the member.", key="_id")
    display_name: str = says("Name shown on the card and at the till.")
    given_name: str | None = says("First name.")
    family_name: str | None = says("Family name.")
    status: MemberStatus = says("Where the membership stands.")
    joined_at: DateTime = says("When it began.")
    joined_at_store: Store | None = says("The store that enrolled the member.", load=_joined_at_store)
    contacts: list[Contact] = says("How to reach the member.", read=_contacts)
    language: str = says("BCP 47 tag; one of the programme's.")
    birthday: Date | None = says("Day of birth, where the member told it.")
    card: Card = says("The card.", read=card_of)
    balance: Balance = says("Points now.", load=_balance)
    standing: TierStanding = says("Tier now.", load=_standing)
    sessions: list[Session] = says(
        "Where the member is signed in, the last seen first.", load=_sessions, directives=needs("sessions:manage")
    )
    sign_in_methods: list[SignInMethod] = says(
        "How the member signs in, oldest first.", load=_methods, directives=needs("sessions:manage")
    )

    @field("The balance at an instant as it was known at another; both default to now.", kind=Balance)
    async def balance_as_of(
        self: Any,
        info: Info,
        at: Annotated[DateTime | None, means("The instant to look at.")] = None,
        known_at: Annotated[DateTime | None, means("The instant at which it was known.")] = None,
    ) -> BalanceView:
        """Bitemporal balance."""
        context = info.context
        now = context.now
        instant, known = min(at or now, now), min(known_at or now, now)
        balance = await context.services.ledger.balance_as_of(self["_id"], instant, known)
        return BalanceView(balance, instant)

    @field("Ledger entries, newest first.", kind=ActivityConnection)
    async def activity(
        self: Any,
        info: Info,
        first: First = 20,
        after: After = None,
        kinds: Annotated[list[EntryKind] | None, means("These kinds only.")] = None,
    ) -> Page:
        """A page of the statement."""
        size = page_size(first)
        key = key_of("activity", after, int)
        wanted = stored_kinds(kinds) if kinds else None
        found = await info.context.services.ledger.entries(
            self["_id"], before=key[0] if key else None, first=size + 1, kinds=wanted
        )
        return page_of(found, size, after, "activity", lambda entry: (entry["seq"],))

    @field("Sales, latest first.", kind=PurchaseConnection)
    async def purchases(self: Any, info: Info, first: First = 20, after: After = None) -> Page:
        """A page of the member's sales, and of those merged into the member."""
        size = page_size(first)
        key = key_of("purchases", after, datetime, str)
        services = info.context.services
        everybody = [self["_id"], *await services.members.aliases(self["_id"])]
        found = await services.purchases.of_member(everybody, size + 1, (key[0], key[1]) if key else None)
        return page_of(found, size, after, "purchases", lambda purchase: (purchase["occurred_at"], purchase["_id"]))

    @field("The catalogue of rewards; eligibility is of the signed-in member.", kind=RewardConnection)
    async def rewards(self: Any, info: Info, first: First = 50, after: After = None) -> Page:
        """A page of the catalogue."""
        return await catalog_page(info.context, first, after)

    @field("Redemptions, newest first.", kind=RedemptionConnection)
    async def redemptions(
        self: Any,
        info: Info,
        first: First = 20,
        after: After = None,
        status: Annotated[list[RedemptionStatus] | None, means("Of these only.")] = None,
    ) -> Page:
        """A page of the member's redemptions."""
        return await redemption_page(info.context, self["_id"], first, after, [each.value for each in status or ()])

    @field(
        "What happened to the account, newest first.",
        kind=SecurityEventConnection,
        directives=needs("sessions:manage"),
    )
    async def security_events(self: Any, info: Info, first: First = 20, after: After = None) -> Page:
        """A page of security events."""
        return await events_page(info.context, self["identity_id"], first, after)
