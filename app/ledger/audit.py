"""Re-derives everything from entries alone, and says which entry is the first that is wrong."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.ledger.canonical import chain_hash
from app.ledger.models import EntryDocument, HeadDocument
from app.ledger.seals import SealDocument, SealedHead, book_of, root_of, wrong_with
from app.ledger.state import State, fold, to_head
from app.ledger.units import UnitsCheck


@dataclass(frozen=True, slots=True)
class Problem:
    """The first thing that is wrong: the `_id` of an entry, or "seal <number>", and a sentence."""

    where: str
    what: str


class Auditor:
    """Takes entries account by account, each account's in order; keeps one account's state at a time.

    Memory: that, one total per seal, the sealed heads, and what UnitsCheck keeps. Redemptions with entries after
    `settled_before` (Unix seconds) may be under way, so their units are not judged.
    """

    def __init__(
        self,
        seals: Sequence[SealDocument] = (),
        sealed: Iterable[SealedHead] = (),
        settled_before: float = math.inf,
    ) -> None:
        self._units = UnitsCheck()
        self._settled_before = settled_before
        self._seals = seals
        self._by_seal: dict[int, list[SealedHead]] = defaultdict(list)
        self._sealed: dict[str, list[SealedHead]] = defaultdict(list)
        for head in sealed:
            self._by_seal[head["seal"]].append(head)
            self._sealed[head["account"]].append(head)
        self._totals: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        self._counts: dict[int, int] = defaultdict(int)
        self._state: State | None = None
        self._at_head: State | None = None
        self._head: HeadDocument | None = None
        self._operations: set[str] = set()
        self.entries = 0
        self.accounts = 0
        self.totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    @property
    def behind(self) -> dict[str, int] | None:
        """The account at hand and its last version, when its stored head is further."""
        if self._state is None or self._head is None or self._head["version"] <= self._state.version:
            return None
        return {self._state.account: self._state.version}

    def begin(self, account: str, head: HeadDocument | None = None) -> None:
        """Start an account; with its stored head, that is compared too."""
        self._state = State(account)
        self._head = head
        self._at_head = None
        self._operations = set()
        self.accounts += 1

    def add(self, entry: EntryDocument) -> Problem | None:
        """Check one entry; the first problem ends the audit."""
        if self._state is None or self._state.account != entry["account"]:
            self.begin(entry["account"])
        before = self._state or State(entry["account"])
        try:
            what = self._wrong_with(before, entry)
            after = fold(before, entry)
        except (KeyError, TypeError, ValueError) as error:
            return Problem(str(entry.get("_id")), f"it does not have the shape of an entry ({error!r})")
        what = what or _wrong_after(after, entry) or self._wrong_with_seal(entry)
        if what is not None:
            return Problem(entry["_id"], what)
        self._state = after
        if self._head is not None and self._head["version"] == after.version:
            self._at_head = after
        self._count(entry)
        return None

    def end_account(self) -> Problem | None:
        """Check what only shows at the end of an account: entries missing there, a stored head that differs."""
        state, head = self._state, self._head
        self._state = None
        if state is None:
            return None
        missing = f"{state.account}:{state.version + 1:010d}"
        for sealed in self._sealed.pop(state.account, ()):
            if sealed["seq"] > state.version:
                return Problem(missing, f"it is missing: seal {sealed['seal']} covers entry {sealed['seq']}")
        if head is None:
            return None
        if head["version"] > state.version:
            return Problem(missing, f"it is missing: the account's head is at {head['version']}")
        at_head = self._at_head
        if at_head is not None and _comparable(head) != _comparable(to_head(at_head)):
            return Problem(head["last"], "the account's stored head is not what its entries add up to")
        return None

    def finish(self, public_key: str | None = None, *, whole: bool = True) -> Problem | None:
        """Check the seals; with `whole` also that what they add up to is there."""
        if self._state is not None and (problem := self.end_account()) is not None:
            return problem
        if (problem := self._wrong_seals(public_key)) is not None:
            return problem
        if (units := self._units.wrong(self._settled_before, whole=whole)) is not None:
            return Problem(*units)
        if not whole:
            return None
        for account, heads in self._sealed.items():
            if any(head["seal"] <= len(self._seals) for head in heads):
                return Problem(f"{account}:{1:010d}", "it is missing: the account was sealed and has no entries")
        for seal in self._seals:
            if (what := self._wrong_totals(seal)) is not None:
                return Problem(f"seal {seal['_id']}", what)
        for book, totals in self.totals.items():
            if sum(totals.values()):
                return Problem(book, "the trial balance does not sum to zero")
        return None

    def _wrong_seals(self, public_key: str | None) -> Problem | None:
        previous: SealDocument | None = None
        for seal in self._seals:
            if (what := wrong_with(seal, previous, public_key)) is not None:
                return Problem(f"seal {seal['_id']}", what)
            if root_of(self._by_seal[seal["_id"]]) != seal["root"]:
                return Problem(f"seal {seal['_id']}", "its root does not cover the sealed heads that are stored")
            previous = seal
        return None

    def _wrong_with(self, before: State, entry: EntryDocument) -> str | None:
        if entry["seq"] != before.version + 1 or entry["_id"] != f"{entry['account']}:{entry['seq']:010d}":
            return f"it should be number {before.version + 1} of its account: an entry is missing or was added"
        if entry["hash"] != chain_hash(entry):
            return "its content does not match its hash: it was changed"
        if entry["previous"] != before.hash:
            return "it does not follow the entry before it: one was replaced, removed or added"
        postings: dict[str, int] = defaultdict(int)
        for name, change in entry["postings"]:
            postings[str(name)] += int(change)
        if sum(postings.values()):
            return "its postings do not sum to zero"
        moved: dict[str, int] = defaultdict(int)
        for movement in entry["movements"]:
            moved[movement["place"]] += movement["points"]
        if any(moved[place] != postings[name] for place, name in _PLACES):
            return "its movements are not what it posted"
        if entry["points"] != postings["active"] or entry["balance"] != before.active + entry["points"]:
            return f"its running balance is {entry['balance']}, not {before.active + postings['active']}"
        if entry["operation"] in self._operations:
            return f"the operation {entry['operation']} was applied before"
        self._operations.add(entry["operation"])
        return None

    def _wrong_with_seal(self, entry: EntryDocument) -> str | None:
        for sealed in self._sealed.get(entry["account"], ()):
            if sealed["seq"] == entry["seq"] and sealed["hash"] != entry["hash"]:
                return f"it is not the entry that seal {sealed['seal']} covers"
        return None

    def _count(self, entry: EntryDocument) -> None:
        self.entries += 1
        self._units.add(entry)
        book = book_of(entry["account"])
        seals = [sealed["seal"] for sealed in self._sealed.get(entry["account"], ()) if sealed["seq"] >= entry["seq"]]
        seal = min(seals, default=0)
        self._counts[seal] += 1
        for name, change in entry["postings"]:
            self.totals[book][str(name)] += int(change)
            self._totals[seal][book][str(name)] += int(change)

    def _wrong_totals(self, seal: SealDocument) -> str | None:
        if self._counts[seal["_id"]] != seal["entries"]:
            return f"it covers {seal['entries']} entries, but {self._counts[seal['_id']]} are there"
        found = {book: {k: v for k, v in sums.items() if v} for book, sums in self._totals[seal["_id"]].items()}
        stated = {book: {k: v for k, v in sums.items() if v} for book, sums in seal["totals"].items()}
        return None if found == stated else "its totals are not what its entries add up to"


_PLACES = (("active", "active"), ("pending", "pending"), ("held", "reserved"))


def _wrong_after(after: State, entry: EntryDocument) -> str | None:
    if after.active != entry["balance"] or min(after.active, after.pending, after.reserved, after.deficit) < 0:
        return "a figure is negative after it"
    if after.deficit and after.active:
        return "there are active points beside a deficit after it"
    for parcel in after.parcels.values():
        if not 0 < parcel["points"] <= parcel["origin"]:
            return f"the lot {parcel['lot']} holds {parcel['points']} of {parcel['origin']} points after it"
    return None


def _comparable(head: HeadDocument) -> dict[str, object]:
    document: dict[str, object] = {
        key: value for key, value in head.items() if key not in ("parcels", "next_due", "lapsed", "touched_at")
    }
    document["parcels"] = sorted(head["parcels"], key=lambda p: (p["place"], p["lot"], p.get("hold", "")))
    return document
