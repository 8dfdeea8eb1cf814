"""One simulated history: two processes, a few accounts near zero, faults all the way, and an audit at the end."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.ledger.engine import Engine
from app.ledger.errors import Busy, LedgerError, LedgerUnavailable
from app.ledger.limits import EngineLimits
from app.ledger.models import Command, Earn, EntryDocument, Hold, Reason, Redeem, Release, Reverse
from tests.simulation.history import Seen, check_history
from tests.simulation.world import ReplicaSet, SimulatedStore, VirtualClock, VirtualLoop, run_virtual

LIMITS = EngineLimits(
    states=6, answers=8, patience_seconds=2.0, chain=2, least=4, retry_seconds=0.02, head_age_seconds=2.0
)


@dataclass(slots=True)
class Bug:
    """A fault planted into the engine or its store, and whether callers reuse their operation ids."""

    plant: Callable[[list[SimulatedStore], list[Engine]], None] = field(default=lambda _stores, _engines: None)
    fresh_ids: bool = False


@dataclass(slots=True)
class Outcome:
    """What a scenario went through."""

    seen: list[Seen]
    entries: list[EntryDocument]
    failovers: int
    rolled_back: int
    trace: str


def run_scenario(seed: int, *, bug: Bug | None = None, workers: int = 8, operations: int = 12) -> Outcome:
    """Run and audit one seed. Raises an AssertionError that says how to replay it."""
    rng = random.Random(seed)
    try:
        outcome: Outcome = run_virtual(rng, lambda loop: _main(loop, rng, bug or Bug(), workers, operations))
        check_history(outcome.seen, outcome.entries)
    except Exception as error:
        # Whatever an engine or a check runs into under faults that it must stand is a failure of this seed.
        failure = AssertionError(f"seed {seed}: {type(error).__name__}: {error}")
        failure.add_note(f"replay: python -m tests.simulation {seed}")
        raise failure from error
    return outcome


async def _main(loop: VirtualLoop, rng: random.Random, bug: Bug, workers: int, operations: int) -> Outcome:
    servers = ReplicaSet(rng)
    clock = VirtualClock(loop)
    stores = [SimulatedStore(servers, rng, 1.0) for _ in range(2)]
    engines = [Engine(store, clock, LIMITS) for store in stores]
    bug.plant(stores, engines)
    for engine in engines:
        await engine.start()
    chaos = asyncio.ensure_future(_chaos(rng, servers))
    seen: list[Seen] = []
    accounts = [f"mbr_{number}" for number in range(3)]

    async def work(worker: int) -> None:
        for number in range(operations):
            account = accounts[0] if rng.random() < 0.5 else rng.choice(accounts)
            command = _command(rng, clock, account, f"w{worker}.{number}")
            await _insist(rng, loop, engines, command, seen, fresh_ids=bug.fresh_ids)
            await asyncio.sleep(rng.uniform(0, 0.05))

    await asyncio.gather(*(work(worker) for worker in range(workers)))
    chaos.cancel()
    await asyncio.gather(chaos, return_exceptions=True)
    for engine in engines:
        await engine.stop()
    servers.fail_over()
    committed = servers.log[: servers.committed]
    trace = "|".join(entry["hash"][:8] for entry in committed)
    return Outcome(seen, committed, servers.failovers, servers.rolled_back, trace)


async def _insist(
    rng: random.Random,
    loop: VirtualLoop,
    engines: list[Engine],
    command: Command,
    seen: list[Seen],
    *,
    fresh_ids: bool,
) -> None:
    """Ask until there is an answer, of any process, under the same operation id, as an honest caller does."""
    asked = loop.time()
    for attempt in range(200):
        try:
            entry = await asyncio.wait_for(rng.choice(engines).apply(command), rng.choice([0.02, 0.2, 3.0]))
        except (TimeoutError, LedgerUnavailable, Busy):
            if fresh_ids:
                command = _renamed(command, f"{command.operation.split('~')[0]}~{attempt}")
        except LedgerError:
            seen.append(Seen(command, asked, loop.time(), None))
            return
        else:
            seen.append(Seen(command, asked, loop.time(), entry))
            return
    raise AssertionError(f"{command.operation} never got an answer")


def _renamed(command: Command, operation: str) -> Command:
    kind = type(command)
    fields = {name: getattr(command, name) for name in kind.__dataclass_fields__ if name != "kind"}
    return kind(**{**fields, "operation": operation})


def _command(rng: random.Random, clock: VirtualClock, account: str, operation: str) -> Command:
    now, reason, roll = clock.now(), Reason(title="simulated"), rng.random()
    if rng.random() < 0.15:
        # The till was offline for a while.
        now -= timedelta(seconds=rng.randint(2, 4))
    if roll < 0.4:
        soon = now + timedelta(milliseconds=rng.randint(50, 400)) if rng.random() < 0.3 else None
        return Earn(
            account=account,
            operation=operation,
            occurred_at=now,
            actor="system:test",
            reason=reason,
            points=rng.randint(1, 20),
            expires_at=soon,
        )
    if roll < 0.8:
        points = rng.randint(1, 25)
        return Redeem(
            account=account, operation=operation, occurred_at=now, actor="system:test", reason=reason, points=points
        )
    if roll < 0.9:
        until = now + timedelta(milliseconds=rng.randint(20, 300))
        return Hold(
            account=account,
            operation=operation,
            occurred_at=now,
            actor="system:test",
            reason=reason,
            points=rng.randint(1, 15),
            until=until,
        )
    earlier = f"w{rng.randrange(8)}.{rng.randrange(12)}"
    if roll < 0.95:
        return Release(
            account=account, operation=operation, occurred_at=now, actor="system:test", reason=reason, hold=earlier
        )
    return Reverse(
        account=account, operation=operation, occurred_at=now, actor="system:test", reason=reason, of=earlier
    )


async def _chaos(rng: random.Random, servers: ReplicaSet) -> None:
    while True:
        await asyncio.sleep(rng.expovariate(1 / 0.15))
        servers.fail_over()
