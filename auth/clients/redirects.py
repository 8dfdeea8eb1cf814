"""Redirect URIs: which may be registered, and which registered one a request means.

A request's URI must equal a registered one character by character; only a native app's loopback URI may differ, in its
port (RFC 8252 section 7.3). Nothing is normalised, so nothing can be talked into looking equal.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from app.core.errors import InvalidInput

_LOOPBACK: Final = frozenset({"127.0.0.1", "[::1]", "localhost"})
_LOOPBACK_URI: Final = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?(/[^#\\\s]*)?")
_PRIVATE_SCHEME: Final = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")
_HOSTILE: Final = re.compile(r"[\x00-\x20\\\x7f]|#")


def check_redirect_uri(uri: str) -> str:
    """The URI, if a client may register it: https, http on loopback, a private scheme with a dot.

    Raises InvalidInput.
    """
    refused = InvalidInput(("redirectUris",), f"{uri!r} cannot be a redirect address.")
    if _HOSTILE.search(uri) or len(uri) > 500:
        raise refused
    try:
        parts = urlsplit(uri)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refused from None
    if parts.username is not None or parts.password is not None:
        raise refused
    bracketed = f"[{host}]" if host and ":" in host else host
    plain_loopback = parts.scheme == "http" and (bracketed in _LOOPBACK or str(host).endswith(".localhost"))
    if (parts.scheme == "https" and host) or plain_loopback or _PRIVATE_SCHEME.fullmatch(parts.scheme):
        return uri
    raise refused


def matches(registered: list[str], uri: str) -> bool:
    """Whether the URI is one of the registered ones."""
    if uri in registered:
        return True
    asked = _LOOPBACK_URI.fullmatch(uri)
    if asked is None:
        return False
    return any(
        known is not None and known.groups() == asked.groups()
        for known in (_LOOPBACK_URI.fullmatch(candidate) for candidate in registered)
    )


def form_target(uri: str) -> str:
    """The source expression by which a page's `form-action` allows being sent on to this URI (CSP Level 3)."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") else f"{parts.scheme}:"


def local_path(value: object, default: str = "/") -> str:
    """A path on our own host to return to; anything that a browser could read as another host becomes `default`."""
    if not isinstance(value, str) or not re.fullmatch(r"/(?![/\\])[^\x00-\x20\\\x7f]{0,500}", value):
        return default
    return value
