"""Registering and removing the phones of a card."""

from typing import Any

import strawberry

from schema.context import Context
from schema.fields import says
from schema.members.mutations import member_id
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import DateTime
from schema.wallet.types import Card, CardDevice, card_of

REGISTER = Refusals("CardDeviceRegister", "INVALID_KEY", "INVALID")
REVOKE = Refusals("CardDeviceRevoke", "NOT_FOUND")


@strawberry.input(description="A phone that shall make codes.")
class CardDeviceRegisterInput:
    """As the client writes it."""

    public_key: str = strawberry.field(description="base64url of the device's uncompressed P-256 point.")
    name: str = strawberry.field(description="What its owner calls it, 1 to 80 characters.")


@strawberry.type(description="What a phone needs to make codes.")
class CardDeviceRegisterPayload:
    """Source: a dict."""

    device: CardDevice | None = says("The device.")
    credential_id: str | None = says("16 hex digits.")
    epoch: int | None = says("Number of the server's key.")
    server_key: str | None = says("The server's key: base64url of the uncompressed P-256 point.")
    server_time: DateTime = says("For the phone's own clock.", load=lambda _answer, context: context.now)
    user_errors: Any = user_errors(REGISTER)


@strawberry.input(description="Which phone to remove.")
class CardDeviceRevokeInput:
    """As the client writes it."""

    device_id: strawberry.ID | None = strawberry.field(
        description="null removes every phone, static code and pass; a pass that a phone keeps gets a new code.",
        default=None,
    )


@strawberry.type(description="The card after the change.")
class CardDeviceRevokePayload:
    """Source: a dict."""

    card: Card | None = says("The card; null when nothing was done.")
    user_errors: Any = user_errors(REVOKE)


@mutation(
    "Lets a phone make codes for the own card; the same key again gives the same answer.",
    payload=CardDeviceRegisterPayload,
    refusals=REGISTER,
    scopes=["member:write"],
)
async def card_device_register(context: Context, sent: CardDeviceRegisterInput) -> dict[str, Any]:
    """Register a device's public key."""
    cards = context.services.cards
    made = await cards.register_device(member_id(context), sent.public_key, sent.name)
    return {
        "device": made.device,
        "credential_id": made.credential_id,
        "epoch": made.epoch,
        "server_key": made.server_key,
    }


@mutation(
    "Removes a phone from the own card: its codes are refused from now on.",
    payload=CardDeviceRevokePayload,
    refusals=REVOKE,
    scopes=["member:write"],
)
async def card_device_revoke(context: Context, sent: CardDeviceRevokeInput) -> dict[str, Any]:
    """Revoke one device or all."""
    owner = member_id(context)
    if sent.device_id is None:
        await context.services.wallet.revoke_all(owner)
    else:
        await context.services.cards.revoke(owner, str(sent.device_id))
    member = await context.own_member()
    return {"card": card_of(member) if member else None}
