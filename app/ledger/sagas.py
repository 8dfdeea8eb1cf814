"""What spans two accounts: transfers, merges, unmerges. One unique key, on the account that gives, decides each.

A saga is noted before its first step. Whoever finds it unfinished later tries to void the decision's operation: either
the void is posted and the saga is off, or the decision is already there and the rest is carried out. Every step has a
fixed operation id, so steps may be repeated by any process.
"""

from datetime import timedelta
from typing import Final

from app.core.clock import Clock
from app.ledger.engine import Engine
from app.ledger.errors import LedgerError, LedgerUnavailable, OperationVoided, SameAccount
from app.ledger.merging import merged_figures, unmerged_figures
from app.ledger.models import Command, EntryDocument, Reason, SagaDocument, Void
from app.ledger.pairs import MergeIn, MergeOut, TransferIn, TransferOut, UnmergeIn, UnmergeOut
from app.ledger.repository import LedgerRepository
from app.ledger.reversal import spent_by
from app.ledger.validate import validate

_PATIENCE: Final = timedelta(seconds=30)


class Sagas:
    """Carries out operations on two accounts, and finishes what a crash left half-way."""

    def __init__(self, repository: LedgerRepository, engine: Engine, clock: Clock) -> None:
        self._repository = repository
        self._engine = engine
        self._clock = clock

    async def transfer(
        self, source: str, target: str, points: int, operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        """Move points, with their expiry, from one account to another; returns both entries.

        Raises what the giving half refuses with; the receiving half cannot refuse.
        """
        give = TransferOut(
            account=source,
            operation=operation,
            occurred_at=self._clock.now(),
            actor=actor,
            reason=reason,
            to=target,
            points=points,
        )
        return await self._run(give, target)

    async def merge(
        self, survivor: str, merged: str, operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        """Move everything that `merged` has to `survivor`; returns both entries."""
        give = MergeOut(
            account=merged,
            operation=operation,
            occurred_at=self._clock.now(),
            actor=actor,
            reason=reason,
            to=survivor,
        )
        return await self._run(give, survivor)

    async def unmerge(
        self, survivor: str, merged: str, operation: str, merge_operation: str, actor: str, reason: Reason
    ) -> tuple[EntryDocument, EntryDocument]:
        """Give back to `merged` what is left of its lots; returns both entries."""
        give = UnmergeOut(
            account=survivor,
            operation=operation,
            occurred_at=self._clock.now(),
            actor=actor,
            reason=reason,
            source=merged,
            of=merge_operation,
        )
        return await self._run(give, merged)

    async def resume(self) -> int:
        """Finish or call off the sagas that nobody has finished for a while; returns how many there were."""
        open_sagas = await self._repository.open_sagas(self._clock.now() - _PATIENCE)
        for saga in open_sagas:
            void = Void(
                account=saga["source"],
                operation=saga["operation"],
                occurred_at=self._clock.now(),
                actor="system:sagas",
                reason=Reason(title="Called off"),
            )
            decision = await self._engine.apply(void)
            if decision["kind"] != "void":
                await self._receive(decision, saga["target"])
            await self._repository.close_saga(saga["_id"], decision["kind"])
        return len(open_sagas)

    async def _run(self, give: Command, target: str) -> tuple[EntryDocument, EntryDocument]:
        now = self._clock.now()
        validate(give, now)
        if give.account == target:
            raise SameAccount(target)
        saga: SagaDocument = {
            "_id": f"{give.account}:{give.operation}",
            "source": give.account,
            "target": target,
            "operation": give.operation,
            "begun_at": now,
            "outcome": None,
        }
        await self._repository.open_saga(saga)
        try:
            decision = await self._engine.apply(give)
        except (LedgerUnavailable, OperationVoided):
            raise
        except LedgerError as refusal:
            await self._repository.close_saga(saga["_id"], refusal.code)
            raise
        received = await self._receive(decision, target)
        await self._repository.close_saga(saga["_id"], decision["kind"])
        return decision, received

    async def _receive(self, decision: EntryDocument, target: str) -> EntryDocument:
        return await self._engine.apply(receiving_half(decision, target))


def receiving_half(decision: EntryDocument, target: str) -> Command:
    """The command that completes a decided saga on the other account: a function of the decision alone."""
    account, operation = decision["account"], decision["operation"]
    occurred_at, actor, reason = decision["occurred_at"], decision["actor"], decision["reason"]
    if decision["kind"] == "transfer_out":
        return TransferIn(
            account=target,
            operation=operation,
            occurred_at=occurred_at,
            actor=actor,
            reason=reason,
            source=account,
            lots=tuple(spent_by(decision)),
        )
    if decision["kind"] == "merge_out":
        return MergeIn(
            account=target,
            operation=operation,
            occurred_at=occurred_at,
            actor=actor,
            reason=reason,
            source=account,
            figures=merged_figures(decision),
        )
    return UnmergeIn(
        account=target,
        operation=operation,
        occurred_at=occurred_at,
        actor=actor,
        reason=reason,
        survivor=account,
        figures=unmerged_figures(decision),
    )
