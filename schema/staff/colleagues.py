"""People of the staff as admins and auditors see them, and the own account of the one who asks."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from auth.access import Access
from auth.identities.errors import UnknownStaff
from auth.identities.models import MethodDocument
from auth.identities.staff import StaffMember as StaffPerson
from schema.auth.types import AnySession, SecurityEventConnection, SignInMethod, events_page, sessions_of
from schema.connections import After, First, Page
from schema.context import Context
from schema.fields import field, says, value
from schema.scalars import DateTime
from schema.scopes import needs

Info = strawberry.Info[Context]


@strawberry.enum(description="Whether somebody of the staff can sign in.")
class StaffStatus(Enum):
    """As auth names them."""

    ACTIVE = value("active", "Signed in once, or more often.")
    INVITED = value("invited", "May sign in and never did.")
    DISABLED = value("disabled", "May not sign in.")


@strawberry.type(description="Somebody of the staff.")
class StaffMember:
    """Source: auth's StaffMember, and when that person was last seen."""

    id: strawberry.ID = says("Id of the identity.", read=lambda seen: seen[0].id)
    name: str = says("Name.", read=lambda seen: seen[0].name)
    email: str = says("Address that signs in.", read=lambda seen: seen[0].email)
    roles: list[str] = says("Roles held.", read=lambda seen: seen[0].roles)
    status: StaffStatus = says("Whether the person can sign in.", read=lambda seen: seen[0].status)
    sign_in_methods: list[SignInMethod] = says(
        "How the person signs in, oldest first.", read=lambda seen: seen[0].methods
    )
    last_seen_at: DateTime | None = says("When last seen, to a few minutes; null = never.", read=lambda seen: seen[1])

    @field("What happened to the account, newest first.", kind=SecurityEventConnection, directives=needs("audit:read"))
    async def security_events(self: Any, info: Info, first: First = 20, after: After = None) -> Page:
        """A page of security events."""
        return await events_page(info.context, self[0].id, first, after)


async def people_of(_access: Access, context: Context) -> list[tuple[StaffPerson, datetime | None]]:
    """Everybody of the staff, by name, with when they were last seen."""
    people = await context.services.auth.staff.everybody()
    seen = await context.services.auth.sessions.last_seen([person.id for person in people])
    return [(person, seen.get(person.id)) for person in people]


async def person_of(context: Context, identity_id: str) -> tuple[StaffPerson, datetime | None] | None:
    """Somebody of the staff, with when they were last seen; None when there is no such person."""
    try:
        person = await context.services.auth.staff.person(identity_id)
    except UnknownStaff:
        return None
    seen = await context.services.auth.sessions.last_seen([person.id])
    return person, seen.get(person.id)


async def own_sessions(access: Access, context: Context) -> list[AnySession]:
    """Where the caller is signed in, the last seen first."""
    return await sessions_of(access.subject, context)


async def own_methods(access: Access, context: Context) -> list[MethodDocument]:
    """How the caller signs in, oldest first."""
    return await context.services.auth.identities.methods_of(str(access.subject))
