"""The checker that orders by version, cross-checked with a search over all orders on small histories."""

from random import Random

import pytest

from app.ledger.decide import decide
from app.ledger.errors import InsufficientPoints, UnknownAccount
from app.ledger.models import Command, Earn, EntryDocument, Redeem
from app.ledger.state import State, fold
from tests.ledger.commands import START, make
from tests.simulation.history import NotLinearizable, Seen, check_history, search_order


def _history(seed: int) -> tuple[list[Seen], list[EntryDocument]]:
    """A true history of one account: every command takes effect at one moment between being asked and answered."""
    rng = Random(seed)
    state, seen, entries = State("mbr_ada"), list[Seen](), list[EntryDocument]()
    for number in range(7):
        moment = float(number)
        command: Command = make(Earn if rng.random() < 0.5 else Redeem, f"op{number}", points=rng.randint(1, 9))
        entry = None
        try:
            entry = decide(state, command, START)
            state = fold(state, entry)
            entries.append(entry)
        except (InsufficientPoints, UnknownAccount):
            pass
        seen.append(Seen(command, moment - rng.random() * 2, moment + rng.random() * 2, entry))
    return seen, entries


def _verdict(seen: list[Seen], entries: list[EntryDocument]) -> bool:
    try:
        check_history(seen, entries)
    except NotLinearizable:
        return False
    return True


def test_true_histories_pass_both() -> None:
    for seed in range(200):
        seen, entries = _history(seed)
        assert _verdict(seen, entries)
        assert search_order(seen)


def test_both_agree_on_histories_that_were_tampered_with() -> None:
    wrong = 0
    for seed in range(400):
        rng = Random(seed)
        seen, entries = _history(seed)
        victim = rng.randrange(len(seen))
        each = seen[victim]
        if rng.random() < 0.5:
            seen[victim] = Seen(each.command, each.asked + 3.0, each.answered + 3.0, each.entry)
        elif each.entry is None:
            seen[victim] = Seen(each.command, each.asked - 2.0, each.answered - 2.0, None)
        else:
            continue
        searched, ordered = search_order(seen), _verdict(seen, entries)
        # The search knows balances only: where it finds no order, the versions cannot have one either.
        assert not (ordered and not searched), f"seed {seed}"
        wrong += not ordered
    assert wrong > 20


def test_a_lost_acknowledged_entry_is_noticed() -> None:
    seen, entries = _history(3)
    with pytest.raises(NotLinearizable):
        check_history(seen, entries[:-1])
