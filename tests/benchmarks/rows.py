"""The shape of a measurement."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One figure; `ratio` is value over the figure of what it is measured `against`, both from the same run."""

    name: str
    value: float
    unit: str
    against: str = ""
    ratio: float | None = None
