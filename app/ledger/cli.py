"""`stampbook ledger`: verify, export, balance."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.core.clock import SystemClock
from app.core.opening import opened_client
from app.core.settings import Settings
from app.ledger.breakage import estimate
from app.ledger.repository import LedgerRepository
from app.ledger.seals import KEY_PURPOSE, public_key_of
from app.ledger.verify import export as export_lines
from app.ledger.verify import verify as verify_entries

ledger = typer.Typer(no_args_is_help=True, help="The points ledger: prove it, take it along, sum it up.")
console = Console()

_MEMBERS_OWN: Final = ("active", "pending", "reserved", "deficit")


async def _with_repository(action: Callable[[LedgerRepository, str], Awaitable[int]]) -> int:
    settings = Settings().with_secret()
    public_key = public_key_of(settings.derive_key(KEY_PURPOSE))
    async with opened_client(settings, share=True) as client:
        return await action(LedgerRepository(client[settings.database]), public_key)


@ledger.command()
def verify(
    account: Annotated[str | None, typer.Option(help="One account only.")] = None,
    since: Annotated[
        datetime | None, typer.Option(help="Only accounts posted to since then (UTC).", formats=["%Y-%m-%d"])
    ] = None,
    public_key: Annotated[
        str | None, typer.Option(help="Public key of the seals, from a place you trust; else that of the settings.")
    ] = None,
) -> None:
    """Re-derive all balances, lots and totals from entries alone; ends with 1 naming the first entry that is wrong."""
    since = since.replace(tzinfo=UTC) if since else None

    async def action(repository: LedgerRepository, own_key: str) -> int:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("checking entries", total=await repository.count(account))
            auditor, problem = await verify_entries(
                repository,
                account=account,
                since=since,
                public_key=public_key or own_key,
                now=SystemClock().now(),
                progress=lambda entries: progress.advance(task, entries),
            )
        if problem is not None:
            console.print(f"[bold red]wrong:[/] {problem.where}: {problem.what}", soft_wrap=True, highlight=False)
            return 1
        console.print(f"[bold green]all is well:[/] {auditor.entries:,} entries on {auditor.accounts:,} accounts")
        return 0

    raise typer.Exit(asyncio.run(_with_repository(action)))


@ledger.command()
def export(
    target: Annotated[Path, typer.Argument(help="File to write, JSON Lines; described in app/ledger/FORMAT.md.")],
) -> None:
    """Write the whole ledger to a file from which anyone can check it."""

    async def action(repository: LedgerRepository, public_key: str) -> int:
        lines = 0
        with target.open("wb") as file, console.status("writing entries"):
            async for line in export_lines(repository, public_key):
                file.write(line)
                lines += 1
        console.print(f"{lines:,} lines in {target}")
        return 0

    raise typer.Exit(asyncio.run(_with_repository(action)))


@ledger.command()
def balance(
    zone: Annotated[str, typer.Option(help="Time zone that days are counted in.")] = "UTC",
) -> None:
    """The trial balance by day: what each system account and the members' points came to. Sums to zero.

    Below it, as an estimate outside these books, how much of the liability will probably never be redeemed.
    """

    async def action(repository: LedgerRepository, _key: str) -> int:
        days = await repository.trial_balance(str(ZoneInfo(zone)))
        totals: dict[tuple[str, str], int] = defaultdict(int)
        table = Table("day", "book", "account", "change", "total")
        off = False
        for row in days:
            key = (row["book"], row["name"])
            totals[key] += row["change"]
            table.add_row(row["day"], row["book"], row["name"], f"{row['change']:+,}", f"{totals[key]:,}")
        for book in sorted({book for book, _ in totals}):
            total = sum(amount for (each, _), amount in totals.items() if each == book)
            table.add_row("", book, "sum of all accounts", "", f"{total:,}", style="bold")
            off = off or total != 0
        outstanding = sum(totals["points", name] for name in _MEMBERS_OWN)
        breakage = await estimate(repository, outstanding, SystemClock().now())
        share = f"{breakage.redeemed:,} of {breakage.issued:,} redeemed"
        table.add_row("estimate", "liability", "outstanding", "", f"{outstanding:,}")
        table.add_row("estimate", "liability", "breakage", share, f"{-breakage.expected:,}")
        table.add_row("estimate", "liability", "expected to be redeemed", "", f"{outstanding - breakage.expected:,}")
        console.print(table)
        return 1 if off else 0

    raise typer.Exit(asyncio.run(_with_repository(action)))
