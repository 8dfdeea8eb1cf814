"""Hundreds of seeds must pass; planted bugs must not."""

import asyncio
import os
import types
from collections.abc import Sequence
from typing import Any

import pytest

from app.ledger.batch import Operation, Plan
from app.ledger.engine import Engine
from tests.simulation.history import check_history
from tests.simulation.scenario import Bug, run_scenario
from tests.simulation.world import SimulatedStore

SEEDS = 5_000 if os.environ.get("STAMPBOOK_SOAK") else 240

pytestmark = pytest.mark.timeout(7200 if os.environ.get("STAMPBOOK_SOAK") else 240)


def test_every_seed_passes() -> None:
    failovers = rolled_back = 0
    for seed in range(SEEDS):
        outcome = run_scenario(seed)
        failovers += outcome.failovers
        rolled_back += outcome.rolled_back
    assert failovers > SEEDS
    assert rolled_back > SEEDS / 4, "failovers that lose something are the point"


def test_a_seed_is_the_same_history_every_time() -> None:
    assert run_scenario(7).trace == run_scenario(7).trace


def _no_unique_operations(stores: list[SimulatedStore], _engines: list[Engine]) -> None:
    stores[0].servers.unique_operations = False


def _acknowledges_before_the_majority(stores: list[SimulatedStore], _engines: list[Engine]) -> None:
    for store in stores:
        store.acknowledge_early = True


def _reads_uncommitted(stores: list[SimulatedStore], _engines: list[Engine]) -> None:
    for store in stores:
        store.read_local = True


def _chains_unordered(stores: list[SimulatedStore], _engines: list[Engine]) -> None:
    for store in stores:
        store.ignore_order = True


def _refuses_from_its_cache(_stores: list[SimulatedStore], engines: list[Engine]) -> None:
    async def resolve(self: Engine, plans: Sequence[Plan]) -> list[Operation]:
        for plan in plans:
            for operation, (refusal, _) in plan.refusals.items():
                self._settle(operation, refusal)
        return await Engine._resolve(self, plans)

    for engine in engines:
        target: Any = engine
        target._resolve = types.MethodType(resolve, engine)


def _trusts_its_leader(_stores: list[SimulatedStore], engines: list[Engine]) -> None:
    async def lead(self: Engine, plan: Plan) -> None:
        plan.landed = asyncio.get_running_loop().create_future()
        plan.landed.set_result(True)
        self._lines.lead(plan)
        self._wake()
        await self._write([plan])

    for engine in engines:
        target: Any = engine
        target._lead = types.MethodType(lead, engine)


PLANTED = {
    "no unique operation key": Bug(_no_unique_operations),
    "acknowledged before the majority has it": Bug(_acknowledges_before_the_majority),
    "refused from the cache": Bug(_refuses_from_its_cache),
    "chain inserted unordered": Bug(_chains_unordered),
    "a new id on every retry": Bug(fresh_ids=True),
    "read before the majority has it": Bug(_reads_uncommitted),
    "decided ahead without waiting for what it stands on": Bug(_trusts_its_leader),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_bug_is_found(name: str) -> None:
    with pytest.raises(AssertionError) as found:
        _first_failing_seed(PLANTED[name])
    assert any("replay: python -m tests.simulation" in note for note in found.value.__notes__)


def _first_failing_seed(bug: Bug) -> None:
    for seed in range(240):
        outcome = run_scenario(seed, bug=bug)
        if bug.fresh_ids:
            # The caller sees one answer; that an earlier attempt was applied too shows in the entries.
            operations = [entry["operation"].split("~")[0] for entry in outcome.entries if entry["operation"][0] == "w"]
            accounts = [entry["account"] for entry in outcome.entries if entry["operation"][0] == "w"]
            pairs = list(zip(accounts, operations, strict=True))
            twice = AssertionError("applied twice")
            twice.add_note(f"replay: python -m tests.simulation {seed}")
            if len(pairs) != len(set(pairs)):
                raise twice
        check_history(outcome.seen, outcome.entries)
