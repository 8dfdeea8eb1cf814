import pytest

from app.core.text import plain, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Zoë ŁUKASIEWICZ-Groß", ["zoe", "lukasiewicz", "gross"]),
        ("Fluid Milk, White Only · 1 gal", ["fluid", "milk", "white", "only", "1", "gal"]),
        ("Ａｄａ ﬁne", ["ada", "fine"]),
        ("مُحَمَّد", ["محمد"]),
        ("हिन्दी", ["हिनदी"]),
        ("İstanbul", ["istanbul"]),
        ("a a A", ["a"]),
        ("…!", []),
    ],
)
def test_words_are_plain(text: str, found: list[str]) -> None:
    assert words(text) == found
    assert plain(plain(text)) == plain(text)
