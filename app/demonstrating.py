"""Loading the demonstration into a service, and opening its doors: staff, a till, a shop on another origin."""

import contextlib
from collections.abc import Awaitable, Callable

from rich.console import Console

from app.demo import DemoServices, TerminalProgress
from app.demo.repository import SLICE, YEAR, DemoRepository
from app.main import Stampbook
from auth.identities.errors import AlreadyStaff


async def load_demonstration(service: Stampbook, console: Console, *, everything: bool) -> str:
    """Load what is not there yet, with a progress bar; returns a code that makes a browser a till.

    Raises DemoDataMissing when the package with the data is not installed.
    """
    if not await DemoRepository(service.database).is_whole(YEAR if everything else SLICE):
        await _load(service, console, everything=everything)
    await _register_shop(service)
    (store, *_) = await service.stores.search(first=1)
    return (await service.auth.pairings.create_demo(store["_id"], "Till 1")).code


async def _load(service: Stampbook, console: Console, *, everything: bool) -> None:
    # It reads with libraries of the optional extra `demo`, which take their time to load.
    from app.demo.loading import load_demo  # noqa: PLC0415

    services = DemoServices(
        database=service.database,
        clock=service.clock,
        programmes=service.programmes,
        members=service.members,
        products=service.products,
        stores=service.stores,
        rewards=service.rewards,
        purchases=service.purchases,
        earning=service.earning,
        add_staff=_invite(service),
    )
    with TerminalProgress(console) as progress:
        loaded = await load_demo(services, progress, everything=everything)
    if loaded.recorded:
        console.print(f"{loaded.members:,} members and {loaded.recorded:,} baskets loaded.")


def _invite(service: Stampbook) -> Callable[[str, str, list[str]], Awaitable[None]]:
    async def add_staff(email: str, name: str, roles: list[str]) -> None:
        with contextlib.suppress(AlreadyStaff):
            await service.auth.staff.add(email, name, roles)

    return add_staff


async def _register_shop(service: Stampbook) -> None:
    """The demonstration's shop lives on this service under the name 127.0.0.1, which is another origin."""
    shop = service.settings.issuer.replace("localhost", "127.0.0.1")
    await service.auth.clients.register(
        "storefront_browser",
        "Harvest at home",
        client_id="storefront",
        redirect_uris=[f"{shop}/widget/storefront.html"],
        post_logout_redirect_uris=[f"{shop}/widget/storefront.html"],
        origins=[shop],
    )
