"""Finding members by anything that an agent has at hand, receipts and operations included."""

import re
from collections.abc import Sequence

from app.core.cursors import cursor_of
from app.members.models import Member
from schema.connections import Page
from schema.context import Context

_MOST_RECEIPTS = 10
_ENTRY = re.compile(r"(?:ent_)?([A-Za-z0-9_.-]{1,64}):([0-9]{10})")


class Hit:
    """A member and what it was found by."""

    __slots__ = ("matched_on", "member")

    def __init__(self, member: Member, matched_on: str) -> None:
        self.member = member
        self.matched_on = matched_on


async def search_page(context: Context, text: str, first: int, after: str | None) -> Page:
    """A page of hits. What a reference finds comes first, and on the first page only."""
    found = await context.services.members.search(text, first, after)
    hits = [Hit(hit.member, hit.matched_on) for hit in found.hits]
    cursors = list(found.cursors)
    if after is None:
        known = {hit.member["_id"] for hit in hits}
        referred = [hit for hit in await _by_reference(context, text.strip()) if hit.member["_id"] not in known]
        # What was found by a reference has no place in the list by name: one goes on at its beginning.
        hits, cursors = [*referred, *hits], [*[cursor_of("", "")] * len(referred), *cursors]
    return Page(hits[:first], cursors[:first], found.has_next or len(hits) > first, after is not None)


async def _by_reference(context: Context, text: str) -> list[Hit]:
    """Members behind a receipt number, a redemption code, or the id of an entry, sale or redemption."""
    services = context.services
    if entry := _ENTRY.fullmatch(text):
        return await _members(context, [entry[1]], "OPERATION")
    if text.startswith("pur_"):
        purchase = await services.purchases.by_id(text)
        return await _members(context, [purchase["member"]] if purchase else [], "PURCHASE")
    if text.startswith("ret_"):
        returned = await services.purchases.by_return(text)
        return await _members(context, [returned[0]["member"]] if returned else [], "RETURN")
    if text.startswith("rdm_"):
        redemption = await services.rewards.redemption(text)
        return await _members(context, [redemption["member"]] if redemption else [], "REDEMPTION")
    coded = await services.rewards.by_code(text)
    if coded is not None:
        return await _members(context, [coded["member"]], "REDEMPTION")
    receipts = await services.purchases.by_receipt(text, first=_MOST_RECEIPTS) if text else []
    return await _members(context, [purchase["member"] for purchase in receipts], "RECEIPT")


async def _members(context: Context, ids: Sequence[str | None], matched_on: str) -> list[Hit]:
    hits = []
    for member_id in dict.fromkeys(each for each in ids if each):
        member = await context.members.load(member_id)
        if member is not None:
            hits.append(Hit(await context.services.members.survivor(member), matched_on))
    return hits
