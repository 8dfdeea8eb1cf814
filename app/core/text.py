"""Text as people compare it: without case, accents and punctuation."""

import re
import unicodedata

_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_LONGEST_WORD = 40


def plain(text: str) -> str:
    """The text in compatibility form, case folded, without accents: "Zoë ŁUKASIEWICZ" becomes "zoe lukasiewicz"."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return unicodedata.normalize("NFC", bare.casefold().translate(_PLAIN))


def words(text: str) -> list[str]:
    """The plain words of a text in their order, each once; none is longer than 40 characters."""
    bare = plain(text)
    found = _ASCII_WORD.findall(bare) if bare.isascii() else _words_of_any_script(bare)
    return list(dict.fromkeys(word[:_LONGEST_WORD] for word in found))


def _words_of_any_script(bare: str) -> list[str]:
    # Vowel signs of Indic scripts are marks, not letters, and belong inside their words all the same.
    return "".join(character if unicodedata.category(character)[0] in "LNM" else " " for character in bare).split()


def starts_with(prefix: str) -> dict[str, str]:
    """A MongoDB condition: plain words that start with `prefix`; anchored and escaped, so that an index serves it."""
    return {"$regex": "^" + re.escape(prefix)}
