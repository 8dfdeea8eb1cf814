"""Every HTTP endpoint of sign-in."""

from starlette.routing import Route

from auth.assembly import Auth
from auth.clients.service import TRANSFER_GRANT
from auth.contacts.pages import AddressPages
from auth.federation.endpoints import FederationEndpoints
from auth.pages.endpoints import SignInPages
from auth.pages.forms import InteractionForms
from auth.passkeys.endpoints import PasskeyEndpoints
from auth.provider.authorize import AuthorizationEndpoint
from auth.provider.cors import CrossOrigin
from auth.provider.discovery import DiscoveryEndpoints
from auth.provider.logout import LogoutEndpoint
from auth.provider.token_endpoint import TokenEndpoint
from auth.provider.token_management import TokenManagement, UserInfoEndpoint
from auth.signin.endpoints import SignInEndpoints, TillEndpoints
from auth.web import Handler, answering


def routes(auth: Auth) -> list[Route]:
    """The endpoints, to be mounted at the root of the service."""
    return [*_own_pages(auth), *_account(auth), *_federation(auth), *_interactive(auth), *_provider(auth)]


def _own_pages(auth: Auth) -> list[Route]:
    sign_in = SignInEndpoints(
        codes=auth.codes,
        sign_in=auth.sign_in,
        sessions=auth.sessions,
        browser=auth.browser,
        authenticator=auth.authenticator,
        providers=auth.federation.providers,
    )
    tills = TillEndpoints(auth.pairings, auth.limiter, auth.policy)
    return [
        _route("/login/code", sign_in.send_code, "POST"),
        _route("/login/code/verify", sign_in.verify_code, "POST"),
        _route("/stepup/code", sign_in.send_step_up, "POST"),
        _route("/stepup/verify", sign_in.verify_step_up, "POST"),
        _route("/web/session", sign_in.session, "GET"),
        _route("/web/session", sign_in.sign_out, "DELETE"),
        _route("/till/pair", tills.pair, "POST"),
    ]


def _account(auth: Auth) -> list[Route]:
    passkeys = PasskeyEndpoints(
        passkeys=auth.passkeys,
        sign_in=auth.sign_in,
        browser=auth.browser,
        authenticator=auth.authenticator,
        notices=auth.notices,
        limiter=auth.limiter,
        policy=auth.policy,
    )
    return [
        _route("/login/passkey/options", passkeys.sign_in_options, "POST"),
        _route("/login/passkey/verify", passkeys.sign_in, "POST"),
        _route("/passkey/options", passkeys.registration_options, "POST"),
        _route("/passkey/verify", passkeys.register, "POST"),
        _route("/.well-known/webauthn", passkeys.related_origins, "GET"),
        _route("/session/transfer", auth.transfers.take, "POST"),
    ]


def _federation(auth: Auth) -> list[Route]:
    outside = FederationEndpoints(
        federation=auth.federation,
        interactions=auth.interactions,
        sign_in=auth.sign_in,
        browser=auth.browser,
        authenticator=auth.authenticator,
        notices=auth.notices,
        pages=auth.pages,
        policy=auth.policy,
    )
    return [
        _route("/login/idp/{provider}", outside.depart, "GET"),
        _route("/login/idp/{provider}/callback", outside.arrive, "GET", "POST"),
        _route("/link/idp/{provider}", outside.link, "POST"),
        _route("/idp/{provider}/backchannel", outside.end, "POST"),
    ]


def _interactive(auth: Auth) -> list[Route]:
    authorization = AuthorizationEndpoint(
        clients=auth.clients,
        codes=auth.authorizations,
        consents=auth.consents,
        interactions=auth.interactions,
        browser=auth.browser,
        id_tokens=auth.id_tokens,
        pages=auth.pages,
        clock=auth.clock,
        policy=auth.policy,
    )
    forms = InteractionForms(auth.interactions, auth.browser, auth.pages)
    pages = SignInPages(
        interactions=auth.interactions,
        forms=forms,
        authorization=authorization,
        clients=auth.clients,
        consents=auth.consents,
        codes=auth.codes,
        identities=auth.identities,
        sign_in=auth.sign_in,
        browser=auth.browser,
        pages=auth.pages,
        providers=auth.federation.providers,
        clock=auth.clock,
        policy=auth.policy,
    )
    address = AddressPages(
        contacts=auth.contacts,
        interactions=auth.interactions,
        forms=forms,
        browser=auth.browser,
        authenticator=auth.authenticator,
        pages=auth.pages,
    )
    logout = LogoutEndpoint(
        clients=auth.clients,
        grants=auth.grants,
        sessions=auth.sessions,
        interactions=auth.interactions,
        browser=auth.browser,
        id_tokens=auth.id_tokens,
        pages=auth.pages,
    )
    return [
        _route("/authorize", authorization.authorize, "GET", "POST"),
        _route("/authorize/resume", authorization.resume, "GET"),
        _route("/login", pages.login, "GET"),
        _route("/login", pages.login_step, "POST"),
        _route("/stepup", pages.step_up, "GET"),
        _route("/stepup", pages.step_up_step, "POST"),
        _route("/account/email", address.show, "GET"),
        _route("/account/email", address.step, "POST"),
        _route("/contact/undo", address.undo_page, "GET"),
        _route("/contact/undo", address.undo, "POST"),
        _route("/consent", pages.consent, "GET"),
        _route("/consent", pages.consent_step, "POST"),
        _route("/end_session", logout.end_session, "GET", "POST"),
        _route("/auth/{name}", auth.pages.file, "GET"),
    ]


def _provider(auth: Auth) -> list[Route]:
    token = TokenEndpoint(
        clients=auth.client_authenticator,
        codes=auth.authorizations,
        grants=auth.grants,
        tokens=auth.tokens,
        id_tokens=auth.id_tokens,
        proofs=auth.proofs,
        limiter=auth.limiter,
        policy=auth.policy,
    )
    token.support(TRANSFER_GRANT, auth.transfers.exchange)
    management = TokenManagement(
        authenticator=auth.client_authenticator,
        clients=auth.client_storage,
        grants=auth.grants,
        tokens=auth.tokens,
        clock=auth.clock,
        policy=auth.policy,
    )
    userinfo = UserInfoEndpoint(auth.authenticator, auth.identities, auth.members)
    discovery = DiscoveryEndpoints(auth.keys, auth.policy)
    cross_origin = CrossOrigin(auth.clients)
    share, share_with_public = cross_origin.sharing, cross_origin.sharing_with_public
    return [
        Route("/token", share_with_public(answering(token.token)), methods=["POST", "OPTIONS"]),
        Route("/userinfo", share(answering(userinfo.userinfo)), methods=["GET", "POST", "OPTIONS"]),
        Route("/revoke", share_with_public(answering(management.revoke)), methods=["POST", "OPTIONS"]),
        _route("/introspect", management.introspect, "POST"),
        _route("/jwks", discovery.jwks, "GET"),
        _route("/.well-known/openid-configuration", discovery.metadata, "GET"),
        _route("/.well-known/oauth-authorization-server", discovery.metadata, "GET"),
    ]


def _route(path: str, handler: Handler, *methods: str) -> Route:
    return Route(path, answering(handler), methods=list(methods))
