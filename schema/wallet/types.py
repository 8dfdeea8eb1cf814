"""A member's card and what makes codes for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

import strawberry

from app.members.models import Member as MemberDocument
from schema.context import Context
from schema.fields import says, value
from schema.nodes import Node
from schema.scalars import DateTime
from wallet.assembly import PassOffer
from wallet.models import CredentialDocument


@strawberry.enum(description="Whether a card number is good.")
class CardStatus(Enum):
    """As stored."""

    ACTIVE = value("active", "Good.")
    BLOCKED = value("blocked", "Refused until it is unblocked.")
    REPLACED = value("replaced", "Another number took its place.")


@strawberry.enum(description="Where a pass is kept.")
class PassPlatform(Enum):
    """Names of the platforms."""

    APPLE = value("APPLE", "Apple Wallet.")
    GOOGLE = value("GOOGLE", "Google Wallet.")


@strawberry.type(description="The card as a pass in the phone's own wallet.")
class WalletPass:
    """Source: a PassOffer."""

    platform: PassPlatform = says("Whose wallet.")
    available: bool = says("Whether this service can issue it.")
    url: str | None = says("Where to get it.")
    why: str | None = says("Why not, when it is not available.")


@strawberry.type(description="A phone that makes codes for the card.")
class CardDevice(Node):
    """Source: a credential of the wallet."""

    id: strawberry.ID = says("Id of the device.", key="_id")
    name: str = says("What its owner calls it.")
    created_at: DateTime = says("When it was registered.")
    last_used_at: DateTime | None = says("When one of its codes was last read at a till.")
    credential_id: str = says("16 hex digits that its codes carry; a phone knows itself by it.", key="credential")


@dataclass(frozen=True, slots=True)
class CardView:
    """A member's present card: the active one, else the newest."""

    member: MemberDocument
    number: str
    status: str


def card_of(member: MemberDocument) -> CardView:
    """The present card of a member."""
    cards = member["cards"]
    present = next((card for card in cards if card["status"] == "active"), cards[-1])
    return CardView(member, present["number"], present["status"])


def _path(route: str) -> Callable[[CardView, Context], str]:
    """A path of the wallet's own routes: the caller's card without a name, another's by its member."""

    def path(card: CardView, context: Context) -> str:
        return route if context.is_own(card.member["_id"]) else f"{route}?member={card.member['_id']}"

    return path


async def _devices(card: CardView, context: Context) -> Sequence[CredentialDocument]:
    return await context.services.cards.devices(card.member["_id"])


def _passes(_card: CardView, context: Context) -> Sequence[PassOffer]:
    return context.services.wallet.offers()


@strawberry.type(description="A member's card.")
class Card:
    """Source: a CardView."""

    number: str = says("Sixteen digits, Luhn.")
    status: CardStatus = says("Whether it is good.")
    devices: list[CardDevice] = says("The phones that make codes for it, oldest first.", load=_devices)
    png_path: str = says("Path of the static QR image for print and mail, PNG.", load=_path("/card.png"))
    svg_path: str = says("The same, SVG.", load=_path("/card.svg"))
    sheet_path: str = says("The same as a sheet to print.", load=_path("/card/sheet"))
    passes: list[WalletPass] = says("The card in the phone's own wallet.", load=_passes)
