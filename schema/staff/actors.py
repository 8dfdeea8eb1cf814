"""Who did something, by name."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

import strawberry

from app.stores.models import Store as StoreDocument
from schema.context import Context
from schema.fields import says, value
from schema.stores import Store


@strawberry.enum(description="What somebody or something that acts is.")
class ActorKind(Enum):
    """Names of the kinds."""

    MEMBER = value("MEMBER", "A member.")
    TILL = value("TILL", "A till.")
    STAFF = value("STAFF", "Somebody of the staff.")
    CLIENT = value("CLIENT", "A connected app or shop.")
    SYSTEM = value("SYSTEM", "The service itself.")


@dataclass(frozen=True, slots=True)
class ActorView:
    """Who did something; `store_id` is where a till stands."""

    kind: str
    id: str | None
    name: str
    store_id: str | None = None


async def _store(actor: ActorView, context: Context) -> StoreDocument | None:
    return await context.stores.load(actor.store_id) if actor.store_id else None


@strawberry.type(description="Who did something.")
class Actor:
    """Source: an ActorView."""

    kind: ActorKind = says("What it is.")
    id: strawberry.ID | None = says(
        "Id of the member, till, identity or client; null for the service itself, and for two people together."
    )
    name: str = says("Name for people; what it is, or its id, where no name is known.")
    store: Store | None = says("Where a till stands.", load=_store)


# What the parts of the service are called that do things on their own.
_SYSTEM: Final = {
    "activation": "points unlocked in time",
    "cli": "operator",
    "demo": "demonstration data",
    "expiry": "expiry",
    "import": "import",
    "late": "late sale",
    "mail": "mail",
    "pre-hijack": "sign-in protection",
    "reservations": "reservation ran out",
    "rewards": "rewards",
    "sagas": "recovery",
}


async def actor_of(text: str, context: Context) -> ActorView:
    """The actor behind `kind:id` as entries and events keep it; names are read in batches.

    A merge that a second person approved keeps both, as `agent:<who asked>+<who approved>`.
    """
    kind, _, identity = text.partition(":")
    find = _FINDERS.get(kind)
    if find is not None and identity:
        return await find(identity, context)
    return ActorView("SYSTEM", None, _SYSTEM.get(identity or kind, identity or kind))


async def _member(member_id: str, context: Context) -> ActorView:
    member = await context.members.load(member_id)
    return ActorView("MEMBER", member_id, member["display_name"] if member else member_id)


async def _identity(identity_id: str, context: Context) -> ActorView:
    identity = await context.identities.load(identity_id)
    kind = "STAFF" if identity and identity["roles"] else "MEMBER"
    return ActorView(kind, identity_id, (identity["name"] if identity else None) or "Member")


async def _staff(identity_ids: str, context: Context) -> ActorView:
    people = [await _colleague(identity_id, context) for identity_id in identity_ids.split("+")]
    if len(people) == 1:
        return people[0]
    return ActorView("STAFF", None, ", ".join(person.name for person in people))


async def _colleague(identity_id: str, context: Context) -> ActorView:
    identity = await context.identities.load(identity_id)
    return ActorView("STAFF", identity_id, (identity["name"] if identity else None) or identity_id)


async def _till(till_id: str, context: Context) -> ActorView:
    till = await context.clients.load(till_id)
    return ActorView("TILL", till_id, till["name"] if till else "Till", till.get("store_id") if till else None)


async def _client(client_id: str, context: Context) -> ActorView:
    client = await context.clients.load(client_id)
    return ActorView("CLIENT", client_id, client["name"] if client else client_id)


async def _provider(issuer: str, _context: Context) -> ActorView:
    return ActorView("CLIENT", issuer, issuer)


_FINDERS: Final[dict[str, Callable[[str, Context], Awaitable[ActorView]]]] = {
    "member": _member,
    "identity": _identity,
    "agent": _staff,
    "till": _till,
    "client": _client,
    "provider": _provider,
}
