"""The threat table, a test for each line: tokens, keys and clients."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from app.core.database import Database
from auth.clients.service import TRANSFER_GRANT
from auth.errors import AuthRefused
from auth.keys.service import public_jwk
from auth.outside import OutsideAddresses, OutsideRefused
from auth.transfers.service import REFRESH_TYPE, TRANSFER_TYPE
from tests.auth.conftest import Service, listen, serving
from tests.auth.person import Client, Person, answer_of, app, signed_in, storefront, unverified
from tests.auth.test_tills import ASSERTION, Till, paired


@pytest.fixture
def service(shared: Service) -> Service:
    return shared


async def test_access_token_theft(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    own = await app(service)
    with caplog.at_level(logging.DEBUG):
        _, tokens = await signed_in(own)
        assert (await own.get("/whoami", tokens["access_token"])).status_code == 200
    for secret in (tokens["access_token"], tokens["refresh_token"], tokens["id_token"]):
        assert secret not in caplog.text
    stolen = tokens["access_token"]
    as_bearer = await own.http.get("/whoami", headers={"Authorization": f"Bearer {stolen}"})
    assert as_bearer.status_code == 401
    no_proof = await own.http.get("/whoami", headers={"Authorization": f"DPoP {stolen}"})
    assert no_proof.status_code == 401
    thief = Client(service, own.client_id, dpop=True)
    assert (await thief.get("/whoami", stolen)).status_code == 401
    for change in ({"htm": "POST"}, {"htu": service.url + "/token"}, {"iat": 1}, {"ath": "x"}, {"jti": None}):
        proof = own.proof("GET", "/whoami", stolen, **change)
        headers = {"Authorization": f"DPoP {stolen}", "DPoP": proof}
        assert (await own.http.get("/whoami", headers=headers)).status_code in (400, 401), change


async def test_nothing_that_opens_anything_is_stored_as_it_is(service: Service, database: Database) -> None:
    shop = await storefront(service)
    person, tokens = await signed_in(shop)
    callback = str(await person.open(shop.url()))
    pairing = await service.auth.pairings.create("str_one", "Till", "agent:x")
    secrets = [
        tokens["refresh_token"],
        tokens["access_token"],
        answer_of(callback)["code"],
        str(shop.secret),
        pairing.code,
        service.mails.code(person.email),
        *person.http.cookies.values(),
    ]
    storage = service.auth.client_storage._clients.database
    for name in await storage.list_collection_names():
        stored = str(await storage[name].find().to_list())
        assert not [secret for secret in secrets if secret in stored], name


async def test_refresh_theft(service: Service) -> None:
    shop = await storefront(service)
    person, tokens = await signed_in(shop)
    owner = (await shop.refresh(tokens["refresh_token"])).json()
    service.clock.advance(timedelta(seconds=31))
    thief = await shop.refresh(tokens["refresh_token"])
    assert thief.json()["error"] == "invalid_grant"
    assert (await shop.get("/whoami", owner["access_token"])).status_code == 401
    assert (await shop.get("/whoami", tokens["access_token"])).status_code == 401
    assert (await shop.refresh(owner["refresh_token"])).status_code == 400
    events = await service.auth.events.page(unverified(tokens["id_token"])["sub"], 1)
    assert events[0]["type"] == "refresh_reuse"
    assert service.auth.events.text(events[0]) == "A copied sign-in of Corner Shop was used and has been ended"
    assert service.mails.sent[-1]["to"] == person.email
    assert service.mails.sent[-1]["kind"] == "security"


async def test_refresh_theft_of_an_older_token_inside_the_grace(service: Service) -> None:
    shop = await storefront(service)
    _, tokens = await signed_in(shop)
    second = (await shop.refresh(tokens["refresh_token"])).json()
    await shop.refresh(second["refresh_token"])
    assert (await shop.refresh(tokens["refresh_token"])).status_code == 400
    assert (await shop.refresh(second["refresh_token"])).status_code == 400


async def test_refresh_theft_of_a_bound_token(service: Service) -> None:
    own = await app(service)
    _, tokens = await signed_in(own)
    thief = Client(service, own.client_id, dpop=True)
    assert (await thief.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    thief.key = None
    assert (await thief.refresh(tokens["refresh_token"])).json()["error"] == "invalid_dpop_proof"
    assert (await own.refresh(tokens["refresh_token"])).status_code == 200


async def test_honest_retry_taken_for_theft(service: Service) -> None:
    shop = await storefront(service)
    _, tokens = await signed_in(shop)
    answers = await asyncio.gather(*(shop.refresh(tokens["refresh_token"]) for _ in range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    service.clock.advance(timedelta(seconds=29))
    late = await shop.refresh(tokens["refresh_token"])
    assert late.json()["refresh_token"] in successors
    assert (await shop.refresh(successors.pop())).status_code == 200


async def test_code_replay_or_race(service: Service) -> None:
    shop = await storefront(service)
    person = Person(service)
    callback = await person.through(shop.url())
    answers = await asyncio.gather(*(shop.redeem(callback) for _ in range(8)))
    good = [answer for answer in answers if answer.status_code == 200]
    assert len(good) == 1
    assert all(answer.json()["error"] == "invalid_grant" for answer in answers if answer.status_code != 200)
    for answer in good:
        assert (await shop.get("/whoami", answer.json()["access_token"])).status_code == 401


@pytest.mark.parametrize(
    "change",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": None},
        {"redirect_uri": "https://shop.example/other"},
        {"redirect_uri": None},
        {"code": "nonsense"},
        {"code": None},
    ],
    ids=str,
)
async def test_code_bound_to_its_verifier_redirect_and_client(service: Service, change: dict[str, Any]) -> None:
    shop, other = await storefront(service), await storefront(service)
    callback = await Person(service).through(shop.url())
    assert (await shop.redeem(callback, **change)).status_code == 400
    assert (await other.redeem(callback, code_verifier=shop.verifier)).status_code == 400
    assert (await shop.redeem(callback)).status_code == 200


async def test_code_too_old(service: Service) -> None:
    shop = await storefront(service)
    callback = await Person(service).through(shop.url())
    service.clock.advance(timedelta(seconds=60))
    assert (await shop.redeem(callback)).status_code == 400


async def test_dpop_or_assertion_replay(service: Service) -> None:
    own = await app(service)
    _, tokens = await signed_in(own)
    proof = own.proof("GET", "/whoami", tokens["access_token"])
    headers = {"Authorization": f"DPoP {tokens['access_token']}", "DPoP": proof}
    assert (await own.http.get("/whoami", headers=headers)).status_code == 200
    again = await own.http.get("/whoami", headers=headers)
    assert again.json()["error"] == "invalid_dpop_proof"
    till = await paired(service)
    assertion = till.assertion()
    assert (await till.token(assertion))["status"] == 200
    assert (await till.token(assertion))["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"aud": "issuer"}, 200),
        ({"aud": "https://elsewhere.example"}, 401),
        ({"aud": None}, 401),
        ({"exp": 0}, 401),
        ({"exp": None}, 401),
        ({"exp": 3600}, 401),
        ({"jti": None}, 401),
        ({"iss": "somebody"}, 401),
        ({"sub": "somebody"}, 401),
        ({"iat": 600}, 401),
    ],
    ids=str,
)
async def test_client_assertions(service: Service, changes: dict[str, Any], status: int) -> None:
    """The conformance suite's modules on expired and wrong-audience assertions, and the issuer as audience."""
    till = await paired(service)
    now = int(service.clock.now().timestamp())
    made = {name: now + value if isinstance(value, int) else value for name, value in changes.items()}
    if changes.get("exp") == 0:
        made["exp"] = now - 120
    if changes.get("aud") == "issuer":
        made["aud"] = service.url
    assert (await till.token(till.assertion(**made)))["status"] == status


async def test_till_key_stolen(service: Service) -> None:
    first, second = await paired(service, "One"), await paired(service, "Two")
    tokens = [(await till.token())["access_token"] for till in (first, second)]
    await service.auth.tills.disable(first.client_id, "stolen", actor="agent:idn_boss")
    http = service.stranger()
    answers = [await http.get("/whoami", headers={"Authorization": f"Bearer {token}"}) for token in tokens]
    assert [answer.status_code for answer in answers] == [401, 200]
    assert (await first.token())["error"] == "invalid_client"
    thief = Till(service)
    thief.client_id = second.client_id
    assert (await thief.token())["error"] == "invalid_client"


async def test_device_grant_phishing(service: Service) -> None:
    """There is no code that a member could approve: the code already carries the store and till that staff chose."""
    person = Person(service)
    await service.sign_in(person.http, person.email)
    jwk = public_jwk(ec.generate_private_key(ec.SECP256R1()))
    for code in ("ABCDEFGH", "", "x" * 41, None, {"$ne": ""}):
        answer = await person.http.post("/till/pair", json={"code": code, "jwk": jwk, "label": ""})
        assert answer.status_code == 400
    metadata = (await person.http.get("/.well-known/openid-configuration")).json()
    assert not [grant for grant in metadata["grant_types_supported"] if "device" in grant]


async def test_session_transfer_stolen(service: Service) -> None:
    own = await app(service)
    _, tokens = await signed_in(own)

    async def transfer(**changes: str) -> httpx.Response:
        form = {
            "grant_type": TRANSFER_GRANT,
            "subject_token": tokens["refresh_token"],
            "subject_token_type": REFRESH_TYPE,
            "requested_token_type": TRANSFER_TYPE,
            **changes,
        }
        return await own.token(**form)

    value = (await transfer()).json()["access_token"]
    first, second = service.stranger(), service.stranger()
    assert (await first.post("/session/transfer", data={"transfer": value})).status_code == 303
    assert (await first.get("/whoami")).json()["kind"] == "member"
    assert (await second.post("/session/transfer", data={"transfer": value})).status_code == 400
    assert (await first.get("/whoami")).json()["kind"] == "anonymous"
    events = await service.auth.events.page(unverified(tokens["id_token"])["sub"], 10)
    assert "transfer_reuse" in [event["type"] for event in events]
    late = (await transfer()).json()["access_token"]
    service.clock.advance(timedelta(seconds=60))
    assert (await second.post("/session/transfer", data={"transfer": late})).status_code == 400
    assert (await transfer(audience="somebody")).json()["error"] == "invalid_target"
    fresh = (await transfer()).json()["access_token"]
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        foreign = await second.post("/session/transfer", data={"transfer": fresh}, headers=headers)
        assert foreign.status_code == 403


async def test_revocation_latency_and_stale_long_lived_sockets(service: Service) -> None:
    shop, person = await storefront(service), Person(service)
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    elsewhere = Person(service, person.email)
    service.clock.advance(timedelta(seconds=61))
    await service.sign_in(elsewhere.http, person.email)
    access = await service.auth.authenticator.access_by_token(f"Bearer {tokens['access_token']}")
    session_id = (await person.http.get("/whoami")).json()["sessionId"]
    assert await service.auth.authenticator.still(access)
    identity = (await elsewhere.http.get("/whoami")).json()["subject"]
    await service.auth.sessions.end(identity, session_id)
    assert (await person.http.get("/whoami")).json()["kind"] == "anonymous"
    assert (await shop.get("/whoami", tokens["access_token"])).status_code == 401
    assert not await service.auth.authenticator.still(access)
    assert (await elsewhere.http.get("/whoami")).json()["kind"] == "member"


async def test_a_token_of_one_audience_opens_nothing_of_another(service: Service) -> None:
    issue = service.auth.tokens.issue
    till = await paired(service)
    minute = timedelta(minutes=1)
    wide = ["till:earn", "support:adjust", "points:redeem", "admin:keys"]
    token = await issue(subject=till.client_id, client_id=till.client_id, audience="pos", scopes=wide, lifetime=minute)
    access = await service.auth.authenticator.access_by_token(f"Bearer {token}")
    assert access.scopes == {"till:earn"}
    member = await issue(subject="x", client_id=till.client_id, audience="member", scopes=wide, lifetime=minute)
    assert (await service.auth.authenticator.access_by_token(f"Bearer {member}")).scopes == frozenset()


async def test_a_bound_token_is_refused_where_no_proof_can_come(service: Service) -> None:
    own = await app(service)
    _, tokens = await signed_in(own)
    with pytest.raises(AuthRefused):
        await service.auth.authenticator.access_by_token(f"DPoP {tokens['access_token']}")


async def test_ssrf_by_client_uris_at_send(service: Service) -> None:
    for url in (
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "http://shop.example/x",
        "https://localhost/x",
        "https://[",
    ):
        with pytest.raises(OutsideRefused):
            await service.auth.outside.request("POST", url, form={"logout_token": "x"})


async def test_ssrf_by_client_uris_that_redirect_or_never_end(service: Service) -> None:
    """Even an address that may be called leads nowhere else, and fills no memory."""
    followed: list[str] = []

    async def elsewhere(request: Request) -> Response:
        followed.append(request.url.path)
        return RedirectResponse("/secret", 307)

    async def endless(_: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            for _ in range(100_000):
                followed.append("chunk")
                await asyncio.sleep(0)
                yield b"x" * 16_384

        return StreamingResponse(chunks())

    listener, url = listen()
    paths = [Route("/out", elsewhere, methods=["POST"]), Route("/endless", endless, methods=["POST"])]
    async with serving(Starlette(routes=[*paths, Route("/secret", elsewhere, methods=["POST"])]), listener):
        outside = OutsideAddresses(service.stranger(), frozenset({url}))
        with pytest.raises(OutsideRefused, match="redirects"):
            await outside.request("POST", url + "/out", form={"logout_token": "x"})
        assert followed == ["/out"]
        with pytest.raises(OutsideRefused, match="answers too much"):
            await outside.request("POST", url + "/endless", form={"logout_token": "x"})
    assert len(followed) < 10_000


async def test_no_client_authentication_gives_more_than_invalid_client(service: Service) -> None:
    shop, own = await storefront(service), await app(service)
    bad: list[dict[str, str]] = [
        {},
        {"client_id": "nobody"},
        {"client_id": shop.client_id},
        {"client_id": shop.client_id, "client_secret": "wrong"},
        {"client_id": own.client_id, "client_secret": "anything"},
        {"client_assertion": "nonsense", "client_assertion_type": ASSERTION},
        {"client_assertion": jwt.encode({"sub": 1}, "k" * 32, "HS256"), "client_assertion_type": ASSERTION},
    ]
    for form in bad:
        answer = await shop.http.post("/token", data={"grant_type": "refresh_token", "refresh_token": "x", **form})
        assert answer.status_code == 401, form
        assert answer.json() == {"error": "invalid_client", "error_description": "client authentication failed"}
    both = {"client_id": shop.client_id, "client_secret": "x", "client_assertion": "y", "grant_type": "refresh_token"}
    assert (await shop.http.post("/token", data=both)).json()["error"] == "invalid_request"
