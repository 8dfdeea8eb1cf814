"""The pure core under arbitrary commands: hypothesis looks for any sequence that breaks an invariant."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from tests.ledger.model import CHOICES, Model

SOAK = bool(os.environ.get("STAMPBOOK_SOAK"))

_choice = st.integers(0, CHOICES - 1)
_points = st.integers(1, 120)
_pick = st.integers(0, 40)
_option = st.integers(0, 19)
_step = st.tuples(_choice, _points, _pick, _option)


class AnyCommands(RuleBasedStateMachine):
    """One account, any commands in any order, time passing in between."""

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()

    @rule(steps=st.lists(_step, min_size=2, max_size=8))
    def commands(self, steps: list[tuple[int, int, int, int]]) -> None:
        for step in steps:
            self.model.do(*step)

    @rule(days=st.integers(0, 30))
    def time(self, days: int) -> None:
        self.model.wait(days)

    def teardown(self) -> None:
        self.model.refold()


AnyCommands.TestCase.settings = settings(
    max_examples=100_000 if SOAK else 5_000,
    stateful_step_count=30 if SOAK else 6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestAnyCommands = AnyCommands.TestCase
