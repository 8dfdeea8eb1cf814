"""`stampbook rewards`: what is on offer, its stock, and the codes of voucher pools."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.core.clock import SystemClock
from app.core.database import ensure_indexes
from app.core.errors import DomainError
from app.core.opening import opened_client
from app.core.settings import Settings
from app.ledger import repository as ledger_storage
from app.ledger.service import Ledger
from app.members import MemberService
from app.programme import ProgrammeService
from app.programme.defaults import HARVEST
from app.rewards import repository as rewards_storage
from app.rewards.service import RewardService
from app.tiers.service import TierService

rewards = typer.Typer(no_args_is_help=True, help="What members can have for points: stock and voucher codes.")
console = Console()

_PAGE = 100


async def _with_rewards(action: Callable[[RewardService], Awaitable[None]]) -> None:
    settings, clock = Settings().with_secret(), SystemClock()
    async with opened_client(settings, share=True) as client:
        database = client[settings.database]
        await ensure_indexes(database, {**ledger_storage.INDEXES, **rewards_storage.INDEXES})
        programmes = ProgrammeService(database)
        await programmes.ensure(HARVEST)
        ledger = Ledger(database, clock)
        members = MemberService(database, clock, programmes, ledger)
        await ledger.start()
        try:
            await action(
                RewardService(
                    database,
                    clock,
                    ledger=ledger,
                    programmes=programmes,
                    members=members,
                    tiers=TierService(programmes),
                )
            )
        finally:
            await ledger.stop()


def _run(action: Callable[[RewardService], Awaitable[None]]) -> None:
    try:
        asyncio.run(_with_rewards(action))
    except DomainError as error:
        Console(stderr=True, soft_wrap=True).print(f"[bold red]stampbook:[/] {error.message}", highlight=False)
        raise typer.Exit(1) from None


@rewards.command("list")
def list_rewards() -> None:
    """Show the catalogue with what is left of each reward."""

    async def action(service: RewardService) -> None:
        table = Table("id", "name", "kind", "points", "left")
        after: tuple[int, str] | None = None
        while page := await service.catalog(_PAGE, after):
            stock = await service.stock(page)
            for reward in page:
                left = stock[reward["_id"]]
                units = "no limit" if left is None else f"{left:,}"
                table.add_row(reward["_id"], reward["name"], reward["kind"], f"{reward['price']:,}", units)
            after = (page[-1]["rank"], page[-1]["_id"])
        console.print(table)

    _run(action)


@rewards.command("stock")
def stock(
    reward_id: Annotated[str, typer.Argument(metavar="REWARD", help="id of the reward, as `rewards list` shows it")],
    units: Annotated[int, typer.Argument(help="units to add; after -- a negative number takes free ones away")],
    key: Annotated[
        str | None, typer.Option(help="names this delivery: the same key again changes nothing twice")
    ] = None,
) -> None:
    """Add units to a reward with stock, or take free ones away; an entry in the reward's own stream."""

    async def action(service: RewardService) -> None:
        await service.add_stock(reward_id, units, key or f"cli:{secrets.token_hex(8)}")
        await _tell_level(service, reward_id)

    _run(action)


@rewards.command("codes")
def codes(
    reward_id: Annotated[str, typer.Argument(metavar="REWARD", help="id of a reward that is a voucher code")],
    source: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="text file, one code a line")
    ],
) -> None:
    """Load voucher codes into a reward's pool; a code that is there already stays as it is."""

    async def action(service: RewardService) -> None:
        lines = [line.strip() for line in source.read_text(encoding="utf-8").splitlines()]
        wanted = [line for line in lines if line]
        added = await service.add_codes(reward_id, wanted)
        console.print(f"{added:,} new codes of {len(wanted):,}.", highlight=False)
        await _tell_level(service, reward_id)

    _run(action)


async def _tell_level(service: RewardService, reward_id: str) -> None:
    reward = await service.by_id(reward_id)
    if reward is not None:
        left = (await service.stock([reward]))[reward_id]
        console.print(f"{reward['name']}: {left:,} to be had.", highlight=False)
