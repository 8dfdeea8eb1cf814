"""Two members that are one person: merging them, with a second person where both have an account, and undoing it."""

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from app.members.models import Member as MemberDocument
from app.members.models import MergeOutcome
from app.members.models import MergeRequest as RequestDocument
from schema.connections import Connection, Page, key_of, page_of, page_size
from schema.context import Context
from schema.fields import says, value
from schema.members.mutations import check_key
from schema.members.types import Member
from schema.purchases.inputs import told
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import DateTime
from schema.staff.actors import Actor, ActorView, actor_of

MERGE = Refusals(
    "MemberMerge",
    "NOT_FOUND",
    "INVALID",
    "SAME_MEMBER",
    "ALREADY_MERGED",
    "NOT_MERGED",
    "ALREADY_ASKED",
    "IDEMPOTENCY_CONFLICT",
    "BUSY",
    also={"UNAVAILABLE": "BUSY"},
)
APPROVE = Refusals(
    "MemberMergeApprove",
    "NOT_FOUND",
    "INVALID",
    "SECOND_PERSON_NEEDED",
    "ALREADY_DECIDED",
    "ALREADY_MERGED",
    "EXPIRED",
    "BUSY",
    also={"UNAVAILABLE": "BUSY"},
)
DECLINE = Refusals("MemberMergeDecline", "NOT_FOUND", "INVALID", "ALREADY_DECIDED", "EXPIRED")


@strawberry.enum(description="Where a merge stands that needs a second person.")
class MergeRequestStatus(Enum):
    """Names of the states."""

    OPEN = value("open", "It waits for a second person; nothing is changed.")
    APPROVED = value("approved", "A second person agreed, and the two were merged.")
    DECLINED = value("declined", "A second person refused, or whoever asked withdrew it.")
    EXPIRED = value("expired", "Nobody decided in time.")
    ENDED = value("ended", "One of the two was merged otherwise meanwhile.")


def _status(request: RequestDocument, context: Context) -> str:
    return "expired" if request["state"] == "open" and request["expires_at"] <= context.now else request["state"]


async def _survivor(request: RequestDocument, context: Context) -> MemberDocument | None:
    return await context.members.load(request["survivor_id"])


async def _merged(request: RequestDocument, context: Context) -> MemberDocument | None:
    return await context.members.load(request["merged_id"])


async def _asked_by(request: RequestDocument, context: Context) -> ActorView:
    return await actor_of(request["asked_by"], context)


async def _decided_by(request: RequestDocument, context: Context) -> ActorView | None:
    return await actor_of(request["decided_by"], context) if request["decided_by"] else None


@strawberry.type(description="A merge of two members who both have an account, left for a second person.")
class MergeRequest:
    """Source: a stored request."""

    id: strawberry.ID = says("Id of the request.", key="_id")
    status: MergeRequestStatus = says("Where it stands.", load=_status)
    survivor: Member = says("The member that would remain.", load=_survivor)
    merged: Member = says("The member that would be merged into it.", load=_merged)
    reason: str = says("Why, as whoever asked wrote it.")
    asked_by: Actor = says("Who asked; somebody else has to approve.", load=_asked_by)
    asked_at: DateTime = says("When.")
    expires_at: DateTime = says("Until when it can be approved.")
    decided_by: Actor | None = says("Who approved or declined it.", load=_decided_by)
    decided_at: DateTime | None = says("When that was.")
    decision: str | None = says("Why it was declined.")


MergeRequestConnection = Connection[MergeRequest]


async def requests_page(context: Context, member_id: str | None, first: int, after: str | None) -> Page:
    """A page of what waits, the longest waiting first."""
    size = page_size(first)
    name = f"merge requests {member_id or ''}"
    key = key_of(name, after, datetime, str)
    found = await context.services.members.merge_requests(
        member_id=member_id, after=(key[0], key[1]) if key else None, first=size + 1
    )
    return page_of(found, size, after, name, lambda request: (request["expires_at"], request["_id"]))


@strawberry.input(description="Two members that are one person.")
class MemberMergeInput:
    """As the console writes it."""

    survivor_id: strawberry.ID = told("The member that remains.")
    merged_id: strawberry.ID = told("The member that is merged into it.")
    reason: str = told("For the staff, 1 to 500 characters.")
    idempotency_key: str = told("Made by the client; the same again changes nothing more.")


@strawberry.input(description="A merge to undo.")
class MemberUnmergeInput:
    """As the console writes it."""

    merged_id: strawberry.ID = told("The member that was merged.")
    reason: str = told("For the staff, 1 to 500 characters.")
    idempotency_key: str = told("Made by the client; the same again changes nothing more.")


@strawberry.type(description="Two members after a merge, or after its undoing.")
class MemberMergePayload:
    """Source: a dict."""

    survivor: Member | None = says("The member that remains, or would; null when nothing was done.")
    merged: Member | None = says("The other one.")
    request: MergeRequest | None = says(
        "What was left for a second person, as both have an account; null when they were merged at once."
    )
    user_errors: Any = user_errors(MERGE)


@strawberry.input(description="A merge that somebody else asked for.")
class MemberMergeApproveInput:
    """As the console writes it."""

    request_id: strawberry.ID = told("The request; approving it again changes nothing more.")


@strawberry.type(description="Two members after a second person agreed.")
class MemberMergeApprovePayload:
    """Source: a dict."""

    request: MergeRequest | None = says("The request; null when nothing was done.")
    survivor: Member | None = says("The member that remains.")
    merged: Member | None = says("The other one.")
    user_errors: Any = user_errors(APPROVE)


@strawberry.input(description="A merge that shall not be.")
class MemberMergeDeclineInput:
    """As the console writes it."""

    request_id: strawberry.ID = told("The request; whoever asked for it withdraws it so.")
    reason: str = told("For the staff, 1 to 500 characters.")


@strawberry.type(description="A request after it was declined.")
class MemberMergeDeclinePayload:
    """Source: a dict."""

    request: MergeRequest | None = says("The request; null when nothing was done.")
    user_errors: Any = user_errors(DECLINE)


@mutation(
    "Merges two members that are one person; points, history, cards and sign-in are kept. "
    "Where both have an account nothing changes yet: a request waits for a second person.",
    payload=MemberMergePayload,
    refusals=MERGE,
    scopes=["support:merge"],
)
async def member_merge(context: Context, sent: MemberMergeInput) -> dict[str, Any]:
    """Merge."""
    check_key(sent.idempotency_key)
    outcome = await context.services.members.merge(
        str(sent.survivor_id),
        str(sent.merged_id),
        actor=context.access.actor,
        reason=sent.reason,
        idempotency_key=sent.idempotency_key,
    )
    return _united(outcome)


@mutation(
    "Approves a merge that somebody else asked for: the two are merged.",
    payload=MemberMergeApprovePayload,
    refusals=APPROVE,
    scopes=["support:merge"],
)
async def member_merge_approve(context: Context, sent: MemberMergeApproveInput) -> dict[str, Any]:
    """Merge as asked."""
    outcome = await context.services.members.approve_merge(str(sent.request_id), actor=context.access.actor)
    return _united(outcome)


@mutation(
    "Declines a merge that somebody asked for, or withdraws an own one; nothing is changed.",
    payload=MemberMergeDeclinePayload,
    refusals=DECLINE,
    scopes=["support:merge"],
)
async def member_merge_decline(context: Context, sent: MemberMergeDeclineInput) -> dict[str, Any]:
    """Leave the two apart."""
    request = await context.services.members.decline_merge(
        str(sent.request_id), actor=context.access.actor, reason=sent.reason
    )
    return {"request": request}


@mutation(
    "Undoes a merge, also when points were spent since.",
    payload=MemberMergePayload,
    refusals=MERGE,
    scopes=["support:merge"],
)
async def member_unmerge(context: Context, sent: MemberUnmergeInput) -> dict[str, Any]:
    """Undo a merge."""
    check_key(sent.idempotency_key)
    survivor, freed = await context.services.members.unmerge(
        str(sent.merged_id), actor=context.access.actor, reason=sent.reason, idempotency_key=sent.idempotency_key
    )
    return {"survivor": survivor, "merged": freed}


def _united(outcome: MergeOutcome) -> dict[str, Any]:
    return {"survivor": outcome.survivor, "merged": outcome.merged, "request": outcome.request}
