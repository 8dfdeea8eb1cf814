"""What was asked of an account, told back from its entries."""

import dataclasses
from collections.abc import Iterable
from typing import Any, Final, cast

from app.ledger.decide import OWN_OPERATIONS
from app.ledger.draft import piece
from app.ledger.models import (
    Activate,
    Adjust,
    CancelPending,
    Capture,
    Command,
    Earn,
    EntryDocument,
    Extend,
    Hold,
    Kind,
    Migrate,
    OpeningLot,
    Redeem,
    Reinstate,
    Release,
    Reverse,
)
from app.ledger.pairs import TransferIn, TransferOut
from app.ledger.points import posted

AGAIN: Final[dict[Kind, type[Command]]] = {
    "earn": Earn,
    "activate": Activate,
    "cancel": CancelPending,
    "hold": Hold,
    "capture": Capture,
    "release": Release,
    "redeem": Redeem,
    "reverse": Reverse,
    "adjust": Adjust,
    "migrate": Migrate,
    "extend": Extend,
    "reinstate": Reinstate,
    "transfer_out": TransferOut,
    "transfer_in": TransferIn,
}
"""The kinds of entries whose command can be told; merges are not, which concern two accounts at once."""

_MOVE_NOTHING: Final[frozenset[Kind]] = frozenset({"void", "note", "expire"})


def commands_of(entries: Iterable[EntryDocument]) -> list[tuple[Command, int]] | None:
    """What was asked, in order of happening, with the number of its entry; None when some of it cannot be told."""
    steps: list[tuple[Command, int]] = []
    for entry in entries:
        if not was_asked(entry):
            continue
        command = _command(entry)
        if command is None:
            return None
        steps.append((command, entry["seq"]))
    steps.sort(key=lambda step: step[0].occurred_at)
    return steps


def was_asked(entry: EntryDocument) -> bool:
    """Whether somebody asked for what the entry moved; time does the rest of itself."""
    return not entry["operation"].startswith(OWN_OPERATIONS) and entry["kind"] not in _MOVE_NOTHING


def _command(entry: EntryDocument) -> Command | None:
    """What was asked when the entry was made."""
    kind = AGAIN.get(entry["kind"])
    if kind is None:
        return None
    names = {field.name for field in dataclasses.fields(kind)}
    asked: dict[str, Any] = {name: value for name, value in entry["request"].items() if name in names}
    if kind is Reverse and "asked" in entry["request"]:
        # Another return had asked for more by then.
        asked.update(cast("dict[str, int]", entry["request"]["asked"]))
    if "lots" in asked:
        asked["lots"] = tuple(OpeningLot(**lot) if kind is Migrate else lot for lot in asked["lots"])
    elif "lots" in names:
        lots = [
            movement
            for movement in entry["movements"]
            if movement["seq"] == entry["seq"] and movement["points"] > 0 and movement["place"] != "held"
        ]
        name = "migrated" if kind is Migrate else "transferred"
        if sum(lot["origin"] for lot in lots) != -posted(entry["postings"], name):
            return None
        lots.sort(key=lambda lot: int(lot["lot"].rpartition("#")[2]) if len(lots) > 1 else 0)
        asked["lots"] = tuple(
            OpeningLot(points=lot["origin"], active_at=lot["active_at"], expires_at=lot["expires_at"])
            if kind is Migrate
            else piece(lot, lot["origin"])
            for lot in lots
        )
    return kind(
        account=entry["account"],
        operation=entry["operation"],
        occurred_at=entry["occurred_at"],
        actor=entry["actor"],
        reason=entry["reason"],
        **asked,
    )
