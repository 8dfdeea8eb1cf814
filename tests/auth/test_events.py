"""The record of security events: every kind has its sentence, and says who did it, when, from where and with what."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

import auth
import schema
from auth.events import texts
from auth.events.models import SecurityEventDocument
from auth.events.service import SecurityEvents
from auth.events.texts import METHODS, TEXTS
from auth.languages import LANGUAGES
from auth.sessions.models import SignInMethod
from tests.auth.conftest import Service
from tests.auth.person import Person, app, signed_in


def test_every_sentence_is_of_a_kind_that_is_recorded() -> None:
    files = [path for package in (auth, schema) for path in Path(str(package.__file__)).parent.rglob("*.py")]
    said = "".join(path.read_text() for path in files if path != Path(str(texts.__file__)))
    assert {kind for kind in TEXTS["en"] if f'"{kind}"' not in said} == set()


def test_every_sentence_is_said_in_every_language_with_the_same_details() -> None:
    places = {kind: set(re.findall(r"\{\w+\}", sentence)) for kind, sentence in TEXTS["en"].items()}
    for language in LANGUAGES:
        said = {kind: set(re.findall(r"\{\w+\}", sentence)) for kind, sentence in TEXTS[language].items()}
        assert said == places, language
        assert METHODS[language].keys() == set(get_args(SignInMethod)), language


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Signed in with a passkey"),
        ("de-AT", "Angemeldet mit einem Passkey"),
        ("es", "Sesión iniciada con una llave de acceso"),
        ("ar", "تسجيل دخول بواسطة \u2068مفتاح مرور\u2069"),
        ("tlh", "Signed in with a passkey"),
    ],
)
def test_an_event_is_said_in_the_language_asked_for(language: str, sentence: str) -> None:
    event = SecurityEventDocument(
        _id="evt_1",
        identity_id="idn_1",
        type="signed_in",
        at=datetime(2026, 11, 22, tzinfo=UTC),
        actor="identity:idn_1",
        ip_prefix=None,
        device=None,
        detail={"method": "passkey"},
        purge_at=datetime(2028, 11, 22, tzinfo=UTC),
    )
    assert SecurityEvents.text(event, language) == sentence


async def test_events_say_who_did_it_from_where_and_with_what(shared: Service) -> None:
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/605"
    person = Person(shared, **{"User-Agent": phone})
    await shared.sign_in(person.http, person.email)
    identity = (await person.http.get("/whoami")).json()["subject"]
    await person.http.delete("/web/session")
    events = {event["type"]: event for event in await shared.auth.events.page(identity, 20)}
    assert {"identity_created", "signed_in", "signed_out"} <= set(events)
    for event in events.values():
        assert event["actor"] == f"identity:{identity}"
        assert event["ip_prefix"] == "127.0.0.0/24"
        assert event["device"] == "Safari on iPhone"
        assert abs((event["at"] - shared.clock.now()).total_seconds()) < 60


async def test_a_copied_token_is_recorded_with_where_it_was_used(shared: Service) -> None:
    own = await app(shared)
    person, tokens = await signed_in(own)
    identity = (await person.http.get("/whoami")).json()["subject"]
    for _ in range(2):
        tokens = (await own.refresh(tokens["refresh_token"])).json()
    first = await shared.auth.grants.of_identity(identity)
    assert len(first) == 1
    stale = shared.auth.grants._token(first[0], 0)
    assert (await own.refresh(stale)).status_code == 400
    event = next(e for e in await shared.auth.events.page(identity, 5) if e["type"] == "refresh_reuse")
    assert event["actor"] == f"client:{own.client_id}"
    assert event["ip_prefix"] == "127.0.0.0/24"
