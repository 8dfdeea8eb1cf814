"""What a member does with the own membership."""

from dataclasses import replace
from typing import Any

import strawberry

from app.core.errors import InvalidInput
from app.members.models import KEEP, Joining, Keep, ProfileChange
from schema.context import Context
from schema.execution import ClientError
from schema.fields import says
from schema.members.types import Member
from schema.refusals import Refusals, mutation, user_errors
from schema.scalars import Date


@strawberry.input(description="What somebody says on joining.")
class MemberJoinInput:
    """As the client writes it."""

    display_name: str = strawberry.field(description="Name to show on the card and at the till, 1 to 80 characters.")
    language: str | None = strawberry.field(description="BCP 47 tag, one of the programme's.", default=None)
    birthday: Date | None = strawberry.field(description="Day of birth; may be left out.", default=None)
    accept_terms: bool = strawberry.field(description="Must be true.")
    idempotency_key: str = strawberry.field(
        description="Made by the client, 1 to 200 characters; joining twice gives the same member in any case."
    )
    claim_code: str | None = strawberry.field(
        description="Code printed when the member was enrolled at a till: its points come along.", default=None
    )


JOIN = Refusals("MemberJoin", "INVALID", "TERMS_NOT_ACCEPTED", "CLAIM_CODE_UNKNOWN", "BUSY")


@strawberry.type(description="Who joined.")
class MemberJoinPayload:
    """Source: a dict."""

    member: Member | None = says("The member; null when nothing was done.")
    user_errors: Any = user_errors(JOIN)


@strawberry.input(description="New values of a profile; a field left out stays as it is, null clears it.")
class MemberUpdateInput:
    """As the client writes it."""

    display_name: str | None = strawberry.field(description="Cannot be cleared.", default=strawberry.UNSET)
    given_name: str | None = strawberry.field(description="First name.", default=strawberry.UNSET)
    family_name: str | None = strawberry.field(description="Family name.", default=strawberry.UNSET)
    language: str | None = strawberry.field(description="BCP 47 tag; cannot be cleared.", default=strawberry.UNSET)
    birthday: Date | None = strawberry.field(description="Day of birth.", default=strawberry.UNSET)


UPDATE = Refusals("MemberUpdate", "INVALID", "BUSY")


@strawberry.type(description="The profile after the change.")
class MemberUpdatePayload:
    """Source: a dict."""

    member: Member | None = says("The member; null when nothing was done.")
    user_errors: Any = user_errors(UPDATE)


@mutation(
    "Joins the programme with the signed-in identity; joining twice gives the same member.",
    payload=MemberJoinPayload,
    refusals=JOIN,
    scopes=["member:join"],
)
async def member_join(context: Context, sent: MemberJoinInput) -> dict[str, Any]:
    """Join, or answer with the member that this identity is already."""
    check_key(sent.idempotency_key)
    identity = context.access.subject
    email = await context.services.auth.identities.email_of(identity) if identity else None
    if identity is None or email is None:
        raise InvalidInput(("email",), "Sign in with an e-mail address to join.")
    joining = Joining(
        display_name=sent.display_name,
        email=email,
        accept_terms=sent.accept_terms,
        language=sent.language,
        birthday=sent.birthday,
        claim_code=sent.claim_code,
    )
    member = await context.services.members.join(identity, joining)
    context.access = replace(context.access, member_id=member["_id"])
    return {"member": member}


@mutation("Changes the own profile.", payload=MemberUpdatePayload, refusals=UPDATE, scopes=["member:write"])
async def member_update(context: Context, sent: MemberUpdateInput) -> dict[str, Any]:
    """Change what was sent."""
    change = ProfileChange(
        display_name=_required("display_name", sent.display_name),
        given_name=_sent(sent.given_name),
        family_name=_sent(sent.family_name),
        language=_required("language", sent.language),
        birthday=_sent(sent.birthday),
    )
    member = await context.services.members.update(member_id(context), change, actor=context.access.actor)
    return {"member": member}


def member_id(context: Context) -> str:
    """The member behind the caller; raises ClientError when this identity has not joined."""
    if context.access.member_id is None:
        raise ClientError("NOT_A_MEMBER", "Join the programme first.")
    return context.access.member_id


_LONGEST_KEY = 200


def check_key(key: str) -> None:
    """Check an idempotency key; raises InvalidInput."""
    if not key.strip() or len(key) > _LONGEST_KEY:
        raise InvalidInput(("idempotency_key",), f"Send a key of your own making, 1 to {_LONGEST_KEY} characters.")


def _sent(given: Any) -> Any:
    return KEEP if given is strawberry.UNSET else given


def _required(field: str, given: str | None) -> str | Keep:
    kept: str | Keep | None = _sent(given)
    if kept is None:
        raise InvalidInput((field,), "This cannot be empty.")
    return kept
