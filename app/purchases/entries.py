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
    points, qualifying = _pieces(purchase)[0][1:]
    if not points and not qualifying:
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
        points=points,
        qualifying=qualifying,
        month=month,
        active_at=active_at,
        expires_at=expires_at,
    )


def late_counts(programme: Programme, purchase: Purchase, account: str, month: str) -> list[Earn]:
    """What a sale earned more once sales from before it had arrived; valid as long as what it earned at first."""
    active_at, expires_at = validity(programme, purchase["occurred_at"])
    return [
        Earn(
            account=account,
            operation=late["id"],
            occurred_at=purchase["occurred_at"],
            actor="system:late",
            reason=_reason(
                "Late sale counted", late["explanation"], {"purchase": purchase["_id"], "late": late["because"]}
            ),
            points=late["points"],
            qualifying=late["qualifying"],
            month=month,
            active_at=active_at,
            expires_at=expires_at,
        )
        for late in purchase.get("late", ())
    ]


def sale_return(programme: Programme, purchase: Purchase, return_: Return, account: str, store: str) -> list[Reverse]:
    """What a return takes back of what its sale had earned: first of what it earned at first, then of what came later.

    Entries of which nothing more is taken than by the returns before it are left out.
    """
    position = next(number for number, each in enumerate(purchase["returns"]) if each["id"] == return_["id"])
    before = _taken(purchase, purchase["returns"][position - 1] if position else None)
    after = _taken(purchase, return_)
    reason = _reason(f"Return at {store}", return_["explanation"], _of_return(purchase, return_))
    return [
        Reverse(
            account=account,
            operation=f"return:{return_['id']}" + (f":{number}" if number else ""),
            occurred_at=return_["occurred_at"],
            actor=return_["actor"],
            reason=reason,
            of=of,
            points=points,
            qualifying=qualifying,
            policy=programme["return_policy"]["deficit"],
        )
        for number, (of, points, qualifying) in enumerate(after)
        if (points, qualifying) != before[number][1:]
    ]


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


def _pieces(purchase: Purchase) -> list[tuple[str, int, int]]:
    """The entries of what a sale earned, oldest first: operation, points and status points of each."""
    late = [(each["id"], each["points"], each["qualifying"]) for each in purchase.get("late", ())]
    points = purchase["earned"] - sum(each[1] for each in late)
    qualifying = purchase["qualifying"] - sum(each[2] for each in late)
    return [(f"purchase:{purchase['_id']}", points, qualifying), *late]


def _taken(purchase: Purchase, return_: Return | None) -> list[tuple[str, int, int]]:
    """How much of each entry is taken back in all after a return; None is before the first."""
    points, qualifying = (return_["reversed_total"], return_["qualifying_total"]) if return_ else (0, 0)
    taken: list[tuple[str, int, int]] = []
    for operation, earned, counted in _pieces(purchase):
        taken.append((operation, min(points, earned), min(qualifying, counted)))
        points -= taken[-1][1]
        qualifying -= taken[-1][2]
    return taken


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
