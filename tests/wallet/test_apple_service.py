"""Apple's web service and pushes: each row of the reference, and what phones do wrong."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from app.core.clock import MovableClock, SystemClock
from app.core.database import Database, ensure_indexes
from app.core.limits import Limiter
from app.core.outbox import Outbox
from app.core.settings import Settings
from tests.wallet.conftest import ADA, TILL, Facts
from tests.wallet.push_stub import push_stub
from wallet.apple import repository
from wallet.apple.identity import Identity, throwaway_identity
from wallet.apple.push import PushRefused, PushService
from wallet.apple.routes import apple_routes
from wallet.apple.service import PUSH, AppleWallet
from wallet.cards import CardService
from wallet.errors import PassesOff
from wallet.models import Verdict

PHONE = "a1b2c3"
TOKEN = "0123456789abcdef" * 4


@pytest.fixture(scope="module")
def identity() -> Identity:
    return replace(throwaway_identity(SystemClock()), throwaway=False)


@pytest.fixture
async def configured(settings: Settings, identity: Identity, tmp_path: Path) -> Settings:
    certificate, intermediate = tmp_path / "leaf.pem", tmp_path / "issuer.pem"
    certificate.write_bytes(identity.pem())
    intermediate.write_bytes(identity.intermediate.public_bytes(Encoding.PEM))
    return settings.model_copy(update={"apple_certificate": certificate, "apple_intermediate": intermediate})


@pytest.fixture
async def wallet(
    database: Database, clock: MovableClock, configured: Settings, cards: CardService, facts: Facts, outbox: Outbox
) -> AppleWallet:
    await ensure_indexes(database, repository.INDEXES)
    limiter = Limiter(database, clock)
    return AppleWallet(database, clock, configured, cards=cards, facts=facts, outbox=outbox, limiter=limiter)


@pytest.fixture
async def phone(wallet: AppleWallet, database: Database, clock: MovableClock) -> AsyncIterator[httpx2.AsyncClient]:
    async def authorise(connection: HTTPConnection) -> str | None:
        return connection.headers.get("x-member")

    app = Starlette(routes=apple_routes(wallet, Limiter(database, clock), authorise))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://card.test") as client:
        yield client


def content(package: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        result: dict[str, Any] = json.loads(archive.read("pass.json"))
        return result


@dataclass
class Kept:
    """A pass as a phone keeps it."""

    serial: str
    pass_type: str
    headers: dict[str, str]

    def registration(self, device: str = PHONE) -> str:
        return f"/apple/v1/devices/{device}/registrations/{self.pass_type}/{self.serial}"

    @property
    def latest(self) -> str:
        return f"/apple/v1/passes/{self.pass_type}/{self.serial}"

    @property
    def changes(self) -> str:
        return f"/apple/v1/devices/{PHONE}/registrations/{self.pass_type}"


@pytest.fixture
async def kept(phone: httpx2.AsyncClient) -> Kept:
    answer = await phone.get("/card.pkpass", headers={"x-member": ADA})
    assert answer.headers["content-type"] == "application/vnd.apple.pkpass"
    said = content(answer.content)
    authorization = f"ApplePass {said['authenticationToken']}"
    return Kept(said["serialNumber"], said["passTypeIdentifier"], {"authorization": authorization})


async def test_registering(phone: httpx2.AsyncClient, kept: Kept) -> None:
    body = {"pushToken": TOKEN}
    assert (await phone.post(kept.registration(), json=body)).status_code == 401
    for wrong in (b"ApplePass x", b"Bearer " + b"0" * 32, "ApplePass é".encode()):
        answer = await phone.post(kept.registration(), json=body, headers=[(b"authorization", wrong)])
        assert answer.status_code == 401
    assert (await phone.post(kept.registration(), json=body, headers=kept.headers)).status_code == 201
    assert (await phone.post(kept.registration(), json=body, headers=kept.headers)).status_code == 200
    assert (await phone.delete(kept.registration())).status_code == 401
    assert (await phone.delete(kept.registration(), headers=kept.headers)).status_code == 200
    assert (await phone.delete(kept.registration(), headers=kept.headers)).status_code == 200
    assert (await phone.post(kept.registration(), json=body, headers=kept.headers)).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b'{"pushToken": {"$gt": ""}}', 400),
        (b'{"pushToken": "../x"}', 400),
        (b'{"pushToken": "' + b"a" * 70_000 + b'"}', 413),
    ],
)
async def test_registering_badly(phone: httpx2.AsyncClient, kept: Kept, body: bytes, status: int) -> None:
    assert (await phone.post(kept.registration(), content=body, headers=kept.headers)).status_code == status


async def test_what_is_not_there(phone: httpx2.AsyncClient, kept: Kept, wallet: AppleWallet) -> None:
    for path in (kept.latest.replace("pass.test", "pass.other"), kept.changes.replace("pass.test", "pass.other")):
        assert (await phone.get(path, headers=kept.headers)).status_code == 404
    token = {"authorization": f"ApplePass {wallet.token_of('f' * 24)}"}
    unknown = replace(kept, serial="f" * 24)
    assert (await phone.get(unknown.latest, headers=token)).status_code == 404
    assert (await phone.post(unknown.registration(), json={"pushToken": TOKEN}, headers=token)).status_code == 404
    odd = kept.registration("a%20b")
    assert (await phone.post(odd, json={"pushToken": TOKEN}, headers=kept.headers)).status_code == 400
    assert (await phone.get("/card.pkpass")).status_code == 401
    assert (await phone.get("/card.pkpass", headers={"x-member": "mbr_nobody"})).status_code == 404


async def test_a_change_is_told_and_fetched(
    phone: httpx2.AsyncClient, kept: Kept, wallet: AppleWallet, facts: Facts, clock: MovableClock
) -> None:
    await phone.post(kept.registration(), json={"pushToken": TOKEN}, headers=kept.headers)
    first = (await phone.get(kept.changes)).json()
    assert first["serialNumbers"] == [kept.serial]
    nothing = await phone.get(kept.changes, params={"passesUpdatedSince": first["lastUpdated"]})
    assert (nothing.status_code, nothing.content) == (204, b"")
    current = await phone.get(kept.latest, headers=kept.headers)
    seen = {"if-modified-since": current.headers["last-modified"], **kept.headers}
    assert (await phone.get(kept.latest, headers=seen)).status_code == 304
    assert await wallet.refresh() == 0

    clock.advance(timedelta(minutes=1))
    facts.earn(ADA, 240)
    assert await wallet.refresh() == 1
    second = (await phone.get(kept.changes, params={"passesUpdatedSince": first["lastUpdated"]})).json()
    assert second["serialNumbers"] == [kept.serial]
    changed = await phone.get(kept.latest, headers=seen)
    assert changed.status_code == 200
    assert content(changed.content)["storeCard"]["headerFields"][0]["value"] == 240
    assert await wallet.refresh() == 0


async def test_a_fetch_between_two_refreshes_is_up_to_date(
    phone: httpx2.AsyncClient, kept: Kept, facts: Facts, clock: MovableClock
) -> None:
    current = await phone.get(kept.latest, headers=kept.headers)
    clock.advance(timedelta(seconds=5))
    facts.earn(ADA, 7)
    seen = {"if-modified-since": current.headers["last-modified"], **kept.headers}
    assert content((await phone.get(kept.latest, headers=seen)).content)["storeCard"]["headerFields"][0]["value"] == 7


@pytest.mark.parametrize("since", ["yesterday", "", "Sat, 99 Foo 2026 00:00:00 GMT", "Sat, 14 Mar 2020 00:00:00 GMT"])
async def test_odd_dates_get_the_pass(phone: httpx2.AsyncClient, kept: Kept, since: str) -> None:
    headers = {**kept.headers, "if-modified-since": since}
    assert (await phone.get(kept.latest, headers=headers)).status_code == 200


@pytest.mark.parametrize("tag", ["", "x", "-1", "9" * 40, "٣", "1e9"])
async def test_odd_tags_are_no_trouble(phone: httpx2.AsyncClient, kept: Kept, tag: str) -> None:
    await phone.post(kept.registration(), json={"pushToken": TOKEN}, headers=kept.headers)
    assert (await phone.get(kept.changes, params={"passesUpdatedSince": tag})).status_code == 200


async def test_a_storm_of_registrations_is_kept_small(
    phone: httpx2.AsyncClient, kept: Kept, database: Database, clock: MovableClock
) -> None:
    statuses = []
    for number in range(60):
        clock.advance(timedelta(seconds=5))
        answer = await phone.post(kept.registration(f"d{number}"), json={"pushToken": TOKEN}, headers=kept.headers)
        statuses.append(answer.status_code)
    assert set(statuses) == {201, 429}
    assert await database["apple_registrations"].count_documents({}) == 20


async def test_logs_are_taken_within_bounds(phone: httpx2.AsyncClient, kept: Kept) -> None:
    assert (await phone.post("/apple/v1/log", json={"logs": ["it broke" * 100, 7] * 50})).status_code == 200
    assert (await phone.post("/apple/v1/log", json={"logs": "x"})).status_code == 400
    statuses = [(await phone.post("/apple/v1/log", json={"logs": []})).status_code for _ in range(60)]
    assert statuses[-1] == 429


async def test_the_pass_s_code_is_read_at_the_till_and_changed_when_abused(
    phone: httpx2.AsyncClient, kept: Kept, wallet: AppleWallet, cards: CardService, clock: MovableClock
) -> None:
    async def code() -> str:
        text = content((await phone.get(kept.latest, headers=kept.headers)).content)["barcodes"][0]["message"]
        assert isinstance(text, str)
        return text

    old = await code()
    seen = (await phone.get(kept.latest, headers=kept.headers)).headers["last-modified"]
    assert (await phone.get(kept.latest, headers=kept.headers | {"if-modified-since": seen})).status_code == 304
    assert (await cards.identify(old, till_id=TILL, basket_id="b1")).verdict is Verdict.FRESH
    clock.advance(timedelta(seconds=1))
    await cards.revoke(ADA, None)
    await wallet.renew(ADA)
    assert (await phone.get(kept.latest, headers=kept.headers | {"if-modified-since": seen})).status_code == 200
    assert (await cards.identify(old, till_id=TILL, basket_id="b2")).verdict is Verdict.REVOKED
    assert (await cards.identify(await code(), till_id=TILL, basket_id="b3")).verdict is Verdict.FRESH


async def test_pushes_over_http_2(
    database: Database,
    clock: MovableClock,
    configured: Settings,
    identity: Identity,
    cards: CardService,
    facts: Facts,
    outbox: Outbox,
    tmp_path: Path,
) -> None:
    async with push_stub(tmp_path, identity.intermediate.public_bytes(Encoding.PEM)) as stub:
        wallet = AppleWallet(
            database,
            clock,
            configured,
            cards=cards,
            facts=facts,
            outbox=outbox,
            limiter=Limiter(database, clock),
            push_service=lambda who: PushService(who, stub.url, str(stub.trusted)),
        )
        await ensure_indexes(database, repository.INDEXES)
        await wallet.issue(ADA)
        serial = (await database["apple_passes"].find_one({}) or {})["_id"]
        await wallet.register("one", serial, "aa" * 32)
        await wallet.register("two", serial, "bb" * 32)
        facts.earn(ADA, 500)
        await wallet.refresh()
        stub.answers = [(503, "ServiceUnavailable"), (410, "Unregistered")]
        await outbox.deliver_due()
        assert sorted(path for path, _, _ in stub.pushed) == [f"/3/device/{'aa' * 32}", f"/3/device/{'bb' * 32}"]
        assert {(topic, body) for _, topic, body in stub.pushed} == {(identity.pass_type, b"{}")}
        assert stub.client_names == {identity.pass_type}
        assert await database["apple_registrations"].count_documents({}) == 1
        clock.advance(timedelta(minutes=1))
        assert await outbox.deliver_due() == 1
        await wallet.close()


async def test_an_unreachable_push_service_is_tried_again(identity: Identity) -> None:
    service = PushService(identity, "https://127.0.0.1:9")
    with pytest.raises(PushRefused, match="unreachable"):
        await service.send("aa")
    await service.close()


async def test_off_until_configured_in_production(
    database: Database, clock: MovableClock, settings: Settings, cards: CardService, facts: Facts, outbox: Outbox
) -> None:
    def wallet(changed: dict[str, object]) -> AppleWallet:
        return AppleWallet(
            database,
            clock,
            settings.model_copy(update={"secret": SecretStr("x" * 40), **changed}),
            cards=cards,
            facts=facts,
            outbox=outbox,
            limiter=Limiter(database, clock),
        )

    off = wallet({"profile": "production"})
    assert not off.available
    with pytest.raises(PassesOff):
        await off.issue(ADA)
    development = wallet({})
    assert "test" in content((await development.issue(ADA)).package)["logoText"]
    await outbox.add(PUSH, "k", {"push_token": "aa"})
    assert await outbox.deliver_due() == 1


async def test_erasing_a_member(wallet: AppleWallet, kept: Kept, database: Database) -> None:
    await wallet.register(PHONE, kept.serial, TOKEN)
    await wallet.erase(ADA)
    for collection in ("apple_passes", "apple_registrations"):
        assert await database[collection].count_documents({}) == 0
