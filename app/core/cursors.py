"""Keyset cursors: the sort key of the last item seen, opaque to who carries it."""

import base64
import binascii
import json

from app.core.errors import InvalidInput

_LONGEST = 1000
_LARGEST = 2**63


def cursor_of(key: int | str, item_id: str) -> str:
    """The cursor of an item, from what its list is ordered by and its id."""
    return base64.urlsafe_b64encode(json.dumps([key, item_id]).encode()).decode()


def text_key(cursor: str) -> tuple[str, str]:
    """The text and the id in a cursor. Raises InvalidInput."""
    key, item_id = _read(cursor)
    if not isinstance(key, str):
        raise _refused()
    return key, item_id


def number_key(cursor: str) -> tuple[int, str]:
    """The number and the id in a cursor. Raises InvalidInput."""
    key, item_id = _read(cursor)
    if not isinstance(key, int) or abs(key) >= _LARGEST:
        raise _refused()
    return key, item_id


def _read(cursor: str) -> tuple[object, str]:
    if len(cursor) > _LONGEST:
        raise _refused()
    try:
        key, item_id = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise _refused() from error
    if not isinstance(item_id, str):
        raise _refused()
    return key, item_id


def _refused() -> InvalidInput:
    return InvalidInput(("after",), "This is not a cursor of this list.")
