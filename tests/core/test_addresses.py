"""What signing in takes as an address, the programme takes too, in the same writing."""

import pytest

from app.core.addresses import normal_address
from app.members.contacts import normal_email
from app.members.errors import EmailInvalid
from auth.identities.errors import BadAddress
from auth.identities.service import normalise_email


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" Ada@Shop.TEST ", "ada@shop.test"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("Zoe\u0308@example.com", "zoë@example.com"),
    ],
)
def test_an_address_has_one_writing_everywhere(typed: str, kept: str) -> None:
    assert normal_address(typed) == normal_email(typed) == normalise_email(typed) == kept
    assert normal_address(kept) == kept


@pytest.mark.parametrize("typed", ["", "ada", "ada@", "@example.com", "a b@example.com", f"{'a' * 250}@example.com"])
def test_what_is_no_address_is_refused_by_both(typed: str) -> None:
    with pytest.raises(EmailInvalid):
        normal_email(typed)
    with pytest.raises(BadAddress):
        normalise_email(typed)
