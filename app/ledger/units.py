"""Invariant I9: units taken from rewards are member debits for them, or open reservations."""

from dataclasses import dataclass

from app.ledger.models import EntryDocument
from app.ledger.seals import book_of

_SPENDS = frozenset({"capture", "redeem"})


@dataclass(slots=True)
class _Redemption:
    """What both streams say of one redemption; `paid` and `handed` are net of what was taken back."""

    reward: str
    paid: int = 0
    handed: int = 0
    held: int = 0
    stocked: bool = False
    member: str = ""
    unit: str = ""


class UnitsCheck:
    """Sets rewards' streams of units against members' debits; takes entries in any order of accounts.

    Memory: one small record for each redemption of a reward with stock. A redemption whose last entry is younger than
    `settled_before` says is under way and is left for the next check.
    """

    def __init__(self) -> None:
        self._redemptions: dict[str, _Redemption] = {}
        self._latest: dict[str, float] = {}

    def add(self, entry: EntryDocument) -> None:
        """Note what an entry says of a redemption."""
        if book_of(entry["account"]) == "stock":
            self._add_unit(entry)
        else:
            self._add_debit(entry)

    def wrong(self, settled_before: float, *, whole: bool) -> tuple[str, str] | None:
        """The first redemption that does not add up, as the entry's `_id` and a sentence; instants as Unix seconds.

        Without `whole` only redemptions of which both streams were seen are judged.
        """
        for name, each in self._redemptions.items():
            if self._latest[name] > settled_before or (not whole and not (each.member and each.unit)):
                continue
            if not each.unit and not each.stocked:
                # The reward had no stock.
                continue
            open_units = 1 if each.held else 0
            if not 0 <= each.paid - each.handed <= open_units:
                what = f"{name} took {each.handed + each.held} units of {each.reward} and was paid {each.paid} times"
                return each.unit or each.member, what
        return None

    def _add_unit(self, entry: EntryDocument) -> None:
        kind, operation = entry["kind"], entry["operation"]
        if kind == "hold":
            each = self._of(operation, entry)
            each.held += 1
        elif kind in ("capture", "release"):
            each = self._of(entry.get("of", ""), entry)
            each.held -= 1
            each.handed += kind == "capture"
        elif kind == "adjust" and operation.startswith(("late:", "reverse:")):
            each = self._of(operation, entry)
            each.handed -= entry["points"]
        else:
            return
        each.unit = entry["_id"]

    def _add_debit(self, entry: EntryDocument) -> None:
        reference = entry["reason"].get("reference", {})
        if "redemption" not in reference or "reward" not in reference:
            return
        kind = entry["kind"]
        if kind not in _SPENDS and kind != "reverse":
            return
        each = self._of(reference["redemption"], entry)
        each.reward = reference["reward"]
        each.stocked = each.stocked or "stock" in reference
        each.paid += 1 if kind in _SPENDS else -1
        each.member = entry["_id"]

    def _of(self, operation: str, entry: EntryDocument) -> _Redemption:
        """By the redemption's id: operations on units end with it, and a number when it was tried again."""
        name = operation.rpartition(":")[2].partition(".")[0]
        self._latest[name] = max(self._latest.get(name, 0.0), entry["posted_at"].timestamp())
        return self._redemptions.setdefault(name, _Redemption(entry["account"]))
