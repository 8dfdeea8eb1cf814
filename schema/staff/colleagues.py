"""People of the staff as admins see them, and the own account of the one who asks."""

from datetime import datetime
from enum import Enum

import strawberry

from auth.access import Access
from auth.identities.models import MethodDocument
from auth.identities.staff import StaffMember as StaffPerson
from schema.auth.types import AnySession, SignInMethod, sessions_of
from schema.context import Context
from schema.fields import says, value
from schema.scalars import DateTime


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


async def people_of(_access: Access, context: Context) -> list[tuple[StaffPerson, datetime | None]]:
    """Everybody of the staff, by name, with when they were last seen."""
    people = await context.services.auth.staff.everybody()
    seen = await context.services.auth.sessions.last_seen([person.id for person in people])
    return [(person, seen.get(person.id)) for person in people]


async def own_sessions(access: Access, context: Context) -> list[AnySession]:
    """Where the caller is signed in, the last seen first."""
    return await sessions_of(access.subject, context)


async def own_methods(access: Access, context: Context) -> list[MethodDocument]:
    """How the caller signs in, oldest first."""
    return await context.services.auth.identities.methods_of(str(access.subject))
