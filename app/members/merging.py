"""Merging two members into one, and taking that back, even after points were spent.

A merge is a short saga. The two documents change in one transaction, which makes the merged member an alias; then the
ledger moves the points under an operation id of its own, as often as it takes, and their ways to sign in follow. What a
crash leaves half-way, `settle` finishes.
"""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from pymongo.asynchronous.client_session import AsyncClientSession

from app.core.clock import Clock
from app.core.errors import DomainError
from app.ledger.errors import Busy as LedgerBusy
from app.ledger.errors import LedgerUnavailable, OperationVoided
from app.ledger.models import Reason
from app.ledger.service import Ledger
from app.members.documents import new_event
from app.members.errors import (
    AlreadyMerged,
    MemberBusy,
    MemberClosed,
    MemberNotFound,
    MergeKeyReused,
    NotMerged,
    SameMember,
    SurvivorUnclaimed,
)
from app.members.models import EventKind, Member, Merge
from app.members.repository import MemberRepository, Taken

# What has to hold besides, asked in the merge's own transaction with both members locked; raises what refuses it.
Allow = Callable[[AsyncClientSession, Member, Member], Awaitable[None]]
# The remaining member, the other one, and who merged or separated them. May be called again for the same.
Follow = Callable[[Member, Member, str], Awaitable[None]]
_ATTEMPTS = 5
_log = structlog.get_logger("members")


class Merger:
    """Merges members and undoes merges; each call may be repeated with its operation or idempotency key."""

    def __init__(self, repository: MemberRepository, clock: Clock, ledger: Ledger) -> None:
        self._repository = repository
        self._clock = clock
        self._ledger = ledger
        self._joined: list[Follow] = []
        self._parted: list[Follow] = []

    def on_change(self, joined: Follow, parted: Follow) -> None:
        """Have what depends on who a member is follow each merge, and each undoing."""
        self._joined.append(joined)
        self._parted.append(parted)

    async def merge(
        self, survivor_id: str, merged_id: str, *, actor: str, reason: str, operation: str, allow: Allow
    ) -> Member:
        """Make `merged_id` an alias of `survivor_id` and move its points; returns the merged member.

        Raises SameMember, MemberNotFound, AlreadyMerged, MemberClosed, SurvivorUnclaimed, MergeKeyReused, MemberBusy,
        and what `allow` raises.
        """
        merge: Merge = {
            "operation": operation,
            "posted_as": operation,
            "survivor_id": survivor_id,
            "actor": actor,
            "reason": reason,
            "state": "moving",
            "previous_status": "active",
        }

        async def begin(session: AsyncClientSession) -> Member:
            survivor, merged = await self.locked_pair(survivor_id, merged_id, session)
            if merged.get("merge", {}).get("operation") == operation:
                return _replayed(merged, survivor_id)
            check(survivor, merged)
            await allow(session, survivor, merged)
            merge["previous_status"] = merged["status"]
            changes: dict[str, Any] = {"status": "merged", "merged_into": survivor_id, "merge": merge}
            await self._repository.set_in(session, merged_id, changes)
            await self._repository.end_merge_requests(session, merged_id)
            return merged | {"status": "merged", "merged_into": survivor_id, "merge": merge}

        try:
            merged = await self._repository.transact(begin)
        except Taken as error:
            raise MergeKeyReused from error
        return await self._settle(merged)

    async def locked_pair(self, survivor_id: str, merged_id: str, session: AsyncClientSession) -> tuple[Member, Member]:
        """Both members, kept from other transactions until this one ends. Raises SameMember, MemberNotFound."""
        if survivor_id == merged_id:
            raise SameMember
        # Always in the same order, so that two merges of the same two wait for each other and neither for ever.
        found = {
            member_id: await self._locked(member_id, field, session)
            for member_id, field in sorted([(survivor_id, "survivor_id"), (merged_id, "merged_id")])
        }
        return found[survivor_id], found[merged_id]

    async def unmerge(self, merged_id: str, *, actor: str, reason: str, key: str) -> Member:
        """Undo the merge of `merged_id`; returns it as it is then. Raises MemberNotFound, NotMerged, AlreadyMerged."""
        operation = operation_of("unmerge", actor, key)

        async def begin(session: AsyncClientSession) -> Member:
            merged = await self._locked(merged_id, "merged_id", session)
            merge = merged.get("merge")
            if merge is None or (merged["status"] != "merged" and merge.get("undo_operation") != operation):
                raise NotMerged(merged["display_name"])
            if merge.get("undo_operation") == operation or merge["state"] == "returning":
                return merged
            survivor = await self._locked(merge["survivor_id"], "merged_id", session)
            if survivor["status"] == "merged":
                raise AlreadyMerged(survivor["display_name"], "merged_id")
            undone: Merge = {
                **merge,
                "state": "returning",
                "undo_operation": operation,
                "undo_posted_as": operation,
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
        settled = 0
        for merged in unsettled:
            try:
                await self._settle(merged)
                settled += 1
            except DomainError as error:
                _log.warning("merge_not_settled", member=merged["_id"], code=error.code, message=error.message)
        return settled

    async def _settle(self, merged: Member) -> Member:
        """Take the steps that are left. All of them may be repeated. Raises MemberBusy; `settle` goes on later then."""
        for _ in range(_ATTEMPTS):
            merge = merged["merge"]
            if merge["state"] in ("moved", "returned"):
                return merged
            expected = {"merge.operation": merge["operation"], "merge.state": merge["state"]}
            try:
                changes = await (self._move(merged) if merge["state"] == "moving" else self._return(merged))
            except OperationVoided:
                changes = _next_attempt(merge)
            except (LedgerBusy, LedgerUnavailable) as error:
                raise MemberBusy from error
            await self._repository.change(merged["_id"], expected, changes)
            # Another process may have settled it first, or gone further since: what is stored now counts.
            merged = await self._repository.by_id(merged["_id"]) or merged
        raise MemberBusy

    async def _move(self, merged: Member) -> dict[str, Any]:
        merge = merged["merge"]
        survivor_id, actor, reason = merge["survivor_id"], merge["actor"], merge["reason"]
        explained: Reason = {"title": "Accounts merged", "summary": reason, "reference": {"member": merged["_id"]}}
        await self._ledger.merge(survivor_id, merged["_id"], merge["posted_as"], actor, explained)
        await self._follow(self._joined, merged, actor)
        await self._tell(merged, "MERGED", merge["operation"], actor, reason)
        return {"merge.state": "moved"}

    async def _return(self, merged: Member) -> dict[str, Any]:
        merge = merged["merge"]
        survivor_id, actor, reason = merge["survivor_id"], merge["undo_actor"], merge["undo_reason"]
        explained: Reason = {"title": "Accounts separated", "summary": reason, "reference": {"member": merged["_id"]}}
        await self._ledger.unmerge(
            survivor_id, merged["_id"], merge["undo_posted_as"], merge["posted_as"], actor, explained
        )
        await self._follow(self._parted, merged, actor)
        await self._tell(merged, "UNMERGED", merge["undo_operation"], actor, reason)
        return {"merge.state": "returned", "status": merge["previous_status"], "merged_into": None}

    async def _follow(self, follow: list[Follow], merged: Member, actor: str) -> None:
        stored = await self._repository.by_id(merged["_id"])
        survivor = await self._repository.by_id(merged["merge"]["survivor_id"])
        if stored is None or survivor is None or stored["merge"] != merged["merge"]:
            # Another process has gone on since, perhaps the other way.
            return
        for each in follow:
            await each(survivor, stored, actor)

    async def _tell(self, merged: Member, kind: EventKind, operation: str, actor: str, reason: str) -> None:
        survivor = await self._repository.by_id(merged["merge"]["survivor_id"])
        name = survivor["display_name"] if survivor else merged["merge"]["survivor_id"]
        now = self._clock.now()
        verb = ("Merged into", "Merged with") if kind == "MERGED" else ("Separated from", "Separated from")
        for member_id, title in (
            (merged["_id"], f"{verb[0]} {name}"),
            (merged["merge"]["survivor_id"], f"{verb[1]} {merged['display_name']}"),
        ):
            event_id = event_id_of(operation, member_id)
            await self._repository.add_event(new_event(member_id, kind, now, title, reason, actor, event_id))

    async def _locked(self, member_id: str, field: str, session: AsyncClientSession) -> Member:
        member = await self._repository.locked(member_id, session)
        if member is None:
            raise MemberNotFound(member_id, field)
        return member


def check(survivor: Member, merged: Member) -> None:
    """Whether these two can be merged at all. Raises AlreadyMerged, MemberClosed, SurvivorUnclaimed."""
    for member, field in ((survivor, "survivor_id"), (merged, "merged_id")):
        if member["status"] == "merged":
            raise AlreadyMerged(member["display_name"], field)
        if member["status"] == "closed":
            raise MemberClosed(member["display_name"], field)
    if survivor["status"] == "unclaimed" and merged["status"] == "active":
        raise SurvivorUnclaimed(survivor["display_name"], merged["display_name"])


def _replayed(merged: Member, survivor_id: str) -> Member:
    if merged["merge"]["survivor_id"] != survivor_id:
        raise MergeKeyReused
    return merged


def operation_of(verb: str, actor: str, key: str) -> str:
    """An operation id for the ledger: short, ASCII, and the same for the same actor and key."""
    return f"{verb}:{hashlib.sha256(f'{actor}|{key}'.encode()).hexdigest()[:40]}"


def _next_attempt(merge: Merge) -> dict[str, Any]:
    """Another operation id, after the ledger called the one before off because nobody went on with it."""
    moving = merge["state"] == "moving"
    first, _, attempt = (merge["posted_as"] if moving else merge["undo_posted_as"]).partition(".")
    return {f"merge.{'posted_as' if moving else 'undo_posted_as'}": f"{first}.{int(attempt or 1) + 1}"}


def event_id_of(operation: str, member_id: str) -> str:
    """The id of a member's event about an operation, so that a repeated step does not tell it twice."""
    return "mev_" + hashlib.sha256(f"{operation}|{member_id}".encode()).hexdigest()[:24]
