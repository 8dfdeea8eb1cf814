"""What can be wrong with a rule set."""

from app.core.errors import DomainError, InvalidInput


class InvalidRules(InvalidInput):
    """A rule set that cannot be published; names the rule's field."""


class NoRules(DomainError):
    """No rule set was ever published, so nothing can be evaluated."""

    code = "NO_RULES"

    def __init__(self) -> None:
        super().__init__("This programme has no earning rules yet.")


class RulesChanged(DomainError):
    """Somebody else published in the meantime."""

    code = "RULES_CHANGED"

    def __init__(self, version: int) -> None:
        super().__init__(f"Version {version} of the rules was published in the meantime; look at it first.")
