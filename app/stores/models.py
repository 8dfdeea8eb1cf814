"""Stored shape of a store."""

from dataclasses import dataclass
from typing import TypedDict


class Store(TypedDict):
    """A shop of the programme; `number` is what its people call it by."""

    _id: str
    programme: str
    number: str
    name: str
    city: str | None
    words: list[str]
    """Plain words that it is found by."""


@dataclass(frozen=True, slots=True)
class NewStore:
    """A store as an import brings it; `id` is "str_" and 24 hex digits."""

    id: str
    number: str
    name: str
    city: str | None
