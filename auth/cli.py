"""`stampbook staff`, `stampbook keys`, `stampbook till`, `stampbook clients`: what an operator does by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.table import Table

from app.core.clock import SystemClock
from app.core.database import ensure_indexes
from app.core.errors import DomainError
from app.core.limits import Limiter
from app.core.opening import opened_client
from app.core.outbox import Outbox
from app.core.settings import Settings
from app.messages.service import MailService
from app.programme import ProgrammeService
from app.stores import StoreService
from auth.assembly import INDEXES, Auth
from auth.clients.models import ClientKind

staff = typer.Typer(no_args_is_help=True, help="People of the staff and their roles.")
keys = typer.Typer(no_args_is_help=True, help="The signing keys: see auth/KEYS.md for when to use what.")
till = typer.Typer(no_args_is_help=True, help="Tills.")
clients = typer.Typer(no_args_is_help=True, help="Storefronts, apps and partners that ask for tokens.")
console = Console()


class _Nobody:
    """The command line asks for no members."""

    async def by_identity(self, identity_id: str) -> None:
        """Nobody."""

    async def adopt(self, identity_id: str, email: str) -> None:
        """Nobody."""


async def _with_auth(action: Callable[[Auth], Awaitable[None]]) -> None:
    settings = Settings()
    settings.check()
    settings = settings.with_secret()
    async with opened_client(settings, share=True) as client:
        database = client[settings.database]
        await ensure_indexes(database, INDEXES)
        clock = SystemClock()
        outbox = Outbox(database, clock)
        await action(
            Auth(
                database,
                clock,
                settings,
                limiter=Limiter(database, clock),
                outbox=outbox,
                mailer=MailService(database, clock, settings, outbox),
                members=_Nobody(),
                stores=StoreService(database, ProgrammeService(database)),
            )
        )


def _run(action: Callable[[Auth], Awaitable[None]]) -> None:
    try:
        asyncio.run(_with_auth(action))
    except DomainError as error:
        Console(stderr=True, soft_wrap=True).print(f"[bold red]stampbook:[/] {error.message}", highlight=False)
        raise typer.Exit(1) from None


@staff.command("add")
def staff_add(
    email: Annotated[str, typer.Argument(help="where sign-in codes go")],
    name: Annotated[str, typer.Argument(help="as colleagues know them")],
    roles: Annotated[
        list[str], typer.Argument(help="cashier, store_manager, agent, agent_lead, manager, admin, auditor")
    ],
) -> None:
    """Invite somebody: they sign in at /console with a code sent to the address."""

    async def action(auth: Auth) -> None:
        member = await auth.staff.add(email, name, roles)
        console.print(f"{member.name} <{member.email}> may now sign in as {', '.join(member.roles)}.", highlight=False)

    _run(action)


@staff.command("list")
def staff_list() -> None:
    """Show everybody of the staff."""

    async def action(auth: Auth) -> None:
        table = Table("id", "name", "e-mail", "roles", "state")
        for member in await auth.staff.everybody():
            table.add_row(member.id, member.name, member.email, ", ".join(member.roles), member.status)
        console.print(table)

    _run(action)


@staff.command("roles")
def staff_roles(
    email: Annotated[str, typer.Argument(help="whose roles")],
    roles: Annotated[list[str], typer.Argument(help="all roles to hold from now on")],
) -> None:
    """Replace somebody's roles; whoever gains any signs in again."""

    async def action(auth: Auth) -> None:
        person = await auth.staff.by_email(email)
        person = await auth.staff.set_roles(person.id, roles, actor="system:cli")
        console.print(f"{person.name} <{person.email}> is {', '.join(person.roles)} now.", highlight=False)

    _run(action)


@staff.command("disable")
def staff_disable(
    email: Annotated[str, typer.Argument(help="whom to refuse")],
    reason: Annotated[str, typer.Argument(help="for the record")],
) -> None:
    """Sign somebody out everywhere and refuse every sign-in from now on."""

    async def action(auth: Auth) -> None:
        person = await auth.staff.by_email(email)
        await auth.staff.disable(person.id, reason, actor="system:cli")
        console.print(f"{person.name} <{person.email}> is refused from now on.", highlight=False)

    _run(action)


@staff.command("enable")
def staff_enable(email: Annotated[str, typer.Argument(help="whom to let in again")]) -> None:
    """Let somebody who was disabled sign in again."""

    async def action(auth: Auth) -> None:
        person = await auth.staff.by_email(email)
        await auth.staff.enable(person.id, actor="system:cli")
        console.print(f"{person.name} <{person.email}> may sign in again.", highlight=False)

    _run(action)


@keys.command("list")
def keys_list() -> None:
    """Show the signing keys and their states."""

    async def action(auth: Auth) -> None:
        table = Table("kid", "algorithm", "state", "made", "active since")
        for key in await auth.keys.every():
            since = key["activated_at"]
            table.add_row(key["_id"], key["alg"], key["state"], f"{key['created_at']:%Y-%m-%d %H:%M}", f"{since or ''}")
        console.print(table)

    _run(action)


@keys.command("rotate")
def keys_rotate() -> None:
    """Make the next keys active now; what the old ones signed stays good until it expires."""

    async def action(auth: Auth) -> None:
        for kid in await auth.keys.rotate(force=True):
            console.print(f"{kid} signs from now on", highlight=False)

    _run(action)


@keys.command("emergency")
def keys_emergency(
    yes: Annotated[bool, typer.Option("--yes", help="do not ask")] = False,
) -> None:
    """A key leaked or was lost: remove all keys, make new ones, end every app's and storefront's sign-in."""
    if not yes:
        typer.confirm("Every app and storefront must sign in again. Go on?", abort=True)

    async def action(auth: Auth) -> None:
        ended = await auth.emergency()
        console.print(f"New keys sign from now on; {ended} grants ended.", highlight=False)

    _run(action)


@till.command("pair")
def till_pair(
    store_id: Annotated[str, typer.Argument(help="the store, such as str_…")],
    name: Annotated[str, typer.Argument(help="what the staff call the till")],
) -> None:
    """Print a pairing code, good for ten minutes, once."""

    async def action(auth: Auth) -> None:
        pairing = await auth.pairings.create(store_id, name, "system:cli")
        console.print(f"{pairing.code}  (until {pairing.expires_at:%H:%M:%S} UTC)", highlight=False)
        console.print(f"{auth.policy.issuer}/till#pair={pairing.code}", highlight=False)

    _run(action)


@till.command("list")
def till_list() -> None:
    """Show the newest tills."""

    async def action(auth: Auth) -> None:
        table = Table("id", "name", "store", "state")
        for client in await auth.tills.newest():
            table.add_row(client["_id"], client["name"], client.get("store_id", ""), client["status"])
        console.print(table)

    _run(action)


@till.command("disable")
def till_disable(till_id: str, reason: str) -> None:
    """Refuse a till from its next request on."""

    async def action(auth: Auth) -> None:
        await auth.tills.disable(till_id, reason, actor="system:cli")
        console.print(f"{till_id} is refused from now on.", highlight=False)

    _run(action)


@clients.command("add")
def clients_add(
    kind: Annotated[str, typer.Argument(help="app, storefront_server, storefront_browser or partner")],
    name: Annotated[str, typer.Argument(help="as people read it on the consent page")],
    redirect: Annotated[list[str] | None, typer.Option(help="an address that codes may be sent to")] = None,
    after_logout: Annotated[list[str] | None, typer.Option(help="an address to go to after signing out")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="an origin whose pages may call us")] = None,
    backchannel: Annotated[str | None, typer.Option(help="where to announce that a session ended")] = None,
) -> None:
    """Register a client; its secret is shown once."""
    if kind not in ("app", "storefront_server", "storefront_browser", "partner"):
        raise typer.BadParameter("one of app, storefront_server, storefront_browser, partner", param_hint="kind")

    async def action(auth: Auth) -> None:
        registered = await auth.clients.register(
            cast("ClientKind", kind),
            name,
            redirect_uris=redirect or [],
            post_logout_redirect_uris=after_logout or [],
            origins=origin or [],
            backchannel_logout_uri=backchannel,
        )
        console.print(f"client_id      {registered.client['_id']}", highlight=False)
        if registered.secret is not None:
            console.print(f"client_secret  {registered.secret}", highlight=False)

    _run(action)


@clients.command("list")
def clients_list() -> None:
    """Show the registered clients."""

    async def action(auth: Auth) -> None:
        table = Table("client_id", "kind", "name", "state")
        for client in await auth.clients.everything():
            table.add_row(client["_id"], client["kind"], client["name"], client["status"])
        console.print(table)

    _run(action)


@clients.command("disable")
def clients_disable(client_id: str) -> None:
    """Refuse a client from its next request on."""

    async def action(auth: Auth) -> None:
        if not await auth.disable_client(client_id):
            console.print(f"There is no client {client_id}.", highlight=False)
            raise typer.Exit(1)
        console.print(f"{client_id} is refused from now on.", highlight=False)

    _run(action)
