"""What can go wrong with identities and sign-in methods."""

from collections.abc import Iterable
from typing import ClassVar

from app.core.errors import DomainError


class UnknownIdentity(DomainError):
    """There is no such identity."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such person.")


class IdentityDisabled(DomainError):
    """Somebody of the staff who may not sign in any more."""

    code: ClassVar[str] = "DISABLED"

    def __init__(self) -> None:
        super().__init__("This account is disabled. Ask an administrator.")


class UnknownStaff(DomainError):
    """Nobody of the staff has this id or address."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such person on the staff.", ("staffId",))


class NotYourself(DomainError):
    """An admin turned on the own account."""

    code: ClassVar[str] = "NOT_YOURSELF"

    def __init__(self) -> None:
        super().__init__("Ask another administrator to change your own account.", ("staffId",))


class UnknownMethod(DomainError):
    """The identity has no such sign-in method."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such sign-in method.", ("methodId",))


class LastMethod(DomainError):
    """Removing it would lock the person out."""

    code: ClassVar[str] = "LAST_METHOD"

    def __init__(self) -> None:
        super().__init__("This is the only way to sign in. Add another one before removing it.", ("methodId",))


class MethodTaken(DomainError):
    """The address, passkey or outside account already belongs to somebody else."""

    code: ClassVar[str] = "TAKEN"

    def __init__(self) -> None:
        super().__init__("This sign-in method already belongs to another account.")


class BadAddress(DomainError):
    """Not an e-mail address."""

    def __init__(self, field: str = "email") -> None:
        super().__init__("Enter an e-mail address such as name@example.com.", (field,))


class UnknownRoles(DomainError):
    """A role that does not exist, or none at all."""

    def __init__(self, unknown: Iterable[str], known: Iterable[str]) -> None:
        named = ", ".join(sorted(unknown))
        what = f"There is no role {named}." if named else "Name at least one role."
        super().__init__(f"{what} The roles are {', '.join(sorted(known))}.", ("roles",))


class AlreadyStaff(DomainError):
    """The address already belongs to somebody of the staff."""

    code: ClassVar[str] = "ALREADY_STAFF"

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} already belongs to somebody of the staff.", ("email",))


class AddressOfMember(DomainError):
    """The address belongs to a member; staff sign in with an address of their own."""

    def __init__(self, email: str) -> None:
        super().__init__(f"{email} belongs to a member. Staff need an address of their own.", ("email",))
