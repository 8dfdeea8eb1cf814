"""Introspection, revocation, discovery and the token endpoint's manners."""

from urllib.parse import urlencode

import pytest

from auth.languages import LANGUAGES
from tests.auth.conftest import Service
from tests.auth.person import Client, Person, app, storefront


@pytest.fixture
def service(shared: Service) -> Service:
    return shared


@pytest.fixture
async def person(service: Service) -> Person:
    return Person(service)


@pytest.fixture
async def shop(service: Service) -> Client:
    return await storefront(service)


async def test_introspection_is_for_confidential_clients_and_their_audience(service: Service, person: Person) -> None:
    shop, own = await storefront(service), await app(service)
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    partner = await service.auth.clients.register("partner", "Till maker")
    assert shop.secret is not None
    assert partner.secret is not None
    ask = {"token": tokens["access_token"]}
    said = (await shop.http.post("/introspect", data=ask, auth=(shop.client_id, shop.secret))).json()
    assert said["active"] is True
    assert said["client_id"] == shop.client_id
    refresh = {"token": tokens["refresh_token"]}
    assert (await shop.http.post("/introspect", data=refresh, auth=(shop.client_id, shop.secret))).json()["active"]
    outside = await shop.http.post("/introspect", data=ask, auth=(partner.client["_id"], partner.secret))
    assert outside.json() == {"active": False}
    public = await shop.http.post("/introspect", data={**ask, "client_id": own.client_id})
    assert public.status_code == 403
    await shop.http.post("/revoke", data=refresh, auth=(shop.client_id, shop.secret))
    assert (await shop.http.post("/introspect", data=ask, auth=(shop.client_id, shop.secret))).json() == {
        "active": False
    }


async def test_revocation_is_quiet_about_tokens_of_others(service: Service, person: Person, shop: Client) -> None:
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    other = await storefront(service)
    assert other.secret is not None
    for token in (tokens["refresh_token"], tokens["access_token"], "nonsense"):
        answer = await other.http.post("/revoke", data={"token": token}, auth=(other.client_id, other.secret))
        assert answer.status_code == 200
    assert (await shop.get("/whoami", tokens["access_token"])).status_code == 200


async def test_discovery_says_what_is_true(service: Service) -> None:
    async with service.stranger() as http:
        openid = (await http.get("/.well-known/openid-configuration")).json()
        oauth = (await http.get("/.well-known/oauth-authorization-server")).json()
        assert openid == oauth
        assert openid["issuer"] == service.url
        assert openid["ui_locales_supported"] == list(LANGUAGES)
        for name, url in openid.items():
            if name.endswith("_endpoint") or name == "jwks_uri":
                path = url.removeprefix(service.url)
                assert (await http.get(path)).status_code != 404, name


async def test_the_token_endpoint_refuses_what_is_no_form(service: Service, shop: Client) -> None:
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x", ""):
        answer = await shop.http.post("/token", content=b"{}", headers={"Content-Type": content_type})
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_request"
    repeated = urlencode([("grant_type", "refresh_token"), ("grant_type", "authorization_code")])
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await shop.http.post("/token", content=repeated, headers=headers)
    assert answer.json()["error"] == "invalid_request"
