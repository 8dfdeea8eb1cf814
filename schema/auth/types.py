"""Where somebody is signed in, how, and what happened to the account."""

import asyncio
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import strawberry

from auth.events.models import SecurityEventDocument
from auth.events.service import SecurityEvents
from auth.grants.models import GrantDocument
from auth.identities.models import MethodDocument
from auth.sessions.models import SessionDocument
from schema.connections import Connection, Page, key_of, page_of, page_size
from schema.context import Context
from schema.fields import field, means, says, value
from schema.nodes import Node
from schema.scalars import DateTime

AnySession = SessionDocument | GrantDocument


def _is_current(session: AnySession, context: Context) -> bool:
    return session["_id"] == context.access.session_id


def _kind(session: AnySession) -> str:
    return "app" if "client_name" in session else "browser"


def _client_name(session: AnySession) -> str:
    return str(session.get("client_name") or "Browser")


@strawberry.type(description="A place where somebody is signed in: a browser, or an app or shop that was connected.")
class Session(Node):
    """Source: a stored session or grant."""

    id: strawberry.ID = says("Id of the session.", key="_id")
    kind: str = says("`browser` or `app`.", read=_kind)
    client_name: str = says("What was signed in to.", read=_client_name)
    device: str = says('A short name such as "Chrome on Android".')
    created_at: DateTime = says("When it began.")
    last_seen_at: DateTime = says("When it was last used, to a few minutes.")
    place: str | None = says("Network that it came from, shortened; never more than that is kept.", key="ip_prefix")
    current: bool = says("Whether this very request uses it.", load=_is_current)
    method: str = says("How it was signed in: email, passkey, federated or transfer.")


@strawberry.enum(description="A way to sign in.")
class SignInMethodKind(Enum):
    """As stored."""

    EMAIL = value("email", "A code sent to an address.")
    PASSKEY = value("passkey", "A passkey.")
    FEDERATED = value("federated", "An account at an outside provider.")


def _label(method: MethodDocument) -> str:
    return method["label"]


@strawberry.type(description="One of somebody's ways to sign in.")
class SignInMethod(Node):
    """Source: a stored method."""

    id: strawberry.ID = says("Id of the method.", key="_id")
    kind: SignInMethodKind = says("What it is.", key="type")
    label: str = says("The address, the device or the provider.", read=_label)
    verified_at: DateTime | None = says("When it was proved; null while it was not.")
    last_used_at: DateTime | None = says("When it was last used.")


def _actor(event: SecurityEventDocument, context: Context) -> str:
    return event["actor"] if context.access.may("support:read") else event["actor"].partition(":")[0]


@strawberry.type(description="Something that happened to an account.")
class SecurityEvent:
    """Source: a stored event."""

    id: strawberry.ID = says("Id of the event.", key="_id")
    type: str = says("What happened, for programs.")
    at: DateTime = says("When.")
    actor: str = says("Who did it, as `kind` or, for staff, `kind:id`.", load=_actor)
    ip_prefix: str | None = says("Network that it came from, shortened.")
    device: str | None = says('A short name such as "Chrome on Android".')

    @field("What happened, for people.")
    def text(
        self: Any,
        language: Annotated[str | None, means("BCP 47 tag of the language to say it in; else English.")] = None,
    ) -> str:
        """The sentence."""
        return SecurityEvents.text(self, language or "en")


SecurityEventConnection = Connection[SecurityEvent]


async def sessions_of(identity_id: str | None, context: Context) -> list[AnySession]:
    """Where an identity is signed in, the last seen first."""
    if identity_id is None:
        return []
    auth = context.services.auth
    browsers, apps = await asyncio.gather(auth.sessions.open_of(identity_id), auth.grants.of_identity(identity_id))
    return sorted([*browsers, *apps], key=lambda session: session["last_seen_at"], reverse=True)


async def events_page(context: Context, identity_id: str | None, first: int, after: str | None) -> Page:
    """A page of what happened to an identity, newest first."""
    size = page_size(first)
    key = key_of("security", after, datetime, str)
    if identity_id is None:
        return Page()
    found = await context.services.auth.events.page(identity_id, size + 1, (key[0], key[1]) if key else None)
    return page_of(found, size, after, "security", lambda event: (event["at"], event["_id"]))
