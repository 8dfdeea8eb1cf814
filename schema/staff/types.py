"""What the console shows."""

from dataclasses import replace
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from app.members.models import Member as MemberDocument
from app.purchases.models import Purchase as PurchaseDocument
from app.stores.models import Store as StoreDocument
from auth.access import Access
from auth.clients.models import ClientDocument
from auth.identities.staff import StaffMember as StaffPerson
from schema.auth.types import SecurityEventConnection, Session, SignInMethod, events_page
from schema.connections import After, First, Page, PageInfo, page_size
from schema.context import Context
from schema.fields import field, means, says, value
from schema.ledger import Activity, Balance
from schema.members.types import Member
from schema.purchases.types import Purchase, Return
from schema.rewards.types import Redemption
from schema.scalars import Date, DateTime, Points
from schema.scopes import needs
from schema.staff.actors import Actor, ActorView, actor_of
from schema.staff.colleagues import StaffMember, own_methods, own_sessions, people_of, person_of
from schema.staff.finding import search_page
from schema.staff.overview import Overview, overview_of
from schema.staff.previews import (
    BalanceChangeView,
    MergeView,
    adjustment_preview,
    merge_preview,
    reversal_preview,
)
from schema.staff.timeline import Event, timeline_page
from schema.staff.uniting import MergeRequestConnection, requests_page
from schema.stores import Store

Info = strawberry.Info[Context]


@strawberry.type(description="A member found, and by what.")
class MemberSearchEdge:
    """Source: (cursor, Hit)."""

    cursor: str = says("Opaque place of this item; good for this list only.", read=lambda edge: edge[0])
    node: Member = says("The member that remains, where the one found was merged.", read=lambda edge: edge[1].member)
    matched_on: str = says(
        "NAME, EMAIL, PHONE, CARD_NUMBER, MEMBER_ID, RECEIPT, PURCHASE, RETURN, REDEMPTION or OPERATION.",
        read=lambda edge: edge[1].matched_on,
    )


@strawberry.type(description="One page of members found.")
class MemberSearchConnection:
    """Source: a Page of Hits."""

    edges: list[MemberSearchEdge] = says("The members with what they were found by.", read=lambda page: page.edges)
    nodes: list[Member] = says("The members.", read=lambda page: [hit.member for hit in page.items])
    page_info: PageInfo = says("Where this page stands.", read=lambda page: page)


@strawberry.enum(description="Which room of the service an event is from.")
class TimelineKind(Enum):
    """Names of the kinds."""

    POINTS = value("POINTS", "A ledger entry.")
    PURCHASE = value("PURCHASE", "A sale.")
    RETURN = value("RETURN", "Something that came back of a sale.")
    REDEMPTION = value("REDEMPTION", "A reward reserved.")
    SECURITY = value("SECURITY", "Sign-in and its methods.")
    MESSAGE = value("MESSAGE", "A mail to the member.")
    PROFILE = value("PROFILE", "Joining, profile and card.")
    MERGE = value("MERGE", "A merge, its undoing, or what a second person was asked.")


async def _purchase(event: Event, context: Context) -> PurchaseDocument | None:
    if event.purchase is not None:
        return event.purchase
    if event.returned is not None:
        return event.returned.purchase
    reference = event.activity["reason"].get("reference", {}) if event.activity else {}
    return await context.purchases.load(reference["purchase"]) if "purchase" in reference else None


async def _by(event: Event, context: Context) -> ActorView | None:
    if event.actor is None:
        return None
    actor = await actor_of(event.actor, context)
    if actor.kind == "TILL" and actor.store_id is None and (purchase := await _purchase(event, context)) is not None:
        return replace(actor, store_id=purchase["store"])
    return actor


@strawberry.type(description="One thing that happened, whatever room it happened in.")
class TimelineEvent:
    """Source: an Event."""

    id: strawberry.ID = says("Id of what happened; unique in the timeline together with `kind`.")
    kind: TimelineKind = says("Which room it is from.")
    at: DateTime = says("When.")
    title: str = says("A few words.")
    detail: str | None = says("A sentence more.")
    actor: str | None = says("Who did it, `kind:id`.")
    by: Actor | None = says("Who did it, by name.", load=_by)
    points: Points | None = says("Points that it gave or took, where it did.")
    activity: Activity | None = says("The entry, for POINTS.")
    purchase: Purchase | None = says("The sale that it is about.", load=_purchase)
    return_: Return | None = says("The return, for RETURN.", name="return", key="returned")
    redemption: Redemption | None = says("The redemption, for REDEMPTION.")


@strawberry.type(description="An event with its place in the list.")
class TimelineEdge:
    """Source: (cursor, Event)."""

    cursor: str = says("Opaque place of this item; good for this list only.", read=lambda edge: edge[0])
    node: TimelineEvent = says("The event.", read=lambda edge: edge[1])


@strawberry.type(description="One page of a member's history, newest first.")
class TimelineConnection:
    """Source: a Page of Events."""

    edges: list[TimelineEdge] = says("The events with their cursors.", read=lambda page: page.edges)
    nodes: list[TimelineEvent] = says("The events.", read=lambda page: page.items)
    page_info: PageInfo = says("Where this page stands.", read=lambda page: page)


@strawberry.type(description="What is left of a lot before and after.")
class LotChange:
    """Source: a LotChangeView."""

    lot_id: strawberry.ID = says("The lot.")
    expires_at: DateTime | None = says("When its points lapse; null = never.")
    before: Points = says("Usable points in it as it is.")
    after: Points = says("Usable points in it as it would be.")


@strawberry.type(description="A balance before and after.")
class BalanceChange:
    """Source: a BalanceChangeView."""

    before: Balance = says("As it is.")
    after: Balance = says("As it would be.")
    lots: list[LotChange] = says("The lots that would change, soonest to expire first.")


@strawberry.type(description="What a merge would come to.")
class MergePreview:
    """Source: a MergeView."""

    survivor: Member = says("The member that would remain.")
    merged: Member = says("The member that would be merged into it.")
    after: Balance = says("The balance that would remain.")


async def _till_store(till: ClientDocument, context: Context) -> StoreDocument | None:
    return await context.stores.load(till["store_id"])


@strawberry.type(description="A till as the console lists it.")
class TillRecord:
    """Source: a stored client of kind till."""

    id: strawberry.ID = says("Id of the till.", key="_id")
    name: str = says("Name for people.")
    store: Store = says("Where it stands.", load=_till_store)
    status: str = says("`active` or `disabled`.")
    paired_at: DateTime | None = says("When it was paired.", key="created_at")
    last_seen_at: DateTime | None = says("When it was last heard of, to a minute.")


@strawberry.type(description="One day of the programme.")
class DayTotals:
    """Source: a DayFigures."""

    day: Date = says("The business day.")
    earned: Points = says("Points earned by its sales.")
    redeemed: Points = says("Points spent on it.")
    purchases: int = says("Sales.")


@strawberry.type(description="The programme in figures; the points are of the latest minute or so.")
class ProgrammeOverview:
    """Source: an Overview."""

    members: int = says("Members, closed and merged ones not counted.")
    members_this_week: int = says("Of these, joined within the last seven days.")
    purchases_today: int = says("Sales of the present business day.")
    issued: Points = says("Points ever given.")
    active: Points = says("Points usable now.")
    pending: Points = says("Points usable later.")
    reserved: Points = says("Points set aside for rewards.")
    redeemed: Points = says("Points ever spent.")
    expired: Points = says("Points ever lapsed.")
    per_day: list[DayTotals] = says(
        "The last 30 days, oldest first; days on which nothing was sold or spent are left out."
    )


async def _name(access: Access, context: Context) -> str:
    identity = await context.services.auth.identities.by_id(str(access.subject))
    return (identity["name"] if identity else None) or ""


async def _email(access: Access, context: Context) -> str:
    return await context.services.auth.identities.email_of(str(access.subject)) or ""


async def _merge_requests(_access: Access, context: Context) -> int:
    return await context.services.members.merge_request_count()


async def _overview(_access: Access, context: Context) -> Overview:
    return await overview_of(context)


@strawberry.type(description="The signed-in member of the staff, and everything that the console may do.")
class Staff:
    """Source: the Access itself."""

    id: strawberry.ID = says("Id of the identity.", key="subject")
    name: str = says("Name.", load=_name)
    email: str = says("Address that signs in.", load=_email)
    roles: list[str] = says("Roles held.")
    scopes: list[str] = says("What the roles allow.", read=lambda access: sorted(access.scopes))
    people: list[StaffMember] = says("Everybody of the staff, by name.", load=people_of, directives=needs("audit:read"))
    sessions: list[Session] = says(
        "Where this person is signed in, the last seen first.", load=own_sessions, directives=needs("account:manage")
    )
    sign_in_methods: list[SignInMethod] = says(
        "How this person signs in, oldest first.", load=own_methods, directives=needs("account:manage")
    )
    overview: ProgrammeOverview = says("The programme in figures.", load=_overview, directives=needs("support:read"))

    merge_request_count: int = says(
        "How many merges wait for a second person.", load=_merge_requests, directives=needs("support:merge")
    )

    @field(
        "By name, e-mail, phone, card number, receipt number or operation id.",
        kind=MemberSearchConnection,
        directives=needs("support:read"),
    )
    async def members(
        self: Any,
        info: Info,
        search: Annotated[str, means("What the agent has at hand.")],
        first: First = 20,
        after: After = None,
    ) -> Page:
        """A page of hits."""
        return await search_page(info.context, search, page_size(first), after)

    @field("One member.", kind=Member | None, directives=needs("support:read"))
    async def member(
        self: Any,
        info: Info,
        id: Annotated[strawberry.ID, means("Id of the member.")],  # noqa: A002 -- its name in the API
    ) -> MemberDocument | None:
        """By id, merged or not."""
        return await info.context.members.load(str(id))

    @field("Somebody of the staff.", kind=StaffMember | None, directives=needs("audit:read"))
    async def person(
        self: Any,
        info: Info,
        id: Annotated[strawberry.ID, means("Id of the identity.")],  # noqa: A002 -- its name in the API
    ) -> tuple[StaffPerson, datetime | None] | None:
        """By id."""
        return await person_of(info.context, str(id))

    @field(
        "Everything that happened to a member, whatever room it happened in, newest first.",
        kind=TimelineConnection,
        directives=needs("support:read"),
    )
    async def timeline(
        self: Any,
        info: Info,
        member_id: Annotated[strawberry.ID, means("Whose history.")],
        first: First = 50,
        after: After = None,
        kinds: Annotated[list[TimelineKind] | None, means("These kinds only.")] = None,
    ) -> Page:
        """A page of the history; empty for an unknown member."""
        member = await info.context.members.load(str(member_id))
        if member is None:
            return Page()
        wanted = [kind.value for kind in kinds] if kinds else None
        return await timeline_page(info.context, member, page_size(first), after, wanted)

    @field("What an adjustment would do, without doing it.", kind=BalanceChange, directives=needs("support:adjust"))
    async def adjustment_preview(
        self: Any,
        info: Info,
        member_id: Annotated[strawberry.ID, means("Whose balance.")],
        points: Annotated[Points, means("To give, or to take when negative.")],
    ) -> BalanceChangeView:
        """Before and after."""
        return await adjustment_preview(info.context, str(member_id), points)

    @field(
        "What taking an entry back would do, without doing it.",
        kind=BalanceChange,
        directives=needs("support:adjust"),
    )
    async def reversal_preview(
        self: Any,
        info: Info,
        member_id: Annotated[strawberry.ID, means("Whose entry.")],
        entry_id: Annotated[strawberry.ID, means("The entry.")],
        points: Annotated[
            Points | None, means("How much shall have been taken back in all; everything when left out.")
        ] = None,
    ) -> BalanceChangeView:
        """Before and after."""
        return await reversal_preview(info.context, str(member_id), str(entry_id), points)

    @field("What a merge would come to.", kind=MergePreview, directives=needs("support:merge"))
    async def merge_preview(
        self: Any,
        info: Info,
        survivor_id: Annotated[strawberry.ID, means("Who would remain.")],
        merged_id: Annotated[strawberry.ID, means("Who would be merged into it.")],
    ) -> MergeView:
        """Both members and the balance that would remain."""
        return await merge_preview(info.context, str(survivor_id), str(merged_id))

    @field(
        "Merges that wait for a second person, the longest waiting first.",
        kind=MergeRequestConnection,
        directives=needs("support:merge"),
    )
    async def merge_requests(
        self: Any,
        info: Info,
        first: First = 20,
        after: After = None,
        member_id: Annotated[strawberry.ID | None, means("Those about this member only.")] = None,
    ) -> Page:
        """A page of open requests."""
        return await requests_page(info.context, str(member_id) if member_id else None, first, after)

    @field(
        "What happened to the own account, newest first.",
        kind=SecurityEventConnection,
        directives=needs("account:manage"),
    )
    async def security_events(self: Any, info: Info, first: First = 20, after: After = None) -> Page:
        """A page of security events."""
        return await events_page(info.context, self.subject, first, after)

    @field("The newest tills, disabled ones too.", kind=list[TillRecord], directives=needs("till:manage"))
    async def tills(self: Any, info: Info, first: First = 50) -> list[ClientDocument]:
        """Paired tills."""
        return await info.context.services.auth.tills.newest(page_size(first))

    @field(
        "Stores in order of name, all or those whose words begin so.",
        kind=list[Store],
        directives=needs("support:read"),
    )
    async def stores(
        self: Any,
        info: Info,
        search: Annotated[str | None, means("Beginnings of words of name, city or number.")] = None,
        first: First = 50,
    ) -> list[StoreDocument]:
        """Stores."""
        return await info.context.services.stores.search(search, page_size(first))
