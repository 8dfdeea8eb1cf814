"""Part returns in any order and any number end like one full return, to the point."""

from random import Random
from typing import Any

import pytest

from app.ledger.decide import advance_by
from app.ledger.errors import AlreadyReversed
from app.ledger.facts import Facts, NeedFacts
from app.ledger.models import Command, DeficitPolicy, Earn, EntryDocument, Hold, Redeem, Reverse
from app.ledger.state import State, to_head
from tests.ledger.commands import DAY, START, make


class Account:
    """The pure machine with its history at hand."""

    def __init__(self) -> None:
        self.state = State("mbr_ada")
        self.entries: list[EntryDocument] = []

    def post(self, command: Command) -> EntryDocument:
        known: dict[str, list[EntryDocument]] = {}
        while True:
            try:
                entry, self.state = advance_by(self.state, command, START, Facts(known))
            except NeedFacts as need:
                known |= {name: [e for e in self.entries if _about(e, name)] for name in need.names}
            else:
                self.entries.append(entry)
                return entry

    def figures(self) -> dict[str, Any]:
        head: dict[str, Any] = dict(to_head(self.state))
        head["parcels"] = sorted(head["parcels"], key=str)
        return {k: v for k, v in head.items() if k not in ("version", "hash", "last")}


def _about(entry: EntryDocument, name: str) -> bool:
    return entry["operation"] == name or entry.get("of") == name


def _prepared(rng: Random, earned: int) -> Account:
    account = Account()
    for number in range(rng.randrange(3)):
        expires = START + DAY * rng.randrange(1, 60)
        account.post(make(Earn, f"other{number}", points=rng.randint(1, 90), expires_at=expires))
    if rng.random() < 0.4:
        account.post(make(Earn, "waiting", points=rng.randint(1, 40), awaits="delivery"))
    account.post(
        make(
            Earn,
            "purchase",
            points=earned,
            qualifying=earned // 2,
            month="2026-03",
            expires_at=START + DAY * 30,
            awaits="delivery" if rng.random() < 0.3 else None,
        )
    )
    spend = rng.randint(0, account.state.active)
    if spend:
        account.post(make(Redeem if rng.random() < 0.6 else Hold, "use", points=spend))
    return account


@pytest.mark.parametrize("policy", ["unlimited", "within_balance", "only_pending"])
def test_any_split_and_order_equals_one_full_return(policy: DeficitPolicy) -> None:
    for seed in range(300):
        rng = Random(seed)
        earned = rng.randint(2, 200)
        whole, parts = _prepared(Random(seed), earned), _prepared(Random(seed), earned)
        whole.post(make(Reverse, "all", of="purchase", policy=policy))
        totals = sorted(rng.randint(0, earned) for _ in range(rng.randrange(6)))
        if rng.random() < 0.5:
            # Answers of several tills may arrive in any order; a total already passed takes nothing more.
            rng.shuffle(totals)
        for number, total in enumerate([*totals, earned]):
            parts.post(make(Reverse, f"part{number}", of="purchase", points=total, policy=policy))
        assert parts.figures() == whole.figures(), f"seed {seed}"
        with pytest.raises(AlreadyReversed):
            parts.post(make(Reverse, "again", of="purchase", policy=policy))


def test_a_redemption_given_back_in_parts_equals_one_piece() -> None:
    for seed in range(200):
        rng = Random(seed)
        accounts = [_prepared(Random(seed), 120), _prepared(Random(seed), 120)]
        points = accounts[0].state.active
        if not points:
            continue
        before = accounts[0].figures()
        for account in accounts:
            account.post(make(Redeem, "reward", points=points))
        accounts[0].post(make(Reverse, "v", of="reward"))
        for number, total in enumerate([*sorted(rng.randint(0, points) for _ in range(4)), points]):
            accounts[1].post(make(Reverse, f"v{number}", of="reward", points=total))
        assert accounts[0].figures() == accounts[1].figures() == before, f"seed {seed}"


def test_a_deficit_is_repaid_first_and_shown() -> None:
    account = Account()
    account.post(make(Earn, "purchase", points=100))
    account.post(make(Redeem, "reward", points=80))
    account.post(make(Reverse, "return", of="purchase"))
    assert (account.state.active, account.state.deficit) == (0, 80)
    entry = account.post(make(Earn, "next", points=100))
    assert (entry["swallowed"], entry["points"], account.state.deficit) == (80, 20, 0)
