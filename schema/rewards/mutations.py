"""Reserving, cancelling and handing over rewards."""

from typing import Any

import strawberry

from app.core.errors import DomainError
from app.purchases.models import Receipt as ReceiptFigures
from app.rewards.models import Redemption as RedemptionDocument
from schema.context import Context
from schema.fields import says
from schema.members.mutations import member_id
from schema.members.types import Member
from schema.purchases.inputs import told
from schema.purchases.types import Receipt
from schema.refusals import Refusals, mutation, user_errors
from schema.rewards.types import Redemption
from schema.till.access import till_of
from wallet.models import IdentificationDocument

RESERVE = Refusals(
    "RewardReserve",
    "NOT_FOUND",
    "NOT_AVAILABLE",
    "NOT_ENOUGH_POINTS",
    "OUT_OF_STOCK",
    "MEMBER_LIMIT_REACHED",
    "DEFICIT",
    "TIER_TOO_LOW",
    "UNCLAIMED",
    "IDEMPOTENCY_CONFLICT",
    "INVALID",
    "BUSY",
    also={"UNAVAILABLE": "BUSY"},
)
CANCEL = Refusals(
    "RedemptionCancel", "NOT_FOUND", "ALREADY_CONFIRMED", "ALREADY_ENDED", "BUSY", also={"UNAVAILABLE": "BUSY"}
)
CONFIRM = Refusals(
    "RedemptionConfirm",
    "NOT_FOUND",
    "ENDED",
    "EXPIRED",
    "NOT_ALLOWED",
    "IDENTIFICATION_UNKNOWN",
    "OTHER_MEMBER",
    "IDEMPOTENCY_CONFLICT",
    "INVALID",
    "BUSY",
    also={"UNAVAILABLE": "BUSY"},
)


@strawberry.input(description="Which reward to reserve.")
class RewardReserveInput:
    """As the client writes it."""

    reward_id: strawberry.ID = told("The reward.")
    idempotency_key: str = told("Made by the client; the same again gets the same redemption.")


@strawberry.type(description="What was reserved.")
class RewardReservePayload:
    """Source: a dict."""

    redemption: Redemption | None = says("The reservation; null when nothing was done.")
    member: Member | None = says("The member after it.")
    user_errors: Any = user_errors(RESERVE)


@strawberry.input(description="Which reservation to call off.")
class RedemptionCancelInput:
    """As the client writes it."""

    redemption_id: strawberry.ID = told("One of the own redemptions.")


@strawberry.type(description="What was called off.")
class RedemptionCancelPayload:
    """Source: a dict."""

    redemption: Redemption | None = says("The redemption after it; null when nothing was done.")
    member: Member | None = says("The member after it.")
    user_errors: Any = user_errors(CANCEL)


@strawberry.input(description="Which reservation to hand over.")
class RedemptionConfirmInput:
    """As the till writes it."""

    identification: strawberry.ID | None = told(
        "Who stands at the till; may be left out when the member shows the LR code.", default=None
    )
    code: str = told("LR code shown by the member, or the redemption's id.")
    purchase_id: strawberry.ID | None = told("The sale that it goes with, if any.", default=None)
    idempotency_key: str = told("Made by the till; the same again gets the first answer again.")


@strawberry.type(description="What was handed over.")
class RedemptionConfirmPayload:
    """Source: a dict."""

    redemption: Redemption | None = says("The redemption after it; null when nothing was done.")
    receipt: Receipt | None = says("What to print.")
    user_errors: Any = user_errors(CONFIRM)


class IdentificationUnknown(DomainError):
    """The identification is over, unknown or of another till, or missing where it is needed."""

    code = "IDENTIFICATION_UNKNOWN"

    def __init__(self) -> None:
        super().__init__("Identify the card first: this identification is over or unknown.", ("identification",))


class NotAllowed(DomainError):
    """The identification is too weak for handing rewards over."""

    code = "NOT_ALLOWED"

    def __init__(self) -> None:
        super().__init__("This way of identifying the member cannot hand over rewards.", ("identification",))


@mutation(
    "Sets a reward and its points aside for the signed-in member, to be handed over at a till.",
    payload=RewardReservePayload,
    refusals=RESERVE,
    scopes=["points:redeem"],
)
async def reward_reserve(context: Context, sent: RewardReserveInput) -> dict[str, Any]:
    """Reserve a reward."""
    owner = member_id(context)
    redemption = await context.services.rewards.reserve(owner, str(sent.reward_id), sent.idempotency_key)
    return {"redemption": redemption, "member": await context.own_member()}


@mutation(
    "Calls a reservation off; points and stock come back.",
    payload=RedemptionCancelPayload,
    refusals=CANCEL,
    scopes=["points:redeem"],
)
async def redemption_cancel(context: Context, sent: RedemptionCancelInput) -> dict[str, Any]:
    """Cancel a reservation of the signed-in member."""
    owner = member_id(context)
    everybody = [owner, *await context.services.members.aliases(owner)]
    redemption = await context.services.rewards.cancel(
        str(sent.redemption_id), actor=context.access.actor, member_ids=everybody
    )
    return {"redemption": redemption, "member": await context.own_member()}


@mutation(
    "Hands a reward over: confirms a reservation by its code.",
    payload=RedemptionConfirmPayload,
    refusals=CONFIRM,
    scopes=["till:redeem"],
)
async def redemption_confirm(context: Context, sent: RedemptionConfirmInput) -> dict[str, Any]:
    """Confirm a reservation at the till."""
    till = till_of(context)
    rewards = context.services.rewards
    found = await _identified(context, sent)
    everybody = None
    if found is not None:
        everybody = [found["member_id"], *await context.services.members.aliases(found["member_id"])]
    redemption = await rewards.confirm(
        sent.code,
        till=till.id,
        actor=context.access.actor,
        idempotency_key=sent.idempotency_key,
        purchase_id=None if sent.purchase_id is None else str(sent.purchase_id),
        member_ids=everybody,
    )
    return {"redemption": redemption, "receipt": await _receipt(context, redemption, found)}


async def _identified(context: Context, sent: RedemptionConfirmInput) -> IdentificationDocument | None:
    """Who stands at the till. Only the code itself, which the member alone can show, may do without."""
    if sent.identification is None:
        if await context.services.rewards.by_code(sent.code) is None and sent.code.startswith("rdm_"):
            raise IdentificationUnknown
        return None
    found = await context.services.cards.identification(str(sent.identification), till_id=till_of(context).id)
    if found is None:
        raise IdentificationUnknown
    if not found["may_redeem"]:
        raise NotAllowed
    return found


async def _receipt(
    context: Context, redemption: RedemptionDocument, found: IdentificationDocument | None
) -> ReceiptFigures:
    """The points were taken out of the active ones when the reward was reserved."""
    reward = await context.rewards.load(redemption["reward"])
    used = redemption["points"]
    programme = context.services.programme
    lines = [reward["name"] if reward else "", f"Used: {used:,} {programme['points_other']}"]
    if found is None or not found["may_see_balance"]:
        return ReceiptFigures(None, 0, used, None, tuple(lines))
    after = (await context.services.ledger.balance(found["member_id"])).active
    lines.append(f"{programme['points_other'].capitalize()} now: {after:,}")
    return ReceiptFigures(after + used, 0, used, after, tuple(lines))
