"""What goes wrong in the domain, said so that a person and a program both understand."""

from typing import ClassVar


class DomainError(Exception):
    """A refusal that the caller can do something about.

    `code` is the value that the API's error enum shows; `field` is the path of the offending input, outermost first,
    or None when no single field is to blame; `message` is a whole sentence for people. Each feature subclasses this,
    takes its own domain objects and writes its own sentence.
    """

    code: ClassVar[str] = "INVALID"

    def __init__(self, message: str, field: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class InvalidInput(DomainError):
    """A value that was refused before anything was done with it."""

    def __init__(self, field: tuple[str, ...], message: str) -> None:
        super().__init__(message, field)
