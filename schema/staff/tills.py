"""Pairing tills and disabling them."""

from typing import Any

import strawberry

from schema.context import Context
from schema.fields import says
from schema.purchases.inputs import told
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import DateTime
from schema.staff.adjusting import check_note
from schema.staff.types import TillRecord

PAIRING = Refusals("TillPairingCreate", "NOT_FOUND", "INVALID")
DISABLE = Refusals("TillDisable", "NOT_FOUND", "INVALID")


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
    access = context.access
    till = await context.services.auth.tills.disable(str(sent.till_id), reason, actor=access.actor, peer=access.peer)
    return {"till": till}
