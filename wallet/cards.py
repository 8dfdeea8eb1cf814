"""Cards of members: the phones that make codes, the static codes that stand for a card, and reading a scan."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final

from app.core.clock import Clock
from app.core.database import Database
from app.core.errors import InvalidInput
from app.core.ids import new_id
from app.core.limits import Limiter
from app.members.models import Member
from app.programme import ProgrammeService
from app.programme.models import Programme
from wallet import codes
from wallet.conclude import Concluder, Members
from wallet.errors import DeviceNotFound, MemberHasNoCard
from wallet.identify import Identifier
from wallet.keys import KeyRing, read_public_key
from wallet.links import CardLinks
from wallet.models import (
    CardFace,
    CredentialDocument,
    CredentialKind,
    DeviceRegistration,
    Identification,
    IdentificationDocument,
    Purpose,
)
from wallet.repository import WalletRepository
from wallet.totp import TotpSecrets

LIVE_DEVICES: Final = 5
_LONGEST_NAME: Final = 80


class CardService:
    """Everything the API asks about cards."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        limiter: Limiter,
        members: Members,
        derive_key: Callable[[str], bytes],
        programmes: ProgrammeService,
        card_prefix: str = "29",
    ) -> None:
        self._repository = WalletRepository(database)
        self._clock = clock
        self._members = members
        self._programmes = programmes
        self._totp = TotpSecrets(derive_key)
        self.links = CardLinks(clock, derive_key)
        self.keys = KeyRing(self._repository, clock, derive_key)
        concluder = Concluder(self._repository, members, programmes, card_prefix)
        self._identifier = Identifier(self._repository, self.keys, self._totp, limiter, concluder, clock, derive_key)

    async def register_device(self, member_id: str, public_key: str, name: str) -> DeviceRegistration:
        """Let a phone make codes for a member; the same key again gets the same credential.

        `public_key` is base64url of the uncompressed P-256 point. At most five devices live: the one unused for longest
        makes room, so that a phone that lost its storage is healed without a question. Raises InvalidPublicKey and
        InvalidInput.
        """
        point = read_public_key(public_key)
        shown = " ".join(name.split())[:_LONGEST_NAME]
        if not shown or not shown.isprintable():
            raise InvalidInput(("name",), f"A device needs a name of 1 to {_LONGEST_NAME} printable characters.")
        epoch = await self.keys.current()
        live = await self.devices(member_id)
        device = next((d for d in live if d["public_key"] == point and d["epoch"] == epoch.number), None)
        if device is None:
            device = await self._credential(member_id, "rotating", "device", epoch.number, shown)
            device["public_key"] = point
            await self._repository.add_credential(device)
            await self._make_room(member_id, device["_id"])
        return DeviceRegistration(device, device["credential"], epoch.number, epoch.public_text)

    async def devices(self, member_id: str) -> list[CredentialDocument]:
        """The phones that make codes for a member, oldest first."""
        return await self._repository.live_credentials(member_id, "rotating")

    async def revoke(self, member_id: str, device_id: str | None) -> None:
        """Remove one device, or, with None, every device, static code and pass of a member.

        Raises DeviceNotFound for a device that is not a live one of this member.
        """
        ids = None if device_id is None else [device_id]
        revoked = await self._repository.revoke(member_id, self._clock.now(), ids)
        if device_id is not None and revoked == 0:
            raise DeviceNotFound

    async def erase(self, member_id: str) -> None:
        """Remove everything kept about a member's cards."""
        await self._repository.erase(member_id)

    async def static_code(self, member_id: str, purpose: Purpose = "print") -> str:
        """The 38-character code that stands for a member's active card; made the first time.

        Each purpose has its own, so that one that is abused can be changed alone. Raises MemberHasNoCard.
        """
        number = await self.card_number(member_id)
        live = await self._repository.live_credentials(member_id, "static", purpose)
        stale = [d["_id"] for d in live if d.get("card_number") != number]
        if stale:
            await self._repository.revoke(member_id, self._clock.now(), stale)
        current = next((d for d in live if d.get("card_number") == number), None)
        if current is None:
            epoch = await self.keys.current()
            current = await self._credential(member_id, "static", purpose, epoch.number, purpose)
            current["card_number"] = number
            await self._repository.add_credential(current)
        epoch = await self.keys.find(current["epoch"])
        signed = codes.static_message(bytes.fromhex(current["credential"]), current["epoch"])
        return codes.token_text(signed, self.keys.static_key(epoch))

    async def totp_pass(self, member_id: str) -> tuple[str, bytes]:
        """The fixed beginning of a Google pass's barcode and its secret; made the first time."""
        live = await self._repository.live_credentials(member_id, "totp", "google")
        if live:
            document, secret = live[0], self._totp.reveal(live[0])
        else:
            document = await self._credential(member_id, "totp", "google", 0, "google")
            secret, document["sealed_secret"] = self._totp.new(document["credential"])
            await self._repository.add_credential(document)
        return codes.totp_prefix(bytes.fromhex(document["credential"])), secret

    async def card_number(self, member_id: str) -> str:
        """The number of a member's active card; raises MemberHasNoCard."""
        return (await self.face(member_id)).number

    async def programme(self) -> Programme:
        """The programme whose cards these are."""
        return await self._programmes.current()

    async def face(self, member_id: str) -> CardFace:
        """What stands on a member's card in words; raises MemberHasNoCard."""
        member = (await self._members.by_ids([member_id])).get(member_id)
        number = active_number(member) if member else None
        if member is None or number is None:
            raise MemberHasNoCard(member_id)
        programme = await self._programmes.current()
        return CardFace(programme["name"], member["display_name"], number, member["language"])

    async def identify(
        self,
        code: str,
        *,
        till_id: str,
        basket_id: str,
        scanned_at: datetime | None = None,
        deferred: bool = False,
    ) -> Identification:
        """Answer what a till scanned or typed; see `wallet.identify`. Raises InvalidInput and RateLimited."""
        return await self._identifier.identify(
            code, till_id=till_id, basket_id=basket_id, scanned_at=scanned_at, deferred=deferred
        )

    async def identification(
        self, identification_id: str, *, till_id: str, basket_id: str | None = None
    ) -> IdentificationDocument | None:
        """An identification that is still good, for this till (and basket, when given) only; None otherwise."""
        document = await self._repository.identification(identification_id)
        if document is None or document["expires_at"] <= self._clock.now() or document["till"] != till_id:
            return None
        return document if basket_id in {None, document["basket"]} else None

    async def _make_room(self, member_id: str, newest: str) -> None:
        live = await self.devices(member_id)
        others = sorted(
            (d for d in live if d["_id"] != newest), key=lambda d: (d["last_used_at"] or d["created_at"], d["_id"])
        )
        surplus = [d["_id"] for d in others[: max(0, len(live) - LIVE_DEVICES)]]
        if surplus:
            await self._repository.revoke(member_id, self._clock.now(), surplus)

    async def _credential(
        self, member_id: str, kind: CredentialKind, purpose: Purpose, epoch: int, name: str
    ) -> CredentialDocument:
        return {
            "_id": new_id("cdv"),
            "programme": (await self._programmes.current())["_id"],
            "credential": secrets.token_hex(codes.CREDENTIAL_LENGTH),
            "kind": kind,
            "purpose": purpose,
            "member_id": member_id,
            "epoch": epoch,
            "name": name,
            "created_at": self._clock.now(),
            "last_step": -1,
            "last_till": None,
            "last_basket": None,
            "last_used_at": None,
            "revoked_at": None,
        }


def active_number(member: Member) -> str | None:
    """The number of a member's active card, if there is one."""
    return next((card["number"] for card in member["cards"] if card["status"] == "active"), None)
