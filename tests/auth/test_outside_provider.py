"""Our relying party against an OpenID provider that we did not write: npm oidc-provider."""

import asyncio
import html
import re
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import httpx2 as httpx
import pytest

from app.core.database import Client, Database
from app.core.mongod import EmbeddedMongod
from app.core.settings import Settings
from auth.federation.models import OutsideProvider
from tests.auth.conftest import Program, Service, alone, listen, running
from tests.auth.person import Page, Person, answer_of, storefront


class Abroad:
    """A browser at the outside provider."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.http = service.stranger()

    async def sign_in(self, url: str, login: str) -> str:
        """Fill the provider's own forms until it sends us home; returns that address."""
        response = await self.http.get(url)
        for _ in range(12):
            location = response.headers.get("location")
            if location is not None:
                target = urljoin(str(response.url), location)
                if target.startswith(self.service.url):
                    return target
                response = await self.http.get(target)
                continue
            form = re.search(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', response.text, re.DOTALL)
            assert form, response.text
            fields = dict(re.findall(r'name="([^"]+)"[^>]*value="([^"]*)"', form.group(2)))
            if "login" in form.group(2):
                fields |= {"login": login, "password": "any"}
            response = await self.http.post(urljoin(str(response.url), html.unescape(form.group(1))), data=fields)
        raise AssertionError("going in circles abroad")


class Corp:
    """The running provider and our service that trusts it for corp.example."""

    def __init__(self, service: Service, issuer: str, run: Any) -> None:
        self.service = service
        self.issuer = issuer
        self._run = run
        self._program: Program | None = None

    async def start(self) -> None:
        """Start the provider, or start it anew."""
        if self._program is not None:
            await self._program.end()
        port = str(urlsplit(self.issuer).port)
        self._program = await self._run("outside-provider.mjs", PORT=port, RELYING_PARTY=self.service.url)
        while "listening" not in await self._program.line():
            pass

    async def leave(self, person: Person, path: str = "/login/idp/corp?return_to=/whoami") -> str:
        """The provider's address that our service sends the browser to."""
        away = await person.open(path)
        assert isinstance(away, str), away.text
        assert away.startswith(self.issuer)
        return away


@pytest.fixture(scope="module")
async def corp(client: Client, mongod: EmbeddedMongod, run: Any) -> AsyncIterator[Corp]:
    listener, issuer = listen()
    listener.close()
    provider = OutsideProvider(
        id="corp",
        name="Corp",
        issuer=issuer,
        client_id="loyalty",
        client_secret="rp-secret-rp-secret-rp-secret-32",
        authority="domains",
        domains=("corp.example",),
    )
    async with alone(client, mongod, providers=[provider]) as service:
        corp = Corp(service, issuer, run)
        await corp.start()
        yield corp


@pytest.fixture
def name() -> str:
    """Somebody's name, at the provider and before the @."""
    return secrets.token_hex(6)


async def test_sign_up_sign_in_and_the_second_time_is_silent(corp: Corp, name: str) -> None:
    person, abroad = Person(corp.service), Abroad(corp.service)
    here = await person.open(await abroad.sign_in(await corp.leave(person), "staff-" + name))
    assert isinstance(here, Page)
    first = here.response.json()
    assert first["kind"] == "member"
    assert (await person.http.get("/web/session")).json()["email"] == f"{name}@corp.example"
    await person.http.delete("/web/session")
    again = await person.open(await abroad.sign_in(await corp.leave(person), "staff-" + name))
    assert isinstance(again, Page)
    assert again.response.json()["subject"] == first["subject"]


async def test_two_tabs_both_finish(corp: Corp, name: str) -> None:
    person, abroad = Person(corp.service), Abroad(corp.service)
    one, two = await corp.leave(person), await corp.leave(person)
    home_two = await abroad.sign_in(two, "staff-" + name)
    home_one = await abroad.sign_in(one, "staff-" + name)
    for home in (home_one, home_two):
        page = await person.open(home)
        assert isinstance(page, Page)
        assert page.status == 200, page.text


async def test_mix_up_a_tampered_or_missing_issuer_ends_the_attempt(corp: Corp, name: str) -> None:
    for change in ({"iss": "https://evil.example"}, {"iss": ""}):
        person, abroad = Person(corp.service), Abroad(corp.service)
        home = await abroad.sign_in(await corp.leave(person), "staff-" + name)
        asked: list[httpx.Request] = []

        async def note(request: httpx.Request, asked: list[httpx.Request] = asked) -> None:
            asked.append(request)

        corp.service.auth._http.event_hooks = {"request": [note]}
        parts = urlsplit(home)
        query = {name: value for name, value in {**dict(parse_qsl(parts.query)), **change}.items() if value}
        page = await person.open(parts._replace(query=urlencode(query)).geturl())
        assert isinstance(page, Page)
        assert page.status == 400
        assert asked == [], "no token was asked for"
        corp.service.auth._http.event_hooks = {}
        assert (await person.http.get("/whoami")).json()["kind"] == "anonymous"


async def test_login_csrf_a_foreign_callback_url_does_nothing(corp: Corp, name: str) -> None:
    attacker, victim, abroad = Person(corp.service), Person(corp.service), Abroad(corp.service)
    home = await abroad.sign_in(await corp.leave(attacker), "staff-" + name)
    page = await victim.open(home)
    assert isinstance(page, Page)
    assert page.status == 400
    assert (await victim.http.get("/whoami")).json()["kind"] == "anonymous"
    used = await attacker.open(home)
    assert isinstance(used, Page)
    assert used.status == 200
    twice = await attacker.open(home)
    assert isinstance(twice, Page)
    assert twice.status == 400


async def test_a_provider_that_restarts_with_a_new_key_under_the_same_id_is_followed(corp: Corp, name: str) -> None:
    person, abroad = Person(corp.service), Abroad(corp.service)
    await person.open(await abroad.sign_in(await corp.leave(person), "staff-" + name))
    await corp.start()
    corp.service.clock.advance(timedelta(seconds=6))
    page = await person.open(await Abroad(corp.service).sign_in(await corp.leave(person), "staff-" + name))
    assert isinstance(page, Page)
    assert page.status == 200, page.text


async def test_prehijack_mallory_with_the_same_unverified_address_cannot_reach_alice(corp: Corp, name: str) -> None:
    alice = Person(corp.service, f"{name}@corp.example")
    await corp.service.sign_in(alice.http, alice.email)
    mallory = Person(corp.service, f"m{name}@example.test")
    page = await mallory.open(await Abroad(corp.service).sign_in(await corp.leave(mallory), "unverified-" + name))
    assert isinstance(page, Page)
    assert "could not confirm your e-mail address" in page.text
    assert f'value="{name}@' not in page.text
    assert (await mallory.http.get("/whoami")).json()["kind"] == "anonymous"
    assert len([mail for mail in corp.service.mails.sent if mail["to"] == alice.email]) == 1
    done = await mallory.sign_in(page)
    assert isinstance(done, Page)
    assert done.response.json()["subject"] != (await alice.http.get("/whoami")).json()["subject"]


async def test_an_existing_account_is_linked_only_after_proof_and_told(corp: Corp, name: str) -> None:
    first = Person(corp.service, f"{name}@corp.example")
    await corp.service.sign_in(first.http, first.email)
    subject = (await first.http.get("/whoami")).json()["subject"]
    person = Person(corp.service, f"{name}@corp.example")
    page = await person.open(await Abroad(corp.service).sign_in(await corp.leave(person), "staff-" + name))
    assert isinstance(page, Page)
    assert f'value="{name}@corp.example"' in page.text
    assert (await person.http.get("/whoami")).json()["kind"] == "anonymous"
    corp.service.clock.advance(timedelta(seconds=61))
    done = await person.sign_in(page)
    assert isinstance(done, Page)
    assert done.response.json()["subject"] == subject
    told = corp.service.mails.sent[-1]
    assert told["to"] == first.email
    assert told["kind"] == "security"
    methods = await corp.service.auth.identities.methods_of(subject)
    assert sorted(method["type"] for method in methods) == ["email", "federated"]


async def test_somebody_signed_in_connects_an_outside_account_and_nobody_elses(corp: Corp, name: str) -> None:
    person, thief = Person(corp.service), Person(corp.service)
    for each in (person, thief):
        await corp.service.sign_in(each.http, each.email)
        assert (await each.http.get("/web/session")).json()["providers"] == [{"id": "corp", "name": "Corp"}]
    mine = (await person.http.get("/whoami")).json()["subject"]

    async def connect(who: Person) -> Page | str:
        away = (await who.http.post("/link/idp/corp?return_to=/whoami")).json()["location"]
        return await who.open(await Abroad(corp.service).sign_in(away, "elsewhere-" + name))

    connected = await connect(person)
    assert isinstance(connected, Page)
    assert connected.url == corp.service.url + "/whoami"
    told = [mail for mail in corp.service.mails.sent if mail["to"] == person.email and mail["kind"] == "security"]
    assert "Corp can now sign in" in told[-1]["text"]
    refused = await connect(thief)
    assert isinstance(refused, Page)
    assert refused.status == 400
    await person.http.delete("/web/session")
    signed_out = (await person.http.get("/web/session")).json()
    assert signed_out["providers"] == [{"id": "corp", "name": "Corp"}]
    again = await person.open(await Abroad(corp.service).sign_in(await corp.leave(person), "elsewhere-" + name))
    assert isinstance(again, Page)
    assert again.response.json()["subject"] == mine


async def test_a_verified_address_elsewhere_still_asks_for_a_code(corp: Corp, name: str) -> None:
    person = Person(corp.service, f"{name}@elsewhere.example")
    page = await person.open(await Abroad(corp.service).sign_in(await corp.leave(person), "elsewhere-" + name))
    assert isinstance(page, Page)
    assert f'value="{name}@elsewhere.example"' in page.text
    done = await person.sign_in(page)
    assert isinstance(done, Page)
    assert done.response.json()["kind"] == "member"


async def test_a_storefront_request_goes_on_after_the_outside_sign_in(corp: Corp, name: str) -> None:
    shop, person = await storefront(corp.service), Person(corp.service)
    page = await person.open(shop.url())
    assert isinstance(page, Page)
    link = re.search(r'href="(/login/idp/corp\?tx=[^"]+)"', page.text)
    assert link
    stranger = await Person(corp.service).open(link.group(1))
    assert isinstance(stranger, Page)
    assert stranger.status == 400
    away = str(await person.open(link.group(1)))
    consent = await person.open(await Abroad(corp.service).sign_in(away, "staff-" + name))
    assert isinstance(consent, Page)
    assert "code" in answer_of(str(await person.send(consent, "allow")))


async def test_signing_out_at_the_provider_signs_out_here_and_a_replay_does_nothing(corp: Corp, name: str) -> None:
    person, abroad = Person(corp.service), Abroad(corp.service)
    await person.open(await abroad.sign_in(await corp.leave(person), "staff-" + name))
    assert (await person.http.get("/whoami")).json()["kind"] == "member"
    response = await abroad.http.get(f"{corp.issuer}/session/end")
    xsrf = re.search(r'name="xsrf" value="([^"]+)"', response.text)
    assert xsrf
    form = {"xsrf": xsrf.group(1), "logout": "yes"}
    await abroad.http.post(f"{corp.issuer}/session/end/confirm", data=form)
    async with asyncio.timeout(10):
        while (await person.http.get("/whoami")).json()["kind"] == "member":  # noqa: ASYNC110 -- the provider says when
            await asyncio.sleep(0.02)
    nonsense = await corp.service.stranger().post("/idp/corp/backchannel", data={"logout_token": "nonsense"})
    assert nonsense.status_code == 400


async def test_a_provider_that_is_down_gives_a_page_and_no_5xx(database: Database, settings: Settings) -> None:
    listener, issuer = listen()
    listener.close()
    provider = OutsideProvider(id="corp", name="Corp", issuer=issuer, client_id="loyalty")
    async with running(database, settings, providers=[provider]) as service:
        person = Person(service)
        for path in ("/login/idp/corp", "/login/idp/none", "/login/idp/corp/callback?state=x&code=y"):
            page = await person.open(path)
            assert isinstance(page, Page)
            assert page.status == 400
            assert "Signing in there did not work" in page.text
