"""`make bench`: every room's figures in one table, and the same as `.stampbook/bench.json`."""

import importlib
import sys
from dataclasses import asdict
from pathlib import Path

import orjson
from rich.console import Console
from rich.table import Table

from app.core.settings import Settings
from tests.benchmarks.rows import BenchRow

ROOMS = ["ledger", "graphql", "auth", "wallet", "browser", "lighthouse"]


def _table(rows: list[BenchRow]) -> Table:
    table = Table(title="Stampbook, measured on this machine just now: read the ratios")
    for heading in ("what", "value", "unit", "against", "ratio"):
        table.add_column(heading, justify="right" if heading in ("value", "ratio") else "left")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:,.2f}x"
        table.add_row(row.name, f"{row.value:,.2f}", row.unit, row.against, ratio)
    return table


def main(wanted: list[str]) -> None:
    """Run the named rooms' benchmarks, or all."""
    console = Console()
    rows: list[BenchRow] = []
    for room in wanted or ROOMS:
        with console.status(f"measuring {room}…"):
            rows += importlib.import_module(f"tests.benchmarks.{room}_bench").run()
    console.print(_table(rows))
    path: Path = Settings().data / "bench.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps([asdict(row) for row in rows], option=orjson.OPT_INDENT_2))
    console.print(f"also in {path}")


if __name__ == "__main__":
    main(sys.argv[1:])
