"""What callers saw, and whether one order of events explains it all."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from app.ledger.models import Command, Earn, EntryDocument, Redeem


class NotLinearizable(AssertionError):
    """The history contradicts itself; the message says where."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One command with when it was asked and answered; `entry` None = refused."""

    command: Command
    asked: float
    answered: float
    entry: EntryDocument | None


def check_history(seen: Sequence[Seen], entries: Sequence[EntryDocument]) -> None:
    """Check answers against the entries that are there in the end.

    Every accepted answer carries its version, so the order is given: acknowledged entries are there unchanged, version
    order never contradicts real time, versions have no gap, running balances add up, no operation is there twice, and
    each refusal overlaps a state that was too low for it. Linear in the history but for one sort.
    """
    streams: dict[str, list[EntryDocument]] = defaultdict(list)
    for entry in sorted(entries, key=lambda each: each["_id"]):
        streams[entry["account"]].append(entry)
    for account, stream in streams.items():
        _check_stream(account, stream)
    by_account: dict[str, list[Seen]] = defaultdict(list)
    for each in seen:
        by_account[each.command.account].append(each)
    for account, answers in by_account.items():
        _check_account(account, answers, streams.get(account, []))


def _check_stream(account: str, stream: Sequence[EntryDocument]) -> None:
    balance, previous, operations = 0, None, set()
    for number, entry in enumerate(stream, 1):
        if entry["seq"] != number:
            raise NotLinearizable(f"{account} has a gap before version {entry['seq']}")
        balance += entry["points"]
        if entry["balance"] != balance or balance < 0:
            raise NotLinearizable(f"{entry['_id']} has balance {entry['balance']}, not {balance}")
        if previous is not None and entry["previous"] != previous:
            raise NotLinearizable(f"{entry['_id']} does not follow the entry before it")
        if entry["operation"] in operations:
            raise NotLinearizable(f"{entry['operation']} was applied twice to {account}")
        operations.add(entry["operation"])
        previous = entry["hash"]


def _check_account(account: str, answers: Sequence[Seen], stream: Sequence[EntryDocument]) -> None:
    stored = {entry["seq"]: entry for entry in stream}
    accepted = [(each, each.entry["seq"]) for each in answers if each.entry is not None]
    for each, version in accepted:
        if version not in stored or each.entry is None or stored[version]["hash"] != each.entry["hash"]:
            raise NotLinearizable(f"{each.command.operation} was acknowledged on {account} and is not there")
    first_answer: dict[int, float] = {}
    for each, version in accepted:
        first_answer[version] = min(each.answered, first_answer.get(version, each.answered))
    # Whoever was answered before somebody else asked must have the lower version.
    asked_first: dict[int, float] = {}
    for each, version in accepted:
        asked_first[version] = min(each.asked, asked_first.get(version, each.asked))
    latest_ask = float("-inf")
    for version in sorted(first_answer):
        if first_answer[version] < latest_ask:
            raise NotLinearizable(f"version {version} of {account} was answered before an earlier one was asked for")
        latest_ask = max(latest_ask, asked_first[version])
    for each in answers:
        if each.entry is None:
            _check_refusal(account, each, stream, first_answer, asked_first)


def _check_refusal(
    account: str,
    refused: Seen,
    stream: Sequence[EntryDocument],
    answered: dict[int, float],
    asked: dict[int, float],
) -> None:
    """Some state that may have been current while it was asked must be too low for it."""
    if not isinstance(refused.command, Redeem):
        return
    lowest = max((v for v, at in answered.items() if at < refused.asked), default=0)
    highest = min((v for v, at in asked.items() if at > refused.answered), default=len(stream) + 1)
    balances = [0, *(entry["balance"] for entry in stream)]
    if all(balance >= refused.command.points for balance in balances[lowest:highest]):
        raise NotLinearizable(f"{refused.command.operation} was refused on {account} although there was enough")


def search_order(seen: Sequence[Seen]) -> bool:
    """Whether any order explains a small history of one account (Wing and Gong's search, with memory of dead ends)."""
    dead: set[tuple[frozenset[int], int]] = set()

    def explore(done: frozenset[int], balance: int) -> bool:
        if len(done) == len(seen):
            return True
        if (done, balance) in dead:
            return False
        left = [index for index in range(len(seen)) if index not in done]
        horizon = min(seen[index].answered for index in left)
        for index in left:
            if seen[index].asked <= horizon:
                after = _apply(seen[index], balance)
                if after is not None and explore(done | {index}, after):
                    return True
        dead.add((done, balance))
        return False

    return explore(frozenset(), 0)


def _apply(each: Seen, balance: int) -> int | None:
    command = each.command
    if isinstance(command, Earn):
        after = balance + command.points
    elif isinstance(command, Redeem):
        after = balance - command.points
    else:
        return None
    if each.entry is None:
        return balance if after < 0 else None
    return after if after >= 0 and each.entry["balance"] == after else None
