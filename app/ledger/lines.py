"""Who waits in line for each account, and which of them fly together next."""

from collections import deque
from collections.abc import Iterable
from itertools import islice

from app.ledger.batch import Operation, Plan


class Flight:
    """Operations on their way, by account; with a leader, decided on the state that this plan will leave behind."""

    __slots__ = ("leader", "operations")

    def __init__(self, operations: dict[str, list[Operation]], leader: Plan | None = None) -> None:
        self.operations = operations
        self.leader = leader

    def unanswered(self) -> list[Operation]:
        """Operations that have no answer yet."""
        return [each for operations in self.operations.values() for each in operations if not each.answered]


class Lines:
    """One line of operations for each account.

    An account flies once at a time, so that it does not race itself. Where `chain` operations wait it flies alone with
    all of them, and while such a plan is being written the next one is already decided on what it will leave behind.
    """

    def __init__(self, chain: int) -> None:
        self._long = chain
        self._lines: dict[str, list[Operation]] = {}
        self._ready: dict[str, None] = {}
        self._leaders: dict[str, Plan] = {}
        self._behind: deque[str] = deque()
        self._more_aloft: dict[str, int] = {}

    def add(self, operation: Operation) -> None:
        """Wait at the end of the account's line."""
        account = operation.command.account
        line = self._lines.get(account)
        if line is None:
            self._lines[account] = [operation]
            self._ready[account] = None
            return
        line.append(operation)
        if len(line) == self._long and account in self._leaders:
            self._behind.append(account)

    def put_back(self, operations: list[Operation]) -> None:
        """Wait again, before everybody else, for accounts that have not landed yet."""
        for operation in reversed(operations):
            self._lines[operation.command.account].insert(0, operation)

    def leave(self, operation: Operation) -> None:
        """Stop waiting; what has taken off already stays in the air."""
        line = self._lines.get(operation.command.account)
        if line and operation in line:
            line.remove(operation)

    def close(self) -> None:
        """Let nothing more take off."""
        self._ready.clear()
        self._behind.clear()

    def next(self, share: int, *, room: bool) -> Flight | None:
        """What takes off next, of `share` operations at most; without room only what follows a leader."""
        while self._behind:
            account = self._behind.popleft()
            if self._lines.get(account) and (leader := self._leaders.pop(account, None)) is not None:
                self._more_aloft[account] = self._more_aloft.get(account, 0) + 1
                return Flight({account: self._chain(account, share)}, leader)
        while room and self._ready:
            if operations := self._take(share):
                return Flight(operations)
        return None

    def lead(self, plan: Plan) -> None:
        """Let the next operations of the plan's account be decided on the state that it leaves behind."""
        self._leaders[plan.account] = plan
        if len(self._lines[plan.account]) >= self._long:
            self._behind.append(plan.account)

    def follow_no_more(self, plan: Plan) -> None:
        """The plan was written, or was not: whoever comes now decides on what is known then, or on the next plan."""
        if self._leaders.get(plan.account) is plan:
            del self._leaders[plan.account]

    def land(self, accounts: Iterable[str]) -> None:
        """Let the accounts fly again."""
        for account in accounts:
            if more := self._more_aloft.pop(account, 0):
                # Another flight of this account is under way; the last one looks after the line.
                if more > 1:
                    self._more_aloft[account] = more - 1
            elif self._lines[account]:
                self._ready[account] = None
            else:
                del self._lines[account]

    def _take(self, share: int) -> dict[str, list[Operation]]:
        """The chain of the account that has waited longest if it has one, else one operation of each account."""
        flight: dict[str, list[Operation]] = {}
        for account in list(islice(self._ready, 4 * share)):
            line = self._lines[account]
            if not line:
                # Everyone who waited here gave up.
                del self._ready[account], self._lines[account]
            elif len(line) < self._long:
                del self._ready[account]
                flight[account] = [line.pop(0)]
                if len(flight) >= share:
                    break
            elif not flight:
                del self._ready[account]
                return {account: self._chain(account, share)}
        return flight

    def _chain(self, account: str, share: int) -> list[Operation]:
        line = self._lines[account]
        chain = line[:share]
        del line[:share]
        return chain
