"""What bounds the engine."""

from dataclasses import dataclass
from typing import Final

MEMORY_MB: Final = 670
"""What the engine takes at most at the default limits; see EngineLimits."""


@dataclass(frozen=True, slots=True)
class EngineLimits:
    """What bounds the engine's memory and patience.

    `waiting` operations at most (then Busy). `flights` at a time, of `batch` operations at most; each takes half of
    what waits, or `least` if that is more. An account with `chain` operations waiting gets an insert of its own, and
    the next one is prepared meanwhile. `states` accounts and `answers` entries are remembered; heads are written once
    they lag `head_lag` entries or `head_age_seconds` behind; an answer is given within `patience_seconds`.

    Memory at the default bounds: a remembered account takes about 1 KB and 0.5 KB more for each lot, so all of them
    some 60 MB with one lot each and 320 MB with twelve; as much again at most for heads not written yet; a waiting
    operation with its explanation about 3 KB, all of them 30 MB.
    """

    waiting: int = 10_000
    batch: int = 256
    least: int = 16
    flights: int = 2
    chain: int = 4
    states: int = 50_000
    answers: int = 256
    flush_seconds: float = 0.05
    flush_heads: int = 100
    head_age_seconds: float = 60.0
    head_lag: int = 64
    patience_seconds: float = 4.5
    retry_seconds: float = 0.05
