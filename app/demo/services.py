"""What loading the demonstration needs, and whom it tells how far it is."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from app.core.clock import Clock
from app.core.database import Database
from app.earning.service import EarningService
from app.members import MemberService
from app.products import ProductService
from app.programme import ProgrammeService
from app.purchases.service import PurchaseService
from app.rewards.service import RewardService
from app.stores import StoreService

Advance = Callable[[int], None]
"""Says that so many more steps of a stage are done."""


class Progress(Protocol):
    """Told how far loading is."""

    def stage(self, name: str, total: int) -> Advance:
        """A stage of so many steps begins; several may be under way."""
        ...


@dataclass(frozen=True, slots=True)
class DemoServices:
    """What loading needs. `add_staff` invites somebody by (e-mail, name, roles) and does nothing when that is done."""

    database: Database
    clock: Clock
    programmes: ProgrammeService
    members: MemberService
    products: ProductService
    stores: StoreService
    earning: EarningService
    rewards: RewardService
    purchases: PurchaseService
    add_staff: Callable[[str, str, list[str]], Awaitable[None]]
