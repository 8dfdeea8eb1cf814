"""Reading a card at the till, and enrolling somebody without one."""

from typing import Any

import strawberry

from app.members.models import Enrolling
from schema.context import Context
from schema.fields import says
from schema.purchases.inputs import told
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import DateTime
from schema.till.access import till_of
from schema.till.types import CardTrust, CardVerdict, TillMember, TillMemberView
from schema.wallet.types import card_of
from wallet.models import Identification

IDENTIFY = Refusals("CardIdentify", "INVALID", "RATE_LIMITED")
ENROL = Refusals("MemberEnrol", "INVALID", "ALREADY_MEMBER", "RATE_LIMITED")


@strawberry.input(description="What was scanned or typed.")
class CardIdentifyInput:
    """As the till writes it."""

    code: str = told("What was scanned or typed.")
    basket_id: str = told("Made by the till for each basket; a repeated scan in the same basket gets the same answer.")
    scanned_at: DateTime | None = told("When, by the till's clock; now when left out.", default=None)
    deferred: bool = told("True when it was scanned while the line was down.", default=False)


def _flag(name: str) -> Any:
    return lambda answer: answer.get(name, False)


@strawberry.type(description="Who stands at the till, and what that allows.")
class CardIdentifyPayload:
    """Source: a dict."""

    verdict: CardVerdict | None = says("What the scan came to; null when nothing was read.")
    trust: CardTrust | None = says("What kind of proof it was.")
    message: str = says(
        "What happened and what to do next, for the cashier.", read=lambda answer: answer.get("message", "")
    )
    may_earn: bool = says("Whether a sale may be credited.", read=_flag("may_earn"))
    may_see_balance: bool = says("Whether the till may show points.", read=_flag("may_see_balance"))
    may_redeem: bool = says("Whether rewards may be handed over.", read=_flag("may_redeem"))
    identification: strawberry.ID | None = says(
        "Names this identification in purchaseRecord and redemptionConfirm; 15 minutes, this till and basket only."
    )
    member: TillMember | None = says("Null unless the trust allows a name at least.")
    user_errors: Any = user_errors(IDENTIFY)


@strawberry.input(description="Somebody to enrol; contacts may come later, with the claim.")
class MemberEnrolInput:
    """As the till writes it."""

    display_name: str | None = told("Name to show; from the contact when left out.", default=None)
    email: str | None = told("E-mail address.", default=None)
    phone: str | None = told("Telephone number.", default=None)
    idempotency_key: str = told("Made by the till; the same again gets the same member.")


@strawberry.type(description="Who was enrolled.")
class MemberEnrolPayload:
    """Source: a dict."""

    identification: strawberry.ID | None = says("Good for the sale in hand.")
    member: TillMember | None = says("The new member.")
    card_number: str | None = says("Sixteen digits.")
    claim_code: str | None = says("Printed as a QR; 30 days, once.")
    claim_url: str | None = says("What that QR says.")
    user_errors: Any = user_errors(ENROL)


@mutation(
    "Reads what was scanned or typed at the till; the answer says what this trust allows.",
    payload=CardIdentifyPayload,
    refusals=IDENTIFY,
    scopes=["till:identify"],
)
async def card_identify(context: Context, sent: CardIdentifyInput) -> dict[str, Any]:
    """Identify a card."""
    found = await context.services.cards.identify(
        sent.code,
        till_id=till_of(context).id,
        basket_id=sent.basket_id,
        scanned_at=sent.scanned_at,
        deferred=sent.deferred,
    )
    return {
        "verdict": found.verdict.value,
        "trust": found.trust.value if found.trust else None,
        "message": found.message,
        "may_earn": found.may_earn,
        "may_see_balance": found.may_see_balance,
        "may_redeem": found.may_redeem,
        "identification": found.id,
        "member": await _seen(context, found),
    }


@mutation(
    "Enrols somebody at the till; earns at once, redeems after claiming.",
    payload=MemberEnrolPayload,
    refusals=ENROL,
    scopes=["till:enrol"],
)
async def member_enrol(context: Context, sent: MemberEnrolInput) -> dict[str, Any]:
    """Enrol somebody."""
    till = till_of(context)
    enrolled = await context.services.members.enrol_at_till(
        Enrolling(
            till_id=till.id,
            store_id=till.store_id,
            idempotency_key=sent.idempotency_key,
            display_name=sent.display_name,
            email=sent.email,
            phone=sent.phone,
        )
    )
    number = card_of(enrolled.member).number
    found = await context.services.cards.identify(number, till_id=till.id, basket_id=f"enrol {enrolled.member['_id']}")
    return {
        "identification": found.id,
        "member": TillMemberView(enrolled.member, None, may_redeem=False),
        "card_number": number,
        "claim_code": enrolled.claim_code,
        "claim_url": f"{context.services.public_url}/claim/{enrolled.claim_code}",
    }


async def _seen(context: Context, found: Identification) -> TillMemberView | None:
    """What the till may see; nothing when the trust does not even allow a name."""
    if found.member_id is None or not found.may_see_name:
        return None
    member = await context.members.load(found.member_id)
    if member is None:
        return None
    balance = await context.balance(found.member_id) if found.may_see_balance else None
    return TillMemberView(member, balance, found.may_redeem)
