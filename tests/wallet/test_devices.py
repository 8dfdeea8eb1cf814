"""Phones that make codes: registering, making room, revoking; and the server's keys behind them."""

import asyncio
import base64
from datetime import timedelta

import pytest

from app.core.clock import MovableClock
from app.core.database import Database
from app.core.errors import InvalidInput
from app.core.limits import Limiter
from app.core.settings import Settings
from app.programme import ProgrammeService
from tests.wallet.conftest import ADA, BEN, TILL, Phone, Roll
from wallet import keys
from wallet.cards import CardService
from wallet.errors import DeviceNotFound, InvalidPublicKey, MemberHasNoCard, NoFreeEpoch, WrongRootSecret
from wallet.models import Acceptance, Verdict
from wallet.repository import WalletRepository


async def test_the_same_key_gets_the_same_credential(cards: CardService) -> None:
    phone = Phone()
    first = await cards.register_device(ADA, phone.public_key, "  Ada's\n phone ")
    assert await cards.register_device(ADA, phone.public_key, "again") == first
    assert first.device["name"] == "Ada's phone"
    assert len(first.device["public_key"]) == 33
    other = await cards.register_device(BEN, phone.public_key, "lent")
    assert other.credential_id != first.credential_id


async def test_five_live_devices_and_the_idle_one_makes_room(cards: CardService, clock: MovableClock) -> None:
    phones = []
    for number in range(5):
        clock.advance(timedelta(minutes=1))
        phone = Phone()
        phone.enrol(await cards.register_device(ADA, phone.public_key, f"phone {number}"))
        phones.append(phone)
    await cards.identify(phones[0].code(clock.now()), till_id=TILL, basket_id="b1")
    clock.advance(timedelta(minutes=1))
    await cards.register_device(ADA, Phone().public_key, "phone 5")
    names = [device["name"] for device in await cards.devices(ADA)]
    assert names == ["phone 0", "phone 2", "phone 3", "phone 4", "phone 5"]
    answer = await cards.identify(phones[1].code(clock.now()), till_id=TILL, basket_id="b2")
    assert answer.verdict is Verdict.REVOKED


async def test_many_registrations_at_once_leave_five(cards: CardService) -> None:
    await asyncio.gather(*(cards.register_device(ADA, Phone().public_key, f"phone {n}") for n in range(12)))
    assert len(await cards.devices(ADA)) <= 5


async def test_revoking_one_and_all(cards: CardService, phone: Phone, clock: MovableClock) -> None:
    other = Phone()
    registered = await cards.register_device(ADA, other.public_key, "tablet")
    with pytest.raises(DeviceNotFound):
        await cards.revoke(BEN, registered.device["_id"])
    await cards.revoke(ADA, registered.device["_id"])
    with pytest.raises(DeviceNotFound):
        await cards.revoke(ADA, registered.device["_id"])
    assert [device["name"] for device in await cards.devices(ADA)] == ["Ada's phone"]
    static = await cards.static_code(ADA)
    await cards.revoke(ADA, None)
    assert await cards.devices(ADA) == []
    for code in (static, phone.code(clock.now())):
        assert (await cards.identify(code, till_id=TILL, basket_id="b1")).verdict is Verdict.REVOKED


async def test_what_is_revoked_or_gone_accepts_nothing_and_is_not_made_again(
    cards: CardService, phone: Phone, clock: MovableClock, database: Database
) -> None:
    (device,) = await cards.devices(ADA)
    await cards.revoke(ADA, device["_id"])
    revoked = Acceptance(device["_id"], 1, TILL, "b1", clock.now())
    gone = Acceptance("cdv_gone", 1, TILL, "b1", clock.now())
    repository = WalletRepository(database)
    assert not any(await asyncio.gather(repository.accept(revoked), repository.accept(gone)))
    assert await database["card_credentials"].count_documents({}) == 1


async def test_erasing_leaves_nothing(
    cards: CardService, phone: Phone, clock: MovableClock, database: Database
) -> None:
    await cards.identify(phone.code(clock.now()), till_id=TILL, basket_id="b1")
    await cards.erase(ADA)
    for collection in ("card_credentials", "card_scans", "card_identifications"):
        assert await database[collection].count_documents({}) == 0
    answer = await cards.identify(phone.code(clock.now()), till_id=TILL, basket_id="b2")
    assert answer.verdict is Verdict.UNKNOWN
    assert await database["card_credentials"].count_documents({}) == 0


@pytest.mark.parametrize(
    "key",
    [
        "",
        "AAAA",
        "not base64!",
        "é",
        base64.urlsafe_b64encode(b"\4" + bytes(64)).decode(),
        base64.urlsafe_b64encode(b"\2" + bytes(32)).decode(),
        base64.urlsafe_b64encode(b"\5" + bytes(64)).decode(),
        "A" * 100_000,
    ],
)
async def test_a_key_that_is_no_point_is_refused(cards: CardService, key: str) -> None:
    with pytest.raises(InvalidPublicKey) as refused:
        await cards.register_device(ADA, key, "phone")
    assert (refused.value.code, refused.value.field) == ("INVALID_KEY", ("publicKey",))


@pytest.mark.parametrize("name", ["", "   ", "a\x00b"])
async def test_a_name_is_checked(cards: CardService, name: str) -> None:
    with pytest.raises(InvalidInput):
        await cards.register_device(ADA, Phone().public_key, name)


async def test_a_new_epoch_leaves_old_cards_good(
    cards: CardService, phone: Phone, clock: MovableClock, twin: CardService
) -> None:
    static = await cards.static_code(ADA)
    assert (await twin.keys.current()).number == 0
    await cards.keys.rotate()
    newer = Phone()
    registered = await cards.register_device(BEN, newer.public_key, "newer")
    newer.enrol(registered)
    assert registered.epoch == 1
    for number, code in enumerate((phone.code(clock.now()), newer.code(clock.now()), static)):
        answer = await cards.identify(code, till_id=TILL, basket_id=f"b{number}")
        assert answer.verdict is Verdict.FRESH
    clock.advance(timedelta(seconds=30))
    answer = await twin.identify(newer.code(clock.now()), till_id=TILL, basket_id="twin")
    assert answer.verdict is Verdict.FRESH


async def test_sixteen_epochs_and_no_more(cards: CardService) -> None:
    for _ in range(16):
        await cards.keys.rotate()
    with pytest.raises(NoFreeEpoch):
        await cards.keys.rotate()


async def test_two_processes_begin_with_one_epoch(cards: CardService, twin: CardService) -> None:
    first, second = await asyncio.gather(cards.keys.current(), twin.keys.current())
    assert first.public_text == second.public_text


async def test_another_root_secret_opens_nothing(
    cards: CardService,
    phone: Phone,
    database: Database,
    clock: MovableClock,
    roll: Roll,
    programmes: ProgrammeService,
    settings: Settings,
) -> None:
    thief = CardService(
        database,
        clock,
        Limiter(database, clock),
        roll,
        lambda purpose: settings.derive_key("guess " + purpose),
        programmes=programmes,
    )
    with pytest.raises(WrongRootSecret, match="STAMPBOOK_SECRET"):
        await thief.keys.current()


async def test_no_private_key_is_stored_in_the_open(cards: CardService, phone: Phone, database: Database) -> None:
    epoch = await cards.keys.current()
    _, secret = await cards.totp_pass(ADA)
    stored = repr([await database[name].find().to_list() for name in ("card_epochs", "card_credentials")])
    private = epoch.private.private_numbers().private_value.to_bytes(32, "big")
    for hidden in (private, epoch.static_key, secret, phone._key):
        assert repr(hidden)[2:-1] not in stored


async def test_derived_keys_are_kept_within_bounds(
    cards: CardService, phone: Phone, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "CACHED_KEYS", 3)
    epoch = await cards.keys.current()
    for number in range(10):
        cards.keys.device_key(epoch, bytes([number] * 8), None)
    assert len(cards.keys._decoys) == 3
    assert (await cards.identify(phone.code(clock.now()), till_id=TILL, basket_id="b1")).verdict is Verdict.FRESH


async def test_a_member_without_a_card_has_no_code(cards: CardService, roll: Roll) -> None:
    roll.add(BEN)
    for member_id in (BEN, "mbr_nobody"):
        with pytest.raises(MemberHasNoCard):
            await cards.static_code(member_id)
