"""Ending sessions and removing ways to sign in."""

from typing import Any

import strawberry

from auth.errors import StepUpNeeded
from schema.auth.types import Session, SignInMethod, sessions_of
from schema.context import Context
from schema.execution import ClientError
from schema.fields import says
from schema.refusals import Refusals, StepUpRequired, mutation, user_errors

SESSION_END = Refusals("SessionEnd", "NOT_FOUND")
METHOD_REMOVE = Refusals("SignInMethodRemove", "NOT_FOUND", "LAST_METHOD", "STEP_UP_REQUIRED")


@strawberry.input(description="Which session to end.")
class SessionEndInput:
    """As the client writes it."""

    session_id: strawberry.ID = strawberry.field(description="One of the own sessions.")


@strawberry.type(description="The sessions that are left.")
class SessionEndPayload:
    """Source: a dict."""

    sessions: list[Session] = says("Where somebody is still signed in.", read=lambda answer: answer.get("sessions", ()))
    user_errors: Any = user_errors(SESSION_END)


@strawberry.input(description="Which way to sign in to remove.")
class SignInMethodRemoveInput:
    """As the client writes it."""

    method_id: strawberry.ID = strawberry.field(description="One of the own methods.")


@strawberry.type(description="The ways to sign in that are left.")
class SignInMethodRemovePayload:
    """Source: a dict."""

    methods: list[SignInMethod] = says("What is left.", read=lambda answer: answer.get("methods", ()))
    user_errors: Any = user_errors(METHOD_REMOVE)


@mutation(
    "Ends one of the own sessions at once.",
    payload=SessionEndPayload,
    refusals=SESSION_END,
    scopes=["account:manage"],
)
async def session_end(context: Context, sent: SessionEndInput) -> dict[str, Any]:
    """End a browser session or a connected app."""
    identity = _identity(context)
    auth = context.services.auth
    if sent.session_id.startswith("fam_"):
        await auth.grants.end(identity, str(sent.session_id), peer=context.access.peer)
    else:
        await auth.sessions.end(identity, str(sent.session_id), peer=context.access.peer)
    return {"sessions": await sessions_of(identity, context)}


@mutation(
    "Ends all own sessions but this one.",
    payload=SessionEndPayload,
    refusals=SESSION_END,
    scopes=["account:manage"],
)
async def session_end_others(context: Context) -> dict[str, Any]:
    """End every browser session and connected app but the caller's own."""
    identity = _identity(context)
    await end_sessions(context, identity, keep=context.access.session_id)
    return {"sessions": await sessions_of(identity, context)}


@mutation(
    "Removes a way to sign in, not the last one, after a fresh proof; who has a passkey needs a fresh one of it.",
    payload=SignInMethodRemovePayload,
    refusals=METHOD_REMOVE,
    scopes=["account:manage"],
)
async def sign_in_method_remove(context: Context, sent: SignInMethodRemoveInput) -> dict[str, Any]:
    """Remove a method after a fresh proof."""
    identity = _identity(context)
    auth = context.services.auth
    try:
        await auth.authenticator.require_proof(context.access)
    except StepUpNeeded as needed:
        raise StepUpRequired from needed
    await auth.remove_method(identity, str(sent.method_id), context.access.peer)
    return {"methods": await auth.identities.methods_of(identity)}


async def end_sessions(context: Context, identity: str, *, keep: str | None = None, actor: str | None = None) -> int:
    """End the browser sessions and connected apps of an identity; returns how many."""
    auth = context.services.auth
    ended = await auth.sessions.end_all(identity, keep=keep, actor=actor, peer=context.access.peer)
    others = {"identity_id": identity, "revoked_at": None, **({"_id": {"$ne": keep}} if keep else {})}
    return ended + await auth.grants.revoke(others, "sessions_ended")


def _identity(context: Context) -> str:
    if context.access.subject is None:
        raise ClientError("UNAUTHENTICATED", "Sign in first.")
    return context.access.subject
