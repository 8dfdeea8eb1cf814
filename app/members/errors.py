"""Refusals about members."""

from datetime import date, datetime

from app.core.errors import DomainError, InvalidInput


class MemberNotFound(DomainError):
    """No member has this id."""

    code = "NOT_FOUND"

    def __init__(self, member_id: str, field: str = "member_id") -> None:
        super().__init__(f"There is no member {member_id[:40]}.", (field,))


class TermsNotAccepted(DomainError):
    """Joining needs the terms to be accepted."""

    code = "TERMS_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__("Please accept the terms to join.", ("accept_terms",))


class ClaimCodeUnknown(DomainError):
    """The claim code is wrong, used or over; which of these is not told to somebody who only guesses."""

    code = "CLAIM_CODE_UNKNOWN"

    def __init__(self) -> None:
        super().__init__(
            "This code is not valid any more, or was mistyped. Ask at the till for a new one.", ("claim_code",)
        )


class AlreadyMember(DomainError):
    """Somebody who proved that this contact is theirs is a member already."""

    code = "ALREADY_MEMBER"

    def __init__(self, field: str) -> None:
        super().__init__("This contact belongs to a member already: ask for the card instead.", (field,))


class NameInvalid(InvalidInput):
    """A name that nobody could be called by."""

    def __init__(self, field: str, name: str, longest: int) -> None:
        if len(name) > longest:
            sentence = f"A name may have at most {longest} characters; this one has {len(name)}."
        elif not name.strip():
            sentence = "Please enter a name."
        else:
            sentence = "A name needs at least one letter and no invisible control characters."
        super().__init__((field,), sentence)


class LanguageUnknown(InvalidInput):
    """A language that the programme does not speak."""

    def __init__(self, language: str, spoken: list[str]) -> None:
        super().__init__(
            ("language",), f"{language[:20]!r} is not one of this programme's languages: {', '.join(spoken)}."
        )


class BirthdayInvalid(InvalidInput):
    """A birthday in the future, or longer ago than anybody lives."""

    def __init__(self, birthday: date, today: date) -> None:
        sentence = "A birthday cannot be in the future." if birthday > today else "Please check the year of birth."
        super().__init__(("birthday",), sentence)


class EmailInvalid(InvalidInput):
    """Not an e-mail address; `why` is a sentence of its own."""

    def __init__(self, why: str) -> None:
        super().__init__(("email",), f"This is not a valid e-mail address: {why}")


class PhoneInvalid(InvalidInput):
    """Not a telephone number."""

    def __init__(self, region: str) -> None:
        super().__init__(
            ("phone",),
            f"This is not a valid telephone number. Numbers from outside {region} start with + and the country.",
        )


class JoinedInFuture(InvalidInput):
    """An imported member who joined after now."""

    def __init__(self, source: str, joined_at: datetime) -> None:
        super().__init__(("joined_at",), f"{source} is said to have joined in the future, at {joined_at.isoformat()}.")


class LegacyNumberRefused(InvalidInput):
    """An imported member with a card number of an earlier system that cannot be theirs."""

    def __init__(self, source: str, number: str, why: str) -> None:
        super().__init__(("legacy_numbers",), f"The card number {number[:40]} of {source} {why}.")


class EnrolmentKeyReused(InvalidInput):
    """The idempotency key of another enrolment, with other details."""

    def __init__(self) -> None:
        super().__init__(("idempotency_key",), "This key was used to enrol somebody else: use a new one.")


class ReasonMissing(InvalidInput):
    """An action that changes a member needs a reason for those who read its history."""

    def __init__(self) -> None:
        super().__init__(("reason",), "Please say why, in a few words (at most 500 characters).")


class SameMember(DomainError):
    """A member cannot be merged into itself."""

    code = "SAME_MEMBER"

    def __init__(self) -> None:
        super().__init__("These are the same member.", ("merged_id",))


class AlreadyMerged(DomainError):
    """One side of the merge has been merged into somebody already."""

    code = "ALREADY_MERGED"

    def __init__(self, name: str, field: str) -> None:
        super().__init__(f"{name} has been merged already. Undo that first, or choose the remaining member.", (field,))


class NotMerged(DomainError):
    """There is no merge to undo."""

    code = "NOT_MERGED"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not merged into anybody.", ("merged_id",))


class SurvivorUnclaimed(InvalidInput):
    """Keeping the unclaimed side would take a claimed member's right to redeem away."""

    def __init__(self, survivor: str, merged: str) -> None:
        super().__init__(("survivor_id",), f"{survivor} has not been claimed yet: keep {merged} instead.")


class MemberClosed(InvalidInput):
    """A closed member is not changed any more."""

    def __init__(self, name: str, field: str) -> None:
        super().__init__((field,), f"{name} has left the programme.")


class MergeKeyReused(DomainError):
    """The idempotency key of another merge."""

    code = "IDEMPOTENCY_CONFLICT"

    def __init__(self) -> None:
        super().__init__("This key was used for another merge: use a new one.", ("idempotency_key",))


class MergeAsked(DomainError):
    """A merge of these two waits for a second person already."""

    code = "ALREADY_ASKED"

    def __init__(self) -> None:
        super().__init__("A merge of these two waits for a second person already: approve or decline that one.")


class MergeRequestNotFound(DomainError):
    """No merge request has this id."""

    code = "NOT_FOUND"

    def __init__(self, request_id: str) -> None:
        super().__init__(f"There is no merge request {request_id[:40]}.", ("request_id",))


class SecondPersonNeeded(DomainError):
    """Whoever asked for a merge of two claimed members does not approve it too."""

    code = "SECOND_PERSON_NEEDED"

    def __init__(self) -> None:
        super().__init__("You asked for this merge yourself: a colleague who may merge has to approve it.")


class MergeRequestDecided(DomainError):
    """Somebody approved or declined the request before, or one of the two was merged otherwise."""

    code = "ALREADY_DECIDED"

    def __init__(self, state: str) -> None:
        over = {"approved": "was approved already", "declined": "was declined already"}
        super().__init__(f"This request {over.get(state, 'is void: one of the two was merged meanwhile')}.")


class MergeRequestExpired(DomainError):
    """Nobody decided about the request in time."""

    code = "EXPIRED"

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(f"Nobody decided about this request until {expired_at:%Y-%m-%d}: ask for the merge anew.")


class MemberBusy(DomainError):
    """Others kept changing this member at the same moment."""

    code = "BUSY"

    def __init__(self) -> None:
        super().__init__("This member is being changed by somebody else right now. Please try again.")
