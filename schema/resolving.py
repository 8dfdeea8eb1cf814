"""`node(id)`: any object by its id, as far as the caller may see it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from schema.context import Context
from schema.nodes import type_of_id
from schema.purchases.types import ReturnView

Find = Callable[[Context, str], Awaitable[object | None]]


async def node_of(context: Context, identity: str) -> object | None:
    """The document behind an id; None for what does not exist, or is not the caller's to see."""
    find = _FINDERS.get(type_of_id(identity) or "")
    return await find(context, identity) if find else None


async def _member(context: Context, identity: str) -> object | None:
    return await context.members.load(identity) if context.sees_member(identity) else None


async def _activity(context: Context, identity: str) -> object | None:
    entry = await context.services.ledger.entry_by_id(identity.removeprefix("ent_"))
    return entry if entry and await _sees(context, entry["account"]) else None


async def _purchase(context: Context, identity: str) -> object | None:
    purchase = await context.purchases.load(identity)
    return purchase if purchase and await _sees(context, purchase["member"]) else None


async def _return(context: Context, identity: str) -> object | None:
    found = await context.services.purchases.by_return(identity)
    return ReturnView(found[1], found[0]) if found and await _sees(context, found[0]["member"]) else None


async def _redemption(context: Context, identity: str) -> object | None:
    redemption = await context.redemptions.load(identity)
    return redemption if redemption and await _sees(context, redemption["member"]) else None


async def _reward(context: Context, identity: str) -> object | None:
    return await context.rewards.load(identity)


async def _product(context: Context, identity: str) -> object | None:
    return None if context.access.kind == "anonymous" else await context.products.load(identity)


async def _store(context: Context, identity: str) -> object | None:
    return None if context.access.kind == "anonymous" else await context.stores.load(identity)


async def _till(context: Context, identity: str) -> object | None:
    mine = context.access.till_id == identity
    return await context.services.auth.tills.by_id(identity) if mine else None


async def _session(context: Context, identity: str) -> object | None:
    access, auth = context.access, context.services.auth
    if access.subject is None or not access.may("sessions:manage"):
        return None
    mine = [*await auth.sessions.open_of(access.subject), *await auth.grants.of_identity(access.subject)]
    return next((session for session in mine if session["_id"] == identity), None)


async def _method(context: Context, identity: str) -> object | None:
    access = context.access
    if access.subject is None or not access.may("sessions:manage"):
        return None
    mine = await context.services.auth.identities.methods_of(access.subject)
    return next((method for method in mine if method["_id"] == identity), None)


async def _device(context: Context, identity: str) -> object | None:
    if context.access.member_id is None:
        return None
    mine = await context.services.cards.devices(context.access.member_id)
    return next((device for device in mine if device["_id"] == identity), None)


async def _sees(context: Context, member_id: str | None) -> bool:
    """Whether the caller sees a member, or the member's sales before a merge: those of the caller's aliases."""
    if context.sees_member(member_id):
        return True
    if member_id is None or context.access.member_id is None:
        return False
    return member_id in await context.services.members.aliases(context.access.member_id)


_FINDERS: Final[Mapping[str, Find]] = {
    "Member": _member,
    "Activity": _activity,
    "Purchase": _purchase,
    "Return": _return,
    "Redemption": _redemption,
    "Reward": _reward,
    "Product": _product,
    "Store": _store,
    "Till": _till,
    "Session": _session,
    "SignInMethod": _method,
    "CardDevice": _device,
}
