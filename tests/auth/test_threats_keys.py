"""The threat table, a test for each line: keys."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.keys.service import public_jwk
from tests.auth.conftest import Service
from tests.auth.person import signed_in, storefront, unverified


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
