"""What a decision must know of the past beyond the account's state."""

from collections.abc import Mapping, Sequence

from app.ledger.models import EntryDocument


class NeedFacts(Exception):
    """The decision needs the entries of these operations and those that act on them; it is made again with them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class Facts:
    """Entries by the operation or lot that they are, or that they act on (`of`)."""

    __slots__ = ("_known",)

    def __init__(self, known: Mapping[str, Sequence[EntryDocument]] | None = None) -> None:
        self._known = known or {}

    def about(self, *names: str) -> list[EntryDocument]:
        """Entries whose operation or `of` is one of the names, oldest first. Raises NeedFacts until they were read."""
        missing = [name for name in names if name not in self._known]
        if missing:
            raise NeedFacts(missing)
        found = {entry["_id"]: entry for name in names for entry in self._known[name]}
        return sorted(found.values(), key=lambda entry: (entry["posted_at"], entry["_id"]))
