"""The roots of the API: every field that a request can begin with, and whom it is open to."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

import strawberry

from app.members.models import Member as MemberDocument
from app.programme.models import Programme as ProgrammeDocument
from auth.access import Access
from auth.clients.models import ClientDocument
from schema.auth import mutations as auth
from schema.build import build
from schema.changes import MemberChange, member_changes
from schema.connections import After, First, Page
from schema.context import Context
from schema.fields import field, means, says, subscription
from schema.members import mutations as members
from schema.members.types import Member
from schema.nodes import Node
from schema.programme import Programme
from schema.purchases import mutations as purchases
from schema.resolving import node_of
from schema.rewards import mutations as rewards
from schema.rewards.catalog import catalog_page
from schema.rewards.types import RewardConnection
from schema.scalars import DateTime
from schema.scopes import PUBLIC, needs
from schema.staff import accounts, people, tills, uniting
from schema.staff import mutations as support
from schema.staff.types import Staff
from schema.till import mutations as till
from schema.till.types import Till
from schema.wallet import mutations as wallet

Info = strawberry.Info[Context]


def _server_time(_root: None, context: Context) -> datetime:
    return context.now


def _programme(_root: None, context: Context) -> ProgrammeDocument:
    return context.services.programme


async def _viewer(_root: None, context: Context) -> MemberDocument | None:
    return await context.own_member()


async def _till(_root: None, context: Context) -> ClientDocument | None:
    till_id = context.access.till_id
    return await context.services.auth.tills.by_id(till_id) if till_id else None


def _staff(_root: None, context: Context) -> Access | None:
    return context.access if context.access.kind == "staff" else None


@strawberry.type(description="Everything that can be read.")
class Query:
    """Source: nothing."""

    server_time: DateTime = says("Now, for clocks that may be wrong.", load=_server_time, directives=PUBLIC)
    programme: Programme = says("The programme that this service runs.", load=_programme, directives=PUBLIC)
    viewer: Member | None = says(
        "The signed-in member; null when this identity has not joined the programme yet.",
        load=_viewer,
        directives=needs("member:read"),
    )
    till: Till | None = says("The till behind the token.", load=_till, directives=needs("till:identify"))
    staff: Staff | None = says("The staff member behind the session.", load=_staff, directives=needs("support:read"))

    @field("Resolves only what the caller may see; null otherwise.", kind=Node | None, directives=PUBLIC)
    async def node(self: Any, info: Info, id: Annotated[strawberry.ID, means("Id of the object.")]) -> object | None:  # noqa: A002 -- its name in the API
        """Any object."""
        return await node_of(info.context, str(id))

    @field("The rewards anybody may look at before joining.", kind=RewardConnection, directives=PUBLIC)
    async def rewards(self: Any, info: Info, first: First = 20, after: After = None) -> Page:
        """A page of the catalogue."""
        return await catalog_page(info.context, first, after)


@strawberry.type(description="Everything that can be done.")
class Mutation:
    """Source: nothing."""

    member_join = members.member_join
    member_update = members.member_update
    card_device_register = wallet.card_device_register
    card_device_revoke = wallet.card_device_revoke
    reward_reserve = rewards.reward_reserve
    redemption_cancel = rewards.redemption_cancel
    session_end = auth.session_end
    session_end_others = auth.session_end_others
    sign_in_method_remove = auth.sign_in_method_remove

    card_identify = till.card_identify
    member_enrol = till.member_enrol
    purchase_preview = purchases.purchase_preview
    purchase_record = purchases.purchase_record
    purchase_return = purchases.purchase_return
    redemption_confirm = rewards.redemption_confirm

    points_adjust = support.points_adjust
    entry_reverse = support.entry_reverse
    member_merge = uniting.member_merge
    member_merge_approve = uniting.member_merge_approve
    member_merge_decline = uniting.member_merge_decline
    member_unmerge = uniting.member_unmerge
    member_sessions_end = accounts.member_sessions_end
    member_passkey_remove = accounts.member_passkey_remove
    card_replace = support.card_replace
    till_pairing_create = tills.till_pairing_create
    till_disable = tills.till_disable
    staff_add = people.staff_add
    staff_roles_set = people.staff_roles_set
    staff_disable = people.staff_disable
    staff_enable = people.staff_enable
    staff_passkey_remove = people.staff_passkey_remove


@strawberry.type(description="Everything that can be listened to.")
class Subscription:
    """Source: nothing."""

    @subscription(
        "The member's balance, tier, redemptions or profile changed; carries the new state. "
        "The first message comes at once.",
        kind=MemberChange,
        directives=needs("member:read"),
    )
    async def member_changed(self, info: Info) -> AsyncIterator[dict[str, Any]]:
        """Changes of the signed-in member."""
        async for change in member_changes(info.context):
            yield change


def build_schema() -> strawberry.Schema:
    """The whole API."""
    return build(Query, Mutation, Subscription)
