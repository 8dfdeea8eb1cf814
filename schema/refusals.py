"""Refusals as data: each mutation has its own error type and enum of codes, and answers them in `userErrors`."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import Enum
from typing import Annotated, Any, get_type_hints

import strawberry
from strawberry.types.base import StrawberryList

from app.core.errors import DomainError
from schema.context import Context
from schema.fields import says
from schema.scopes import needs

Resolver = Callable[..., Awaitable[dict[str, Any]]]
Info = strawberry.Info[Context]

# What each code means, once for all enums.
MEANINGS: Mapping[str, str] = {
    "ALREADY_ASKED": "The same waits for a second person already.",
    "ALREADY_CONFIRMED": "It was handed over already.",
    "ALREADY_DECIDED": "It was approved or declined before, or is void meanwhile.",
    "ALREADY_ENDED": "It was cancelled, or its time ran out, before.",
    "ALREADY_MEMBER": "This contact belongs to a member already.",
    "ALREADY_MERGED": "One of the two was merged before.",
    "ALREADY_REVERSED": "It was reversed in full before.",
    "ALREADY_STAFF": "This address belongs to somebody of the staff already.",
    "BEFORE_MEMBER_JOINED": "The sale is older than the membership.",
    "BUSY": "Too much at once, or the database is away: send the same request again, with the same key.",
    "CLAIM_CODE_UNKNOWN": "The claim code is wrong, used or over.",
    "CODE_REFUSED": "The scanned code does not allow this.",
    "CURRENCY_MISMATCH": "An amount is in another currency than the programme's.",
    "DEFICIT": "More points were taken back than there were; they have to be earned again first.",
    "ENDED": "It was cancelled before, or handed over.",
    "EXPIRED": "Its time ran out.",
    "IDEMPOTENCY_CONFLICT": "The key was used before for another request.",
    "IDENTIFICATION_UNKNOWN": "The identification is unknown, over, or of another till: scan the card again.",
    "INVALID": "A value was refused; `field` says which and `message` why.",
    "INVALID_KEY": "The public key is no point of P-256.",
    "IN_THE_FUTURE": "The time given has not come yet.",
    "LAST_METHOD": "It is the only way left to sign in.",
    "LIMIT_REACHED": "More than one sale may have.",
    "MEMBER_LIMIT_REACHED": "This member had as many of it as anybody may.",
    "MORE_THAN_LEFT": "More than is left of the line.",
    "NOT_YOURSELF": "Not to the own account: ask somebody else with the same rights.",
    "NOTHING_LEFT": "Everything came back before.",
    "NOT_ALLOWED": "Not with this identification, or not at this till.",
    "NOT_AVAILABLE": "Not offered now.",
    "NOT_ENOUGH_POINTS": "Fewer points than this takes.",
    "NOT_FOUND": "There is no such thing, or it is somebody else's.",
    "NOT_MERGED": "There is no merge to undo.",
    "NOT_REVERSIBLE": "This kind of entry cannot be reversed.",
    "OTHER_MEMBER": "It belongs to another member than the one identified.",
    "OUT_OF_STOCK": "None is left.",
    "OVER_LIMIT": "More than this role may correct at once.",
    "PRODUCT_UNKNOWN": "A line names a product that is not in the catalogue.",
    "RATE_LIMITED": "Too many tries: wait a little.",
    "RECEIPT_CONFLICT": "The receipt number was used before for another sale.",
    "REDEMPTION_ENDED": "A redemption was cancelled, over or handed over before.",
    "PAY_WITH_POINTS_NOT_ALLOWED": "Points cannot pay for this sale, or this card cannot spend them.",
    "PAY_WITH_POINTS_OUT_OF_RANGE": "Too few points to pay with, too many, or worth no whole amount; `message` says.",
    "REDEMPTION_NOT_ALLOWED": "A redemption cannot be handed over with this sale.",
    "REDEMPTION_NOT_FOUND": "There is no such redemption of this member.",
    "SAME_MEMBER": "Both are the same member.",
    "SECOND_PERSON_NEEDED": "Whoever asked cannot approve: somebody else who may has to.",
    "STEP_UP_REQUIRED": "Confirm first that it is you: sign in again, then repeat.",
    "TERMS_NOT_ACCEPTED": "Joining needs the terms to be accepted.",
    "TIER_TOO_LOW": "Needs a higher tier.",
    "TOO_OLD": "Too long ago to be taken in.",
    "UNCLAIMED": "Earns, but redeems only after it was claimed by signing in.",
}


class StepUpRequired(DomainError):
    """The session is too old or too weak for this."""

    code = "STEP_UP_REQUIRED"

    def __init__(self) -> None:
        super().__init__("Confirm first that it is you: sign in again, then repeat.")


class Refusals:
    """The error type and the codes of one mutation.

    `also` maps codes of services to codes of the enum, `fields` names of services to names of the input.
    """

    def __init__(
        self,
        action: str,
        *codes: str,
        also: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> None:
        self.codes = frozenset(codes)
        self.also = also or {}
        self.fields = fields or {}
        made: Any = Enum
        values = {code: strawberry.enum_value(code, description=MEANINGS[code]) for code in codes}
        self.enum: Any = strawberry.enum(made(f"{action}ErrorCode", values), description=f"Why {action} was refused.")
        body = {
            "__annotations__": {"field": list[str] | None, "message": str, "code": self.enum},
            "__doc__": "One refusal.",
            "field": says("Path of the input to correct, outermost first; null when no single one is to blame."),
            "message": says("A whole sentence for people."),
            "code": says("What went wrong, for programs."),
        }
        name = f"{action}UserError"
        self.type: Any = strawberry.type(type(name, (), body), description=f"One reason why {action} was refused.")

    def code_of(self, error: DomainError) -> str:
        """The enum's code for a refusal of a service."""
        code = self.also.get(error.code, error.code)
        return code if code in self.codes else "INVALID" if "INVALID" in self.codes else "NOT_FOUND"

    def of(self, error: DomainError) -> dict[str, Any]:
        """The refusal as the API shows it."""
        return {"field": _path(error.field, self.fields), "message": error.message, "code": self.code_of(error)}


def user_errors(refusals: Refusals) -> Any:
    """Declare the `userErrors` of a payload."""
    return strawberry.field(
        description="Why nothing was done; empty when it was.",
        graphql_type=StrawberryList(refusals.type),
    )


def mutation(
    description: str, *, payload: type, refusals: Refusals, scopes: Sequence[str]
) -> Callable[[Resolver], Any]:
    """Make a root field of a coroutine function (context, sent) -> payload as a dict; `sent` is the input, if any.

    Refusals of the domain become `userErrors`.
    """

    def declare(resolver: Resolver) -> Any:
        async def answer(context: Context, *sent: object) -> dict[str, Any]:
            context.forget()
            try:
                made = await resolver(context, *sent)
            except DomainError as error:
                made = {"user_errors": [refusals.of(error)]}
            context.forget()
            made.setdefault("user_errors", [])
            return made

        async def with_input(info: Info, input: object) -> dict[str, Any]:  # noqa: A002 -- its name in the API
            return await answer(info.context, input)

        async def without_input(info: Info) -> dict[str, Any]:
            return await answer(info.context)

        sent = get_type_hints(resolver).get("sent")
        if sent is not None:
            with_input.__annotations__["input"] = Annotated[sent, strawberry.argument(description="What is asked for.")]
        return strawberry.mutation(
            resolver=without_input if sent is None else with_input,
            description=description,
            graphql_type=payload,
            directives=needs(*scopes),
        )

    return declare


def _path(field: Sequence[str] | None, names: Mapping[str, str]) -> list[str] | None:
    """The path as the client wrote it: camel case, from `input` on."""
    if not field:
        return None
    path = [names.get(part) or _camel(part) for part in field]
    return path if path[0] == "input" else ["input", *path]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)
