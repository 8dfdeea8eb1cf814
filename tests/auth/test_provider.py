"""The provider's flow from a client's side: the modules of the OpenID Basic plan, by their names."""

import asyncio
from datetime import timedelta
from typing import Any

import jwt
import pytest

from tests.auth.conftest import Service
from tests.auth.person import Client, Page, Person, answer_of, app, storefront, unverified


@pytest.fixture
def service(shared: Service) -> Service:
    return shared


@pytest.fixture
async def person(service: Service) -> Person:
    return Person(service)


@pytest.fixture
async def shop(service: Service) -> Client:
    return await storefront(service)


async def test_oidcc_server(service: Service, person: Person, shop: Client) -> None:
    callback = await person.through(shop.url())
    answer = answer_of(callback)
    assert callback.startswith(Client.redirect_uri + "?")
    assert answer["state"] == "a state"
    assert answer["iss"] == service.url
    tokens = (await shop.redeem(callback)).json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 300
    said = unverified(tokens["id_token"])
    assert said["nonce"] == "a nonce"
    assert said["aud"] == shop.client_id
    assert said["sub"].startswith("idn_")
    access = unverified(tokens["access_token"])
    assert access["header"]["typ"] == "at+jwt"
    assert access["header"]["alg"] == "ES256"
    assert access["sid"] == said["sid"]
    me = (await shop.get("/whoami", tokens["access_token"])).json()
    assert me["kind"] == "member"
    assert me["scopes"] == ["member:read", "points:read"]


async def test_oidcc_response_type_missing(person: Person, shop: Client) -> None:
    answer = answer_of(str(await person.open(shop.url(response_type=None))))
    assert answer["error"] == "invalid_request"
    assert answer["state"] == "a state"
    assert answer["iss"]


async def test_oidcc_idtoken_signature(service: Service, person: Person, shop: Client) -> None:
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    keys = (await person.http.get("/jwks")).json()
    header = jwt.get_unverified_header(tokens["id_token"])
    key = next(key for key in keys["keys"] if key["kid"] == header["kid"])
    assert header["alg"] == key["alg"] == "RS256"
    # The service's clock is the tests' own, so its time is not checked here.
    options: Any = {"verify_exp": False, "verify_iat": False}
    jwt.decode(
        tokens["id_token"], jwt.PyJWK(key), ["RS256"], audience=shop.client_id, issuer=service.url, options=options
    )


async def test_oidcc_idtoken_unsigned(person: Person, shop: Client) -> None:
    """Never: what is offered and what is given is signed."""
    offered = (await person.http.get("/.well-known/openid-configuration")).json()
    assert offered["id_token_signing_alg_values_supported"] == ["RS256"]
    tokens = (await shop.redeem(await person.through(shop.url(id_token_signed_response_alg="none")))).json()
    assert jwt.get_unverified_header(tokens["id_token"])["alg"] == "RS256"


@pytest.mark.parametrize("way", ["userinfo_get", "userinfo_post_header", "userinfo_post_body"])
async def test_oidcc_userinfo(service: Service, person: Person, shop: Client, way: str) -> None:
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    if way == "userinfo_get":
        answer = await shop.http.get("/userinfo", headers=headers)
    elif way == "userinfo_post_header":
        answer = await shop.http.post("/userinfo", headers=headers)
    else:
        answer = await shop.http.post("/userinfo", data={"access_token": tokens["access_token"]})
    assert answer.status_code == 200
    assert answer.json()["sub"] == unverified(tokens["id_token"])["sub"]
    assert answer.json()["email"] == person.email
    assert answer.json()["email_verified"] is True


async def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(person: Person, shop: Client) -> None:
    tokens = (await shop.redeem(await person.through(shop.url(nonce=None)))).json()
    assert "nonce" not in unverified(tokens["id_token"])


@pytest.mark.parametrize(
    ("scope", "claims"),
    [
        ("openid", {"sub"}),
        ("openid profile", {"sub", "name", "locale"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid address", {"sub"}),
        ("openid phone", {"sub"}),
        ("openid profile email address phone", {"sub", "name", "locale", "email", "email_verified"}),
        ("email openid", {"sub", "email", "email_verified"}),
    ],
    ids=[
        "openid",
        "scope-profile",
        "scope-email",
        "scope-address",
        "scope-phone",
        "scope-all",
        "ensure-other-scope-order-succeeds",
    ],
)
async def test_oidcc_scope(service: Service, person: Person, shop: Client, scope: str, claims: set[str]) -> None:
    callback = await person.through(shop.url(scope=scope))
    tokens = (await shop.redeem(callback)).json()
    service.members.joined[unverified(tokens["id_token"])["sub"]] = "mbr_alma"
    answer = (await shop.get("/userinfo", tokens["access_token"])).json()
    assert set(answer) == claims


async def test_oidcc_prompt_login(service: Service, person: Person, shop: Client) -> None:
    first = (await shop.redeem(await person.through(shop.url()))).json()
    service.clock.advance(timedelta(seconds=2))
    page = await person.open(shop.url(prompt="login"))
    assert isinstance(page, Page)
    assert page.title == "Sign in to Corner Shop"
    assert "Continue as" not in page.text
    second = (await shop.redeem(str(await person.sign_in(page)))).json()
    assert unverified(second["id_token"])["auth_time"] > unverified(first["id_token"])["auth_time"]


async def test_oidcc_prompt_none_not_logged_in(person: Person, shop: Client) -> None:
    assert answer_of(str(await person.open(shop.url(prompt="none"))))["error"] == "login_required"


async def test_oidcc_prompt_none_logged_in(person: Person, shop: Client) -> None:
    first = (await shop.redeem(await person.through(shop.url()))).json()
    again = (await shop.redeem(str(await person.open(shop.url(prompt="none"))))).json()
    for name in ("sub", "auth_time"):
        assert unverified(again["id_token"])[name] == unverified(first["id_token"])[name]


async def test_oidcc_max_age_1(service: Service, person: Person, shop: Client) -> None:
    await shop.redeem(await person.through(shop.url()))
    service.clock.advance(timedelta(seconds=2))
    page = await person.open(shop.url(max_age="1"))
    assert isinstance(page, Page)
    tokens = (await shop.redeem(str(await person.sign_in(page)))).json()
    said = unverified(tokens["id_token"])
    assert said["iat"] - said["auth_time"] <= 1


async def test_oidcc_max_age_10000(person: Person, shop: Client) -> None:
    await shop.redeem(await person.through(shop.url()))
    assert "code" in answer_of(str(await person.open(shop.url(max_age="10000"))))


async def test_oidcc_ensure_request_with_unknown_parameter_succeeds(person: Person, shop: Client) -> None:
    assert "code" in answer_of(await person.through(shop.url(extra="foobar")))


@pytest.mark.parametrize("display", ["page", "popup"])
async def test_oidcc_display(person: Person, shop: Client, display: str) -> None:
    assert "code" in answer_of(await person.through(shop.url(display=display)))


async def test_oidcc_claims_essential(service: Service, person: Person, shop: Client) -> None:
    """Said to be unsupported: the parameter is ignored, and gives no more than the scopes do."""
    offered = (await person.http.get("/.well-known/openid-configuration")).json()
    assert offered["claims_parameter_supported"] is False
    callback = await person.through(shop.url(scope="openid", claims='{"userinfo": {"name": {"essential": true}}}'))
    tokens = (await shop.redeem(callback)).json()
    service.members.joined[unverified(tokens["id_token"])["sub"]] = "mbr_alma"
    assert set((await shop.get("/userinfo", tokens["access_token"])).json()) == {"sub"}


async def test_oidcc_ensure_request_with_valid_pkce_succeeds(person: Person, shop: Client) -> None:
    assert "code_challenge_method=S256" in shop.url()
    callback = await person.through(shop.url())
    assert (await shop.redeem(callback, code_verifier="v" * 43)).json()["error"] == "invalid_grant"
    assert (await shop.redeem(await person.through(shop.url()))).status_code == 200


async def test_a_client_may_be_let_off_pkce_and_nobody_can_take_it_off_a_code(service: Service, person: Person) -> None:
    shop = await storefront(service, pkce="allowed")
    plain = shop.url(code_challenge=None, code_challenge_method=None)
    assert (await shop.redeem(await person.through(plain), code_verifier=None)).status_code == 200
    for url, verifier in ((plain, shop.verifier), (shop.url(), None)):
        refused = await shop.redeem(await person.through(url), code_verifier=verifier)
        assert refused.json()["error"] == "invalid_grant"


async def test_oidcc_id_token_hint(person: Person, shop: Client) -> None:
    first = (await shop.redeem(await person.through(shop.url()))).json()
    answer = answer_of(str(await person.open(shop.url(prompt="none", id_token_hint=first["id_token"]))))
    assert "code" in answer


async def test_id_token_hint_of_somebody_else(service: Service, person: Person, shop: Client) -> None:
    other = Person(service)
    theirs = (await shop.redeem(await other.through(shop.url()))).json()["id_token"]
    await person.through(shop.url())
    silent = answer_of(str(await person.open(shop.url(prompt="none", id_token_hint=theirs))))
    assert silent["error"] == "login_required"
    page = await person.open(shop.url(id_token_hint=theirs))
    assert isinstance(page, Page)
    assert f"You are signed in as {person.email}" in page.text
    service.clock.advance(timedelta(minutes=2))
    switched = await person.sign_in(page, other.email)
    assert "code" in answer_of(str(switched))


async def test_oidcc_login_hint(person: Person, shop: Client) -> None:
    page = await person.open(shop.url(login_hint="carla@example.test"))
    assert isinstance(page, Page)
    assert 'value="carla@example.test"' in page.text


async def test_login_hint_of_another_account_offers_both(service: Service, person: Person, shop: Client) -> None:
    await person.through(shop.url())
    hinted = shop.url(login_hint="berta@example.test")
    assert answer_of(str(await person.open(hinted + "&prompt=none")))["error"] == "login_required"
    page = await person.open(hinted)
    assert isinstance(page, Page)
    assert "code" in answer_of(str(await person.send(page, "continue")))


async def test_prompt_select_account(person: Person, shop: Client) -> None:
    await person.through(shop.url())
    page = await person.open(shop.url(prompt="select_account"))
    assert isinstance(page, Page)
    assert "code" in answer_of(str(await person.send(page, "continue")))


@pytest.mark.parametrize("parameter", ["ui_locales", "claims_locales"])
async def test_oidcc_locales(person: Person, shop: Client, parameter: str) -> None:
    page = await person.open(shop.url(**{parameter: "de-CH en"}))
    assert isinstance(page, Page)
    assert (page.title == "Bei Corner Shop anmelden") == (parameter == "ui_locales")
    assert "code" in answer_of(str(await _consented(person, await person.sign_in(page))))


async def _consented(person: Person, page: Page | str) -> Page | str:
    return await person.send(page, "allow") if isinstance(page, Page) else page


async def test_oidcc_ensure_request_with_acr_values_succeeds(person: Person, shop: Client) -> None:
    tokens = (await shop.redeem(await person.through(shop.url(acr_values="2 1")))).json()
    assert unverified(tokens["id_token"])["acr"] == "2"


async def test_acr_values_ask_an_old_session_for_a_fresh_proof(service: Service, person: Person, shop: Client) -> None:
    await person.through(shop.url())
    service.clock.advance(timedelta(minutes=11))
    old = (await shop.redeem(await person.through(shop.url()))).json()
    assert unverified(old["id_token"])["acr"] == "1"
    page = await person.open(shop.url(acr_values="2"))
    assert isinstance(page, Page)
    assert page.title == "Confirm that it is you"
    code_page = await person.send(page, "send")
    assert isinstance(code_page, Page)
    callback = await person.send(code_page, "code", code=service.mails.code(person.email))
    assert unverified((await shop.redeem(str(callback))).json()["id_token"])["acr"] == "2"


@pytest.mark.parametrize("wait", [0, 29], ids=["codereuse", "codereuse-30seconds"])
async def test_oidcc_codereuse(service: Service, person: Person, shop: Client, wait: int) -> None:
    callback = await person.through(shop.url())
    tokens = (await shop.redeem(callback)).json()
    service.clock.advance(timedelta(seconds=wait))
    again = await shop.redeem(callback)
    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"
    assert (await shop.get("/whoami", tokens["access_token"])).status_code == 401


async def test_oidcc_ensure_registered_redirect_uri(person: Person, shop: Client) -> None:
    page = await person.open(shop.url(redirect_uri=Client.redirect_uri + "/other"))
    assert isinstance(page, Page)
    assert page.status == 400


async def test_oidcc_ensure_post_request_succeeds(person: Person, shop: Client) -> None:
    body = shop.url().partition("?")[2]
    answer = await person.http.post(
        "/authorize", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 303
    assert "code" in answer_of(await person.through(answer.headers["location"]))


async def test_oidcc_server_client_secret_post_and_basic(person: Person, shop: Client) -> None:
    callback = await person.through(shop.url())
    form = {
        "grant_type": "authorization_code",
        "code": answer_of(callback)["code"],
        "redirect_uri": Client.redirect_uri,
        "code_verifier": shop.verifier,
    }
    wrong = await shop.http.post("/token", data=form, auth=(shop.client_id, "wrong"))
    assert wrong.status_code == 401
    assert wrong.headers["www-authenticate"].startswith("Basic")
    assert shop.secret is not None
    right = await shop.http.post("/token", data=form, auth=(shop.client_id, shop.secret))
    assert right.status_code == 200


async def test_oidcc_refresh_token(service: Service, person: Person, shop: Client) -> None:
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    other = await storefront(service)
    stolen = await other.refresh(tokens["refresh_token"])
    assert stolen.status_code == 400
    assert stolen.json()["error"] == "invalid_grant"
    fresh = (await shop.refresh(tokens["refresh_token"])).json()
    assert fresh["refresh_token"] != tokens["refresh_token"]
    assert unverified(fresh["id_token"])["sub"] == unverified(tokens["id_token"])["sub"]
    assert (await shop.get("/whoami", fresh["access_token"])).status_code == 200


async def test_a_refresh_may_narrow_scopes_and_never_widen_them(person: Person, shop: Client) -> None:
    tokens = (await shop.redeem(await person.through(shop.url(scope="openid points:read")))).json()
    wide = await shop.refresh(tokens["refresh_token"], scope="openid points:read email")
    assert wide.json()["error"] == "invalid_scope"
    narrow = (await shop.refresh(tokens["refresh_token"], scope="openid")).json()
    assert narrow["scope"] == "openid"
    assert (await shop.refresh(narrow["refresh_token"])).json()["scope"] == "openid points:read"


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        pytest.param(
            {"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported", id="oidcc-unsigned-request-object"
        ),
        pytest.param(
            {"request_uri": "https://shop.example/request"},
            "request_uri_not_supported",
            id="oidcc-request-uri-unsigned",
        ),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"id_token_hint": "no token"}, "invalid_request"),
    ],
)
async def test_bad_requests_go_back_with_an_error(
    person: Person, shop: Client, parameters: dict[str, str | None], error: str
) -> None:
    answer = answer_of(str(await person.open(shop.url(**parameters))))
    assert answer["error"] == error
    assert "iss" in answer


async def test_denied_consent_goes_back_with_access_denied(person: Person, shop: Client) -> None:
    answer = answer_of(await person.through(shop.url(), decision="deny"))
    assert answer["error"] == "access_denied"
    assert answer["state"] == "a state"


async def test_consent_is_asked_once_for_each_set_of_scopes(person: Person, shop: Client) -> None:
    await person.through(shop.url(scope="openid email"))
    assert "code" in answer_of(str(await person.open(shop.url(scope="openid email"))))
    page = await person.open(shop.url(scope="openid email points:read"))
    assert isinstance(page, Page)
    assert "see your points" in page.text
    silent = answer_of(str(await person.open(shop.url(scope="openid points:read", prompt="none"))))
    assert silent["error"] == "consent_required"


async def test_the_members_own_app_skips_consent_and_survives_web_sign_out(service: Service, person: Person) -> None:
    own = await app(service)
    here = await person.sign_in(await person.open(own.url()))
    assert isinstance(here, str)
    tokens = (await own.redeem(here)).json()
    assert tokens["token_type"] == "DPoP"
    await person.http.delete("/web/session")
    assert (await own.get("/whoami", tokens["access_token"])).status_code == 200
    assert (await own.refresh(tokens["refresh_token"])).status_code == 200


async def test_signing_out_ends_the_storefront_at_its_next_request(person: Person, shop: Client) -> None:
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    await person.http.delete("/web/session")
    refused = await shop.get("/whoami", tokens["access_token"])
    assert refused.status_code == 401
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert (await shop.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_staff_cannot_sign_in_to_a_storefront(service: Service, shop: Client) -> None:
    await service.auth.staff.add("ines.p@example.test", "Ines", ["agent"])
    ines = Person(service, "ines.p@example.test")
    assert answer_of(str(await ines.sign_in(await ines.open(shop.url()))))["error"] == "access_denied"


async def test_an_interaction_belongs_to_its_browser_and_ends(service: Service, person: Person, shop: Client) -> None:
    page = await person.open(shop.url())
    assert isinstance(page, Page)
    stranger = Person(service)
    other = await stranger.open(page.url)
    assert isinstance(other, Page)
    assert other.status == 400
    service.clock.advance(timedelta(minutes=31))
    late = await person.send(page, "email", email=person.email)
    assert isinstance(late, Page)
    assert "open for too long" in late.text


async def test_parallel_authorizations_in_two_tabs_both_finish(service: Service, person: Person, shop: Client) -> None:
    tabs = await asyncio.gather(person.open(shop.url(state="one")), person.open(shop.url(state="two")))
    assert all(isinstance(tab, Page) for tab in tabs)
    first = await _consented(person, await person.sign_in(tabs[0]))
    assert answer_of(str(first))["state"] == "one"
    second = tabs[1]
    assert isinstance(second, Page)
    assert answer_of(str(await person.open(second.url)))["state"] == "two"
