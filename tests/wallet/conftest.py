"""A programme with a few members, and phones that make codes as the browser does."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.core.clock import MovableClock
from app.core.database import Database, ensure_indexes
from app.core.limits import INDEXES as LIMIT_INDEXES
from app.core.limits import Limiter
from app.core.outbox import Outbox
from app.core.settings import Settings
from app.members.models import CardStatus, Member, MemberStatus
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST
from wallet import codes
from wallet.cards import CardService
from wallet.facts import PassFacts
from wallet.models import DeviceRegistration
from wallet.repository import INDEXES

ADA = "mbr_aaaaaaaaaaaaaaaaaaaaaaaa"
BEN = "mbr_bbbbbbbbbbbbbbbbbbbbbbbb"
TILL = "til_111111111111111111111111"


def card_number(body: str, prefix: str = "29") -> str:
    digits = prefix + body.zfill(13)
    return digits + codes.luhn_digit(digits)


@dataclass
class Roll:
    """The members that the wallet asks about."""

    members: dict[str, Member] = field(default_factory=dict)

    def add(
        self,
        member_id: str,
        *cards: tuple[str, CardStatus],
        status: MemberStatus = "active",
        merged_into: str | None = None,
        programme: str = HARVEST["_id"],
    ) -> Member:
        joined = datetime(2025, 6, 1, tzinfo=UTC)
        member: Member = {
            "_id": member_id,
            "programme": programme,
            "status": status,
            "identity_id": None,
            "display_name": "Ada Lovelace",
            "given_name": "Ada",
            "family_name": "Lovelace",
            "email": None,
            "email_verified": False,
            "phone": None,
            "phone_verified": False,
            "language": "en",
            "birthday": None,
            "cards": [{"number": number, "status": state, "issued_at": joined} for number, state in cards],
            "joined_at": joined,
            "joined_store": None,
            "terms_accepted_at": joined,
            "merged_into": merged_into,
            "words": [],
            "name_key": "",
        }
        self.members[member_id] = member
        return member

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Member]:
        return {member_id: self.members[member_id] for member_id in ids if member_id in self.members}

    async def by_card_number(self, number: str) -> Member | None:
        for member in self.members.values():
            if any(card["number"] == number for card in member["cards"]):
                return self.members[member["merged_into"]] if member["merged_into"] else member
        return None


@dataclass
class Facts:
    """What passes say, changed by tests."""

    known: dict[str, PassFacts] = field(default_factory=dict)

    async def of(self, member_ids: Sequence[str]) -> dict[str, PassFacts]:
        return {member_id: self.known[member_id] for member_id in member_ids if member_id in self.known}

    def earn(self, member_id: str, points: int) -> None:
        self.known[member_id] = replace(self.known[member_id], points=points)


class Phone:
    """Makes codes from a key of its own, by the protocol's words rather than the server's functions."""

    def __init__(self) -> None:
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._key = b""
        self.credential = b""
        self.epoch = 0

    @property
    def public_key(self) -> str:
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def enrol(self, registration: DeviceRegistration) -> None:
        self.connect(registration.credential_id, registration.epoch, registration.server_key)

    def connect(self, credential_id: str, epoch: int, server_key: str) -> None:
        raw = base64.urlsafe_b64decode(server_key + "=")
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
        self.credential = bytes.fromhex(credential_id)
        self.epoch = epoch
        shared = self._private.exchange(ec.ECDH(), peer)
        self._key = HKDF(SHA256(), 32, salt=self.credential, info=b"LYCARD1").derive(shared)

    def code(self, at: datetime, flags: int = 0) -> str:
        return self.code_of(codes.step_at(at.timestamp()), flags)

    def code_of(self, step: int, flags: int = 0) -> str:
        return codes.token_text(codes.rotating_message(self.credential, self.epoch, flags, step), self._key)


@pytest.fixture
def roll() -> Roll:
    roll = Roll()
    roll.add(ADA, (card_number("1"), "active"))
    roll.add(BEN, (card_number("2"), "active"))
    return roll


@pytest.fixture
async def programmes(database: Database) -> ProgrammeService:
    service = ProgrammeService(database)
    await service.ensure(HARVEST)
    return service


@pytest.fixture
async def cards(
    database: Database, clock: MovableClock, settings: Settings, roll: Roll, programmes: ProgrammeService
) -> CardService:
    await ensure_indexes(database, {**INDEXES, **LIMIT_INDEXES})
    return CardService(database, clock, Limiter(database, clock), roll, settings.derive_key, programmes=programmes)


@pytest.fixture
def twin(
    cards: CardService,
    database: Database,
    clock: MovableClock,
    settings: Settings,
    roll: Roll,
    programmes: ProgrammeService,
) -> CardService:
    """The same service in another process: nothing in common but the database."""
    return CardService(database, clock, Limiter(database, clock), roll, settings.derive_key, programmes=programmes)


@pytest.fixture
async def phone(cards: CardService) -> Phone:
    phone = Phone()
    phone.enrol(await cards.register_device(ADA, phone.public_key, "Ada's phone"))
    return phone


@pytest.fixture
def facts() -> Facts:
    base = PassFacts(ADA, "prg_1", "Harvest", 150.0, "Ada Lovelace", card_number("1"), 120, "Gold", "en")
    return Facts({ADA: base, BEN: replace(base, member_id=BEN, name="Ben", number=card_number("2"))})


@pytest.fixture
def outbox(database: Database, clock: MovableClock) -> Outbox:
    return Outbox(database, clock)
