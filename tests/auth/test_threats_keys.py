"""The threat table, a test for each line: keys, and tokens in the wrong place."""

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx2 as httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.clients.service import TRANSFER_GRANT
from auth.keys.service import public_jwk
from auth.transfers.service import REFRESH_TYPE, TRANSFER_TYPE
from tests.auth.conftest import Service
from tests.auth.person import Client, answer_of, app, signed_in, storefront, unverified
from tests.auth.test_tills import paired


@pytest.fixture
def service(shared: Service) -> Service:
    return shared


def forged(token: str, *, header: dict[str, Any] | None = None, sign: Callable[[bytes], bytes] | None = None) -> str:
    """A token with another header, signed otherwise or as it was."""
    head, body, signature = token.split(".")
    if header is not None:
        said = {**jwt.get_unverified_header(token), **header}
        head = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    if sign is not None:
        signature = base64.urlsafe_b64encode(sign(f"{head}.{body}".encode())).rstrip(b"=").decode()
    return f"{head}.{body}.{signature}"


async def test_key_compromise(service: Service) -> None:
    shop = await storefront(service)
    person, tokens = await signed_in(shop)
    access = tokens["access_token"]
    keys = (await person.http.get("/jwks")).json()["keys"]
    public = jwt.PyJWK(next(key for key in keys if key["kid"] == unverified(access)["header"]["kid"])).key
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    claims = jwt.decode(access, options={"verify_signature": False})
    mine = ec.generate_private_key(ec.SECP256R1())
    kid = unverified(access)["header"]["kid"]
    bad = {
        "alg none": forged(access, header={"alg": "none"}, sign=lambda _: b""),
        "HS256 by public key": forged(
            access, header={"alg": "HS256"}, sign=lambda text: hmac.digest(pem, text, hashlib.sha256)
        ),
        "wrong typ": jwt.encode(claims, mine, "ES256", {"typ": "JWT", "kid": kid}),
        "unknown kid": jwt.encode(claims, mine, "ES256", {"typ": "at+jwt", "kid": "nobody"}),
        "known kid, other key": jwt.encode(claims, mine, "ES256", {"typ": "at+jwt", "kid": kid}),
        "key in the header": jwt.encode(claims, mine, "ES256", {"typ": "at+jwt", "jwk": public_jwk(mine)}),
        "RS256": jwt.encode(claims, rsa.generate_private_key(65537, 2048), "RS256", {"typ": "at+jwt", "kid": kid}),
        "no signature": access.rpartition(".")[0] + ".",
        "two parts": access.rpartition(".")[0],
        "long": "a" * 10_000,
    }
    for name, token in bad.items():
        answer = await shop.http.get("/whoami", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, name
        assert "invalid_token" in answer.headers["www-authenticate"], name
    service.clock.advance(timedelta(minutes=5))
    assert (await shop.get("/whoami", access)).status_code == 401


async def test_token_confusion(service: Service) -> None:
    """Each kind of token at each other endpoint; only its own takes it."""
    shop, till, own = await storefront(service), await paired(service), await app(service)
    person, tokens = await signed_in(shop)
    _, app_tokens = await signed_in(own)
    machine = (await till.token())["access_token"]
    exchanged = await own.token(
        grant_type=TRANSFER_GRANT,
        subject_token=app_tokens["refresh_token"],
        subject_token_type=REFRESH_TYPE,
        requested_token_type=TRANSFER_TYPE,
    )
    kinds = {
        "id": tokens["id_token"],
        "access": tokens["access_token"],
        "refresh": tokens["refresh_token"],
        "till": machine,
        "code": answer_of(str(await person.open(shop.url())))["code"],
        "logout": await service.auth.id_tokens.logout_token(client_id=shop.client_id, subject="idn_x", sid="fam_x"),
        "transfer": exchanged.json()["access_token"],
        "assertion": till.assertion(),
        "proof": own.proof("GET", "/whoami", tokens["access_token"]),
        "cookie": str(person.http.cookies["sso"]),
    }
    http = service.stranger()

    async def bearer(path: str, token: str) -> bool:
        return (await http.get(path, headers={"Authorization": f"Bearer {token}"})).status_code == 200

    async def form(path: str, **fields: str) -> httpx.Response:
        return await http.post(path, data={"client_id": shop.client_id, "client_secret": str(shop.secret), **fields})

    async def redeem(token: str) -> bool:
        answer = await form(
            "/token",
            grant_type="authorization_code",
            code=token,
            redirect_uri=Client.redirect_uri,
            code_verifier=shop.verifier,
        )
        return answer.status_code == 200

    async def refresh(token: str) -> bool:
        return (await form("/token", grant_type="refresh_token", refresh_token=token)).status_code == 200

    async def authenticate(token: str) -> bool:
        return bool((await till.token(token))["status"] == 200)

    async def hint(token: str) -> bool:
        return (await http.get("/end_session", params={"id_token_hint": token})).status_code == 200

    async def transfer(token: str) -> bool:
        return (await http.post("/session/transfer", data={"transfer": token})).status_code == 303

    async def cookie(token: str) -> bool:
        answer = await http.get("/whoami", headers={"Cookie": f"{service.auth.cookie.name}={token}"})
        return bool(answer.json().get("kind") == "member")

    async def backchannel(token: str) -> bool:
        return (await http.post("/idp/corp/backchannel", data={"logout_token": token})).status_code == 200

    doors: dict[str, tuple[Callable[[str], Awaitable[bool]], set[str]]] = {
        "resource": (lambda token: bearer("/whoami", token), {"access", "till"}),
        "userinfo": (lambda token: bearer("/userinfo", token), {"access"}),
        "cookie": (cookie, {"cookie"}),
        "client assertion": (authenticate, {"assertion"}),
        "transfer": (transfer, {"transfer"}),
        "backchannel": (backchannel, set()),
        "refresh": (refresh, {"refresh"}),
        "code": (redeem, {"code"}),
        "logout hint": (hint, {"id"}),
    }
    for door, (opens, keys) in doors.items():
        opened = {kind for kind, token in kinds.items() if await opens(token)}
        assert opened == keys, door
