"""OpenID clients that we did not write, against our provider."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client  # type: ignore[import-untyped]  # ships no types
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # the same
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet

from app.core.database import Client as MongoClient
from app.core.mongod import EmbeddedMongod
from tests.auth.conftest import Service, alone
from tests.auth.person import Client, Person, app, storefront


@pytest.fixture(scope="module")
async def service(client: MongoClient, mongod: EmbeddedMongod) -> AsyncIterator[Service]:
    """A service of their own, whose clock nobody moves: these clients read the machine's."""
    async with alone(client, mongod) as service:
        yield service


async def test_openid_client(service: Service, run: Any) -> None:
    shop, person = await storefront(service), Person(service)
    assert shop.secret is not None
    program = await run("openid-client.mjs", service.url, shop.client_id, shop.secret, Client.redirect_uri)
    program.tell(await person.through((await program.hear())["url"]))
    program.tell(str(await person.open((await program.hear())["url"])))
    result = await program.hear()
    assert result == {
        "sub": (await person.http.get("/whoami")).json()["subject"],
        "email": person.email,
        "rotated": True,
        "active": True,
        "activeAfterRevocation": False,
        "denied": "login_required",
        "logout": "/end_session",
    }


async def test_oauth4webapi_with_dpop_and_jose(service: Service, run: Any) -> None:
    own, person = await app(service), Person(service)
    program = await run("oauth4webapi.mjs", service.url, own.client_id, Client.redirect_uri)
    program.tell(await person.through((await program.hear())["url"]))
    result = await program.hear()
    assert result["type"] == "dpop"
    assert result["bound"] is True
    assert result["typ"] == "at+jwt"
    assert result["rotated"] is True
    assert result["resource"]["subject"] == result["sub"]


async def test_authlib(service: Service) -> None:
    shop, person = await storefront(service), Person(service)
    metadata = (await person.http.get("/.well-known/openid-configuration")).json()
    assert metadata["issuer"] == service.url
    client = AsyncOAuth2Client(
        shop.client_id,
        shop.secret,
        redirect_uri=Client.redirect_uri,
        scope="openid email",
        code_challenge_method="S256",
        token_endpoint=metadata["token_endpoint"],
        token_endpoint_auth_method="client_secret_basic",
    )
    async with client:
        url, _ = client.create_authorization_url(
            metadata["authorization_endpoint"], code_verifier=shop.verifier, nonce="n"
        )
        callback = await person.through(url)
        token = await client.fetch_token(authorization_response=callback, code_verifier=shop.verifier)
        keys = KeySet.import_key_set((await person.http.get("/jwks")).json())
        claims = joserfc_jwt.decode(token["id_token"], keys).claims
        CodeIDToken(claims, {}, {"iss": {"value": service.url}}, {"nonce": "n"}).validate()
        info = await client.get(metadata["userinfo_endpoint"])
        assert info.json()["email"] == person.email
        refreshed = await client.refresh_token(metadata["token_endpoint"])
        assert refreshed["access_token"] != token["access_token"]
