"""Several lists, each newest first with keys of its own, read as one.

A cursor carries the key of every list, so that a page costs as much at the end as at the beginning.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

import orjson

from schema.connections import Key, Page, plain_key, typed_key
from schema.execution import ClientError


class Dated(Protocol):
    """Anything that happened: when, of what kind, and its key within its own list."""

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def kind(self) -> str:
        """Of what kind."""
        ...

    @property
    def key(self) -> Key:
        """Its place in its own list."""
        ...


D = TypeVar("D", bound=Dated)


@dataclass(frozen=True, slots=True)
class Source(Generic[D]):
    """One list: the kinds of event in it, the types of its key's parts, and how to read on after a key."""

    name: str
    kinds: frozenset[str]
    shape: tuple[type, ...]
    fetch: Callable[[Key | None, int], Awaitable[Sequence[D]]]


async def merged_page(
    list_name: str, sources: Sequence[Source[D]], first: int, after: str | None, wanted: frozenset[str]
) -> Page:
    """A page of all lists together, newest first, events of the wanted kinds only. Raises ClientError."""
    sources = [source for source in sources if source.kinds & wanted]
    places = _read(list_name, after, sources)
    pages = await asyncio.gather(*(_filled(source, places.get(source.name), wanted, first + 1) for source in sources))
    named = [(source.name, event) for source, page in zip(sources, pages, strict=True) for event in page]
    # Sorting is stable, so events of one instant stay in the order of their own list.
    named.sort(key=lambda pair: pair[1].at, reverse=True)
    cursors = []
    for name, event in named[:first]:
        places = {**places, name: event.key}
        cursors.append(_write(list_name, places))
    return Page([event for _, event in named[:first]], cursors, len(named) > first, after is not None)


async def _filled(source: Source[D], place: Key | None, wanted: frozenset[str], size: int) -> list[D]:
    """As many wanted events as asked for, or all that are left."""
    found: list[D] = []
    while len(found) < size:
        page = await source.fetch(place, size)
        found += [event for event in page if event.kind in wanted]
        if len(page) < size:
            break
        place = page[-1].key
    return found[:size]


def _write(list_name: str, places: Mapping[str, Key]) -> str:
    return orjson.dumps([list_name, {name: plain_key(key) for name, key in places.items()}]).hex()


def _read(list_name: str, given: str | None, sources: Sequence[Source[D]]) -> dict[str, Key]:
    if given is None:
        return {}
    wrong = ClientError("BAD_CURSOR", "after is not a cursor of this list.", argument="after")
    try:
        name, places = orjson.loads(bytes.fromhex(given))
    except (ValueError, TypeError):
        raise wrong from None
    if name != list_name or not isinstance(places, dict):
        raise wrong
    shapes = {source.name: source.shape for source in sources}
    return {source: typed_key(key, shapes[source], wrong) for source, key in places.items() if source in shapes}
