"""The service account that speaks for the programme at Google."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

API: Final = "https://walletobjects.googleapis.com"
_SCOPE: Final = "https://www.googleapis.com/auth/wallet_object.issuer"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_LIFE: Final = 3600
_RENEW_BEFORE: Final = 300


class UnusableAccount(Exception):
    """A configured service account that cannot be used; the message says why."""


class GoogleRefused(Exception):
    """Google did not do what it was asked; it is worth trying again later."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """What stands in the JSON key file."""

    email: str
    key: rsa.RSAPrivateKey
    key_id: str
    token_uri: str

    def sign(self, claims: dict[str, Any]) -> str:
        """A JWT by this account (RS256)."""
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.key_id})


def load_account(path: Path) -> ServiceAccount:
    """Read a service account's JSON key; raises UnusableAccount."""
    try:
        said = orjson.loads(path.read_bytes())
        key = load_pem_private_key(said["private_key"].encode(), None)
        account = (said["client_email"], said["private_key_id"], said["token_uri"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableAccount(f"cannot read the service account's JSON key: {error!r}") from None
    if not isinstance(key, rsa.RSAPrivateKey) or not all(isinstance(part, str) for part in account):
        raise UnusableAccount("the service account's JSON key has no RSA key or lacks a name")
    return ServiceAccount(account[0], key, account[1], account[2])


class GoogleClient:
    """Google's REST API with an access token that renews itself."""

    def __init__(self, account: ServiceAccount, http: httpx2.AsyncClient, now: Callable[[], float] = time.time) -> None:
        self._account = account
        self._http = http
        self._now = now
        self._token = ""
        self._token_until = 0.0

    async def insert(self, kind: str, resource: dict[str, Any]) -> bool:
        """Make a `loyaltyClass` or `loyaltyObject`; False when it is there already. Raises GoogleRefused."""
        answer = await self._ask("POST", f"/walletobjects/v1/{kind}", resource)
        if answer.status_code == httpx2.codes.CONFLICT:
            return False
        _check(answer)
        return True

    async def patch(self, kind: str, resource_id: str, change: dict[str, Any]) -> None:
        """Change some of its fields. Raises GoogleRefused."""
        _check(await self._ask("PATCH", f"/walletobjects/v1/{kind}/{resource_id}", change))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> httpx2.Response:
        try:
            authorization = {"authorization": f"Bearer {await self._access_token()}"}
            return await self._http.request(method, API + path, json=body, headers=authorization)
        except httpx2.HTTPError as error:
            raise GoogleRefused(f"Google is unreachable: {error!r}") from error

    async def _access_token(self) -> str:
        """A token for an hour, by a signed assertion (RFC 7523)."""
        now = int(self._now())
        if now > self._token_until - _RENEW_BEFORE:
            uri = self._account.token_uri
            claims = {"iss": self._account.email, "scope": _SCOPE, "aud": uri, "iat": now, "exp": now + _LIFE}
            form = {"grant_type": _GRANT, "assertion": self._account.sign(claims)}
            answer = await self._http.post(uri, data=form)
            _check(answer)
            try:
                said = answer.json()
                self._token, self._token_until = str(said["access_token"]), now + int(said["expires_in"])
            except (ValueError, KeyError, TypeError) as error:
                raise GoogleRefused(f"Google's token endpoint answered something else: {error!r}") from None
        return self._token


def _check(answer: httpx2.Response) -> None:
    if not answer.is_success:
        raise GoogleRefused(f"Google answered {answer.status_code}: {answer.text[:200]}")
