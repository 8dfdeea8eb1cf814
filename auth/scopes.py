"""What each kind of caller may do: audiences, scopes and the staff roles that grant them.

A token carries one audience; scopes outside that audience's set count for nothing, whoever granted them.
"""

from collections.abc import Iterable
from typing import Final, Literal

Audience = Literal["member", "pos", "staff"]

IDENTITY_SCOPES: Final = frozenset({"openid", "profile", "email", "phone", "offline_access"})
MEMBER_SCOPES: Final = frozenset(
    {
        "member:read",
        "member:write",
        "member:join",
        "points:read",
        "points:redeem",
        "rewards:read",
        "sessions:manage",
    }
)
TILL_SCOPES: Final = frozenset({"till:identify", "till:enrol", "till:earn", "till:redeem", "till:reverse"})
STAFF_SCOPES: Final = frozenset(
    {
        "support:read",
        "support:adjust",
        "support:merge",
        "support:sessions",
        "sessions:manage",
        "account:manage",
        "till:manage",
        "admin:clients",
        "admin:keys",
        "admin:staff",
        "admin:rules",
        "audit:read",
    }
)

AUDIENCE_SCOPES: Final[dict[Audience, frozenset[str]]] = {
    "member": MEMBER_SCOPES,
    "pos": TILL_SCOPES,
    "staff": STAFF_SCOPES,
}

# What everybody needs who works in the console: looking members up, and the account of one's own.
_CONSOLE: Final = frozenset({"support:read", "account:manage"})
_AGENT: Final = _CONSOLE | {"support:adjust", "support:sessions", "sessions:manage"}

# A cashier works under the till's own token, so the role opens nothing in the console.
ROLE_SCOPES: Final[dict[str, frozenset[str]]] = {
    "cashier": frozenset(),
    "store_manager": _CONSOLE | {"till:manage"},
    "agent": _AGENT,
    "agent_lead": _AGENT | {"support:merge"},
    "manager": _CONSOLE | {"till:manage", "admin:rules"},
    "admin": frozenset(
        {
            *_CONSOLE,
            "support:sessions",
            "sessions:manage",
            "till:manage",
            "admin:clients",
            "admin:keys",
            "admin:staff",
            "admin:rules",
            "audit:read",
        }
    ),
    "auditor": _CONSOLE | {"audit:read"},
}

SCOPE_TEXTS: Final[dict[str, str]] = {
    "profile": "scope.profile",
    "email": "scope.email",
    "phone": "scope.phone",
    "offline_access": "scope.offline_access",
    "member:read": "scope.member_read",
    "member:write": "scope.member_write",
    "points:read": "scope.points_read",
    "points:redeem": "scope.points_redeem",
    "rewards:read": "scope.rewards_read",
    "sessions:manage": "scope.sessions_manage",
}
"""The line of the consent page for each scope that a storefront can ask for."""


def scopes_of_roles(roles: Iterable[str]) -> frozenset[str]:
    """The union of what the roles grant; unknown roles grant nothing."""
    return frozenset().union(*(ROLE_SCOPES.get(role, frozenset()) for role in roles))


def within(audience: Audience, scopes: Iterable[str]) -> frozenset[str]:
    """The scopes that count for a token of this audience."""
    return AUDIENCE_SCOPES[audience] & frozenset(scopes)
