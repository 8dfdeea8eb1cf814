"""What can be wrong with the programme."""

from app.core.errors import DomainError


class NoProgramme(DomainError):
    """Asked for the programme of a database that has none yet."""

    code = "NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("No programme has been set up yet: start the service once, or load the demo.")
