"""GraphQL over HTTP: media types, request parameters and the refusals of both.

Source: GraphQL over HTTP draft of August 2026; status codes of request errors follow the `graphql-http` audit, which
still wants 400 where the draft moved to 422.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

JSON = "application/json"
RESPONSE_JSON = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"
HTML = "text/html"

# One place to flip when the audit follows the draft to 422.
INVALID_REQUEST_STATUS = 400

Headers = Sequence[tuple[bytes, bytes]]


class RequestRefused(Exception):
    """A request that never reached a document; the message says what to send instead."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request asks to run: a text or the id of a persisted document."""

    query: str | None
    document_id: str | None
    operation_name: str | None
    variables: dict[str, Any] | None


def header(headers: Headers, name: bytes) -> str | None:
    """The first value of a header (lower-case name), None without one."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None


@lru_cache(maxsize=256)
def accepted(accept: str | None) -> tuple[str, ...]:
    """Media types of ours that an Accept header allows, the preferred first; JSON when it leaves it to us."""
    if accept is None or not accept.strip():
        return (JSON,)
    found: list[tuple[float, int, str]] = []
    for position, part in enumerate(accept.split(",")):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        found += [(-quality, position, ours) for ours in _matching(kind) if quality > 0]
    # Sorting is stable: of one wildcard, what stands first in `_matching` wins.
    return tuple(dict.fromkeys(kind for _, _, kind in sorted(found, key=lambda entry: entry[:2])))


def _matching(kind: str) -> tuple[str, ...]:
    if kind in {"*/*", "application/*"}:
        return (JSON, RESPONSE_JSON)
    if kind == "text/*":
        return (EVENT_STREAM,)
    return (kind,) if kind in {JSON, RESPONSE_JSON, EVENT_STREAM, HTML} else ()


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def check_content_type(headers: Headers) -> None:
    """Refuse everything but JSON in UTF-8, uncompressed."""
    kind, *parameters = (piece.strip().lower() for piece in (header(headers, b"content-type") or "").split(";"))
    charset = next((value[8:].strip('"') for value in parameters if value.startswith("charset=")), "utf-8")
    if kind != JSON or charset not in {"utf-8", "utf8"}:
        raise RequestRefused(
            415, "UNSUPPORTED_MEDIA_TYPE", "Send the request as application/json in UTF-8.", {"Accept-Post": JSON}
        )
    if header(headers, b"content-encoding") not in {None, "identity"}:
        raise RequestRefused(415, "UNSUPPORTED_MEDIA_TYPE", "Send the request uncompressed.")


def from_body(body: bytes) -> Parameters:
    """Read the parameters of a POST."""
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _bad("The body is not valid JSON.") from None
    if isinstance(sent, list):
        raise _bad("One operation per request: batches are not supported.")
    if not isinstance(sent, dict):
        raise _bad("The body must be a JSON object.")
    return _parameters(sent)


def from_query_string(query_string: bytes) -> Parameters:
    """Read the parameters of a GET."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), keep_blank_values=True, strict_parsing=False, errors="strict")
    except ValueError:
        raise _bad("The query string is not valid UTF-8.") from None
    sent: dict[str, Any] = dict(pairs)
    for name in ("variables", "extensions"):
        if name in sent:
            try:
                sent[name] = orjson.loads(sent[name]) if sent[name] else None
            except orjson.JSONDecodeError:
                raise _bad(f"{name} is not valid JSON.") from None
    return _parameters(sent)


def _parameters(sent: Mapping[str, Any]) -> Parameters:
    query = _optional(sent, "query", str, "a string")
    document_id = _optional(sent, "documentId", str, "a string")
    if query is None and document_id is None:
        raise _bad("Send a query, or the documentId of a registered one.")
    if query is not None and document_id is not None:
        raise _bad("Send either query or documentId, not both.")
    _optional(sent, "extensions", dict, "an object")
    return Parameters(
        query=query,
        document_id=document_id,
        operation_name=_optional(sent, "operationName", str, "a string") or None,
        variables=_optional(sent, "variables", dict, "an object"),
    )


def _optional(sent: Mapping[str, Any], name: str, kind: type, said: str) -> Any:
    value = sent.get(name)
    if value is not None and not isinstance(value, kind):
        raise _bad(f"{name} must be {said}.")
    return value


def _bad(message: str) -> RequestRefused:
    return RequestRefused(400, "BAD_REQUEST", message)
