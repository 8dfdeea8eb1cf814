"""Merging two members into one, and taking that back, even after points were spent.

A merge is a short saga. The two documents change in one transaction, which makes the merged member an alias; then the
ledger moves the points under an operation id of its own, as often as it takes. What a crash leaves half-way, `settle`
finishes.
"""

import hashlib
from typing import Any, Protocol

from pymongo.asynchronous.client_session import AsyncClientSession

from app.core.clock import Clock
from app.members.documents import new_event
from app.members.errors import (
    AlreadyMerged,
    ClaimCodeUnknown,
    MemberClosed,
    MemberNotFound,
    MergeKeyReused,
    NotMerged,
    SameMember,
    SurvivorUnclaimed,
)
from app.members.models import EventKind, Member, Merge
from app.members.repository import MemberRepository, Taken


class PointMover(Protocol):
    """Moves points between two accounts, once for each operation id."""

    async def merge(self, survivor: str, merged: str, operation: str, actor: str, reason: str) -> object:
        """Move everything of `merged` to `survivor`."""
        ...

    async def unmerge(self, survivor: str, merged: str, operation: str, actor: str, reason: str) -> object:
        """Give back what a merge moved, less what has been spent of it."""
        ...


class Merger:
    """Merges members and undoes merges; each call may be repeated with its idempotency key."""

    def __init__(self, repository: MemberRepository, clock: Clock, points: PointMover) -> None:
        self._repository = repository
        self._clock = clock
        self._points = points

    async def merge(
        self, survivor_id: str, merged_id: str, *, actor: str, reason: str, key: str, unclaimed_only: bool = False
    ) -> Member:
        """Make `merged_id` an alias of `survivor_id` and move its points; returns the merged member.

        With `unclaimed_only`, somebody else may not have claimed the merged member meanwhile.
        Raises SameMember, MemberNotFound, AlreadyMerged, MemberClosed, SurvivorUnclaimed, ClaimCodeUnknown,
        MergeKeyReused.
        """
        if survivor_id == merged_id:
            raise SameMember
        operation = _operation("merge", actor, key)
        merge: Merge = {
            "operation": operation,
            "survivor_id": survivor_id,
            "actor": actor,
            "reason": reason,
            "state": "moving",
            "previous_status": "active",
        }

        async def begin(session: AsyncClientSession) -> Member:
            survivor, merged = [
                await self._locked(member_id, field, session)
                for member_id, field in sorted([(survivor_id, "survivor_id"), (merged_id, "merged_id")])
            ]
            if survivor["_id"] != survivor_id:
                survivor, merged = merged, survivor
            if merged.get("merge", {}).get("operation") == operation:
                return _replayed(merged, survivor_id)
            _check(survivor, merged, unclaimed_only=unclaimed_only)
            merge["previous_status"] = merged["status"]
            changes: dict[str, Any] = {"status": "merged", "merged_into": survivor_id, "merge": merge}
            await self._repository.set_in(session, merged_id, changes)
            return merged | {"status": "merged", "merged_into": survivor_id, "merge": merge}

        try:
            merged = await self._repository.transact(begin)
        except Taken as error:
            raise MergeKeyReused from error
        return await self._settle(merged)

    async def unmerge(self, merged_id: str, *, actor: str, reason: str, key: str) -> Member:
        """Undo the merge of `merged_id`; returns it as it is then. Raises MemberNotFound, NotMerged, AlreadyMerged."""
        operation = _operation("unmerge", actor, key)

        async def begin(session: AsyncClientSession) -> Member:
            merged = await self._locked(merged_id, "merged_id", session)
            merge = merged.get("merge")
            if merge is None or (merged["status"] != "merged" and merge.get("undo_operation") != operation):
                raise NotMerged(merged["display_name"])
            if merge.get("undo_operation") == operation:
                return merged
            survivor = await self._locked(merge["survivor_id"], "merged_id", session)
            if survivor["status"] == "merged":
                raise AlreadyMerged(survivor["display_name"], "merged_id")
            undone: Merge = {
                **merge,
                "state": "returning",
                "undo_operation": operation,
                "undo_actor": actor,
                "undo_reason": reason,
            }
            await self._repository.set_in(session, merged_id, {"merge": undone})
            return merged | {"merge": undone}

        before = await self._repository.by_id(merged_id)
        if before is not None and before.get("merge", {}).get("state") == "moving":
            await self._settle(before)
        return await self._settle(await self._repository.transact(begin))

    async def settle(self) -> int:
        """Finish the merges that a crash left half-way; returns how many."""
        unsettled = await self._repository.unsettled_merges()
        for merged in unsettled:
            await self._settle(merged)
        return len(unsettled)

    async def _settle(self, merged: Member) -> Member:
        """Take the steps that are left. All of them may be repeated."""
        merge = merged["merge"]
        merged_id, survivor_id = merged["_id"], merge["survivor_id"]
        if merge["state"] == "moving":
            await self._points.merge(survivor_id, merged_id, merge["operation"], merge["actor"], merge["reason"])
            await self._tell(merged, "MERGED", merge["operation"], merge["actor"], merge["reason"])
            changes: dict[str, Any] = {"merge.state": "moved"}
        elif merge["state"] == "returning":
            operation, actor, reason = merge["undo_operation"], merge["undo_actor"], merge["undo_reason"]
            await self._points.unmerge(survivor_id, merged_id, operation, actor, reason)
            await self._tell(merged, "UNMERGED", operation, actor, reason)
            changes = {"merge.state": "returned", "status": merge["previous_status"], "merged_into": None}
        else:
            return merged
        expected = {"merge.operation": merge["operation"], "merge.state": merge["state"]}
        await self._repository.change(merged_id, expected, changes)
        # Another process may have settled it first, or gone further since: what is stored now is the answer.
        return await self._repository.by_id(merged_id) or merged

    async def _tell(self, merged: Member, kind: EventKind, operation: str, actor: str, reason: str) -> None:
        survivor = await self._repository.by_id(merged["merge"]["survivor_id"])
        name = survivor["display_name"] if survivor else merged["merge"]["survivor_id"]
        now = self._clock.now()
        verb = ("Merged into", "Merged with") if kind == "MERGED" else ("Separated from", "Separated from")
        for member_id, title in (
            (merged["_id"], f"{verb[0]} {name}"),
            (merged["merge"]["survivor_id"], f"{verb[1]} {merged['display_name']}"),
        ):
            event_id = _event_id(operation, member_id)
            await self._repository.add_event(new_event(member_id, kind, now, title, reason, actor, event_id))

    async def _locked(self, member_id: str, field: str, session: AsyncClientSession) -> Member:
        member = await self._repository.locked(member_id, session)
        if member is None:
            raise MemberNotFound(member_id, field)
        return member


def _check(survivor: Member, merged: Member, *, unclaimed_only: bool) -> None:
    for member, field in ((survivor, "survivor_id"), (merged, "merged_id")):
        if member["status"] == "merged":
            raise AlreadyMerged(member["display_name"], field)
        if member["status"] == "closed":
            raise MemberClosed(member["display_name"], field)
    if unclaimed_only and merged["status"] != "unclaimed":
        raise ClaimCodeUnknown
    if survivor["status"] == "unclaimed" and merged["status"] == "active":
        raise SurvivorUnclaimed(survivor["display_name"], merged["display_name"])


def _replayed(merged: Member, survivor_id: str) -> Member:
    if merged["merge"]["survivor_id"] != survivor_id:
        raise MergeKeyReused
    return merged


def _operation(verb: str, actor: str, key: str) -> str:
    """An operation id for the ledger: short, ASCII, and the same for the same actor and key."""
    return f"{verb}:{hashlib.sha256(f'{actor}|{key}'.encode()).hexdigest()[:40]}"


def _event_id(operation: str, member_id: str) -> str:
    return "mev_" + hashlib.sha256(f"{operation}|{member_id}".encode()).hexdigest()[:24]
