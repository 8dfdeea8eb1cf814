"""What agents do with the account behind a member: ending sessions, and taking a lost passkey away."""

from typing import Any

import strawberry

from auth.identities.errors import UnknownMethod
from schema.auth.mutations import end_sessions
from schema.auth.types import SignInMethod
from schema.context import Context
from schema.fields import says
from schema.purchases.inputs import told
from schema.refusals import Refusals, mutation, user_errors
from schema.staff.adjusting import check_note
from schema.staff.subjects import known_member

SESSIONS_END = Refusals("MemberSessionsEnd", "NOT_FOUND", "INVALID")
PASSKEY_REMOVE = Refusals("MemberPasskeyRemove", "NOT_FOUND", "INVALID", "LAST_METHOD")


@strawberry.input(description="Whom to sign out everywhere.")
class MemberSessionsEndInput:
    """As the console writes it."""

    member_id: strawberry.ID = told("The member.")
    note: str = told("For the staff, 1 to 500 characters.")


@strawberry.type(description="How many sessions ended.")
class MemberSessionsEndPayload:
    """Source: a dict."""

    ended: int = says("Browsers and connected apps signed out.", read=lambda answer: answer.get("ended", 0))
    user_errors: Any = user_errors(SESSIONS_END)


@strawberry.input(description="A passkey that a member lost.")
class MemberPasskeyRemoveInput:
    """As the console writes it."""

    member_id: strawberry.ID = told("The member.")
    method_id: strawberry.ID = told("One of the member's passkeys.")
    note: str = told("For the staff, 1 to 500 characters: how the member was recognised.")


@strawberry.type(description="The ways to sign in that the member has left.")
class MemberPasskeyRemovePayload:
    """Source: a dict."""

    methods: list[SignInMethod] = says("What is left.", read=lambda answer: answer.get("methods", ()))
    user_errors: Any = user_errors(PASSKEY_REMOVE)


@mutation(
    "Signs a member out everywhere at once.",
    payload=MemberSessionsEndPayload,
    refusals=SESSIONS_END,
    scopes=["support:sessions"],
)
async def member_sessions_end(context: Context, sent: MemberSessionsEndInput) -> dict[str, Any]:
    """End every session and connected app of a member."""
    note, access = check_note(sent.note), context.access
    member = await known_member(context, str(sent.member_id))
    identity = member["identity_id"]
    if identity is None:
        return {"ended": 0}
    ended = await end_sessions(context, identity, actor=access.actor)
    await context.services.auth.events.record(identity, "support_note", actor=access.actor, peer=access.peer, note=note)
    return {"ended": ended}


@mutation(
    "Takes a lost passkey from a member, ends the member's sessions, and tells the member by mail.",
    payload=MemberPasskeyRemovePayload,
    refusals=PASSKEY_REMOVE,
    scopes=["support:sessions"],
)
async def member_passkey_remove(context: Context, sent: MemberPasskeyRemoveInput) -> dict[str, Any]:
    """Remove a member's passkey."""
    note, access, auth = check_note(sent.note), context.access, context.services.auth
    identity = (await known_member(context, str(sent.member_id)))["identity_id"]
    if identity is None:
        raise UnknownMethod
    await auth.remove_passkey(identity, str(sent.method_id), actor=access.actor, peer=access.peer)
    await auth.events.record(identity, "support_note", actor=access.actor, peer=access.peer, note=note)
    return {"methods": await auth.identities.methods_of(identity)}
