"""Every HTTP endpoint of sign-in."""

from starlette.routing import Route

from auth.assembly import Auth
from auth.provider.token_endpoint import TokenEndpoint
from auth.signin.endpoints import SignInEndpoints, TillEndpoints
from auth.web import Handler, answering


def routes(auth: Auth) -> list[Route]:
    """The endpoints, to be mounted at the root of the service."""
    return [*_own_pages(auth), *_provider(auth)]


def _own_pages(auth: Auth) -> list[Route]:
    sign_in = SignInEndpoints(
        codes=auth.codes,
        identities=auth.identities,
        sessions=auth.sessions,
        browser=auth.browser,
        authenticator=auth.authenticator,
        members=auth.members,
    )
    tills = TillEndpoints(auth.pairings, auth.limiter, auth.policy)
    return [
        _route("/login/code", sign_in.send_code, "POST"),
        _route("/login/code/verify", sign_in.verify_code, "POST"),
        _route("/web/session", sign_in.session, "GET"),
        _route("/web/session", sign_in.sign_out, "DELETE"),
        _route("/till/pair", tills.pair, "POST"),
    ]


def _provider(auth: Auth) -> list[Route]:
    token = TokenEndpoint(
        clients=auth.client_authenticator,
        tokens=auth.tokens,
        proofs=auth.proofs,
        limiter=auth.limiter,
        policy=auth.policy,
    )
    return [_route("/token", token.token, "POST")]


def _route(path: str, handler: Handler, *methods: str) -> Route:
    return Route(path, answering(handler), methods=list(methods))
