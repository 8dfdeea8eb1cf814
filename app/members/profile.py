"""What a profile may say: checks that name the field, and the words that a member is found by."""

import unicodedata
from datetime import date, timedelta

from app.core.text import plain, words
from app.members.errors import BirthdayInvalid, LanguageUnknown, NameInvalid, ReasonMissing
from app.programme.models import Programme

LONGEST_NAME = 80
_LONGEST_REASON = 500
_LONGEST_LIFE = timedelta(days=366 * 120)


def checked_name(field: str, name: str) -> str:
    """The name with its white space tidied, in composed Unicode. Raises NameInvalid.

    Any script is welcome. Control and formatting characters are not: they could reverse or hide what others read. The
    joiners that Persian and Indic names need are kept.
    """
    if len(name) > LONGEST_NAME:
        raise NameInvalid(field, name, LONGEST_NAME)
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    joiners = {"\u200c", "\u200d"}
    if any(unicodedata.category(mark) in {"Cc", "Cf", "Cs", "Co", "Cn"} and mark not in joiners for mark in tidy):
        raise NameInvalid(field, name, LONGEST_NAME)
    if not any(unicodedata.category(letter)[0] == "L" for letter in tidy):
        raise NameInvalid(field, name, LONGEST_NAME)
    return tidy


def checked_optional_name(field: str, name: str | None) -> str | None:
    """As `checked_name`; None and blank text both clear the name."""
    return checked_name(field, name) if name is not None and name.strip() else None


def checked_language(language: str, programme: Programme) -> str:
    """One of the programme's languages. Raises LanguageUnknown."""
    if language not in programme["languages"]:
        raise LanguageUnknown(language, programme["languages"])
    return language


def checked_birthday(birthday: date | None, today: date) -> str | None:
    """The day as YYYY-MM-DD; `today` is the programme's local day. Raises BirthdayInvalid."""
    if birthday is None:
        return None
    if birthday > today or today - birthday > _LONGEST_LIFE:
        raise BirthdayInvalid(birthday, today)
    return birthday.isoformat()


def checked_reason(reason: str) -> str:
    """A reason that says something. Raises ReasonMissing."""
    tidy = " ".join(reason.split())
    if not tidy or len(tidy) > _LONGEST_REASON:
        raise ReasonMissing
    return tidy


def name_words(*names: str | None) -> list[str]:
    """The plain words of all names, each once."""
    return words(" ".join(name for name in names if name))


def name_key(display_name: str) -> str:
    """The name that members are ordered by."""
    return plain(display_name)
