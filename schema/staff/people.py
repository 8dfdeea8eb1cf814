"""People of the staff: inviting them, their roles, and refusing them."""

from typing import Any

import strawberry

from auth.identities.staff import StaffMember as StaffPerson
from schema.context import Context
from schema.fields import says
from schema.purchases.inputs import told
from schema.refusals import Refusals, mutation, user_errors
from schema.staff.adjusting import check_note
from schema.staff.colleagues import StaffMember

ADD = Refusals("StaffAdd", "INVALID", "ALREADY_STAFF")
ROLES_SET = Refusals("StaffRolesSet", "NOT_FOUND", "INVALID", "NOT_YOURSELF")
DISABLE = Refusals("StaffDisable", "NOT_FOUND", "INVALID", "NOT_YOURSELF")
ENABLE = Refusals("StaffEnable", "NOT_FOUND", "INVALID", "NOT_YOURSELF")
PASSKEY_REMOVE = Refusals("StaffPasskeyRemove", "NOT_FOUND", "INVALID", "NOT_YOURSELF")


@strawberry.input(description="Somebody to invite.")
class StaffAddInput:
    """As the console writes it."""

    email: str = told("Address that will sign in.")
    name: str = told("Name, 1 to 100 characters.")
    roles: list[str] = told("Roles to hold, at least one.")


@strawberry.type(description="Who was invited.")
class StaffAddPayload:
    """Source: a dict."""

    staff: StaffMember | None = says("The new member of the staff; null when nothing was done.")
    user_errors: Any = user_errors(ADD)


@strawberry.input(description="The roles that somebody holds from now on.")
class StaffRolesSetInput:
    """As the console writes it."""

    staff_id: strawberry.ID = told("Somebody else of the staff.")
    roles: list[str] = told("All roles to hold, at least one.")


@strawberry.type(description="Who has other roles now.")
class StaffRolesSetPayload:
    """Source: a dict."""

    staff: StaffMember | None = says("The person; null when nothing was done.")
    user_errors: Any = user_errors(ROLES_SET)


@strawberry.input(description="Somebody to refuse from now on.")
class StaffDisableInput:
    """As the console writes it."""

    staff_id: strawberry.ID = told("Somebody else of the staff.")
    reason: str = told("For the staff, 1 to 500 characters.")


@strawberry.type(description="Who is refused now.")
class StaffDisablePayload:
    """Source: a dict."""

    staff: StaffMember | None = says("The person; null when nothing was done.")
    user_errors: Any = user_errors(DISABLE)


@strawberry.input(description="Somebody to let in again.")
class StaffEnableInput:
    """As the console writes it."""

    staff_id: strawberry.ID = told("Somebody of the staff who was disabled.")


@strawberry.type(description="Who may sign in again.")
class StaffEnablePayload:
    """Source: a dict."""

    staff: StaffMember | None = says("The person; null when nothing was done.")
    user_errors: Any = user_errors(ENABLE)


@strawberry.input(description="A passkey that was lost, or is not trusted any more.")
class StaffPasskeyRemoveInput:
    """As the console writes it."""

    staff_id: strawberry.ID = told("Somebody else of the staff.")
    method_id: strawberry.ID = told("One of their passkeys.")


@strawberry.type(description="Whose passkey was removed.")
class StaffPasskeyRemovePayload:
    """Source: a dict."""

    staff: StaffMember | None = says("The person; null when nothing was done.")
    user_errors: Any = user_errors(PASSKEY_REMOVE)


@mutation(
    "Invites somebody to the staff; a code sent to the address signs in.",
    payload=StaffAddPayload,
    refusals=ADD,
    scopes=["admin:staff"],
)
async def staff_add(context: Context, sent: StaffAddInput) -> dict[str, Any]:
    """Invite somebody."""
    return await _seen(
        context, await context.services.auth.staff.add(sent.email, sent.name, sent.roles, **_by(context))
    )


@mutation(
    "Replaces somebody's roles at their next request; whoever gains any signs in again.",
    payload=StaffRolesSetPayload,
    refusals=ROLES_SET,
    scopes=["admin:staff"],
)
async def staff_roles_set(context: Context, sent: StaffRolesSetInput) -> dict[str, Any]:
    """Replace roles."""
    person = await context.services.auth.staff.set_roles(str(sent.staff_id), sent.roles, **_by(context))
    return await _seen(context, person)


@mutation(
    "Signs somebody of the staff out everywhere and refuses every sign-in from now on.",
    payload=StaffDisablePayload,
    refusals=DISABLE,
    scopes=["admin:staff"],
)
async def staff_disable(context: Context, sent: StaffDisableInput) -> dict[str, Any]:
    """Disable somebody."""
    reason = check_note(sent.reason, "reason")
    return await _seen(context, await context.services.auth.staff.disable(str(sent.staff_id), reason, **_by(context)))


@mutation(
    "Lets somebody of the staff who was disabled sign in again.",
    payload=StaffEnablePayload,
    refusals=ENABLE,
    scopes=["admin:staff"],
)
async def staff_enable(context: Context, sent: StaffEnableInput) -> dict[str, Any]:
    """Enable somebody."""
    return await _seen(context, await context.services.auth.staff.enable(str(sent.staff_id), **_by(context)))


@mutation(
    "Takes a lost passkey from somebody of the staff and ends their sessions.",
    payload=StaffPasskeyRemovePayload,
    refusals=PASSKEY_REMOVE,
    scopes=["admin:staff"],
)
async def staff_passkey_remove(context: Context, sent: StaffPasskeyRemoveInput) -> dict[str, Any]:
    """Remove somebody's passkey."""
    auth, staff_id = context.services.auth, str(sent.staff_id)
    await auth.staff.other(staff_id, context.access.actor)
    await auth.remove_passkey(staff_id, str(sent.method_id), **_by(context))
    return await _seen(context, await auth.staff.person(staff_id))


def _by(context: Context) -> dict[str, Any]:
    """Who does it, and from where, for the record."""
    return {"actor": context.access.actor, "peer": context.access.peer}


async def _seen(context: Context, person: StaffPerson) -> dict[str, Any]:
    """The payload: the person, and when they were last seen."""
    last_seen = await context.services.auth.sessions.last_seen([person.id])
    return {"staff": (person, last_seen.get(person.id))}
