"""The `stampbook` command."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
import uvloop
from pydantic import SecretStr, ValidationError
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.table import Table

from app.core.mongod import EmbeddedDatabaseError, disk_is_full
from app.core.opening import opened_client
from app.core.settings import Settings, UnsafeSettings
from app.core.telemetry import configure_logging
from app.demonstrating import load_demonstration
from app.ledger.cli import ledger
from app.main import Stampbook
from app.rewards.cli import rewards
from app.serving import PortTaken, bind, serve_until_stopped
from auth.cli import clients, keys, staff, till
from auth.keys.service import SealedWithAnotherSecret
from wallet.cli import passes

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A loyalty programme: member API and digital wallet.",
)
for name, room in (
    ("ledger", ledger),
    ("rewards", rewards),
    ("staff", staff),
    ("keys", keys),
    ("till", till),
    ("clients", clients),
    ("passes", passes),
):
    app.add_typer(room, name=name)
console = Console()


def main() -> None:
    """Run the command; anything an operator can mend ends with one line and status 1."""
    try:
        _with_plain_errors()
    except (EmbeddedDatabaseError, PortTaken, UnsafeSettings, SealedWithAnotherSecret) as error:
        _fail(str(error))
    except ValidationError as error:
        wrong = "; ".join(f"STAMPBOOK_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors() if e["loc"])
        _fail(f"settings refused: {wrong}")
    except PyMongoError as error:
        folder = Settings().data
        if folder.exists() and disk_is_full(folder):
            _fail(f"no space left on the disk of {folder.resolve()}: make room and start again; nothing is lost")
        _fail(f"the database does not answer: {str(error).splitlines()[0][:300]}")
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        _fail(f"{error.strerror or error}{where}")


def _with_plain_errors() -> None:
    """Run the command; of errors that several tasks had at once, the first one speaks."""
    try:
        app()
    except ExceptionGroup as group:
        first: Exception = group
        while isinstance(first, ExceptionGroup):
            first = first.exceptions[0]
        raise first from group


def _fail(message: str) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print("stampbook:", message, style="bold red", markup=False, highlight=False)
    raise SystemExit(1)


def _run(work: Coroutine[Any, Any, None]) -> None:
    # Here and not by uvicorn, which makes the loop itself only where nothing ran before it.
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


@app.command()
def serve(
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the demo programme first, if it is not there yet.")
    ] = False,
) -> None:
    """Serve the API, the wallet, the till and the console until Ctrl-C."""
    settings = Settings()
    settings.check()
    settings = settings.with_secret()
    configure_logging(settings)
    _run(_serve(settings, demo=demo))


async def _serve(settings: Settings, *, demo: bool) -> None:
    listening = bind(settings)
    try:
        async with opened_client(settings) as client:
            service = Stampbook(settings, client)
            await service.prepare()
            pairing = await load_demonstration(service, console, everything=False) if demo else None
            application = await service.application()
            await serve_until_stopped(application, listening, settings, lambda: _welcome(settings, pairing, demo=demo))
            await service.close()
    finally:
        listening.close()


def _welcome(settings: Settings, pairing: str | None, *, demo: bool) -> None:
    base = settings.issuer
    lines = [("Member wallet", f"{base}/"), ("Till", f"{base}/till#pair={pairing}" if pairing else f"{base}/till")]
    lines += [("Console", f"{base}/console")]
    if not settings.is_production:
        lines += [("GraphQL", f"{base}/graphql"), ("Outbox (all mail)", f"{base}/outbox")]
    if demo:
        lines += [("Storefront, another origin", f"{base.replace('localhost', '127.0.0.1')}/storefront")]
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for what, where in lines:
        table.add_row(f"[bold]{what}[/]", where)
    console.print()
    console.print(table)
    if demo:
        console.print(
            "\nJoin on the wallet with any e-mail address: the code arrives in the outbox. "
            "On the console, sign in as [bold]agent@harvest.example[/] or [bold]manager@harvest.example[/]."
        )
    console.print("Ctrl-C stops everything.\n")


@app.command()
def demo(
    everything: Annotated[
        bool, typer.Option("--all", help="The whole year: 2,469 households, 155,848 baskets.")
    ] = False,
) -> None:
    """Load the demo programme; repeating it doubles nothing. Stop the service first."""
    settings = Settings().with_secret()
    configure_logging(settings.model_copy(update={"log_level": "warning"}))
    _run(_demo(settings, everything=everything))


async def _demo(settings: Settings, *, everything: bool) -> None:
    async with opened_client(settings) as client:
        service = Stampbook(settings, client)
        await service.prepare()
        await load_demonstration(service, console, everything=everything)
        await service.close()


@app.command(name="settings")
def show_settings() -> None:
    """List every setting: its value, its default, and whether production would take it."""
    settings = Settings()
    unsafe = {problem.split(" ", 1)[0]: problem for problem in settings.problems()}
    table = Table(title=f"Settings (profile {settings.profile})")
    for heading in ("variable", "value", "default", "what it is", "in production"):
        table.add_column(heading, overflow="fold")
    for name, field in Settings.model_fields.items():
        variable = f"STAMPBOOK_{name.upper()}"
        value = getattr(settings, name)
        table.add_row(
            variable,
            _shown(value),
            _shown(field.default),
            field.description or "",
            "[red]unsafe[/]" if variable in unsafe else "[green]safe[/]",
        )
    console.print(table)
    for problem in unsafe.values():
        console.print(f"[red]•[/] {problem}", highlight=False)


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "unset"
    if value is None or value == "":
        return "unset"
    return str(value) if isinstance(value, Path) else f"{value}"


if __name__ == "__main__":
    main()
