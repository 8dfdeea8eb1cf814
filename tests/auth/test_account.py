"""Step-up, address changes, session transfer, back-channel logout, the keys' life."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.core.database import Database
from app.core.errors import InvalidInput
from app.core.settings import Settings
from auth.clients.service import TRANSFER_GRANT
from auth.transfers.service import REFRESH_TYPE, TRANSFER_TYPE
from tests.auth.conftest import Service, listen, running, serving
from tests.auth.person import Client, Page, Person, answer_of, app, storefront, unverified


@pytest.fixture
def service(shared: Service) -> Service:
    return shared


async def test_an_old_session_steps_up_with_a_code_to_its_own_address(service: Service) -> None:
    async with service.browser() as browser:
        await service.sign_in(browser, "stepper@example.test")
        service.clock.advance(timedelta(minutes=11))
        refused = await browser.get("/whoami", params={"level": "2"})
        assert refused.status_code == 401
        assert refused.json()["error"] == "insufficient_user_authentication"
        assert 'acr_values="2", max_age="600"' in refused.headers["www-authenticate"]
        assert (await browser.post("/stepup/code", json={})).status_code == 202
        code = service.mails.code("stepper@example.test")
        assert (await browser.post("/stepup/verify", json={"code": code})).json() == {"acr": 2}
        assert (await browser.get("/whoami", params={"level": "2"})).status_code == 200


async def test_a_sign_in_code_does_not_step_up_and_the_other_way_round(service: Service) -> None:
    async with service.browser() as browser:
        await service.sign_in(browser, "mixed@example.test")
        service.clock.advance(timedelta(minutes=11))
        await browser.post("/login/code", json={"email": "mixed@example.test"})
        code = service.mails.code("mixed@example.test")
        assert (await browser.post("/stepup/verify", json={"code": code})).status_code == 400
        await browser.post("/stepup/code", json={})
        code = service.mails.code("mixed@example.test")
        answer = await browser.post("/login/code/verify", json={"email": "mixed@example.test", "code": code})
        assert answer.status_code == 400


async def test_the_step_up_page_returns_to_its_path(service: Service) -> None:
    person = Person(service)
    here = await person.sign_in(await person.open("/login?return_to=/whoami"))
    assert isinstance(here, Page)
    assert here.url == service.url + "/whoami"
    page = await person.open("/stepup?return_to=/whoami")
    assert isinstance(page, Page)
    code_page = await person.send(page, "send")
    assert isinstance(code_page, Page)
    wrong = await person.send(code_page, "code", code="12")
    assert isinstance(wrong, Page)
    assert "Type the eight digits" in wrong.text
    back = await person.send(wrong, "code", code=service.mails.code(person.email))
    assert isinstance(back, Page)
    assert back.url == service.url + "/whoami"


async def _change(service: Service, person: Person, new: str) -> str:
    """Change the address; returns the path of the undo link."""
    page = await person.open("/account/email?return_to=/whoami")
    assert isinstance(page, Page)
    assert person.email in page.text
    code_page = await person.send(page, "email", email=new)
    assert isinstance(code_page, Page)
    done = await person.send(code_page, "code", code=service.mails.code(new))
    assert isinstance(done, Page)
    assert done.url == service.url + "/whoami"
    notice = next(mail for mail in reversed(service.mails.sent) if mail["to"] == person.email)
    found = re.search(r"/contact/undo\?token=\S+", notice["text"])
    assert found
    return found.group()


async def test_an_address_change_is_told_to_the_old_one_and_undone_within_seven_days(service: Service) -> None:
    person, elsewhere = Person(service), Person(service)
    await service.sign_in(person.http, person.email)
    identity = (await person.http.get("/whoami")).json()["subject"]
    service.clock.advance(timedelta(minutes=2))
    await service.sign_in(elsewhere.http, person.email)
    told: list[tuple[str, str]] = []

    async def hook(identity_id: str, email: str) -> None:
        told.append((identity_id, email))

    service.auth.contacts.on_change(hook)
    link = await _change(service, person, "new-" + person.email)
    assert told == [(identity, "new-" + person.email)]
    assert (await elsewhere.http.get("/whoami")).json()["kind"] == "anonymous"
    assert (await person.http.get("/web/session")).json()["email"] == "new-" + person.email
    service.clock.advance(timedelta(days=6))
    for _ in range(3):
        assert (await elsewhere.http.get(link)).status_code == 200
        assert (await elsewhere.http.head(link)).status_code in (200, 405)
    page = await elsewhere.open(link)
    assert isinstance(page, Page)
    done = await elsewhere.send(page, "")
    assert isinstance(done, Page)
    assert done.title == "Your old address is back"
    assert (await person.http.get("/whoami")).json()["kind"] == "anonymous"
    await service.sign_in(person.http, person.email)
    assert (await person.http.get("/whoami")).json()["subject"] == identity
    late = await elsewhere.open(link)
    assert isinstance(late, Page)
    assert late.status == 400


async def test_an_undo_link_ends_after_seven_days(service: Service) -> None:
    person = Person(service)
    await service.sign_in(person.http, person.email)
    link = await _change(service, person, "late-" + person.email)
    service.clock.advance(timedelta(days=7))
    page = await person.open(link)
    assert isinstance(page, Page)
    assert page.status == 400


async def test_an_address_of_somebody_else_cannot_be_taken(service: Service) -> None:
    person, other = Person(service), Person(service)
    await service.sign_in(person.http, person.email)
    await service.sign_in(other.http, other.email)
    page = await person.open("/account/email")
    assert isinstance(page, Page)
    code_page = await person.send(page, "email", email=other.email)
    assert isinstance(code_page, Page)
    refused = await person.send(code_page, "code", code=service.mails.code(other.email))
    assert isinstance(refused, Page)
    assert refused.status == 400
    assert "already belongs to another account" in refused.text


async def test_the_address_page_leads_by_way_of_what_is_missing_and_strands_nobody(service: Service) -> None:
    person = Person(service)
    page = await person.sign_in(await person.open("/account/email?return_to=/whoami"))
    assert isinstance(page, Page)
    assert page.title == "Change your e-mail address"
    for typed, said in (("nonsense", "Enter an e-mail address"), ("", "Enter an e-mail address")):
        refused = await person.send(page, "email", email=typed)
        assert isinstance(refused, Page)
        assert said in refused.text
    code_page = await person.send(page, "email", email=f"a-{person.email}")
    assert isinstance(code_page, Page)
    wrong = await person.send(code_page, "code", code="12")
    assert isinstance(wrong, Page)
    assert "Type the eight digits" in wrong.text
    again = await person.send(wrong, "change")
    assert isinstance(again, Page)
    service.clock.advance(timedelta(minutes=11))
    asked = await person.send(again, "email", email=f"b-{person.email}")
    assert isinstance(asked, Page)
    assert asked.title == "Confirm that it is you"
    back = await person.send(again, "cancel")
    assert isinstance(back, Page)
    assert back.url == service.url + "/whoami"
    assert (await person.http.get("/web/session")).json()["email"] == person.email


async def _transfer(own: Client, refresh_token: str) -> str:
    answer = await own.token(
        grant_type=TRANSFER_GRANT,
        subject_token=refresh_token,
        subject_token_type=REFRESH_TYPE,
        requested_token_type=TRANSFER_TYPE,
        audience="wallet",
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in"] == 60
    return str(answer.json()["access_token"])


async def test_an_app_signs_its_web_view_in_and_takes_it_along_when_it_ends(service: Service) -> None:
    person = Person(service)
    own = await app(service)
    tokens = (await own.redeem(str(await person.sign_in(await person.open(own.url()))))).json()
    value = await _transfer(own, tokens["refresh_token"])
    view = service.stranger()
    taken = await view.post("/session/transfer", data={"transfer": value, "return_to": "/whoami"})
    assert taken.status_code == 303
    assert taken.headers["location"] == "/whoami"
    assert (await view.get("/whoami")).json()["subject"] == unverified(tokens["id_token"])["sub"]
    await own.http.post(
        "/revoke",
        data={"token": tokens["refresh_token"], "client_id": own.client_id},
    )
    assert (await view.get("/whoami")).json()["kind"] == "anonymous"


async def test_rp_initiated_logout_modules(service: Service) -> None:
    """`oidcc-rp-initiated-logout` and its variants, by name in the ids."""
    bye = "https://shop.example/bye"
    for case, parameters, expected in [
        ("rp-initiated-logout", {"post_logout_redirect_uri": bye, "state": "s1"}, bye + "?state=s1"),
        ("rp-initiated-logout-no-state", {"post_logout_redirect_uri": bye}, bye),
        ("rp-initiated-logout-bad-post-logout-uri", {"post_logout_redirect_uri": bye + "/x"}, 400),
        ("rp-initiated-logout-query-added", {"post_logout_redirect_uri": bye + "?a=b"}, 400),
        ("rp-initiated-logout-no-post-logout-uri", {}, 200),
    ]:
        person, shop = Person(service), await storefront(service)
        tokens = (await shop.redeem(await person.through(shop.url()))).json()
        query = {"id_token_hint": tokens["id_token"], **parameters}
        answer = await person.http.get("/end_session", params=query)
        if isinstance(expected, str):
            assert answer.headers["location"] == expected, case
        else:
            assert answer.status_code == expected, case
            assert "location" not in answer.headers, case
        if expected != 400:
            assert (await person.http.get("/whoami")).json()["kind"] == "anonymous", case
            assert (await shop.get("/whoami", tokens["access_token"])).status_code == 401, case


async def test_rp_initiated_and_backchannel_logout_discovery(service: Service) -> None:
    """`rp-initiated-logout-discovery` and `backchannel-logout-discovery`: both are offered, without other ways."""
    offered = (await service.stranger().get("/.well-known/openid-configuration")).json()
    assert offered["end_session_endpoint"] == service.url + "/end_session"
    assert offered["backchannel_logout_supported"] is offered["backchannel_logout_session_supported"] is True
    assert offered["frontchannel_logout_supported"] is False


@pytest.mark.parametrize("case", ["no-hint", "no-params", "only-state"])
async def test_logout_without_a_hint_asks_first(service: Service, case: str) -> None:
    person, shop = Person(service), await storefront(service)
    await person.through(shop.url())
    bye = "https://shop.example/bye"
    query = {
        "no-hint": {"client_id": shop.client_id, "post_logout_redirect_uri": bye, "state": "s"},
        "no-params": {},
        "only-state": {"state": "s"},
    }[case]
    page = await person.open("/end_session?" + "&".join(f"{name}={value}" for name, value in query.items()))
    assert isinstance(page, Page)
    assert page.title == "Sign out?"
    assert (await person.http.get("/whoami")).json()["kind"] == "member"
    after = await person.send(page, "")
    assert after == bye + "?state=s" if case == "no-hint" else isinstance(after, Page)
    assert (await person.http.get("/whoami")).json()["kind"] == "anonymous"


@pytest.mark.parametrize("case", ["bad-hint", "modified-hint"])
async def test_logout_with_a_bad_hint_does_nothing(service: Service, case: str) -> None:
    person, shop = Person(service), await storefront(service)
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    token = tokens["id_token"]
    hint = "nonsense" if case == "bad-hint" else token[:-8] + ("A" if token[-8] != "A" else "B") + token[-7:]
    answer = await person.http.get("/end_session", params={"id_token_hint": hint})
    assert answer.status_code == 400
    assert (await person.http.get("/whoami")).json()["kind"] == "member"


@asynccontextmanager
async def _receiver() -> AsyncIterator[tuple[str, list[dict[str, Any]], list[int]]]:
    """A client's back-channel endpoint: what it got, and which statuses it answers next."""
    got: list[dict[str, Any]] = []
    statuses: list[int] = []

    async def handler(request: Request) -> Response:
        form = (await request.body()).decode()
        got.append(unverified(form.removeprefix("logout_token=")))
        return Response(status_code=statuses.pop(0) if statuses else 200)

    listener, url = listen()
    async with serving(Starlette(routes=[Route("/backchannel", handler, methods=["POST"])]), listener):
        yield url, got, statuses


async def test_backchannel_rp_initiated_logout(database: Database, settings: Settings) -> None:
    async with _receiver() as (url, got, statuses):
        async with running(database, settings, allowed_outside=frozenset({url})) as service:
            shop = await storefront(service, backchannel_logout_uri=url + "/backchannel")
            person = Person(service)
            tokens = (await shop.redeem(await person.through(shop.url()))).json()
            await person.http.get("/end_session", params={"id_token_hint": tokens["id_token"]})
            statuses.append(503)
            await service.outbox.deliver_due()
            service.clock.advance(timedelta(seconds=10))
            await service.outbox.deliver_due()
            await service.outbox.deliver_due()
        assert len(got) == 2
        token = got[-1]
        said = unverified(tokens["id_token"])
        assert token["header"]["typ"] == "logout+jwt"
        assert token["aud"] == shop.client_id
        assert token["sub"] == said["sub"]
        assert token["sid"] == said["sid"]
        assert token["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
        assert "nonce" not in token


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/out",
        "https://127.0.0.1/out",
        "https://169.254.169.254/latest/meta-data",
        "https://10.1.2.3/out",
        "https://[::1]/out",
        "https://[::ffff:127.0.0.1]/out",
        "https://localhost/out",
        "https://user@93.184.216.34/out",
        "ftp://93.184.216.34/out",
        "https://0.0.0.0/out",
        "https://[fe80::1]/out",
    ],
)
async def test_a_backchannel_uri_that_is_not_public_is_refused_when_saved(service: Service, url: str) -> None:
    with pytest.raises(InvalidInput):
        await storefront(service, backchannel_logout_uri=url)


async def test_keys_are_published_ahead_retired_and_dropped(database: Database, settings: Settings) -> None:
    async with running(database, settings) as service:
        keys = service.auth.keys
        person = Person(service)

        async def states() -> dict[str, str]:
            return {key["_id"]: key["state"] for key in await keys.every() if key["alg"] == "ES256"}

        first = await states()
        published = {key["kid"] for key in (await person.http.get("/jwks")).json()["keys"]}
        assert published >= set(first)
        assert sorted(first.values()) == ["active", "next"]
        service.clock.advance(timedelta(days=89))
        await keys.rotate()
        assert await states() == first
        service.clock.advance(timedelta(days=1))
        await keys.rotate()
        second = await states()
        assert sorted(second.values()) == ["active", "next", "retired"]
        was_next = next(kid for kid, state in first.items() if state == "next")
        assert second[was_next] == "active"
        service.clock.advance(timedelta(hours=26))
        await keys.rotate()
        assert next(kid for kid, state in first.items() if state == "active") not in await states()


async def test_a_forced_rotation_keeps_live_tokens_and_an_emergency_ends_them(
    database: Database, settings: Settings
) -> None:
    async with running(database, settings) as service:
        person, shop = Person(service), await storefront(service)
        tokens = (await shop.redeem(await person.through(shop.url()))).json()
        await service.auth.keys.rotate(force=True)
        assert (await shop.get("/whoami", tokens["access_token"])).status_code == 200
        assert await service.auth.emergency() == 1
        assert (await shop.get("/whoami", tokens["access_token"])).status_code == 401
        assert (await shop.refresh(tokens["refresh_token"])).status_code == 400
        again = (await shop.redeem(str(await person.open(shop.url())))).json()
        assert (await shop.get("/whoami", again["access_token"])).status_code == 200
        assert answer_of(shop.url())["client_id"] == shop.client_id


async def test_a_merged_identity_resolves_to_the_one_that_remains(service: Service) -> None:
    kept, gone = Person(service), Person(service)
    for person in (kept, gone):
        await service.sign_in(person.http, person.email)
    survivor, merged = [(await person.http.get("/whoami")).json()["subject"] for person in (kept, gone)]
    await service.auth.merge_identities(survivor, merged, actor="system:test")
    assert (await gone.http.get("/whoami")).json()["kind"] == "anonymous"
    found = await service.auth.identities.by_id(merged)
    assert found is not None
    assert found["_id"] == survivor
    await service.sign_in(gone.http, gone.email)
    assert (await gone.http.get("/whoami")).json()["subject"] == survivor
    assert (await kept.http.get("/whoami")).json()["subject"] == survivor


async def test_a_merge_of_members_is_followed_by_open_sessions(service: Service) -> None:
    person = Person(service)
    await service.sign_in(person.http, person.email)
    identity = (await person.http.get("/whoami")).json()["subject"]
    service.members.joined[identity] = "mbr_old"
    assert (await person.http.get("/whoami")).json()["memberId"] == "mbr_old"
    await service.auth.member_changed(identity, "mbr_new")
    assert (await person.http.get("/whoami")).json()["memberId"] == "mbr_new"


async def test_a_waiting_membership_is_adopted_by_whoever_proves_its_address(service: Service) -> None:
    person = Person(service)
    service.members.waiting[person.email] = "mbr_imported"
    await service.sign_in(person.http, person.email)
    assert (await person.http.get("/whoami")).json()["memberId"] == "mbr_imported"


async def test_a_disabled_client_loses_its_grants_and_its_voice(service: Service) -> None:
    shop, person = await storefront(service), Person(service)
    tokens = (await shop.redeem(await person.through(shop.url()))).json()
    assert await service.auth.disable_client(shop.client_id)
    assert (await shop.get("/whoami", tokens["access_token"])).status_code == 401
    assert (await shop.refresh(tokens["refresh_token"])).status_code == 401
    page = await person.open(shop.url())
    assert isinstance(page, Page)
    assert page.status == 400
