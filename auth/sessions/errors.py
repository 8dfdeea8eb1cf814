"""What can go wrong with sessions."""

from typing import ClassVar

from app.core.errors import DomainError


class UnknownSession(DomainError):
    """The identity has no such open session."""

    code: ClassVar[str] = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("There is no such session; it may have ended already.", ("sessionId",))
