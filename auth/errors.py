"""Refusals of the HTTP endpoints: RFC 6749 bodies for clients, plain sentences for our own pages."""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Any


class Refused(Exception):
    """An answer that ends the request: `status`, extra `headers`, and a JSON body."""

    def __init__(self, status: int, error: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return {"error": self.error, "message": self.message}


class WebRefused(Refused):
    """A refusal to one of our own pages; `field` names the input to correct, where one is to blame."""

    def __init__(
        self,
        error: str,
        message: str,
        *,
        field: str | None = None,
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, error, message, headers)
        self.field = field

    def body(self) -> dict[str, Any]:
        """`error`, `message` and `field`."""
        return {**super().body(), "field": self.field}


class TooMany(WebRefused):
    """A limit was reached (RFC 6585 section 4); `Retry-After` is in whole seconds, at least 1."""

    def __init__(self, retry_after: timedelta) -> None:
        seconds = max(1, ceil(retry_after.total_seconds()))
        super().__init__(
            "rate_limited",
            f"Too many tries. Wait {seconds} seconds, then try again.",
            status=429,
            headers={"Retry-After": str(seconds)},
        )
        self.seconds = seconds


class CrossSite(WebRefused):
    """A request with our cookie that does not come from one of our own pages."""

    def __init__(self) -> None:
        super().__init__("cross_site", "This request must come from our own pages.", status=403)


class OAuthRefused(Refused):
    """An error answer of RFC 6749 section 5.2 and its relatives."""

    def __init__(
        self, error: str, description: str, *, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, error, description, headers)

    def body(self) -> dict[str, Any]:
        """`error` and `error_description`."""
        return {"error": self.error, "error_description": self.message}


class InvalidClient(OAuthRefused):
    """Client authentication failed; the answer never says which part of it."""

    def __init__(self, basic: bool = False) -> None:
        headers = {"WWW-Authenticate": 'Basic realm="stampbook"'} if basic else None
        super().__init__("invalid_client", "client authentication failed", status=401, headers=headers)


class InvalidGrant(OAuthRefused):
    """The code or refresh token is unknown, used, expired, or not this client's."""

    def __init__(self, description: str = "the grant is invalid, expired or already used") -> None:
        super().__init__("invalid_grant", description)


class AuthRefused(OAuthRefused):
    """A protected resource refuses the caller (RFC 6750 section 3, RFC 9449 section 7.1, RFC 9470 section 3)."""

    def __init__(
        self,
        error: str,
        description: str,
        *,
        status: int = 401,
        scheme: str = "Bearer",
        extra: Mapping[str, str] | None = None,
    ) -> None:
        parameters = {"error": error, "error_description": description, **(extra or {})}
        challenge = ", ".join(f'{name}="{value}"' for name, value in parameters.items())
        super().__init__(error, description, status=status, headers={"WWW-Authenticate": f"{scheme} {challenge}"})


class StepUpNeeded(AuthRefused):
    """The session is too weak or too old for this; `acr` is the level to reach and `max_age` its age in seconds."""

    def __init__(self, acr: int, max_age: int) -> None:
        super().__init__(
            "insufficient_user_authentication",
            "confirm that it is you, then try again",
            extra={"acr_values": str(acr), "max_age": str(max_age)},
        )
        self.acr = acr
        self.max_age = max_age

    def body(self) -> dict[str, Any]:
        """The OAuth body with what to ask for."""
        return {**super().body(), "acr_values": str(self.acr), "max_age": self.max_age}
