"""Lists in pages: keyset cursors that belong to one list, `first` from 1 to 100."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from typing import Annotated, Any, Generic, TypeVar

import orjson
import strawberry

from schema.execution import ClientError
from schema.fields import says
from schema.limits import MAX_PAGE

T = TypeVar("T")
Key = tuple[Any, ...]
# MongoDB's whole numbers have 64 bits.
_LARGEST = 2**63 - 1


First = Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor of the last item seen; null begins the list.")]


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Source: a Page."""

    has_next_page: bool = says("Whether more follows after this page.", read=attrgetter("has_next"))
    has_previous_page: bool = says("Whether something came before this page.", read=attrgetter("has_previous"))
    start_cursor: str | None = says(
        "Cursor of the first item.", read=lambda page: page.cursors[0] if page.cursors else None
    )
    end_cursor: str | None = says(
        "Cursor of the last item; `after` takes it.", read=lambda page: page.cursors[-1] if page.cursors else None
    )


@strawberry.type(description="An item with its place in the list.")
class Edge(Generic[T]):
    """Source: (cursor, item)."""

    cursor: str = says("Opaque place of this item; good for this list only.", read=itemgetter(0))
    node: T = says("The item.", read=itemgetter(1))


@strawberry.type(description="One page of a list, newest or best first.")
class Connection(Generic[T]):
    """Source: a Page."""

    edges: list[Edge[T]] = says("The items with their cursors.", read=lambda page: page.edges)
    nodes: list[T] = says("The items.", read=attrgetter("items"))
    page_info: PageInfo = says("Where this page stands.", read=lambda page: page)


@dataclass(frozen=True, slots=True)
class Page:
    """What a connection shows: items with their cursors."""

    items: Sequence[Any] = ()
    cursors: Sequence[str] = ()
    has_next: bool = False
    has_previous: bool = False

    @property
    def edges(self) -> list[tuple[str, Any]]:
        """(cursor, item) pairs."""
        return list(zip(self.cursors, self.items, strict=True))


def page_size(first: int) -> int:
    """Check `first`; raises ClientError."""
    if not 1 <= first <= MAX_PAGE:
        raise ClientError("BAD_USER_INPUT", f"first must be from 1 to {MAX_PAGE}.", argument="first")
    return first


def page_of(found: Sequence[Any], first: int, after: str | None, list_name: str, key: Callable[[Any], Key]) -> Page:
    """Make a page of what was found when asking for one more than `first`."""
    items = found[:first]
    return Page(items, [cursor(list_name, key(item)) for item in items], len(found) > first, after is not None)


def cursor(list_name: str, key: Key) -> str:
    """The cursor of a sort key: text, whole numbers and instants."""
    return orjson.dumps([list_name, *plain_key(key)]).hex()


def key_of(list_name: str, given: str | None, *kinds: type) -> Key | None:
    """The sort key inside a cursor of this list; None without one. Raises ClientError for anything else."""
    if given is None:
        return None
    wrong = ClientError("BAD_CURSOR", "after is not a cursor of this list.", argument="after")
    try:
        name, *parts = orjson.loads(bytes.fromhex(given))
    except (ValueError, TypeError):
        raise wrong from None
    if name != list_name:
        raise wrong
    return typed_key(parts, kinds, wrong)


def plain_key(key: Key) -> list[object]:
    """A key as JSON has it."""
    return [part.isoformat() if isinstance(part, datetime) else part for part in key]


def typed_key(parts: object, kinds: Sequence[type], wrong: ClientError) -> Key:
    """A key with parts of these types out of JSON; raises `wrong` for anything else."""
    if not isinstance(parts, list) or len(parts) != len(kinds):
        raise wrong
    return tuple(_part(part, kind, wrong) for part, kind in zip(parts, kinds, strict=True))


def _part(part: object, kind: type, wrong: ClientError) -> object:
    if kind is datetime and isinstance(part, str):
        try:
            return datetime.fromisoformat(part).astimezone(UTC)
        except (ValueError, OverflowError):
            raise wrong from None
    if type(part) is not kind or (isinstance(part, int) and abs(part) > _LARGEST):
        raise wrong
    return part
