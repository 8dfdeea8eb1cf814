"""Canonical bytes of entries and commands: what hashes, the request digest and the export are made of."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar

import orjson

from app.ledger.models import Command, EntryDocument, Migrate

GENESIS = "0" * 64
"""What stands for the hash of the entry before an account's first."""

_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z
_COMMON = frozenset({"account", "operation", "occurred_at", "actor", "reason"})
_BULKY = frozenset({"lots", "figures"})
_TIMES = frozenset({"until", "active_at", "expires_at", "since"})

C = TypeVar("C", bound=Command)

Getter = Callable[[Command], tuple[Any, ...]]

_own_fields: dict[type[Command], tuple[tuple[str, ...], Getter]] = {}
_digest_fields: dict[type[Command], Getter] = {}
_instants: dict[type[Command], tuple[tuple[str, ...], Getter]] = {}


def canonical(document: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8, instants as RFC 3339 in UTC with "Z" (see FORMAT.md)."""
    return orjson.dumps(document, option=_OPTIONS)


def unsealed(entry: EntryDocument) -> bytes:
    """The canonical entry without its `hash`."""
    document: dict[str, Any] = dict(entry)
    document.pop("hash", None)
    return orjson.dumps(document, option=_OPTIONS)


def chain_hash(entry: EntryDocument) -> str:
    """SHA-256, in hex, of the canonical entry without its `hash`; it covers `previous`, which makes the chain."""
    return hashlib.sha256(unsealed(entry)).hexdigest()


def whole_milliseconds(instant: datetime) -> datetime:
    """The instant as MongoDB keeps it: in UTC, without what is finer than a millisecond."""
    rest = instant.microsecond % 1000
    if rest:
        instant = instant.replace(microsecond=instant.microsecond - rest)
    return instant.astimezone(UTC) if instant.utcoffset() else instant


def as_stored(command: C) -> C:
    """The command with its instants as MongoDB keeps them: an entry is hashed before it is stored."""
    kind = type(command)
    if kind not in _instants:
        names = tuple(f.name for f in fields(command) if f.name == "occurred_at" or f.name in _TIMES)
        _instants[kind] = (names, _getter(names))
    names, getter = _instants[kind]
    for instant in getter(command):
        if instant is not None and (instant.microsecond % 1000 or instant.tzinfo is not UTC):
            whole: dict[str, Any] = {
                name: _whole(at) for name, at in zip(names, getter(command), strict=True) if at is not None
            }
            command = replace(command, **whole)
            break
    if isinstance(command, Migrate):
        lots = [
            replace(each, active_at=_whole(each.active_at), expires_at=_whole(each.expires_at)) for each in command.lots
        ]
        return replace(command, lots=tuple(lots))
    return command


def _whole(instant: datetime | None) -> datetime | None:
    return instant and whole_milliseconds(instant)


def request_digest(command: Command) -> str:
    """Fingerprint of what a command asks to move: 32 hex digits.

    Left out is what an honest retry may recompute: when it happened, who relays it, how it is explained, and the dates
    that a caller derives from its own clock.
    """
    getter = _digest_fields.get(type(command))
    if getter is None:
        getter = _digest_fields[type(command)] = _getter(
            field.name for field in fields(command) if field.name not in _COMMON and field.name not in _TIMES
        )
    body = (command.kind, command.account, command.operation, command.reason.get("reference"), *getter(command))
    return hashlib.sha256(orjson.dumps(body, option=_OPTIONS)).hexdigest()[:32]


def request_of(command: Command) -> dict[str, object]:
    """The command's own fields that are set, as an entry keeps them."""
    own = _own_fields.get(type(command))
    if own is None:
        names = tuple(f.name for f in fields(command) if f.name not in _COMMON and f.name not in _BULKY)
        own = _own_fields[type(command)] = (names, _getter(names))
    names, getter = own
    return {name: value for name, value in zip(names, getter(command), strict=True) if value is not None}


def _getter(names: Iterable[str]) -> Getter:
    """Reads several fields at once, faster than one after the other: every operation needs them."""
    chosen = tuple(names)
    if len(chosen) > 1:
        return attrgetter(*chosen)
    return lambda command: tuple(getattr(command, name) for name in chosen)
