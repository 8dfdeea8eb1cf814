"""Pairing a till and what its key is good for."""

import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from auth.keys.service import public_jwk
from auth.tills.errors import PairingRefused, UnknownStore
from tests.auth.conftest import Service

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Till:
    """A till with its own key."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.client_id = ""

    async def pair(self, code: str) -> dict[str, Any]:
        async with self.service.stranger() as http:
            body = {"code": code, "jwk": public_jwk(self.key), "label": "Counter 1"}
            answer = await http.post("/till/pair", json=body)
        self.client_id = answer.json().get("clientId", "")
        return {"status": answer.status_code, **answer.json()}

    def assertion(self, **changes: Any) -> str:
        now = int(self.service.clock.now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self.service.url + "/token",
            "iat": now,
            "exp": now + 60,
            "jti": str(time.monotonic_ns()),
            **changes,
        }
        return jwt.encode({name: value for name, value in claims.items() if value is not None}, self.key, "ES256")

    async def token(self, assertion: str | None = None, **form: str) -> dict[str, Any]:
        async with self.service.stranger() as http:
            data = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION,
                "client_assertion": assertion or self.assertion(),
                **form,
            }
            answer = await http.post("/token", data=data)
        return {"status": answer.status_code, **answer.json()}


async def paired(service: Service, name: str = "Till 1", store: str = "str_one") -> Till:
    till = Till(service)
    code = (await service.auth.pairings.create(store, name, "agent:idn_boss")).code
    assert (await till.pair(code))["status"] == 201
    return till


async def test_a_paired_till_gets_tokens_for_ten_minutes(service: Service) -> None:
    pairing = await service.auth.pairings.create("str_one", "Till 1", "agent:idn_boss")
    till = Till(service)
    answer = await till.pair(f"{pairing.code[:4]}-{pairing.code[4:].lower()}")
    assert answer["status"] == 201
    assert answer["store"] == {"id": "str_one", "name": "Market Street"}
    token = await till.token()
    assert token["status"] == 200
    assert token["expires_in"] == 600
    async with service.stranger() as http:
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        me = (await http.get("/whoami", headers=headers)).json()
        assert me["kind"] == "till"
        assert me["tillId"] == till.client_id
        assert me["storeId"] == "str_one"
        assert "till:earn" in me["scopes"]
        service.clock.advance(timedelta(minutes=10))
        assert (await http.get("/whoami", headers=headers)).status_code == 401


async def test_a_pairing_code_works_once_and_for_ten_minutes(service: Service) -> None:
    pairing = await service.auth.pairings.create("str_one", "Till 1", "agent:idn_boss")
    assert (await Till(service).pair(pairing.code))["status"] == 201
    again = await Till(service).pair(pairing.code)
    assert again["status"] == 400
    assert again["field"] == "code"
    late = await service.auth.pairings.create("str_one", "Till 2", "agent:idn_boss")
    service.clock.advance(timedelta(minutes=10))
    assert (await Till(service).pair(late.code))["status"] == 400


async def test_a_bad_key_does_not_use_the_code_up(service: Service) -> None:
    pairing = await service.auth.pairings.create("str_one", "Till 1", "agent:idn_boss")
    bad: list[Any] = [None, {}, "key", {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, {"kty": "oct", "k": "AA"}]
    async with service.stranger() as http:
        for jwk in bad:
            answer = await http.post("/till/pair", json={"code": pairing.code, "jwk": jwk, "label": ""})
            assert answer.status_code == 400
            assert answer.json()["field"] == "jwk"
    assert (await Till(service).pair(pairing.code))["status"] == 201


async def test_a_till_needs_a_store_that_exists(service: Service) -> None:
    with pytest.raises(UnknownStore):
        await service.auth.pairings.create("str_none", "Till 1", "agent:idn_boss")


async def test_the_development_link_lasts_and_production_has_none(service: Service) -> None:
    demo = await service.auth.pairings.create_demo("str_one", "Demo till")
    service.clock.advance(timedelta(days=3))
    assert (await Till(service).pair(demo.code))["status"] == 201
    secure = service.auth.pairings
    object.__setattr__(secure._policy, "issuer", "https://stamps.example")
    with pytest.raises(PairingRefused):
        await secure.create_demo("str_one", "Demo till")
