"""The mails of sign-in: every kind in every language, plain and short."""

import string
from typing import get_args

import pytest

from app.programme.defaults import HARVEST
from auth.languages import LANGUAGES, choose
from auth.mails import TEXTS, Kind, code_mail, mail
from auth.pages.strings import STRINGS
from tests.auth.conftest import Service


def named(text: str) -> set[str]:
    """The values that a text takes."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_language_of_the_programme_is_spoken() -> None:
    assert set(HARVEST["languages"]) <= set(LANGUAGES)
    assert set(TEXTS) == set(STRINGS) == set(LANGUAGES)


@pytest.mark.parametrize("kind", get_args(Kind))
def test_no_kind_of_mail_lacks_a_language(kind: Kind) -> None:
    for language in LANGUAGES:
        subject, text = TEXTS[language][kind]
        for ours, english in zip((subject, text), TEXTS["en"][kind], strict=True):
            assert named(ours) == named(english), (language, kind)
        assert len(subject) <= 70, (language, kind)
        assert len(text) <= 400, (language, kind)
        assert text.endswith("\n")
        assert "<" not in text
        if language != "en":
            assert (subject, text) != TEXTS["en"][kind], (language, kind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_the_pages_lacks_a_language(language: str) -> None:
    assert set(STRINGS[language]) == set(STRINGS["en"])
    for key, text in STRINGS[language].items():
        assert named(text) == named(STRINGS["en"][key]), key


def test_the_subject_of_a_code_begins_with_it_in_every_language() -> None:
    for language in LANGUAGES:
        letter = code_mail("12345678", "sign-in", language)
        assert letter.subject.startswith("12345678")
        assert "1234 5678" in letter.text


def test_braces_in_a_value_stay_as_they_are() -> None:
    assert "{home}" in mail("method-added", "en", method="{home}", home="https://x.example/").text


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        (["de-AT"], "de"),
        (["fr, es;q=0.8"], "es"),
        ([None, "ar"], "ar"),
        ([7, {"$ne": 1}], "en"),
        (["", "xx"], "en"),
    ],
)
def test_the_best_language_is_chosen(wanted: list[object], chosen: str) -> None:
    assert choose(*wanted) == chosen


async def test_a_notice_speaks_the_members_language(shared: Service) -> None:
    async with shared.browser(**{"Accept-Language": "de"}) as browser:
        await shared.sign_in(browser, "greta@example.test")
        identity_id = (await browser.get("/whoami")).json()["subject"]
    assert "Anmeldecode" in shared.mails.sent[-1]["text"]
    shared.members.joined[identity_id] = "mbr_greta"
    shared.members.languages["mbr_greta"] = "es"
    await shared.auth.notices.method_added(identity_id, "Passkey")
    assert shared.mails.sent[-1]["subject"] == "Se añadió una forma de acceso"
