"""Time-based one-time passwords (RFC 6238, SHA-1 as Google and Samsung require) and their stored secrets."""

import hmac
import secrets
from collections.abc import Callable
from typing import Final

from wallet.codes import Totp
from wallet.keys import Seal
from wallet.models import CredentialDocument

DIGITS: Final = 8
SECRET_LENGTH: Final = 20


def totp(key: bytes, step: int, digits: int = DIGITS, algorithm: str = "sha1") -> str:
    """The value of a time step (RFC 6238 section 4, RFC 4226 section 5.3)."""
    digest = hmac.digest(key, step.to_bytes(8, "big"), algorithm)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


class TotpSecrets:
    """Makes, seals and checks the secrets of wallet passes, one per pass."""

    def __init__(self, derive_key: Callable[[str], bytes]) -> None:
        self._seal = Seal(derive_key("wallet.totp"))
        self._nobodys = self._seal.close(secrets.token_bytes(SECRET_LENGTH), "")

    def new(self, credential: str) -> tuple[bytes, bytes]:
        """A new secret, in the open for the wallet and sealed for storage."""
        secret = secrets.token_bytes(SECRET_LENGTH)
        return secret, self._seal.close(secret, credential)

    def reveal(self, document: CredentialDocument) -> bytes:
        """The secret of a stored credential."""
        return self._seal.open(document["sealed_secret"], document["credential"])

    def verify(self, token: Totp, document: CredentialDocument | None) -> bool:
        """Whether the value belongs to the token's own time; without a document the same work is done in vain."""
        secret = self._seal.open(self._nobodys, "") if document is None else self.reveal(document)
        return hmac.compare_digest(totp(secret, token.step), token.value) and document is not None
