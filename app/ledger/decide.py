"""The ledger's pure state machine: from a state and a command to an entry, or a refusal."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, TypeVar

from app.ledger import merging, points, reversal, spending
from app.ledger.draft import Draft, late_hold, set_aside
from app.ledger.errors import UnknownAccount
from app.ledger.facts import Facts
from app.ledger.models import (
    Activate,
    Adjust,
    CancelPending,
    Capture,
    Command,
    Earn,
    EntryDocument,
    Expire,
    Extend,
    Hold,
    Migrate,
    Note,
    Place,
    Reason,
    Redeem,
    Reinstate,
    Release,
    Reverse,
    TakeBackExpiry,
    Void,
)
from app.ledger.pairs import MergeIn, MergeOut, TransferIn, TransferOut, UnmergeIn, UnmergeOut
from app.ledger.state import State, due_at, expiry_order

C = TypeVar("C", bound=Command)
Rule = Callable[[Draft, C, Facts], None]

OWN_OPERATIONS: Final = "due:"
"""Operations that start so are the ledger's own; their number is their entry's, so no two are alike."""

_STEPS: Final[dict[Place, int]] = {"pending": 0, "held": 1, "active": 2}
"""The order of what is due at one instant: points activate, reservations lapse, lots expire."""

_NOTHING_KNOWN: Final = Facts()


def _nothing(_draft: Draft, _command: Void | Note, _facts: Facts) -> None:
    """Change nothing: a void's effect is its id, a note's its reason."""


_RULES: Final[dict[type[Command], Rule[Any]]] = {
    Earn: points.earn,
    Activate: points.activate,
    CancelPending: points.cancel,
    Expire: points.expire,
    Extend: points.extend,
    Reinstate: points.reinstate,
    TakeBackExpiry: points.take_back_expiry,
    Adjust: points.adjust,
    Migrate: points.migrate,
    Redeem: spending.redeem,
    Hold: spending.hold,
    Capture: spending.capture,
    Release: spending.release,
    TransferOut: spending.transfer_out,
    TransferIn: spending.transfer_in,
    Reverse: reversal.reverse,
    MergeOut: merging.merge_out,
    MergeIn: merging.merge_in,
    UnmergeOut: merging.unmerge_out,
    UnmergeIn: merging.unmerge_in,
    Void: _nothing,
    Note: _nothing,
}
_OPENS: Final = (Earn, Adjust, Migrate, TransferIn, MergeOut, MergeIn, UnmergeIn, Void, Note)


def decide(state: State, command: Command, now: datetime, facts: Facts = _NOTHING_KNOWN) -> EntryDocument:
    """The entry that the command makes of this state, posted `now`.

    Deterministic: the same arguments give the same entry. The command's instants are as MongoDB keeps them
    (`canonical.as_stored`). Raises a LedgerError as the refusal, and NeedFacts when the decision looks at history that
    was not handed in.
    """
    return advance_by(state, command, now, facts)[0]


def advance_by(
    state: State, command: Command, now: datetime, facts: Facts = _NOTHING_KNOWN, digest: str | None = None
) -> tuple[EntryDocument, State]:
    """As `decide`, with the state after it; `digest` is the command's request digest when that is known already."""
    draft = draft_of(state, command, facts)
    entry = draft.entry(command, now, digest)
    return entry, draft.after(entry)


def draft_of(state: State, command: Command, facts: Facts = _NOTHING_KNOWN) -> Draft:
    """What the command does to the account, not sealed yet. Raises what `decide` raises."""
    if state.version == 0 and not isinstance(command, _OPENS):
        raise UnknownAccount(command.account)
    draft = Draft(state, command)
    _RULES[type(command)](draft, command, facts)
    return draft


def next_due(state: State, now: datetime) -> Command | None:
    """What time has done to the account by `now` and no entry says yet: its first step, None when all is said.

    A step that could not be said at its time (a redemption given back to a lot that had expired) happens after what
    is already there, so that no instant ever saw a negative balance.
    """
    if state.next_due is None or state.next_due > now:
        return None
    steps = [(due, _STEPS[p["place"]], p["seq"], p["lot"], p) for p in state.parcels.values() if (due := due_at(p))]
    at, _, _, _, parcel = min(steps, key=lambda step: step[:4])
    if state.latest_at is not None and state.latest_at > at:
        at = state.latest_at
    operation = f"{OWN_OPERATIONS}{state.version + 1}"
    if parcel["place"] == "active":
        return Expire(
            account=state.account,
            operation=operation,
            occurred_at=at,
            actor="system:expiry",
            reason=Reason(title="Points expired"),
            lot=parcel["lot"],
        )
    if parcel["place"] == "pending":
        return Activate(
            account=state.account,
            operation=operation,
            occurred_at=at,
            actor="system:activation",
            reason=Reason(title="Points became available"),
            of=parcel["lot"],
        )
    return Release(
        account=state.account,
        operation=operation,
        occurred_at=at,
        actor="system:reservations",
        reason=Reason(title="Reservation lapsed"),
        hold=parcel["hold"],
    )


def next_back(state: State, command: Command, facts: Facts = _NOTHING_KNOWN) -> Command | None:
    """What must be taken back of an expiry before a late command, which happened before it; None when nothing.

    In order the command would have used those points and less would have expired, so that is how it ends. Only for
    what `replay` cannot post in order. Raises what `decide` raises.
    """
    if not state.lapsed:
        return None
    at = command.occurred_at
    lots = [p for p in state.lapsed if (p["expires_at"] or at) > at and (p["active_at"] or at) <= at]
    if not lots:
        return None
    if isinstance(command, Reverse):
        lots, wanted = reversal.reach(state, command, facts, lots)
    else:
        wanted = _spends(command) - sum(parcel["points"] for parcel in set_aside(state, command.operation))
        if wanted > state.active + sum(lot["points"] for lot in lots):
            return None
    if wanted <= 0 or not lots:
        return None
    lot = min(lots, key=expiry_order)
    return TakeBackExpiry(
        account=state.account,
        operation=f"{OWN_OPERATIONS}{state.version + 1}",
        occurred_at=at,
        actor="system:expiry",
        reason=Reason(title="Used before it expired"),
        lot=lot["lot"],
        points=min(wanted, lot["points"]),
        hold=late_hold(command.operation),
        until=lot["expires_at"] or at,
    )


def _spends(command: Command) -> int:
    if isinstance(command, Redeem | Hold | TransferOut):
        return command.points
    return -command.points if isinstance(command, Adjust) else 0


def settle(state: State, now: datetime) -> tuple[State, list[EntryDocument]]:
    """The account as of `now`, and the entries that say so."""
    entries: list[EntryDocument] = []
    while (command := next_due(state, now)) is not None:
        entry, state = advance_by(state, command, now)
        entries.append(entry)
    return state, entries
