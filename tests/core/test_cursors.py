import pytest

from app.core.cursors import cursor_of, number_key, text_key
from app.core.errors import InvalidInput


def test_cursors_come_back_as_they_were() -> None:
    assert number_key(cursor_of(17, "a")) == (17, "a")
    assert text_key(cursor_of("zoe", "b")) == ("zoe", "b")
    with pytest.raises(InvalidInput):
        number_key(cursor_of("zoe", "b"))
    with pytest.raises(InvalidInput):
        text_key(cursor_of(17, "a"))
    for forged in (cursor_of(2**63, "a"), "W10=", "WzEsMl0=", "[" * 900, "x" * 2000, "\ud800"):
        with pytest.raises(InvalidInput):
            number_key(forged)
