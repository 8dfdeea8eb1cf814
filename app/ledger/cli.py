"""`stampbook ledger`: verify, export, balance; lots, extend, reinstate."""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app.core.clock import SystemClock
from app.core.errors import DomainError
from app.core.opening import opened_client
from app.core.settings import Settings
from app.ledger.breakage import estimate
from app.ledger.models import Command, Extend, Reason, Reinstate
from app.ledger.repository import LedgerRepository
from app.ledger.seals import KEY_PURPOSE, public_key_of
from app.ledger.service import Ledger
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


_Account = Annotated[str, typer.Argument(help="Id of the member.")]
_Why = Annotated[str, typer.Option("--reason", help="Why, in words that the member reads.")]
_Key = Annotated[str | None, typer.Option(help="Names this request: the same key again changes nothing twice.")]
_Until = Annotated[
    datetime | None, typer.Option(help="First day (UTC) on which they are no longer valid.", formats=["%Y-%m-%d"])
]


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


@ledger.command()
def lots(account: _Account) -> None:
    """The lots of a member, soonest-expiring first, and what has lapsed."""

    async def action(books: Ledger) -> None:
        table = Table("lot", "points", "of", "until")
        for lot in (await books.balance(account)).lots:
            table.add_row(lot.id, f"{lot.remaining:,}", f"{lot.origin:,}", _day(lot.expires_at))
        for entry in await books.entries(account, kinds=["expire"]):
            table.add_row(
                entry.get("of", ""), f"{-entry['points']:,}", "lapsed", _day(entry["occurred_at"]), style="dim"
            )
        console.print(table)

    _run(action)


@ledger.command()
def extend(
    account: _Account,
    until: Annotated[datetime, typer.Argument(help="First day (UTC) on which they lapse.", formats=["%Y-%m-%d"])],
    lot: Annotated[str | None, typer.Option(help="One lot only; else all that would lapse before.")] = None,
    reason: _Why = "Validity prolonged",
    key: _Key = None,
) -> None:
    """Let a member's points be valid for longer."""
    _run(
        lambda books: _post(
            books,
            Extend(
                account=account,
                operation=_operation("extend", key),
                occurred_at=SystemClock().now(),
                actor="system:cli",
                reason=Reason(title=reason),
                expires_at=until.replace(tzinfo=UTC),
                lot=lot,
            ),
        )
    )


@ledger.command()
def reinstate(
    account: _Account,
    lot: Annotated[str, typer.Argument(help="The lot that lapsed, as `ledger lots` shows it.")],
    until: _Until = None,
    within: Annotated[int, typer.Option(min=1, help="Days after the expiry in which points can come back.")] = 90,
    reason: _Why = "Brought back",
    key: _Key = None,
) -> None:
    """Bring back what lapsed of a lot, if that was not too long ago; without --until it does not lapse again."""
    now = SystemClock().now()
    _run(
        lambda books: _post(
            books,
            Reinstate(
                account=account,
                operation=_operation("reinstate", key),
                occurred_at=now,
                actor="system:cli",
                reason=Reason(title=reason),
                lot=lot,
                expires_at=until.replace(tzinfo=UTC) if until else None,
                since=now - timedelta(days=within),
            ),
        )
    )


def _operation(kind: str, key: str | None) -> str:
    return f"{kind}:{key or secrets.token_hex(8)}"


async def _post(books: Ledger, command: Command) -> None:
    entry = await books.post(command)
    console.print(f"{entry['_id']}: {entry['points']:+,} points, {entry['balance']:,} now", highlight=False)


def _day(instant: datetime | None) -> str:
    return instant.date().isoformat() if instant else "for ever"


async def _with_ledger(action: Callable[[Ledger], Awaitable[None]]) -> None:
    settings = Settings().with_secret()
    async with opened_client(settings, share=True) as client:
        books = Ledger(client[settings.database], SystemClock())
        await books.start()
        try:
            await action(books)
        finally:
            await books.stop()


def _run(action: Callable[[Ledger], Awaitable[None]]) -> None:
    try:
        asyncio.run(_with_ledger(action))
    except DomainError as error:
        Console(stderr=True, soft_wrap=True).print(f"[bold red]stampbook:[/] {error.message}", highlight=False)
        raise typer.Exit(1) from None
