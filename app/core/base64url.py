"""Base64url without padding, as tokens, keys and links are written (RFC 4648 section 5, RFC 7515 section 2)."""

import base64


def encode(data: bytes) -> str:
    """Bytes as text that fits in an address."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes of such a text, padded or not. Raises ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
