"""The second half of a scan: the code is proven; look at the member and the card, and write the identification."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from app.core.batching import Batcher
from app.members.models import Member
from app.programme import ProgrammeService
from wallet import verdicts
from wallet.codes import CardNumber, LegacyNumber
from wallet.models import Identification, IdentificationDocument, ScanDocument, Trust, Verdict
from wallet.repository import WalletRepository

IDENTIFICATION_LIFE: Final = timedelta(minutes=15)
DEFERRED_A_DAY: Final = 10


class Members(Protocol):
    """What cards need to know of members."""

    async def by_ids(self, ids: Sequence[str]) -> dict[str, Member]:
        """Those of the members that exist, by id."""
        ...

    async def by_card_number(self, number: str) -> Member | None:
        """The member who has or had this card number."""
        ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """One post of one scan; `identity` is its identification's id, the same for the same till, basket and code."""

    till: str
    basket: str
    scanned_at: datetime
    received_at: datetime
    deferred: bool
    identity: str


class Concluder:
    """Turns a proven code into an answer."""

    def __init__(
        self, repository: WalletRepository, members: Members, programmes: ProgrammeService, card_prefix: str
    ) -> None:
        self._repository = repository
        self._members = members
        self._programmes = programmes
        self._card_prefix = card_prefix
        self.member = Batcher(self._find_members)
        """The member with an id, or None."""

    async def conclude_number(self, credential: CardNumber | LegacyNumber, attempt: Attempt) -> Identification:
        """Answer for a number that was typed or scanned."""
        member = await self._members.by_card_number(credential.number)
        foreign = isinstance(credential, CardNumber) and credential.prefix != self._card_prefix
        if foreign and member is None:
            return verdicts.refusal(Verdict.WRONG_PROGRAMME, verdicts.WRONG_PROGRAMME, Trust.NUMBER)
        return await self.conclude(member, Verdict.FRESH, Trust.NUMBER, attempt, card_number=credential.number)

    async def conclude(
        self,
        member: Member | None,
        verdict: Verdict,
        trust: Trust,
        attempt: Attempt,
        *,
        card_number: str | None = None,
        scan_id: str | None = None,
        wants_to_redeem: bool = False,
        earn_only: str | None = None,
    ) -> Identification:
        """Answer for a proven credential of a member and write the identification.

        `earn_only` is what to say when its trust counts for earning alone; `scan_id` names the used step.
        """
        if member is None:
            return verdicts.refusal(Verdict.UNKNOWN, verdicts.UNKNOWN, trust, deferred=attempt.deferred)
        programme_id = (await self._programmes.current())["_id"]
        if member["programme"] != programme_id:
            return verdicts.refusal(Verdict.WRONG_PROGRAMME, verdicts.WRONG_PROGRAMME, trust)
        if refused := _refuse_card(member, card_number, trust):
            return refused
        if member["merged_into"] is not None:
            member = await self.member(member["merged_into"]) or member
        if member["status"] == "closed":
            return verdicts.refusal(Verdict.BLOCKED, verdicts.CLOSED, trust)
        if attempt.deferred and not await self._within_offline_cap(member, scan_id, attempt):
            return verdicts.refusal(Verdict.LOCKED, verdicts.DEFERRED_TOO_MANY, trust, deferred=True)
        allowed, message = verdicts.fresh(trust)
        if member["status"] == "unclaimed":
            allowed, message = verdicts.WITHOUT_CLAIM, verdicts.UNCLAIMED
        if attempt.deferred or earn_only is not None:
            allowed, message = verdicts.EARN_ONLY, earn_only or verdicts.DEFERRED
        answer: IdentificationDocument = {
            "_id": attempt.identity,
            "programme": programme_id,
            "member_id": member["_id"],
            "till": attempt.till,
            "basket": attempt.basket,
            "verdict": verdict.value,
            "trust": trust.value,
            "message": message,
            "may_earn": allowed.may_earn,
            "may_see_name": allowed.may_see_name,
            "may_see_balance": allowed.may_see_balance,
            "may_redeem": allowed.may_redeem,
            "may_step_up": allowed.may_step_up,
            "wants_to_redeem": wants_to_redeem and allowed.may_redeem,
            "deferred": attempt.deferred,
            "scanned_at": attempt.scanned_at,
            "expires_at": attempt.received_at + IDENTIFICATION_LIFE,
        }
        await self._repository.put_identification(answer)
        return from_document(answer)

    async def _within_offline_cap(self, member: Member, scan_id: str | None, attempt: Attempt) -> bool:
        """Whether this deferred scan is one of the first of its member and day; later ones wait for a person."""
        scan = scan_of(scan_id or attempt.identity, member["_id"], attempt)
        if scan_id is None:
            await self._repository.add_scan(scan)
        return await self._repository.is_among_first_deferred(scan, DEFERRED_A_DAY)

    async def _find_members(self, ids: Sequence[str]) -> list[Member | None]:
        found = await self._members.by_ids(sorted(set(ids)))
        return [found.get(member_id) for member_id in ids]


def _refuse_card(member: Member, number: str | None, trust: Trust) -> Identification | None:
    status = next((card["status"] for card in member["cards"] if card["number"] == number), "active")
    if status == "blocked":
        return verdicts.refusal(Verdict.BLOCKED, verdicts.BLOCKED, trust)
    if status == "replaced":
        return verdicts.refusal(Verdict.REPLACED, verdicts.REPLACED, trust)
    return None


def recall(known: IdentificationDocument | None, attempt: Attempt) -> Identification | None:
    """The answer that this very scan got before, while it is good."""
    return from_document(known) if known and known["expires_at"] > attempt.received_at else None


def scan_of(scan_id: str, member_id: str, attempt: Attempt) -> ScanDocument:
    """The record of a used code."""
    return {
        "_id": scan_id,
        "member_id": member_id,
        "till": attempt.till,
        "basket": attempt.basket,
        "scanned_at": attempt.scanned_at,
        "received_at": attempt.received_at,
        "deferred": attempt.deferred,
        "day": attempt.scanned_at.astimezone(UTC).date().isoformat(),
    }


def from_document(document: IdentificationDocument) -> Identification:
    """A stored identification as an answer."""
    return Identification(
        verdict=Verdict(document["verdict"]),
        message=document["message"],
        trust=Trust(document["trust"]),
        may_earn=document["may_earn"],
        may_see_name=document["may_see_name"],
        may_see_balance=document["may_see_balance"],
        may_redeem=document["may_redeem"],
        may_step_up=document["may_step_up"],
        wants_to_redeem=document["wants_to_redeem"],
        deferred=document["deferred"],
        member_id=document["member_id"],
        id=document["_id"],
        expires_at=document["expires_at"],
    )
