"""Whom, and which of their entries, an agent is dealing with."""

from app.core.errors import DomainError, InvalidInput
from app.ledger.models import EntryDocument
from app.members.errors import MemberNotFound
from app.members.models import Member
from schema.context import Context


class MemberGone(DomainError):
    """No such member, or one whose points are with another membership."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such member, or it was merged into another.", ("memberId",))


class EntryNotFound(InvalidInput):
    """No such entry on this member's account."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__(("entry_id",), "This member has no such entry.")


async def known_member(context: Context, member_id: str) -> Member:
    """The member of an id, merged or not; raises MemberNotFound."""
    member = await context.members.load(member_id)
    if member is None:
        raise MemberNotFound(member_id)
    return member


async def standing_member(context: Context, member_id: str) -> Member:
    """The member, unless its points are with another membership now; raises MemberGone."""
    member = await context.members.load(member_id)
    if member is None or member["status"] == "merged":
        raise MemberGone
    return member


async def entry_of(context: Context, member: Member, entry_id: str) -> EntryDocument:
    """An entry of the member's own account by its id in the API; raises EntryNotFound."""
    entry = await context.services.ledger.entry_by_id(entry_id.removeprefix("ent_"))
    if entry is None or entry["account"] != member["_id"]:
        raise EntryNotFound
    return entry
