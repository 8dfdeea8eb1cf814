"""One writing of an e-mail address, so that the same address is the same key wherever it is stored."""

from typing import Final

from email_validator import validate_email

LONGEST: Final = 254
"""Characters of an address that can be delivered to (RFC 5321, 4.5.3.1.3)."""


def normal_address(text: str) -> str:
    """The address trimmed, composed (NFC), in lower case, its domain in ASCII. Raises ValueError; asks no name server.

    Lower case also before the @: two people never share an address that differs in case only. Domains that are set
    aside for tests (RFC 6761) are taken, so that who tries the product out may use one.
    """
    if len(text) > LONGEST:
        raise ValueError(f"An address has at most {LONGEST} characters.")
    parts = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    return f"{parts.local_part}@{parts.ascii_domain}".lower()
