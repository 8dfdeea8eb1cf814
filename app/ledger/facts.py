"""What a decision must know of the past beyond the account's state."""

from collections.abc import Mapping, Sequence
from typing import Final

from app.ledger.models import EntryDocument

WHOLE: Final = ""
"""Stands for all entries of the account, where else the name of an operation or lot stands."""


def relates(entry: EntryDocument, name: str) -> bool:
    """Whether the entry is the operation, acts on it, or corrects what it did."""
    return name in (WHOLE, entry["operation"], entry.get("of")) or name in entry.get("corrects", ())


class NeedFacts(Exception):
    """The decision needs the entries of these operations and those that act on them; it is made again with them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class Facts:
    """Entries by the operation or lot that they are, that they act on (`of`), or that they correct."""

    __slots__ = ("_known",)

    def __init__(self, known: Mapping[str, Sequence[EntryDocument]] | None = None) -> None:
        self._known = known or {}

    def about(self, *names: str) -> list[EntryDocument]:
        """Entries that relate to one of the names, oldest first. Raises NeedFacts until they were read."""
        missing = [name for name in names if name not in self._known]
        if missing:
            raise NeedFacts(missing)
        found = {entry["_id"]: entry for name in names for entry in self._known[name]}
        return sorted(found.values(), key=lambda entry: (entry["posted_at"], entry["_id"]))

    def history(self) -> Sequence[EntryDocument]:
        """All entries of the account, oldest first. Raises NeedFacts until they were read."""
        if WHOLE not in self._known:
            raise NeedFacts([WHOLE])
        return self._known[WHOLE]
