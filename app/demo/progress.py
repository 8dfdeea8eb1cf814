"""Showing how far loading is."""

from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from app.demo.services import Advance


class SilentProgress:
    """Shows nothing."""

    def stage(self, name: str, total: int) -> Advance:
        """A stage begins."""
        return lambda _count: None


class TerminalProgress:
    """A bar for each stage; plain lines where the output is no terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bars = Bars(
            TextColumn("{task.description:<22}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._console,
        )

    def __enter__(self) -> "TerminalProgress":
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def stage(self, name: str, total: int) -> Advance:
        """A stage begins: a new bar under the ones before it."""
        task = self._bars.add_task(name, total=total)
        return lambda count: self._bars.advance(task, count)
