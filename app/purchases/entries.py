"""What purchases and returns ask of the ledger; pure functions.

The operation ids follow from the purchase and the return, so that asking twice is asking once.
"""

from collections.abc import Mapping

from app.ledger.models import Earn, Extend, Note, Reason, ReasonPart, Redeem, Reverse, Void
from app.programme.models import Programme
from app.purchases.models import Explanation, PaidWithPoints, Purchase, Return
from app.purchases.validity import validity

_MOST_REASON_LINES = 40


def sale(programme: Programme, purchase: Purchase, account: str, store: str, month: str) -> Earn | Note:
    """What a sale earned; a sale that earned nothing leaves a note, so that its member can read why."""
    operation, occurred_at = f"purchase:{purchase['_id']}", purchase["occurred_at"]
    reason = _reason(store, purchase["explanation"], {"purchase": purchase["_id"]})
    if not purchase["earned"] and not purchase["qualifying"]:
        return Note(
            account=account, operation=operation, occurred_at=occurred_at, actor=purchase["actor"], reason=reason
        )
    active_at, expires_at = validity(programme, occurred_at)
    return Earn(
        account=account,
        operation=operation,
        occurred_at=occurred_at,
        actor=purchase["actor"],
        reason=reason,
        points=purchase["earned"],
        qualifying=purchase["qualifying"],
        month=month,
        active_at=active_at,
        expires_at=expires_at,
    )


def sale_return(programme: Programme, purchase: Purchase, return_: Return, account: str, store: str) -> Reverse:
    """What a return takes back of what its sale had earned."""
    return Reverse(
        account=account,
        operation=f"return:{return_['id']}",
        occurred_at=return_["occurred_at"],
        actor=return_["actor"],
        reason=_reason(f"Return at {store}", return_["explanation"], _of_return(purchase, return_)),
        of=f"purchase:{purchase['_id']}",
        points=return_["reversed_total"],
        qualifying=return_["qualifying_total"],
        policy=programme["return_policy"]["deficit"],
    )


def payment(purchase: Purchase, paid: PaidWithPoints, account: str, store: str) -> Redeem:
    """The points that a sale was paid with."""
    return Redeem(
        account=account,
        operation=_payment_of(purchase),
        occurred_at=purchase["occurred_at"],
        actor=purchase["actor"],
        reason={"title": f"Paid with points at {store}", "reference": {"purchase": purchase["_id"]}},
        points=paid["points"],
    )


def payment_called_off(purchase: Purchase, account: str) -> Void:
    """That a sale shall never be paid with points, unless it was."""
    return Void(
        account=account,
        operation=_payment_of(purchase),
        occurred_at=purchase["occurred_at"],
        actor=purchase["actor"],
        reason={"title": "Payment with points called off", "summary": "There were not enough points left to pay with."},
    )


def payment_return(purchase: Purchase, return_: Return, account: str, store: str) -> Reverse:
    """What a return gives back of the points that its sale was paid with: to their lots, with their expiry."""
    return Reverse(
        account=account,
        operation=f"payback:{return_['id']}",
        occurred_at=return_["occurred_at"],
        actor=return_["actor"],
        reason={
            "title": f"Points back from a return at {store}",
            "summary": "You had paid for what you returned with them.",
            "reference": _of_return(purchase, return_),
        },
        of=_payment_of(purchase),
        points=return_.get("points_back_total", 0),
    )


def longer_validity(programme: Programme, purchase: Purchase, account: str) -> Extend:
    """A sale as the activity that makes every lot last as long as what was just earned."""
    return Extend(
        account=account,
        operation=f"slide:{purchase['_id']}",
        occurred_at=purchase["occurred_at"],
        actor=purchase["actor"],
        reason={"title": "Your points last longer", "reference": {"purchase": purchase["_id"]}},
        expires_at=validity(programme, purchase["occurred_at"])[1],
    )


def _payment_of(purchase: Purchase) -> str:
    return f"pay:{purchase['_id']}"


def _of_return(purchase: Purchase, return_: Return) -> dict[str, str]:
    return {"purchase": purchase["_id"], "return": return_["id"]}


def _reason(title: str, explanation: Explanation, reference: Mapping[str, str]) -> Reason:
    parts: list[ReasonPart] = []
    for part in explanation["parts"]:
        kept: ReasonPart = {"kind": part["kind"], "text": part["text"]}  # type: ignore[typeddict-item] # stored words
        if part["rule"] is not None:
            kept["rule"] = part["rule"]
        if part["version"] is not None:
            kept["version"] = part["version"]
        if part["points"] is not None:
            kept["points"] = part["points"]
        # The lines of every part are with the purchase; an entry names them where they tell something.
        if part["kind"] != "BASIS" and part["rule"] != "base" and len(part["lines"]) <= _MOST_REASON_LINES:
            kept["lines"] = part["lines"]
        parts.append(kept)
    return {"title": title, "summary": explanation["summary"], "parts": parts, "reference": dict(reference)}
