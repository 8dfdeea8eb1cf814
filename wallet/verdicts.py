"""What each trust allows, and what the cashier is told: what happened, and what to do next."""

from dataclasses import dataclass
from typing import Final

from wallet.codes import Fault
from wallet.models import Identification, Trust, Verdict


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a till may do for the member after a scan."""

    may_earn: bool = True
    may_see_name: bool = False
    may_see_balance: bool = False
    may_redeem: bool = False
    may_step_up: bool = False


EARN_ONLY: Final = Allowance()
WITHOUT_CLAIM: Final = Allowance(may_see_name=True)
_FULL: Final = Allowance(may_see_name=True, may_see_balance=True, may_redeem=True)
_WITH_NAME: Final = Allowance(may_see_name=True, may_step_up=True)

_FRESH: Final = {
    Trust.ROTATING: (_FULL, "Card read. Points, balance and rewards are open."),
    Trust.TOTP: (_FULL, "Wallet pass read. Points, balance and rewards are open."),
    Trust.STATIC: (
        _WITH_NAME,
        "Card read; this purchase earns points. To use a reward, the member opens the card in the app.",
    ),
    Trust.NUMBER: (
        EARN_ONLY,
        "Card number read; this purchase earns points. For the balance or a reward, scan the code in the app.",
    ),
}
UNCLAIMED: Final = "Card read; this purchase earns points. Rewards open once the member has finished joining."
DEFERRED: Final = "Scanned while the line was down; the purchase earns points. Rewards need a scan with the line up."

_MALFORMED: Final = {
    Fault.SHAPE: "That is not a card code. Scan the code on the card again, or type the 16 digits below it.",
    Fault.CHECK_DIGIT: "A digit of the number is wrong. Compare it with the card and type it again.",
    Fault.KEYBOARD: (
        "The scanner types on a different keyboard layout than this till. Type the 16 digits below the code; "
        "then set the scanner's keyboard country to match the till."
    ),
    Fault.PRODUCT: "That is a product's barcode, not a card. Scan the code on the member's card.",
}

UNKNOWN: Final = "No card has this code. Scan it again, or type the 16 digits below it; otherwise offer to join."
REVOKED: Final = (
    "This phone or pass was removed from the card. Type the 16 digits for points; the member signs in to the app again."
)
BLOCKED: Final = "This card is blocked. Finish the sale without it; the member asks at the service desk."
CLOSED: Final = "This membership has ended. Finish the sale without it; the member may join again."
REPLACED: Final = "This card was replaced by a newer one. Ask for the new card, or the card in the app."
WRONG_PROGRAMME: Final = "That card belongs to another programme. Ask for our card, or offer to join."
LOCKED: Final = (
    "Too many wrong tries with this card; it opens again in 15 minutes. Type the 16 digits below the code for points."
)
REPLAY: Final = "This code was used already. Wait for the next code, at most 30 seconds, and scan that."
STALE: Final = "This code is old; it may be a screenshot. Ask the member to open the card and scan the code shown now."
STALE_EARNS: Final = (
    "This code has run out, so the purchase earns points only. For rewards, the member opens the app with a connection "
    "and shows the new code."
)
AHEAD: Final = "The phone's clock is far ahead. Type the 16 digits; the member sets the phone's time to automatic."
AHEAD_EARNS: Final = (
    "The phone's clock is ahead, so the purchase earns points only. For rewards, the member opens the app with a "
    "connection and shows the new code."
)
DEFERRED_TOO_OLD: Final = (
    "Scanned more than 72 hours ago, too long to post by itself. The service desk can add the points from the receipt."
)
DEFERRED_TOO_MANY: Final = (
    "This card was used offline too often that day. Nothing is lost: the service desk reviews it and adds the points."
)


def refusal(verdict: Verdict, message: str, trust: Trust | None = None, *, deferred: bool = False) -> Identification:
    """An answer that allows nothing."""
    return Identification(verdict=verdict, message=message, trust=trust, deferred=deferred)


def malformed(fault: Fault) -> Identification:
    """The answer to something that is no card code."""
    return refusal(Verdict.MALFORMED, _MALFORMED[fault])


def fresh(trust: Trust) -> tuple[Allowance, str]:
    """What a good code of this trust allows and what to say."""
    return _FRESH[trust]
