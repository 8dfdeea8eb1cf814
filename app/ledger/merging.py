"""Rules for merging two accounts and for undoing that, settled by where each lot came from."""

from collections.abc import Iterable

from app.ledger.draft import Draft, piece
from app.ledger.errors import NotMerged, SameAccount
from app.ledger.facts import Facts
from app.ledger.models import EntryDocument, Movement
from app.ledger.pairs import Figures, MergeIn, MergeOut, UnmergeIn, UnmergeOut
from app.ledger.state import expiry_order


def merge_out(draft: Draft, command: MergeOut, _facts: Facts) -> None:
    """Empty the account: every parcel, the deficit, the status points."""
    if command.to == command.account:
        raise SameAccount(command.account)
    _leave(draft, draft.state.parcels.values())
    draft.owe(-draft.deficit)
    draft.post("merged", draft.state.active + draft.state.pending + draft.state.reserved - draft.state.deficit)
    draft.lifetime = -draft.state.lifetime
    draft.count(draft.state.qualifying, -1)


def merge_in(draft: Draft, command: MergeIn, _facts: Facts) -> None:
    """Take the figures over; what either side owed is repaid out of what the other had."""
    prefix = f"{command.source}/"
    _arrive(draft, ({**parcel, "lot": prefix + parcel["lot"]} for parcel in command.figures.parcels))
    _settle_debt(draft, command.figures.deficit)
    draft.post("merged", -_net(command.figures))
    draft.lifetime = command.figures.lifetime
    draft.count(command.figures.qualifying)
    draft.merged = [*draft.state.merged, command.source]
    draft.request["deficit"] = command.figures.deficit


def unmerge_out(draft: Draft, command: UnmergeOut, facts: Facts) -> None:
    """Give back what is left of the lots that came in, and settle the debts that the merge paid."""
    merge = next((e for e in facts.about(command.of) if e["operation"] == command.of and e["kind"] == "merge_in"), None)
    if merge is None or merge["request"]["source"] != command.source or command.source not in draft.state.merged:
        raise NotMerged(command.source)
    draft.of = command.of
    prefix = f"{command.source}/"
    leaving = [parcel for parcel in draft.state.parcels.values() if parcel["lot"].startswith(prefix)]
    _leave(draft, leaving)
    total = sum(parcel["points"] for parcel in leaving)
    # The merged account's points repaid this account's deficit: they are owed back.
    repaid = merge.get("swallowed", 0)
    _settle_debt(draft, repaid)
    if repaid:
        draft.request["repaid"] = repaid
    # This account's points (or its deficit) took over the merged account's deficit: it returns to where it was made.
    debt = int(str(merge["request"]["deficit"]))
    if debt:
        draft.request["deficit"] = debt
        draft.credit(_compensation(command, draft.seq, debt))
    draft.post("merged", total + repaid - debt)
    lifetime = min(merge.get("lifetime", 0), draft.state.lifetime)
    draft.lifetime = -lifetime
    draft.count(
        {
            month: min(points, draft.state.qualifying.get(month, 0))
            for month, points in merge.get("qualifying", {}).items()
        },
        -1,
    )
    draft.merged = [name for name in draft.state.merged if name != command.source]


def unmerge_in(draft: Draft, command: UnmergeIn, _facts: Facts) -> None:
    """Take the figures back."""
    _arrive(draft, command.figures.parcels)
    _settle_debt(draft, command.figures.deficit)
    draft.post("merged", -_net(command.figures))
    draft.lifetime = command.figures.lifetime
    draft.count(command.figures.qualifying)


def merged_figures(entry: EntryDocument) -> Figures:
    """What left an account with its merge_out entry."""
    deficit = sum(int(change) for name, change in entry["postings"] if name == "deficit")
    return _figures(entry, _departed(entry), deficit)


def unmerged_figures(entry: EntryDocument) -> Figures:
    """What left a survivor with its unmerge_out entry, under the names that the lots had before the merge."""
    source = str(entry["request"]["source"])
    prefix = f"{source}/"
    parcels: list[Movement] = [
        {**parcel, "lot": parcel["lot"].removeprefix(prefix)}
        for parcel in _departed(entry)
        if parcel["lot"].startswith(prefix)
    ]
    if repaid := int(str(entry["request"].get("repaid", 0))):
        parcels.append(
            {
                "place": "active",
                "lot": entry["operation"],
                "points": repaid,
                "seq": entry["seq"],
                "origin": repaid,
                "active_at": entry["occurred_at"],
                "expires_at": None,
            }
        )
    return _figures(entry, parcels, int(str(entry["request"].get("deficit", 0))))


def _figures(entry: EntryDocument, parcels: list[Movement], deficit: int) -> Figures:
    return Figures(
        parcels=tuple(parcels),
        deficit=deficit,
        lifetime=-entry.get("lifetime", 0),
        qualifying={month: -points for month, points in entry.get("qualifying", {}).items()},
    )


def _departed(entry: EntryDocument) -> list[Movement]:
    return [{**movement, "points": -movement["points"]} for movement in entry["movements"] if movement["points"] < 0]


def _leave(draft: Draft, parcels: Iterable[Movement]) -> None:
    for parcel in list(parcels):
        draft.move(piece(parcel, -parcel["points"]))


def _arrive(draft: Draft, parcels: Iterable[Movement]) -> None:
    for parcel in sorted(parcels, key=expiry_order):
        if parcel["place"] == "active":
            draft.credit(parcel)
        else:
            draft.move(parcel)


def _settle_debt(draft: Draft, debt: int) -> None:
    if debt:
        paid = sum(parcel["points"] for parcel in draft.take(draft.active_parcels(), debt))
        draft.owe(debt - paid)


def _net(figures: Figures) -> int:
    return sum(parcel["points"] for parcel in figures.parcels) - figures.deficit


def _compensation(command: UnmergeOut, seq: int, points: int) -> Movement:
    return {
        "place": "active",
        "lot": command.operation,
        "points": points,
        "seq": seq,
        "origin": points,
        "active_at": command.occurred_at,
        "expires_at": None,
    }
