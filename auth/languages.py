"""The languages that sign-in speaks, on its pages and in its mails."""

from typing import Final

LANGUAGES: Final = ("en", "de", "es", "ar")
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def choose(*wanted: object) -> str:
    """The first language we have among tags such as "de-AT", `ui_locales` and `Accept-Language` values.

    Whatever is no text counts for nothing; English when none fits.
    """
    for value in wanted:
        for part in value.replace(",", " ").split() if isinstance(value, str) else ():
            primary = part.split(";")[0].split("-")[0].lower()
            if primary in LANGUAGES:
                return primary
    return "en"
