"""The threat table, a test for each line: signing in."""

import asyncio
import contextlib
import secrets
import statistics
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta
from types import FrameType
from typing import Any

import httpx2 as httpx
import pytest
from starlette.applications import Starlette

from app.core.database import Database
from app.core.limits import RateLimited
from app.core.settings import Settings
from auth.routes import routes
from auth.web import Peer
from tests.auth.authenticator import Authenticator
from tests.auth.conftest import Service, running
from tests.auth.person import Person

SLOW_HASHES = frozenset({"scrypt", "pbkdf2_hmac", "derive", "hash_secret", "hash_secret_raw", "verify_secret"})


async def test_session_fixation(shared: Service) -> None:
    """A value planted before signing in is worth nothing after it; stepping up changes the value again."""
    email = f"{secrets.token_hex(6)}@example.test"
    async with shared.browser() as victim, shared.browser() as attacker:
        await shared.sign_in(attacker, f"{secrets.token_hex(6)}@example.test")
        planted = str(attacker.cookies["sso"])
        mine = (await attacker.get("/whoami")).json()["subject"]
        victim.cookies.set("sso", planted, domain="127.0.0.1")
        await shared.sign_in(victim, email)
        signed_in = next(cookie.value for cookie in victim.cookies.jar if cookie.value != planted)
        assert signed_in != planted
        for value in (planted, "never-issued", "", "x" * 5000):
            answer = await shared.stranger().get("/whoami", headers={"Cookie": f"sso={value}"})
            assert answer.json()["kind"] == "anonymous"
        me = (await shared.stranger().get("/whoami", headers={"Cookie": f"sso={signed_in}"})).json()
        assert me["subject"] != mine
        headers = {"Cookie": f"sso={signed_in}", "Origin": shared.url}
        await shared.stranger().post("/stepup/code", json={}, headers=headers)
        body = {"code": shared.mails.code(email)}
        stepped = await shared.stranger().post("/stepup/verify", json=body, headers=headers)
        assert stepped.cookies["sso"] != signed_in
        old = await shared.stranger().get("/whoami", headers={"Cookie": f"sso={signed_in}"})
        assert old.json()["kind"] == "anonymous"


async def test_enumeration_by_body(shared: Service) -> None:
    known, unknown = Person(shared), f"{secrets.token_hex(6)}@example.test"
    await shared.sign_in(known.http, known.email)
    http = shared.stranger()
    for path, body in (("/login/code", {}), ("/login/code", {}), ("/login/code/verify", {"code": "12345678"})):
        answers = [await http.post(path, json={"email": email, **body}) for email in (known.email, unknown)]
        assert answers[0].status_code == answers[1].status_code
        assert answers[0].content == answers[1].content
        same = [{k: v for k, v in answer.headers.items() if k != "date"} for answer in answers]
        assert same[0] == same[1]
    options = [(await http.post("/login/passkey/options", json={})).json() for _ in range(2)]
    assert all(option.get("allowCredentials", []) == [] for option in options)


async def test_enumeration_by_time(shared: Service) -> None:
    peer = Peer("203.0.113.0/24", "Test")
    token = secrets.token_hex(4)
    known = [f"{token}{n}@example.test" for n in range(200)]
    await asyncio.gather(*(shared.auth.identities.prove_email(email, peer) for email in known))
    app = Starlette(routes=routes(shared.auth))
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=shared.url)

    async def spent(path: str, status: int, **body: str) -> float:
        began = time.perf_counter()
        answer = await http.post(path, json=body)
        assert answer.status_code == status, answer.text
        return time.perf_counter() - began

    times: dict[tuple[str, bool], list[float]] = defaultdict(list)

    async def sample(email: str, *, is_known: bool) -> None:
        times["send", is_known].append(await spent("/login/code", 202, email=email))
        times["check", is_known].append(await spent("/login/code/verify", 400, email=email, code="00000000"))

    # A few of both kinds at a time, taking turns at who begins: what else the machine does hits both alike.
    for n in range(0, 200, 4):
        pairs = [(known[m], f"{token}x{m}@example.test") for m in range(n, n + 4)]
        kinds = (True, False) if n % 8 else (False, True)
        await asyncio.gather(*(sample(pair[not kind], is_known=kind) for pair in pairs for kind in kinds))
    await http.aclose()
    for step in ("send", "check"):
        assert abs(statistics.median(times[step, True]) - statistics.median(times[step, False])) < 0.010, step


async def test_code_guessing_the_sixth_try_fails_even_with_the_right_code(service: Service) -> None:
    http = service.stranger()
    await http.post("/login/code", json={"email": "alma@example.test"})
    right = service.mails.code("alma@example.test")
    wrong = f"{(int(right) + 1) % 100_000_000:08d}"
    for _ in range(5):
        answer = await http.post("/login/code/verify", json={"email": "alma@example.test", "code": wrong})
        assert answer.status_code == 400
    answer = await http.post("/login/code/verify", json={"email": "alma@example.test", "code": right})
    assert answer.status_code == 400


async def test_code_guessing_a_hundred_parallel_tries_count_five_at_most(service: Service, database: Database) -> None:
    peers = [Peer(f"203.0.{n}.0/24", "Test") for n in range(100)]
    await service.auth.codes.send("alma@example.test", "sign-in", peers[0])
    right = service.mails.code("alma@example.test")
    guesses = [f"{(int(right) + n) % 100_000_000:08d}" for n in range(1, 101)]
    check = service.auth.codes.check
    results = await asyncio.gather(
        *(check("alma@example.test", "sign-in", guess, peer) for guess, peer in zip(guesses, peers, strict=True))
    )
    assert not any(results)
    (stored,) = await database["otps"].find().to_list()
    assert stored["tries"] == 5
    assert not await check("alma@example.test", "sign-in", right, peers[0])


async def test_a_right_code_sent_eight_times_at_once_works_once(service: Service) -> None:
    peer = Peer("203.0.113.0/24", "Test")
    await service.auth.codes.send("alma@example.test", "sign-in", peer)
    right = service.mails.code("alma@example.test")
    results = await asyncio.gather(
        *(service.auth.codes.check("alma@example.test", "sign-in", right, peer) for _ in range(8))
    )
    assert results.count(True) == 1


async def test_mail_bombing(service: Service) -> None:
    await service.sign_in(service.browser(), "known@example.test")
    before = len(service.mails.sent)
    http = service.stranger()
    answers: dict[str, list[int]] = {"known@example.test": [], "unknown@example.test": []}
    service.clock.advance(timedelta(hours=2))
    for n in range(50):
        service.clock.advance(timedelta(seconds=30 if n % 2 else 31))
        for email, statuses in answers.items():
            statuses.append((await http.post("/login/code", json={"email": email})).status_code)
    mails = [mail["to"] for mail in service.mails.sent[before:]]
    assert answers["known@example.test"] == answers["unknown@example.test"]
    # Five at once, and one more for each twelve minutes of the twenty-five that passed.
    assert mails.count("known@example.test") == mails.count("unknown@example.test") <= 7


async def test_mail_bombing_fifty_requests_at_once_send_one_mail(service: Service) -> None:
    http = service.stranger()
    body = {"email": "alma@example.test"}
    answers = await asyncio.gather(*(http.post("/login/code", json=body) for _ in range(50)))
    assert [answer.status_code for answer in answers].count(202) == 1
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 429)
    assert len(service.mails.sent) == 1


async def test_one_network_asks_for_thirty_codes_in_ten_minutes_at_most(service: Service) -> None:
    http = service.stranger()
    statuses = [(await http.post("/login/code", json={"email": f"a{n}@example.test"})).status_code for n in range(40)]
    assert statuses == [202] * 30 + [429] * 10


async def test_mail_scanner_eats_link(shared: Service) -> None:
    """A sign-in mail carries a code and no link, so there is nothing to eat."""
    email = f"{secrets.token_hex(6)}@example.test"
    await shared.stranger().post("/login/code", json={"email": email})
    mail = next(mail for mail in shared.mails.sent if mail["to"] == email)
    assert "http" not in mail["text"] + mail["subject"]


async def test_credential_stuffing(service: Service) -> None:
    """No password to try. Of 1,000 guesses from 200 networks within ten minutes, by bots that also ask for every code
    they can get, twenty at most are looked at; the owner gets in by passkey meanwhile, and by code soon after.
    """
    email, looked_at = "alma@example.test", 0
    codes = service.auth.codes._repository._codes
    for n in range(10):
        service.clock.advance(timedelta(minutes=1))
        with contextlib.suppress(RateLimited):
            await service.auth.codes.send(email, "sign-in", Peer(f"198.51.{n}.0/24", "Bot"))
        before = await codes.find_one({})
        guesses = [(f"{n:02}{m:06}", Peer(f"198.51.{(n * 100 + m) % 200}.0/24", "Bot")) for m in range(100)]
        answers = await asyncio.gather(
            *(service.auth.codes.check(email, "sign-in", code, peer) for code, peer in guesses), return_exceptions=True
        )
        refused = sum(isinstance(answer, RateLimited) for answer in answers)
        assert all(answer is False or isinstance(answer, RateLimited) for answer in answers)
        after = await codes.find_one({})
        assert before is not None
        assert after is not None
        looked_at += after["tries"] - before["tries"] - refused
    assert 5 <= looked_at <= 20
    metadata = (await service.stranger().get("/.well-known/openid-configuration")).json()
    assert "password" not in metadata["grant_types_supported"]
    proved = await service.auth.identities.prove_email(email)
    owner = Authenticator(service, proved.identity["_id"])
    await owner.enrol()
    assert (await owner.answer(await owner.challenge())).status_code == 200
    service.clock.advance(timedelta(minutes=15))
    assert (await service.sign_in(service.browser(), email))["kind"] == "member"


@contextlib.contextmanager
def hashes() -> Iterator[Counter[str]]:
    """Counts the keyed and the slow hashes that are computed, whoever computes them."""
    counted: Counter[str] = Counter()

    def notice(_frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and (name := called.__name__) in {"hmac_new", "hmac_digest", *SLOW_HASHES}:
            counted["slow" if name in SLOW_HASHES else "keyed"] += 1

    sys.setprofile(notice)
    threading.setprofile(notice)
    try:
        yield counted
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


async def test_hash_flood(service: Service) -> None:
    """No password is hashed anywhere: each of 200 sign-ins at once costs three fast hashes at most, those beyond what
    one network may try cost none, and are told when to come back.
    """
    known = [f"a{n}@example.test" for n in range(20)]
    for email in known:
        await service.auth.codes.send(email, "sign-in", Peer("198.51.100.0/24", "Test"))
    http = service.stranger()
    with hashes() as counted:
        answers = await asyncio.gather(
            *(http.post("/login/code/verify", json={"email": known[n % 20], "code": f"{n:08}"}) for n in range(200))
        )
    tried = service.auth.policy.tries_per_network.count
    assert Counter(answer.status_code for answer in answers) == {400: tried, 429: 200 - tried}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 429)
    assert 0 < counted["keyed"] <= 3 * tried
    assert counted["slow"] == 0


async def test_prehijack_whoever_proves_an_address_evicts_whoever_only_claimed_it(service: Service) -> None:
    peer = Peer("203.0.113.0/24", "Test")
    squatter = await service.auth.identities.create()
    await service.auth.identities.add_method(
        squatter["_id"], "email", "alma@example.test", "alma@example.test", peer=peer
    )
    await service.auth.identities._repository._methods.update_many({}, {"$set": {"verified_at": None}})
    planted = await service.auth.sessions.open(squatter, "email", peer)
    async with service.browser() as alma:
        assert (await service.sign_in(alma, "alma@example.test"))["newIdentity"] is True
        assert (await alma.get("/whoami")).json()["subject"] != squatter["_id"]
    answer = await service.stranger().get("/whoami", headers={"Cookie": f"sso={planted.value}"})
    assert answer.json()["kind"] == "anonymous"
    assert await service.auth.identities.methods_of(squatter["_id"]) == []


async def test_eight_sign_ups_of_one_person_at_once_make_one_identity(service: Service) -> None:
    peer = Peer("203.0.113.0/24", "Test")
    prove = service.auth.identities.prove_email
    proved = await asyncio.gather(*(prove("alma@example.test", peer) for _ in range(8)))
    assert len({found.identity["_id"] for found in proved}) == 1
    assert sum(found.new for found in proved) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "email"),
        ({"email": ""}, "email"),
        ({"email": "alma"}, "email"),
        ({"email": "a@b@c"}, "email"),
        ({"email": ["a@example.test"]}, "email"),
        ({"email": {"$ne": ""}}, "email"),
        ({"email": "a" * 300 + "@example.test"}, "email"),
        ({"email": "a\0b@example.test"}, "email"),
        ({"email": "a@example.test\nBcc: b@example.test"}, "email"),
    ],
    ids=str,
)
async def test_bad_addresses_are_named_and_refused(shared: Service, body: dict[str, object], field: str) -> None:
    answer = await shared.stranger().post("/login/code", json=body)
    assert answer.status_code == 400
    assert answer.json()["field"] == field


async def test_cookie_tossing_from_subdomains(database: Database, settings: Settings) -> None:
    """Over https the cookie is one that no sibling domain can set or shadow."""
    async with running(database, settings, policy={"issuer": "https://id.stamps.example"}) as service:
        http = service.stranger()
        await http.post("/login/code", json={"email": "alma@example.test"})
        body = {"email": "alma@example.test", "code": service.mails.code("alma@example.test")}
        answer: httpx.Response = await http.post("/login/code/verify", json=body)
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-sso=")
        for part in ("Secure", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age="):
            assert part in cookie
        assert "Domain" not in cookie
        value = cookie.split(";")[0].partition("=")[2]
        tossed = await http.get("/whoami", headers={"Cookie": f"sso={value}; __Secure-sso={value}"})
        assert tossed.json()["kind"] == "anonymous"
