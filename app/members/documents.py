"""New documents, complete from the start."""

from datetime import datetime

from app.core.ids import new_id
from app.members import cards, profile
from app.members.models import Card, EventKind, Member, MemberEvent


def new_card(now: datetime) -> Card:
    """A card with a fresh random number; the unique index says whether it is free."""
    return {"number": cards.new_number(), "status": "active", "issued_at": now}


def new_member(
    programme_id: str,
    *,
    display_name: str | None,
    language: str,
    joined_at: datetime,
    issued_at: datetime,
    store_id: str | None = None,
    given_name: str | None = None,
    family_name: str | None = None,
) -> Member:
    """An active member without identity and contacts; who gives no name is called after the end of the card number."""
    card = new_card(issued_at)
    name = display_name or f"Member {card['number'][-4:]}"
    return {
        "_id": new_id("mbr"),
        "programme": programme_id,
        "status": "active",
        "identity_id": None,
        "display_name": name,
        "given_name": given_name,
        "family_name": family_name,
        "email": None,
        "email_verified": False,
        "phone": None,
        "phone_verified": False,
        "language": language,
        "birthday": None,
        "cards": [card],
        "joined_at": joined_at,
        "joined_store": store_id,
        "merged_into": None,
        "words": profile.name_words(name, given_name, family_name),
        "name_key": profile.name_key(name),
        "terms_accepted_at": None,
    }


def new_event(
    member_id: str,
    kind: EventKind,
    at: datetime,
    title: str,
    detail: str | None,
    actor: str,
    event_id: str | None = None,
) -> MemberEvent:
    """An event of the timeline; `event_id` is given where a repeated step must not tell its event twice."""
    return {
        "_id": event_id or new_id("mev"),
        "member_id": member_id,
        "kind": kind,
        "at": at,
        "title": title,
        "detail": detail,
        "actor": actor,
    }
