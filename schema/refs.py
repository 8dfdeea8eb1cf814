"""Names of types that refer to each other, so that their modules need not."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from schema.members.types import Member
    from schema.purchases.types import Purchase
    from schema.rewards.types import Redemption

MemberRef = Annotated["Member", strawberry.lazy("schema.members.types")]
PurchaseRef = Annotated["Purchase", strawberry.lazy("schema.purchases.types")]
RedemptionRef = Annotated["Redemption", strawberry.lazy("schema.rewards.types")]
