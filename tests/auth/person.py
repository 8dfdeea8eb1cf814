"""A person with a browser, as far as pages without a script need one; and a public client on PKCE and DPoP."""

import base64
import hashlib
import html
import re
import secrets
import time
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2 as httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from auth.keys.service import public_jwk, thumbprint
from tests.auth.conftest import Service

_FORM = re.compile(r"<form[^>]*action=\"([^\"]*)\"[^>]*>(.*?)</form>", re.DOTALL)
_BUTTON = re.compile(r"<button[^>]*name=\"([^\"]+)\" value=\"([^\"]+)\"")


class Page:
    """An HTML page and its forms."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.url = str(response.url)
        self.status = response.status_code
        self.text = html.unescape(response.text)

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.text, re.DOTALL)
        return found.group(1).strip() if found else ""

    def form(self, choice: str) -> tuple[str, dict[str, str]]:
        """The form that has this button value, and what sending it with that button says."""
        for action, inside in _FORM.findall(self.response.text):
            buttons = {value: name for name, value in _BUTTON.findall(inside)}
            if choice in buttons or (choice == "" and not buttons):
                fields = {}
                for tag in re.finditer(r"<input[^>]*>", inside, re.DOTALL):
                    name = re.search(r'name="([^"]+)"', tag.group())
                    value = re.search(r'value="([^"]*)"', tag.group())
                    if name:
                        fields[name.group(1)] = html.unescape(value.group(1)) if value else ""
                if choice:
                    fields[buttons[choice]] = choice
                return html.unescape(action), fields
        raise AssertionError(f"no button {choice!r} on {self.url}: {self.text}")


class Person:
    """Follows links within the service, fills forms, and stops where the service sends them elsewhere."""

    def __init__(self, service: Service, email: str | None = None, **headers: str) -> None:
        self.service = service
        self.email = email or f"{secrets.token_hex(6)}@example.test"
        self.http = service.browser(**headers)

    async def open(self, url: str) -> Page | str:
        """The page at an address, or the foreign address that one is sent to in the end."""
        return await self._follow(await self.http.get(url))

    async def send(self, page: Page, choice: str, **fields: str) -> Page | str:
        """Send a form by its button."""
        action, values = page.form(choice)
        return await self._follow(await self.http.post(urljoin(page.url, action), data={**values, **fields}))

    async def sign_in(self, page: Page | str, email: str | None = None) -> Page | str:
        """From the sign-in page to whatever comes after it."""
        assert isinstance(page, Page)
        email = email or self.email
        code_page = await self.send(page, "email", email=email)
        assert isinstance(code_page, Page)
        assert code_page.status == 200, code_page.text
        return await self.send(code_page, "code", code=self.service.mails.code(email))

    async def through(self, url: str, *, decision: str = "allow") -> str:
        """Do whatever the pages ask for until the service sends us back to the client."""
        here = await self.open(url)
        for _ in range(6):
            if isinstance(here, str):
                return here
            path = urlsplit(here.url).path
            if path == "/login":
                here = await self.sign_in(here)
            elif path == "/consent":
                here = await self.send(here, decision)
            else:
                raise AssertionError(f"stranded on {here.url} ({here.status}): {here.text}")
        raise AssertionError("going in circles")

    async def _follow(self, response: httpx.Response) -> Page | str:
        for _ in range(10):
            location = response.headers.get("location")
            if location is None:
                return Page(response)
            target = urljoin(str(response.url), location)
            if not target.startswith(self.service.url + "/"):
                return target
            response = await self.http.get(target)
        raise AssertionError("too many redirects")


def answer_of(url: str) -> dict[str, str]:
    """The parameters of the address that the service sent us to."""
    return dict(parse_qsl(urlsplit(url).query))


class Client:
    """A client of the provider: PKCE always, DPoP when it has a key."""

    redirect_uri = "https://shop.example/callback"

    def __init__(self, service: Service, client_id: str, *, secret: str | None = None, dpop: bool = False) -> None:
        self.service = service
        self.client_id = client_id
        self.secret = secret
        self.key = ec.generate_private_key(ec.SECP256R1()) if dpop else None
        self.verifier = secrets.token_urlsafe(48)
        self.http = service.stranger()

    def url(self, **parameters: str | None) -> str:
        """An authorization request; None takes a parameter out."""
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()
        values: dict[str, str | None] = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid email profile member:read points:read",
            "state": "a state",
            "nonce": "a nonce",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **parameters,
        }
        return "/authorize?" + urlencode({name: value for name, value in values.items() if value is not None})

    def proof(self, method: str, path: str, token: str | None = None, **changes: Any) -> str:
        """A DPoP proof."""
        assert self.key is not None
        claims: dict[str, Any] = {
            "jti": str(time.monotonic_ns()),
            "htm": method,
            "htu": self.service.url + path,
            "iat": int(self.service.clock.now().timestamp()),
        }
        if token is not None:
            digest = hashlib.sha256(token.encode()).digest()
            claims["ath"] = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        headers = {"typ": "dpop+jwt", "jwk": public_jwk(self.key)}
        return jwt.encode({**claims, **changes}, self.key, "ES256", headers)

    @property
    def jkt(self) -> str:
        assert self.key is not None
        return thumbprint(public_jwk(self.key))

    async def token(self, **form: str | None) -> httpx.Response:
        """Ask the token endpoint."""
        values: dict[str, str | None] = {"client_id": self.client_id, "client_secret": self.secret, **form}
        headers = {"DPoP": self.proof("POST", "/token")} if self.key else {}
        data = {name: value for name, value in values.items() if value is not None}
        return await self.http.post("/token", data=data, headers=headers)

    async def redeem(self, callback: str, **changes: str | None) -> httpx.Response:
        """Trade the code of a callback for tokens."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": answer_of(callback).get("code"),
            "redirect_uri": self.redirect_uri,
            "code_verifier": self.verifier,
            **changes,
        }
        return await self.token(**form)

    async def refresh(self, refresh_token: str, **changes: str | None) -> httpx.Response:
        """Trade a refresh token for new tokens."""
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token, **changes)

    async def get(self, path: str, token: str, **headers: str) -> httpx.Response:
        """A protected resource."""
        if self.key is None:
            return await self.http.get(path, headers={"Authorization": f"Bearer {token}", **headers})
        proof = self.proof("GET", path, token)
        return await self.http.get(path, headers={"Authorization": f"DPoP {token}", "DPoP": proof, **headers})


def unverified(token: str) -> dict[str, Any]:
    """What a token says, and its header under "header"."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return {**claims, "header": jwt.get_unverified_header(token)}


async def storefront(service: Service, **changes: Any) -> Client:
    """A confidential storefront."""
    registered = await service.auth.clients.register(
        "storefront_server",
        "Corner Shop",
        redirect_uris=[Client.redirect_uri],
        post_logout_redirect_uris=["https://shop.example/bye"],
        origins=["https://shop.example"],
        **changes,
    )
    return Client(service, registered.client["_id"], secret=registered.secret)


async def app(service: Service, **changes: Any) -> Client:
    """The members' own app: public, first party, DPoP."""
    registered = await service.auth.clients.register(
        "app", "Stampbook app", redirect_uris=[Client.redirect_uri], **changes
    )
    return Client(service, registered.client["_id"], dpop=True)


async def signed_in(client: Client) -> tuple[Person, dict[str, Any]]:
    """Somebody new who signed in to the client, and the tokens that it got."""
    person = Person(client.service)
    answer = await client.redeem(await person.through(client.url()))
    assert answer.status_code == 200, answer.text
    return person, dict(answer.json())
