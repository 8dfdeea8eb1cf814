"""What can go wrong with tills."""

from typing import ClassVar

from app.core.errors import DomainError


class UnknownStore(DomainError):
    """There is no such store."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such store.", ("storeId",))


class UnknownTill(DomainError):
    """There is no such till."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such till.", ("tillId",))


class PairingRefused(DomainError):
    """The code is wrong, used or too old; which of them is nobody's business."""

    code: ClassVar[str] = "PAIRING_REFUSED"

    def __init__(self) -> None:
        super().__init__("This pairing code is not valid any more. Ask for a new one in the console.", ("code",))
