"""Merging by the staff: at once where nobody signs in as the merged member, else after a second person agreed."""

from datetime import datetime, timedelta
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from app.core.clock import Clock
from app.core.ids import new_id
from app.members.documents import new_event
from app.members.errors import (
    MergeAsked,
    MergeKeyReused,
    MergeRequestDecided,
    MergeRequestExpired,
    MergeRequestNotFound,
    SecondPersonNeeded,
)
from app.members.merging import Merger, check, event_id_of, operation_of
from app.members.models import EventKind, Member, MemberEvent, MergeRequest
from app.members.repository import MemberRepository, Taken

LIFETIME = timedelta(days=7)
"""For so long a second person may decide about a request."""


class _BothClaimed(Exception):
    """Somebody signs in as each of the two."""


class MergeSeconding:
    """Merges for one person of the staff, and what waits for another one."""

    def __init__(self, repository: MemberRepository, clock: Clock, merger: Merger) -> None:
        self._repository = repository
        self._clock = clock
        self._merger = merger

    async def merge(
        self, survivor_id: str, merged_id: str, *, actor: str, reason: str, key: str
    ) -> tuple[Member | None, MergeRequest | None]:
        """See MemberService.merge; returns the merged member, or else what was left for a second person."""
        operation = operation_of("merge", actor, key)
        asked = await self._repository.merge_request_of(operation)
        if asked is not None:
            if (asked["survivor_id"], asked["merged_id"]) != (survivor_id, merged_id):
                raise MergeKeyReused
            return None, asked

        async def unless_both_claimed(session: AsyncClientSession, survivor: Member, merged: Member) -> None:
            if await self._repository.is_claimed(merged, session) and await self._repository.is_claimed(
                survivor, session
            ):
                raise _BothClaimed

        try:
            merged = await self._merger.merge(
                survivor_id, merged_id, actor=actor, reason=reason, operation=operation, allow=unless_both_claimed
            )
        except _BothClaimed:
            return None, await self._ask(survivor_id, merged_id, actor, reason, operation)
        return merged, None

    async def approve(self, request_id: str, *, actor: str) -> tuple[MergeRequest, Member]:
        """See MemberService.approve_merge; returns the request and the merged member."""
        request = await self._found(request_id)
        if request["asked_by"] == actor:
            raise SecondPersonNeeded
        if request["decided_by"] != actor or request["state"] != "approved":
            self._check_open(request)
        now = self._clock.now()

        async def decide(session: AsyncClientSession, _survivor: Member, _merged: Member) -> None:
            approved = {"state": "approved", "decided_by": actor, "decided_at": now}
            if await self._repository.decide_merge_request(request_id, now, approved, session) is None:
                raise MergeRequestDecided((await self._found(request_id))["state"])

        merged = await self._merger.merge(
            request["survivor_id"],
            request["merged_id"],
            actor=f"{request['asked_by']}+{actor.partition(':')[2]}",
            reason=request["reason"],
            operation=request["operation"],
            allow=decide,
        )
        request = await self._found(request_id)
        if request["decided_by"] != actor:
            raise MergeRequestDecided(request["state"])
        return request, merged

    async def decline(self, request_id: str, *, actor: str, reason: str) -> MergeRequest:
        """See MemberService.decline_merge."""
        now = self._clock.now()
        decision = {"state": "declined", "decided_by": actor, "decided_at": now, "decision": reason}
        declined = await self._repository.decide_merge_request(request_id, now, decision)
        if declined is None:
            declined = await self._found(request_id)
            if declined["state"] != "declined" or declined["decided_by"] != actor:
                self._check_open(declined)
                # It was over at the first look only: another decision came between.
                raise MergeRequestDecided(declined["state"])
        verb = "withdrawn" if declined["asked_by"] == actor else "declined"
        survivor, merged = await self._both(declined)
        for event in _events("MERGE_DECLINED", declined, survivor, merged, verb):
            await self._repository.add_event(event)
        return declined

    async def waiting(
        self, member_id: str | None, after: tuple[datetime, str] | None, first: int
    ) -> list[MergeRequest]:
        """See MemberService.merge_requests."""
        return await self._repository.open_merge_requests(self._clock.now(), member_id, after, first)

    async def count(self) -> int:
        """See MemberService.merge_request_count."""
        return await self._repository.count_open_merge_requests(self._clock.now())

    async def _ask(self, survivor_id: str, merged_id: str, actor: str, reason: str, operation: str) -> MergeRequest:
        if await self._repository.is_merge(operation):
            raise MergeKeyReused
        now = self._clock.now()
        request: MergeRequest = {
            "_id": new_id("mrq"),
            "operation": operation,
            "pair": "|".join(sorted([survivor_id, merged_id])),
            "members": [survivor_id, merged_id],
            "survivor_id": survivor_id,
            "merged_id": merged_id,
            "reason": reason,
            "asked_by": actor,
            "asked_at": now,
            "expires_at": now + LIFETIME,
            "state": "open",
            "decided_by": None,
            "decided_at": None,
            "decision": None,
        }

        async def begin(session: AsyncClientSession) -> MergeRequest:
            survivor, merged = await self._merger.locked_pair(survivor_id, merged_id, session)
            check(survivor, merged)
            events = _events("MERGE_ASKED", request, survivor, merged, "asked for")
            await self._repository.add_merge_request(session, request, events)
            return request

        try:
            return await self._repository.transact(begin)
        except Taken as error:
            same = await self._repository.merge_request_of(operation)
            if same is None:
                raise MergeAsked from error
            return same

    def _check_open(self, request: MergeRequest) -> None:
        if request["state"] == "expired" or (request["state"] == "open" and request["expires_at"] <= self._clock.now()):
            raise MergeRequestExpired(request["expires_at"])
        if request["state"] != "open":
            raise MergeRequestDecided(request["state"])

    async def _found(self, request_id: str) -> MergeRequest:
        request = await self._repository.merge_request(request_id)
        if request is None:
            raise MergeRequestNotFound(request_id)
        return request

    async def _both(self, request: MergeRequest) -> tuple[Member, Member]:
        found: dict[str, Any] = await self._repository.by_ids(request["members"])
        return found[request["survivor_id"]], found[request["merged_id"]]


def _events(kind: EventKind, request: MergeRequest, survivor: Member, merged: Member, verb: str) -> list[MemberEvent]:
    """What both timelines say of a request."""
    asked = kind == "MERGE_ASKED"
    actor = request["asked_by"] if asked else request["decided_by"] or ""
    at = request["asked_at"] if asked else request["decided_at"] or request["asked_at"]
    why = request["reason"] if asked else request["decision"]
    return [
        new_event(member["_id"], kind, at, title, why, actor, event_id_of(f"{kind}|{request['_id']}", member["_id"]))
        for member, title in (
            (merged, f"Merge into {survivor['display_name']} {verb}"),
            (survivor, f"Merge with {merged['display_name']} {verb}"),
        )
    ]
