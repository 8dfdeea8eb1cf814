"""What goes wrong with cards."""

from typing import ClassVar

from app.core.errors import DomainError


class InvalidPublicKey(DomainError):
    """A device's public key that is no point of P-256."""

    code: ClassVar[str] = "INVALID_KEY"

    def __init__(self) -> None:
        super().__init__(
            "The key is not a P-256 public key: send base64url of the 65-byte uncompressed point.", ("publicKey",)
        )


class DeviceNotFound(DomainError):
    """No such device on this member's card."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("This card has no such device; it may have been removed already.", ("deviceId",))


class MemberHasNoCard(DomainError):
    """A static code was asked for a member without an active card number."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self, member_id: str) -> None:
        super().__init__(f"Member {member_id} has no active card to show.")


class NoFreeEpoch(Exception):
    """All sixteen key epochs are used up; a new token version is needed."""

    def __init__(self) -> None:
        super().__init__("all 16 card key epochs are used up")


class WrongRootSecret(Exception):
    """Something in the database was sealed under another root secret."""

    def __init__(self, what: str) -> None:
        super().__init__(f"cannot open {what}: it was sealed under another STAMPBOOK_SECRET")


class PassesOff(DomainError):
    """Wallet passes of a platform are not configured."""

    code: ClassVar[str] = "UNAVAILABLE"

    def __init__(self, platform: str) -> None:
        super().__init__(f"This programme has not set up passes for {platform} Wallet.")
