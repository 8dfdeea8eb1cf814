"""Commands that are one half of an operation on two accounts; `sagas` and `merging` bring the halves together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from app.ledger.models import Command, Kind, Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOut(Command):
    """The giving half of a transfer, and its decision."""

    kind: ClassVar[Kind] = "transfer_out"
    to: str
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferIn(Command):
    """The receiving half of a transfer: the lots that left the giver, with their expiry."""

    kind: ClassVar[Kind] = "transfer_in"
    source: str
    lots: tuple[Movement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything an account holds, on its way from one account to another."""

    parcels: tuple[Movement, ...]
    deficit: int
    lifetime: int
    qualifying: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeOut(Command):
    """Empty an account that is merged into another: the decision of a merge."""

    kind: ClassVar[Kind] = "merge_out"
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeIn(Command):
    """Take over what a merged account held; its operations are found through this account from now on."""

    kind: ClassVar[Kind] = "merge_in"
    source: str
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeOut(Command):
    """Give up what is left of a merged account's lots: the decision of an unmerge. `of` is the merge's operation."""

    kind: ClassVar[Kind] = "unmerge_out"
    source: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnmergeIn(Command):
    """Take back what the survivor gave up."""

    kind: ClassVar[Kind] = "unmerge_in"
    survivor: str
    figures: Figures
