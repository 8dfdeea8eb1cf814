"""Replay seeds of the simulation: `python -m tests.simulation 59 60` or a range `python -m tests.simulation 0-400`."""

import sys

from tests.simulation.scenario import run_scenario


def main(arguments: list[str]) -> None:
    for argument in arguments:
        first, _, last = argument.partition("-")
        for seed in range(int(first), int(last or first) + 1):
            outcome = run_scenario(seed)
            sys.stdout.write(
                f"seed {seed}: {len(outcome.seen)} answers, {len(outcome.entries)} entries, "
                f"{outcome.failovers} failovers, {outcome.rolled_back} rolled back\n"
            )


if __name__ == "__main__":
    main(sys.argv[1:])
