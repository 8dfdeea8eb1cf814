"""What resolvers are given: the services, the caller, and the reads of this one operation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.core.changes import ChangeFeed
from app.core.clock import Clock
from app.ledger.models import Balance
from app.ledger.service import Ledger
from app.ledger.totals import Totals
from app.members.models import Member
from app.members.service import MemberService
from app.messages.service import MailService
from app.products.models import Product
from app.products.service import ProductService
from app.programme.models import Programme
from app.programme.service import ProgrammeService
from app.purchases.models import Purchase
from app.purchases.service import PurchaseService
from app.rewards.models import Eligibility, Redemption, Reward
from app.rewards.service import RewardService
from app.stores.models import Store
from app.stores.service import StoreService
from app.tiers.service import TierService
from auth.access import Access
from auth.assembly import Auth
from auth.clients.models import ClientDocument
from auth.identities.models import IdentityDocument
from schema.loaders import Loader
from wallet.assembly import Wallet
from wallet.cards import CardService


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that the API stands on, built once by the composition root."""

    clock: Clock
    programme: Programme
    programmes: ProgrammeService
    members: MemberService
    stores: StoreService
    products: ProductService
    ledger: Ledger
    tiers: TierService
    rewards: RewardService
    purchases: PurchaseService
    mails: MailService
    cards: CardService
    wallet: Wallet
    auth: Auth
    changes: ChangeFeed
    public_url: str
    totals: Totals

    @property
    def currency(self) -> str:
        """The programme's currency, ISO 4217."""
        return self.programme["currency"]


class Context:
    """One operation of one caller. Loaders read each document once, whoever asks for it."""

    __slots__ = (
        "_loaders",
        "access",
        "balances",
        "clients",
        "eligibilities",
        "identities",
        "members",
        "products",
        "purchases",
        "redemptions",
        "rewards",
        "services",
        "stock",
        "stores",
    )

    def __init__(self, services: Services, access: Access) -> None:
        self.services = services
        self.access = access
        self.members: Loader[Member] = Loader(services.members.by_ids)
        self.stores: Loader[Store] = Loader(services.stores.by_ids)
        self.products: Loader[Product] = Loader(services.products.by_ids)
        self.purchases: Loader[Purchase] = Loader(services.purchases.by_ids)
        self.rewards: Loader[Reward] = Loader(services.rewards.by_ids)
        self.redemptions: Loader[Redemption] = Loader(services.rewards.redemptions)
        self.stock: Loader[int | None] = Loader(self._stock)
        self.eligibilities: Loader[Eligibility] = Loader(self._eligibilities)
        self.balances: Loader[Balance] = Loader(services.ledger.balances)
        self.identities: Loader[IdentityDocument] = Loader(services.auth.identities.by_ids)
        self.clients: Loader[ClientDocument] = Loader(services.auth.clients.by_ids)
        self._loaders: tuple[Loader[Any], ...] = (
            self.members,
            self.stores,
            self.products,
            self.purchases,
            self.rewards,
            self.redemptions,
            self.stock,
            self.eligibilities,
            self.balances,
            self.identities,
            self.clients,
        )

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.services.clock.now()

    def forget(self) -> None:
        """Forget what was read, after something was written."""
        for loader in self._loaders:
            loader.forget()

    async def balance(self, member_id: str) -> Balance:
        """A member's balance; zeros for one that never had points."""
        return await self.balances.load(member_id) or Balance(member_id)

    async def own_member(self) -> Member | None:
        """The member behind the caller; None when the caller is no member."""
        return await self.members.load(self.access.member_id) if self.access.member_id else None

    def is_own(self, member_id: str | None) -> bool:
        """Whether the caller is this member."""
        return member_id is not None and member_id == self.access.member_id

    def sees_member(self, member_id: str | None) -> bool:
        """Whether the caller is this member, or staff that may read members."""
        return self.is_own(member_id) or (member_id is not None and self.access.may("support:read"))

    async def _stock(self, reward_ids: Sequence[str]) -> dict[str, int | None]:
        return await self.services.rewards.stock(await self._rewards(reward_ids))

    async def _eligibilities(self, reward_ids: Sequence[str]) -> dict[str, Eligibility]:
        """Of the signed-in member; nothing for anybody else."""
        member = await self.own_member()
        if member is None:
            return {}
        rewards = await self._rewards(reward_ids)
        balance = await self.balance(member["_id"])
        standing = await self.services.tiers.standing(balance, self.now)
        return await self.services.rewards.eligibilities(member, rewards, balance, standing)

    async def _rewards(self, reward_ids: Sequence[str]) -> list[Reward]:
        asked = [self.rewards.load(reward_id) for reward_id in reward_ids]
        return [reward for future in asked if (reward := await future) is not None]
