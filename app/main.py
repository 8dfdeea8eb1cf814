"""The composition root: the only place that knows every part."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pymongo.errors import ConnectionFailure, PyMongoError
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from app.core import limits, outbox
from app.core.away import answer_away
from app.core.changes import ChangeFeed
from app.core.clock import Clock, SystemClock
from app.core.database import Client, Document, Index, ensure_indexes
from app.core.headers import SecurityHeaders, own_sources
from app.core.jobs import Job, JobRunner
from app.core.limits import Limiter
from app.core.outbox import Outbox
from app.core.pages import front_end_routes
from app.core.settings import Settings
from app.core.telemetry import Telemetry
from app.earning import repository as earning_storage
from app.earning.defaults import HARVEST_RULES
from app.earning.service import EarningService
from app.ledger import repository as ledger_storage
from app.ledger.jobs import LedgerJobs
from app.ledger.seals import KEY_PURPOSE
from app.ledger.service import Ledger
from app.ledger.totals import Totals
from app.members import MemberService
from app.members import repository as member_storage
from app.members.models import Member
from app.messages import MailService
from app.messages import repository as mail_storage
from app.messages.pages import outbox_routes
from app.products import ProductService
from app.products import repository as product_storage
from app.programme import ProgrammeService
from app.programme import repository as programme_storage
from app.programme.defaults import HARVEST
from app.purchases import repository as purchase_storage
from app.purchases.service import PurchaseService
from app.rewards import repository as reward_storage
from app.rewards.service import RewardService
from app.stores import StoreService
from app.stores import repository as store_storage
from app.tiers.service import TierService
from auth import assembly as auth_storage
from auth.assembly import Auth
from auth.routes import routes as auth_routes
from schema.assembly import graphql_app
from schema.context import Services
from schema.endpoint import routes as graphql_routes
from wallet import assembly as wallet_storage
from wallet.assembly import Wallet

FRONT_ENDS = Path(__file__).parent.parent / "frontend" / "dist"
_APPS = ("till", "console", "widget", "member")

INDEXES: dict[str, list[Index]] = {}
for _room in (
    limits,
    outbox,
    mail_storage,
    programme_storage,
    ledger_storage,
    member_storage,
    product_storage,
    store_storage,
    earning_storage,
    reward_storage,
    purchase_storage,
    auth_storage,
    wallet_storage,
):
    for _collection, _indexes in _room.INDEXES.items():
        INDEXES.setdefault(_collection, []).extend(_indexes)


WATCHED = ("entries", "redemptions", "members", "card_credentials")
OWNERS = ("account", "member_id", "member")
TOLD = (*OWNERS, "status", "step")
"""What the change stream brings of a document: whose it is, and whether a redemption came about."""


def change_topic(document: Document) -> str | None:
    """The member whom a changed document concerns."""
    for name in (*OWNERS, "_id"):
        if str(document.get(name, "")).startswith("mbr_"):
            return str(document[name])
    return None


_READY_SECONDS = 2.0


class Stampbook:
    """The service, put together: every part built once, from settings, a connection and a clock.

    `prepare` makes indexes, programme, keys and the ledger's engine ready; commands need no more. Serving adds the
    change stream and the jobs, in the application's own start.
    """

    def __init__(self, settings: Settings, client: Client, clock: Clock | None = None) -> None:
        clock = clock or SystemClock()
        database = client[settings.database]
        self.settings = settings
        self.clock = clock
        self.database = database
        self.outbox = Outbox(database, clock)
        self.limiter = Limiter(database, clock)
        self.mails = MailService(database, clock, settings, self.outbox)
        self.programmes = ProgrammeService(database)
        self.ledger = Ledger(database, clock)
        self.members = MemberService(database, clock, self.programmes, self.ledger)
        self.products = ProductService(database, self.programmes)
        self.stores = StoreService(database, self.programmes)
        self.tiers = TierService(self.programmes)
        self.earning = EarningService(database, clock, self.programmes)
        self.rewards = RewardService(
            database, clock, ledger=self.ledger, programmes=self.programmes, members=self.members, tiers=self.tiers
        )
        self.purchases = PurchaseService(
            database,
            clock,
            ledger=self.ledger,
            programmes=self.programmes,
            members=self.members,
            products=self.products,
            stores=self.stores,
            earning=self.earning,
            tiers=self.tiers,
            rewards=self.rewards,
        )
        self.auth = Auth(
            database,
            clock,
            settings,
            limiter=self.limiter,
            mailer=self.mails,
            members=self.members,
            stores=self.stores,
            outbox=self.outbox,
        )
        self.auth.contacts.on_change(self.members.follow_email)
        self.members.on_merge(self._join_accounts, self._part_accounts)
        self.wallet = Wallet(
            database,
            clock,
            settings,
            limiter=self.limiter,
            outbox=self.outbox,
            members=self.members,
            programmes=self.programmes,
            ledger=self.ledger,
            tiers=self.tiers,
        )
        self.changes = ChangeFeed(database, dict.fromkeys(WATCHED, change_topic), TOLD)

    async def prepare(self) -> None:
        """Make everything ready that a command needs; safe to race with other processes and to repeat."""
        await ensure_indexes(self.database, INDEXES)
        programme = await self.programmes.ensure(HARVEST)
        self.auth.brand.name, self.auth.brand.hue = programme["name"], programme["brand_hue"]
        await self.earning.ensure(HARVEST_RULES)
        await self.auth.start()
        await self.ledger.start()
        self.jobs = JobRunner(self.database, self.clock, await self._jobs())

    async def _join_accounts(self, survivor: Member, merged: Member, actor: str) -> None:
        await self.auth.members_merged(
            survivor["identity_id"], merged["identity_id"], member_id=survivor["_id"], actor=actor
        )

    async def _part_accounts(self, survivor: Member, freed: Member, actor: str) -> None:
        await self.auth.members_parted(
            survivor["identity_id"], freed["identity_id"], member_id=freed["_id"], actor=actor
        )

    async def close(self) -> None:
        """Let what is in flight land."""
        await self.purchases.stop()
        await self.auth.stop()
        await self.wallet.close()
        await self.ledger.stop()

    async def application(self) -> ASGIApp:
        """The ASGI application; `prepare` comes first."""
        graphql = graphql_app(await self.services(), self.settings, _persisted_documents())
        routes: list[BaseRoute] = [
            *graphql_routes(graphql),
            Route("/healthz", _healthy),
            Route("/readyz", self._ready),
            Route("/metrics", _metrics),
            *auth_routes(self.auth),
            *self.wallet.routes(self._card_owner),
        ]
        if not self.settings.is_production:
            routes += [
                *outbox_routes(self.mails),
                Route("/storefront", _storefront),
                Route("/storefront/wallet", self._to_wallet),
            ]
        routes += front_end_routes(FRONT_ENDS, own_sources(self.settings.issuer), _APPS)
        known = frozenset(f"{route.path}/".split("/")[1] for route in routes if isinstance(route, Route | Mount))
        bare = Starlette(routes=routes, lifespan=self._lifespan, exception_handlers={ConnectionFailure: answer_away})
        return Telemetry(SecurityHeaders(bare, https=self.settings.issuer.startswith("https://")), known)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        await self.changes.start()
        await self.jobs.start()
        try:
            yield
        finally:
            await self.jobs.stop()
            await self.changes.stop()

    async def _jobs(self) -> list[Job]:
        zone = (await self.programmes.current())["zone"]
        seals = self.settings.derive_key(KEY_PURPOSE)
        return [
            Job("outbox", timedelta(seconds=1), self.outbox.deliver_due),
            *LedgerJobs(self.ledger, self.clock, seals, zone).jobs(),
            *self.mails.jobs(),
            *self.members.jobs(),
            *self.rewards.jobs(),
            *self.purchases.jobs(),
            *self.auth.jobs(),
            *self.wallet.jobs(),
        ]

    async def services(self) -> Services:
        """What the API stands on; `prepare` comes first."""
        programme = await self.programmes.current()
        return Services(
            clock=self.clock,
            programme=programme,
            programmes=self.programmes,
            members=self.members,
            stores=self.stores,
            products=self.products,
            ledger=self.ledger,
            tiers=self.tiers,
            rewards=self.rewards,
            purchases=self.purchases,
            mails=self.mails,
            cards=self.wallet.cards,
            wallet=self.wallet,
            auth=self.auth,
            changes=self.changes,
            totals=Totals(self.ledger.repository, self.clock, programme["zone"]),
            public_url=self.settings.issuer,
        )

    async def _card_owner(self, connection: HTTPConnection) -> str | None:
        """Whose card a request may see: a member's own, and any for staff that may read members."""
        access = await self.auth.authenticator.access(connection)
        return connection.query_params.get("member") if access.may("support:read") else access.member_id

    async def _to_wallet(self, _request: Request) -> Response:
        return RedirectResponse(f"{self.settings.issuer}/")

    async def _ready(self, _request: Request) -> Response:
        checks = {
            "changes": self.changes.healthy,
            "jobs": self.jobs.healthy,
            "database": await self._database_answers(),
        }
        return JSONResponse(checks, 200 if all(checks.values()) else 503, headers={"cache-control": "no-store"})

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                return bool((await self.database.client.admin.command("hello")).get("isWritablePrimary"))
        except (PyMongoError, TimeoutError):
            return False


async def _healthy(_request: Request) -> Response:
    return JSONResponse({"ok": True}, headers={"cache-control": "no-store"})


async def _metrics(_request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _storefront(_request: Request) -> Response:
    return RedirectResponse("/widget/storefront.html")


def _persisted_documents() -> Mapping[str, str]:
    """The documents of the built front ends, by SHA-256; none before they are built."""
    manifest = FRONT_ENDS / "persisted.json"
    return orjson.loads(manifest.read_bytes()) if manifest.exists() else {}
