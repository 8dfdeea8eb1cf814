"""A hand-made authenticator that can lie as no browser would."""

import hashlib
import json
import os
from base64 import urlsafe_b64encode
from typing import Any

import cbor2
import httpx2 as httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from auth.web import Peer
from tests.auth.conftest import Service


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class Authenticator:
    """One credential of one identity."""

    def __init__(self, service: Service, identity_id: str) -> None:
        self.service = service
        self.identity_id = identity_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = encoded(os.urandom(16))
        self.count = 1

    async def enrol(self) -> None:
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        await self.service.auth.identities.add_method(
            self.identity_id,
            "passkey",
            self.credential_id,
            "Passkey",
            peer=Peer("x", "y"),
            public_key=cbor2.dumps(cose),
            sign_count=0,
            transports=[],
            backed_up=False,
        )

    async def challenge(self) -> str:
        options = (await self.service.stranger().post("/login/passkey/options", json={})).json()
        assert options["userVerification"] == "required"
        return str(options["challenge"])

    async def answer(
        self, challenge: str, *, flags: int = 0x05, rp_id: str = "127.0.0.1", **client: Any
    ) -> httpx.Response:
        self.count += 1
        data = hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
        said = {"type": "webauthn.get", "challenge": challenge, "origin": self.service.url, **client}
        client_data = json.dumps(said).encode()
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        body = {
            "id": self.credential_id,
            "rawId": self.credential_id,
            "type": "public-key",
            "response": {
                "authenticatorData": encoded(data),
                "clientDataJSON": encoded(client_data),
                "signature": encoded(signature),
                "userHandle": encoded(self.identity_id.encode()),
            },
            "clientExtensionResults": {},
        }
        return await self.service.stranger().post("/login/passkey/verify", json=body)
