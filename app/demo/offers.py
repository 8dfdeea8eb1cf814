"""Harvest's rewards and staff, and some of what members did with them: through the same services as everybody."""

import asyncio
import secrets
from collections.abc import Sequence

from app.demo.catalogue import product_id
from app.demo.places import store_id, till_of
from app.demo.services import DemoServices
from app.members.models import Member
from app.purchases.models import RecordReturn, ReturnLineInput
from app.rewards.errors import Ineligible
from app.rewards.models import NewReward

_EGGS = 981_760
_BANANAS = 1_082_185
_CINEMA = "rwd_00000000000000000000a007"
_CINEMA_CODES = 60
_AT_ONCE = 32

REWARDS = (
    NewReward(
        id="rwd_00000000000000000000a001",
        kind="FREE_PRODUCT",
        name="Free bananas",
        description="One bunch of bananas, on us.",
        price=120,
        glyph="🍌",
        product=product_id(_BANANAS),
        rank=10,
    ),
    NewReward(
        id="rwd_00000000000000000000a002",
        kind="FIXED_DISCOUNT",
        name="$2 off",
        description="Two dollars off your shopping.",
        price=200,
        glyph="💵",
        discount=200,
        rank=20,
    ),
    NewReward(
        id="rwd_00000000000000000000a003",
        kind="FREE_PRODUCT",
        name="A dozen eggs",
        description="Extra large, a dozen.",
        price=250,
        glyph="🥚",
        product=product_id(_EGGS),
        per_member=3,
        stock=400,
        rank=30,
    ),
    NewReward(
        id="rwd_00000000000000000000a004",
        kind="FIXED_DISCOUNT",
        name="$5 off",
        description="Five dollars off your shopping.",
        price=450,
        glyph="💵",
        discount=500,
        rank=40,
    ),
    NewReward(
        id="rwd_00000000000000000000a005",
        kind="PERCENT_DISCOUNT",
        name="10% off one basket",
        description="Ten per cent off everything in one basket.",
        terms="Not on fuel, tobacco and gift cards.",
        price=600,
        glyph="🧺",
        percent=10,
        per_member=4,
        rank=50,
    ),
    NewReward(
        id="rwd_00000000000000000000a006",
        kind="FIXED_DISCOUNT",
        name="Harvest box",
        description="Twenty dollars of what is in season, in a wooden box to keep.",
        terms="Gold and Platinum members, one each.",
        price=1500,
        glyph="📦",
        discount=2000,
        stock=25,
        per_member=1,
        min_tier="gold",
        rank=70,
    ),
    NewReward(
        id=_CINEMA,
        kind="VOUCHER_CODE",
        name="Cinema ticket",
        description="A code for one ticket at any Lantern cinema.",
        terms="One each. Codes cannot be exchanged.",
        price=900,
        glyph="🎟️",
        per_member=1,
        min_tier="silver",
        rank=60,
    ),
)

STAFF = (
    ("manager@harvest.example", "Morgan Reyes", ["manager", "admin", "store_manager"]),
    ("lead@harvest.example", "Imani Brooks", ["agent_lead"]),
    ("lead.evenings@harvest.example", "Ravi Menon", ["agent_lead"]),
    ("agent@harvest.example", "Sam Okafor", ["agent"]),
)


async def add_rewards(services: DemoServices) -> None:
    """Put the rewards into the catalogue, and codes into the cinema's pool the first time."""
    for reward in REWARDS:
        added = await services.rewards.add(reward)
        if added and reward.id == _CINEMA:
            codes = [f"LANTERN-{secrets.token_hex(4).upper()}" for _ in range(_CINEMA_CODES)]
            await services.rewards.add_codes(_CINEMA, codes)


async def add_staff(services: DemoServices) -> None:
    """Invite Harvest's people."""
    for email, name, roles in STAFF:
        await services.add_staff(email, name, roles)


class Goings:
    """What some members did besides shopping: reserved, took, cancelled, brought back. Repeating it changes nothing."""

    def __init__(self, services: DemoServices) -> None:
        self._services = services
        self._now = services.clock.now()

    async def run(self, members: Sequence[Member]) -> None:
        """Let every fifth member redeem, and every fifteenth bring something back."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(place: int, member: Member) -> None:
            async with limit:
                if place % 15 == 1:
                    await self._bring_back(member)
                if place % 5 == 0:
                    await self._redeem(place // 5, member)

        async with asyncio.TaskGroup() as group:
            for place, member in enumerate(members):
                group.create_task(one(place, member))

    async def _redeem(self, place: int, member: Member) -> None:
        for reward in REWARDS[place % len(REWARDS) :] + REWARDS[:2]:
            try:
                key = f"demo:{reward.id}"
                redemption = await self._services.rewards.reserve(member["_id"], reward.id, key)
            except Ineligible:
                continue
            break
        else:
            return
        if redemption["status"] != "RESERVED" or place % 6 == 1:
            return
        if place % 6 == 2:
            await self._services.rewards.cancel(redemption["_id"], actor=f"member:{member['_id']}")
            return
        till = till_of(member["joined_store"] or store_id(0), place)
        await self._services.rewards.confirm(
            redemption["code"], till=till, actor=f"till:{till}", idempotency_key=f"demo:{redemption['_id']}"
        )

    async def _bring_back(self, member: Member) -> None:
        bought = await self._services.purchases.of_member([member["_id"]], first=1)
        if not bought or bought[0]["returns"]:
            return
        purchase = bought[0]
        line = max(purchase["lines"], key=lambda sold: sold["amount"])
        await self._services.purchases.return_(
            RecordReturn(
                purchase_id=purchase["_id"],
                receipt_number=f"R{purchase['receipt_number']}",
                occurred_at=self._now,
                till_id=purchase["till"],
                actor=f"till:{purchase['till']}",
                idempotency_key=f"demo:{purchase['_id']}",
                lines=(ReturnLineInput(line["id"], quantity=1),),
            )
        )
