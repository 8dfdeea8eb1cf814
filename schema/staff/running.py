"""Tills and people of the staff."""

from typing import Any

import strawberry

from schema.context import Context
from schema.fields import says
from schema.purchases.inputs import told
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import DateTime
from schema.staff.adjusting import check_note
from schema.staff.types import StaffMember, TillRecord

PAIRING = Refusals("TillPairingCreate", "NOT_FOUND", "INVALID")
DISABLE = Refusals("TillDisable", "NOT_FOUND", "INVALID")
ADD = Refusals("StaffAdd", "INVALID", "ALREADY_STAFF")


@strawberry.input(description="A till to pair.")
class TillPairingCreateInput:
    """As the console writes it."""

    store_id: strawberry.ID = told("Where it stands.")
    name: str = told("Name for people, 1 to 60 characters.")


@strawberry.type(description="A code to type at the new till.")
class TillPairingCreatePayload:
    """Source: a dict."""

    code: str | None = says("Eight characters, good for ten minutes, once.")
    expires_at: DateTime | None = says("How long it is good.")
    user_errors: Any = user_errors(PAIRING)


@strawberry.input(description="A till to disable.")
class TillDisableInput:
    """As the console writes it."""

    till_id: strawberry.ID = told("The till.")
    reason: str = told("For the staff, 1 to 500 characters.")


@strawberry.type(description="The till after it.")
class TillDisablePayload:
    """Source: a dict."""

    till: TillRecord | None = says("The till; null when nothing was done.")
    user_errors: Any = user_errors(DISABLE)


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


@mutation(
    "Makes a code that pairs one till.",
    payload=TillPairingCreatePayload,
    refusals=PAIRING,
    scopes=["till:manage"],
)
async def till_pairing_create(context: Context, sent: TillPairingCreateInput) -> dict[str, Any]:
    """Make a pairing code."""
    pairing = await context.services.auth.pairings.create(str(sent.store_id), sent.name, context.access.actor)
    return {"code": pairing.code, "expires_at": pairing.expires_at}


@mutation(
    "Disables a till: its next request is refused.",
    payload=TillDisablePayload,
    refusals=DISABLE,
    scopes=["till:manage"],
)
async def till_disable(context: Context, sent: TillDisableInput) -> dict[str, Any]:
    """Disable a till."""
    reason = check_note(sent.reason, "reason")
    return {"till": await context.services.auth.tills.disable(str(sent.till_id), reason, actor=context.access.actor)}


@mutation(
    "Invites somebody to the staff; a code sent to the address signs in.",
    payload=StaffAddPayload,
    refusals=ADD,
    scopes=["admin:staff"],
)
async def staff_add(context: Context, sent: StaffAddInput) -> dict[str, Any]:
    """Invite somebody."""
    person = await context.services.auth.staff.add(sent.email, sent.name, sent.roles, actor=context.access.actor)
    return {
        "staff": {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "roles": person.roles,
            "last_seen_at": None,
        }
    }
