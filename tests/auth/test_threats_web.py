"""The threat table, a test for each line: browsers, forms, redirects, headers."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from auth.clients.redirects import local_path
from tests.auth.conftest import Service
from tests.auth.person import Client, Page, Person, answer_of, app, signed_in, storefront


@pytest.fixture
def service(shared: Service) -> Service:
    return shared


HOSTILE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "https://evil.example",
    "https:evil.example",
    "http://evil.example/callback",
    "https://shop.example@evil.example/callback",
    "https://shop.example.evil.example/callback",
    "https://shop.example:8443/callback",
    "https://shop.example/callback#fragment",
    "https://shop.example/callback/",
    "https://shop.example/callback/../other",
    "https://shop.example/Callback",
    "https://shop.example/callback?next=//evil.example",
    "https://shop.example%2f@evil.example/callback",
    "https%3A%2F%2Fevil.example",
    "javascript:alert(1)",
    "/%09/evil.example\t",
    "/\n/evil.example",
    "data:text/html,x",
]


@pytest.mark.parametrize("value", HOSTILE, ids=repr)
async def test_open_redirect(service: Service, value: str) -> None:
    shop, person = await storefront(service), Person(service)
    page = await person.open(shop.url(redirect_uri=value))
    assert isinstance(page, Page)
    assert page.status == 400
    logout = await person.http.get(
        "/end_session", params={"client_id": shop.client_id, "post_logout_redirect_uri": value}
    )
    assert logout.status_code == 400
    assert "location" not in logout.headers
    for path in ("/login", "/login?return_to="):
        query = urlencode({"return_to": value})
        answer = await person.http.get(f"{path.partition('?')[0]}?{query}")
        assert answer.headers.get("location", "/").startswith("/login?tx=")
    safe = local_path(value)
    assert safe == "/" or (safe.startswith("/") and not safe.startswith(("//", "/\\")))


async def test_open_redirect_after_signing_in(service: Service) -> None:
    person = Person(service)
    await service.sign_in(person.http, person.email)
    for value in HOSTILE:
        answer = await person.http.get("/login", params={"return_to": value})
        assert answer.status_code == 303
        location = answer.headers["location"]
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))


async def test_a_native_app_may_use_any_loopback_port_and_nothing_else_may(service: Service) -> None:
    registered = await service.auth.clients.register(
        "app", "App", redirect_uris=["http://127.0.0.1/callback", "com.stamps.app:/callback"]
    )
    client = Client(service, registered.client["_id"], dpop=True)
    person = Person(service)
    for uri, good in {
        "http://127.0.0.1:51234/callback": True,
        "com.stamps.app:/callback": True,
        "http://127.0.0.1:51234/other": False,
        "http://localhost:51234/callback": False,
        "http://127.0.0.1:51234@evil.example/callback": False,
        "http://127.0.0.1:99999999/callback": False,
        "http://127.0.0.1.evil.example/callback": False,
    }.items():
        answer = await person.http.get(client.url(redirect_uri=uri))
        assert (answer.status_code == 303) == good, uri


COOKIE_ENDPOINTS = [
    ("POST", "/login/code", {"email": "csrf@example.test"}),
    ("POST", "/login/code/verify", {"email": "csrf@example.test", "code": "12345678"}),
    ("POST", "/login/passkey/options", {}),
    ("POST", "/login/passkey/verify", {}),
    ("POST", "/passkey/options", {}),
    ("POST", "/passkey/verify", {}),
    ("POST", "/stepup/code", {}),
    ("POST", "/stepup/verify", {"code": "12345678"}),
    ("DELETE", "/web/session", None),
    ("POST", "/whoami", None),
]


@pytest.mark.parametrize(("method", "path", "body"), COOKIE_ENDPOINTS, ids=[path for _, path, _ in COOKIE_ENDPOINTS])
async def test_csrf(service: Service, method: str, path: str, body: Any) -> None:
    person = Person(service)
    await service.sign_in(person.http, person.email)
    cookie = f"sso={person.http.cookies['sso']}"
    http = service.stranger()
    foreign: list[dict[str, str]] = [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": service.url + ".evil.example"},
        {"Origin": service.url, "Sec-Fetch-Site": "cross-site"},
        {"Origin": service.url, "Sec-Fetch-Site": "same-site"},
        {},
    ]
    for headers in foreign:
        answer = await http.request(method, path, json=body, headers={"Cookie": cookie, **headers})
        assert answer.status_code == 403, headers
        assert answer.json()["error"] == "cross_site"
    assert (await person.http.get("/whoami")).json()["kind"] == "member"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"],
)
async def test_csrf_by_content_type(service: Service, content_type: str) -> None:
    person = Person(service)
    headers = {"Content-Type": content_type}
    for method, path, body in COOKIE_ENDPOINTS:
        if body is None:
            continue
        if path.startswith(("/stepup", "/passkey")) and "sso" not in person.http.cookies:
            await service.sign_in(person.http, person.email)
        answer = await person.http.request(method, path, content=b'{"email":"x@example.test"}', headers=headers)
        assert answer.status_code == 415, path


async def test_csrf_on_the_forms(service: Service) -> None:
    shop, person = await storefront(service), Person(service)
    page = await person.open(shop.url())
    assert isinstance(page, Page)
    action, fields = page.form("email")
    foreign = await person.http.post(action, data=fields, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    for change in ({"token": "0" * 64}, {"token": ""}, {"tx": "x"}):
        refused = await person.http.post(action, data={**fields, **change, "email": "x@example.test"})
        assert refused.status_code == 400
    stranger = Person(service)
    other = await stranger.http.post(action, data={**fields, "email": "x@example.test"})
    assert other.status_code == 400


async def test_csrf_on_the_address(service: Service) -> None:
    """No other site changes where codes go, and no form of another browser does."""
    person, attacker = Person(service), Person(service)
    for each in (person, attacker):
        await service.sign_in(each.http, each.email)
    page = await attacker.open("/account/email")
    assert isinstance(page, Page)
    action, fields = page.form("email")
    sent = {**fields, "email": f"evil-{attacker.email}"}
    foreign = await person.http.post(action, data=sent, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert (await person.http.post(action, data=sent)).status_code == 400
    assert not [mail for mail in service.mails.sent if mail["to"] == sent["email"]]


async def test_login_csrf(service: Service) -> None:
    """A page of another site cannot sign a browser in, neither with a code nor by an interaction of its own."""
    shop, attacker, victim = await storefront(service), Person(service), Person(service)
    page = await attacker.open(shop.url())
    assert isinstance(page, Page)
    forced = await victim.open(page.url)
    assert isinstance(forced, Page)
    assert forced.status == 400
    await attacker.http.post("/login/code", json={"email": attacker.email})
    body = {"email": attacker.email, "code": service.mails.code(attacker.email)}
    signed = await victim.http.post("/login/code/verify", json=body, headers={"Origin": "https://evil.example"})
    assert signed.status_code == 403
    assert "set-cookie" not in signed.headers


async def test_mix_up_our_answers_always_name_us(service: Service) -> None:
    shop, person = await storefront(service), Person(service)
    callback = answer_of(await person.through(shop.url()))
    refused = answer_of(str(await person.open(shop.url(prompt="none", login_hint="other@example.test"))))
    broken = answer_of(str(await person.open(shop.url(response_type="token"))))
    assert {callback["iss"], refused["iss"], broken["iss"]} == {service.url}


SHARED_PATHS = ("/token", "/userinfo", "/revoke")


async def test_cors_leak(service: Service) -> None:
    await storefront(service)
    await service.auth.clients.register(
        "storefront_browser",
        "Page Shop",
        redirect_uris=["https://page.example/callback"],
        origins=["https://page.example"],
    )
    http = service.stranger()
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "dpop"}
    for path in SHARED_PATHS:
        known = await http.options(path, headers={"Origin": "https://page.example", **preflight})
        assert known.headers["access-control-allow-origin"] == "https://page.example"
        assert "access-control-allow-credentials" not in known.headers
        assert "Origin" in known.headers["vary"]
        for origin in ("https://evil.example", "null", "https://shop.example.evil.example"):
            for answer in (
                await http.options(path, headers={"Origin": origin, **preflight}),
                await http.post(path, headers={"Origin": origin}),
            ):
                assert "access-control-allow-origin" not in answer.headers
                assert "Origin" in answer.headers["vary"]
    # A shop's server keeps a secret: its pages read what their own token opens, and ask for no tokens themselves.
    secret = {
        path: await http.options(path, headers={"Origin": "https://shop.example", **preflight}) for path in SHARED_PATHS
    }
    assert [path for path in SHARED_PATHS if "access-control-allow-origin" in secret[path].headers] == ["/userinfo"]
    for path in ("/login", "/authorize", "/web/session", "/introspect"):
        answer = await http.get(path, headers={"Origin": "https://page.example"})
        assert "access-control-allow-origin" not in answer.headers


async def test_clickjacking_headers_on_every_page(service: Service) -> None:
    shop, person = await storefront(service), Person(service)
    pages = [await person.open(path) for path in ("/login", shop.url(), "/authorize", "/end_session", "/contact/undo")]
    for page in pages:
        assert isinstance(page, Page)
        policy = page.response.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.response.headers["x-frame-options"] == "DENY"
        assert page.response.headers["cache-control"] == "no-store"
        assert "<style" not in page.response.text
        assert " style=" not in page.response.text
        assert "onclick" not in page.response.text


async def test_host_or_proxy_spoofing(service: Service) -> None:
    http = service.stranger()
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    metadata = await http.get("/.well-known/openid-configuration", headers=forged)
    assert metadata.json()["issuer"] == service.url
    assert "evil.example" not in metadata.text
    shop, person = await storefront(service), Person(service)
    callback = answer_of(await person.through(shop.url()))
    assert callback["iss"] == service.url
    page = await http.get("/login", headers=forged)
    assert page.headers["location"].startswith("/login?tx=")


async def test_mongo_operator_injection(service: Service) -> None:
    shop = await storefront(service)
    http = service.stranger()
    raw = "client_id[$ne]=x&grant_type=refresh_token&refresh_token[$gt]="
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await http.post("/token", content=raw, headers=headers)).status_code == 401
    assert (await http.get("/authorize?client_id[$ne]=x&redirect_uri=https://shop.example/callback")).status_code == 400
    bad = {"$ne": ""}
    for path, body in (
        ("/login/code", {"email": bad}),
        ("/login/code/verify", {"email": bad, "code": bad}),
        ("/login/code/verify", {"email": "a@example.test", "code": bad}),
        ("/till/pair", {"code": bad, "jwk": bad, "label": bad}),
        ("/login/passkey/verify", {"id": bad, "response": {"clientDataJSON": bad}}),
    ):
        assert (await http.post(path, json=body)).status_code == 400, path
    assert (await shop.token(grant_type="refresh_token", refresh_token='{"$ne": ""}')).status_code == 400


async def test_nothing_that_a_client_can_send_gives_a_5xx(service: Service) -> None:
    own = await app(service)
    _, tokens = await signed_in(own)
    http = service.stranger()
    junk = [b"", b"\xff\xfe", b"{", b"[]", b'"x"', b"null", b"a=%ff", b"=&=&", b"x" * 70_000, b'{"a":' * 2000]
    paths = [
        "/authorize",
        "/token",
        "/userinfo",
        "/revoke",
        "/introspect",
        "/end_session",
        "/login",
        "/stepup",
        "/consent",
        "/login/code",
        "/login/code/verify",
        "/login/passkey/verify",
        "/passkey/verify",
        "/till/pair",
        "/contact/undo",
        "/session/transfer",
        "/idp/none/backchannel",
        "/login/idp/none",
        "/login/idp/none/callback",
        "/stepup/verify",
    ]
    types = ("application/json", "application/x-www-form-urlencoded", "text/plain")
    authorizations: list[dict[str, str]] = [
        {},
        {"Authorization": "Basic %%%"},
        {"Authorization": "Bearer \x7f"},
        {"Authorization": f"DPoP {tokens['access_token']}", "DPoP": "a.b.c"},
    ]

    async def poke(path: str, number: int, content: bytes) -> None:
        headers = {"Content-Type": types[number % 3], **authorizations[number % 4]}
        posted = await http.post(path, content=content, headers=headers)
        assert posted.status_code < 500, (path, content[:20])
        read = await http.get(f"{path}?tx=%00&state=%ff&code[]=1", headers=authorizations[number % 4])
        assert read.status_code < 500, path

    for path in paths:
        await asyncio.gather(*(poke(path, number, content) for number, content in enumerate(junk)))
