"""Rules for undoing: taking an earn back towards earn(all lines) - earn(lines kept), giving a redemption back.

A reversal says how much shall have been undone in total so far. The total never falls, and points come out of (or go
back to) their places in one fixed order, so any number of part returns in any order ends like one full return.
"""

from collections.abc import Sequence

from app.ledger.draft import Draft, SystemAccount, set_aside, together_name
from app.ledger.errors import AlreadyReversed, NotReversible, ReversalExceedsOriginal, UnknownOperation
from app.ledger.facts import Facts
from app.ledger.models import EntryDocument, Movement, Reverse
from app.ledger.points import own_posting
from app.ledger.state import State, expiry_order, lapses

_SOURCES: dict[str, SystemAccount] = {"migrate": "migrated", "adjust": "adjusted"}
_GAINS = frozenset({"earn", "migrate"})
_SPENDINGS = frozenset({"redeem", "capture"})


def reverse(draft: Draft, command: Reverse, facts: Facts) -> None:
    """Undo an operation up to a total."""
    original, related = _find(command.of, facts)
    size, gained = _size(original)
    done, done_qualifying = _so_far(original, related)
    wanted = size if command.points is None else command.points
    if wanted > size:
        raise ReversalExceedsOriginal(wanted, size)
    if command.points is None and done >= size and done_qualifying >= sum(original.get("qualifying", {}).values()):
        raise AlreadyReversed(command.of)
    draft.of = original["operation"]
    total = max(wanted, done)
    if gained:
        _take_back(draft, command, original, total - done, facts)
    else:
        _give_back(draft, original, related, done, total)
    earned = sum(original.get("qualifying", {}).values())
    asked = _qualifying_total(command, earned, wanted, size)
    qualifying = max(asked, done_qualifying)
    # Written resolved, so that the next reversal and a stranger need no arithmetic of ours.
    draft.request.update(of=original["operation"], points=total, qualifying=qualifying)
    if (total, qualifying) != (wanted, asked):
        draft.request["asked"] = {"points": wanted, "qualifying": asked}
    if qualifying > done_qualifying:
        draft.count(_months(original, qualifying, done_qualifying), -1)


def reach(state: State, command: Reverse, facts: Facts, lapsed: Sequence[Movement]) -> tuple[list[Movement], int]:
    """Which of the lots that lapsed meanwhile a late reversal would have taken points from, and how many of them."""
    original, _ = _find(command.of, facts)
    if not _size(original)[1] or command.policy == "only_pending":
        return [], 0
    draft = Draft(state, command)
    reverse(draft, command, facts)
    own = _lots_of(draft, original)
    lots = [lot for lot in lapsed if lot["lot"] not in own]
    last = max((expiry_order(lot) for lot in lots), default=None)
    others = sum(
        -moved["points"]
        for moved in draft.movements
        if moved["place"] == "active" and moved["lot"] not in own and last is not None and expiry_order(moved) > last
    )
    return lots, others + max(0, draft.deficit - state.deficit) + draft.forgiven


def _find(name: str, facts: Facts) -> tuple[EntryDocument, list[EntryDocument]]:
    related = facts.about(name)
    original = next((entry for entry in related if entry["operation"] == name), None)
    if original is None:
        raise UnknownOperation(name)
    if original["kind"] == "hold":
        # A confirmed redemption may be named by its reservation.
        capture = next((e for e in related if e.get("of") == name and e["kind"] == "capture"), None)
        if capture is None:
            raise NotReversible(original)
        return capture, facts.about(capture["operation"])
    return original, related


def _size(original: EntryDocument) -> tuple[int, bool]:
    """How many points the operation moved, and whether the member gained them."""
    others = original.get("corrections")
    if original["kind"] in _GAINS:
        return original.get("lifetime", 0) - (others["lifetime"] if others else 0), True
    if original["kind"] in _SPENDINGS:
        return own_posting(original, "redeemed"), False
    if original["kind"] == "adjust":
        points = -own_posting(original, "adjusted")
        return abs(points), points > 0
    raise NotReversible(original)


def _so_far(original: EntryDocument, related: Sequence[EntryDocument]) -> tuple[int, int]:
    done = done_qualifying = 0
    for entry in related:
        if entry["kind"] == "reverse" and entry.get("of") == original["operation"]:
            done = max(done, int(str(entry["request"]["points"])))
            done_qualifying = max(done_qualifying, int(str(entry["request"]["qualifying"])))
        elif entry["kind"] == "cancel" and entry.get("of") == original["operation"]:
            # Cancelling took everything that was left, with the status points.
            return _size(original)[0], sum(original.get("qualifying", {}).values())
    return done, done_qualifying


def _qualifying_total(command: Reverse, earned: int, wanted: int, size: int) -> int:
    if command.qualifying is not None:
        if command.qualifying > earned:
            raise ReversalExceedsOriginal(command.qualifying, earned)
        return command.qualifying
    return earned if wanted == size else earned * wanted // size


def _months(original: EntryDocument, total: int, done: int) -> dict[str, int]:
    """Which months the status points between the two totals belong to, earliest month first."""
    months: dict[str, int] = {}
    start = 0
    for month, points in sorted(original.get("qualifying", {}).items()):
        part = min(total, start + points) - max(done, start)
        if part > 0:
            months[month] = part
        start += points
    return months


def _take_back(draft: Draft, command: Reverse, original: EntryDocument, points: int, facts: Facts) -> None:
    """Own lot, what lapsed of it, then pending, then active points; the rest is a deficit, or let go by policy."""
    names = _lots_of(draft, original)
    pending_only = command.policy == "only_pending"
    own = [p for p in draft.pending_parcels() if p["lot"] in names]
    if not pending_only:
        own += [p for p in draft.active_parcels() if p["lot"] in names]
    rest = points - _sum(draft.take(own, points))
    if rest and not pending_only:
        lapsed = min(rest, _lapsed(names, facts))
        draft.post("expired", -lapsed)
        rest -= lapsed
    rest -= _sum(draft.take(draft.pending_parcels(), rest))
    if not pending_only:
        aside = set_aside(draft.state, command.operation)
        rest -= _sum(draft.take([*aside, *draft.active_parcels()], rest))
    if rest and command.policy == "unlimited":
        draft.owe(rest)
        rest = 0
    draft.forgiven = rest
    taken = points - rest
    draft.lifetime = -taken
    draft.post(_SOURCES.get(original["kind"], "issued"), taken)


def _moved_in(draft: Draft, original: EntryDocument) -> str:
    """What the names of lots start with when they came from an account merged into this one."""
    return "" if original["account"] == draft.state.account else f"{original['account']}/"


def _lots_of(draft: Draft, original: EntryDocument) -> list[str]:
    """Names that the operation's lots have on this account."""
    moved_in = _moved_in(draft, original)
    own = original["operation"]
    made = [m for m in original["movements"] if m["lot"] == own or m["lot"].startswith(f"{own}#")]
    names = {own} | {movement["lot"] for movement in made} | {together_name(movement) for movement in made}
    return sorted(moved_in + name for name in names)


def _lapsed(names: Sequence[str], facts: Facts) -> int:
    """Points of the lots that expired and were neither reinstated nor already taken back."""
    return max(0, sum(lapses(entry).get(name, 0) for entry in facts.about(*names) for name in names))


def _give_back(draft: Draft, original: EntryDocument, related: Sequence[EntryDocument], done: int, total: int) -> None:
    """Return the spent pieces between the two totals, longest-lived first, to their lots with their expiry."""
    moved_in = _moved_in(draft, original)
    start = 0
    for spent in sorted(spent_by(original, related), key=expiry_order, reverse=True):
        part = min(total, start + spent["points"]) - max(done, start)
        if part > 0:
            draft.credit({**spent, "lot": moved_in + spent["lot"], "points": part})
        start += spent["points"]
    draft.post("adjusted" if original["kind"] == "adjust" else "redeemed", done - total)


def spent_by(original: EntryDocument, related: Sequence[EntryDocument] = ()) -> list[Movement]:
    """What the operation spent, lot by lot, as late entries among the `related` ones have corrected it."""
    pieces: Sequence[Movement] | None = None
    for entry in (original, *related):
        for each in entry["corrections"]["pieces"] if "corrections" in entry else ():
            if each["operation"] == original["operation"]:
                pieces = each["pieces"]
    return _spent(original) if pieces is None else list(pieces)


def _spent(original: EntryDocument) -> list[Movement]:
    if original["kind"] != "capture":
        return [{**m, "points": -m["points"]} for m in original["movements"] if m["points"] < 0]
    noted = original["request"]["spent"]
    spent = {str(lot): int(points) for lot, points in noted} if isinstance(noted, list) else {}
    # A lot of which only a part was captured left the hold in two movements; it counts once.
    held = {movement["lot"]: movement for movement in original["movements"] if movement["place"] == "held"}
    return [{**held[lot], "points": points} for lot, points in spent.items()]


def _sum(parcels: Sequence[Movement]) -> int:
    return sum(parcel["points"] for parcel in parcels)
