"""The endpoint put together from settings and services."""

from collections.abc import Mapping
from pathlib import Path

from app.core.headers import own_sources
from app.core.settings import Settings
from auth.access import Access
from schema.build import executable
from schema.context import Context, Services
from schema.documents import DocumentCache
from schema.endpoint import GraphQLApp, Profile
from schema.execution import Execution
from schema.explorer import Explorer
from schema.limits import Limits
from schema.origin import Origins
from schema.root import build_schema

_GRAPHIQL = Path(__file__).parent.parent / "frontend" / "dist" / "graphiql"


def graphql_app(
    services: Services,
    settings: Settings,
    persisted: Mapping[str, str],
    *,
    limits: Limits | None = None,
    recheck: float = 5.0,
) -> GraphQLApp[Access]:
    """The endpoint. Raises BrokenDocuments when a registered document does not fit this schema."""
    schema = executable(build_schema())
    helpful = not settings.is_production
    documents = DocumentCache(
        schema, limits or Limits(), introspection=helpful, suggestions=helpful, persisted=persisted
    )
    if documents.broken and settings.is_production:
        raise BrokenDocuments(documents)
    storefronts = _storefronts(settings)

    async def is_registered(origin: str) -> bool:
        return origin in storefronts or await services.auth.clients.is_known_origin(origin)

    return GraphQLApp(
        documents,
        Execution(schema, suggestions=helpful, deadline=settings.deadline_seconds),
        gate=services.auth.authenticator,
        context=lambda access: Context(services, access),
        origins=Origins(settings.issuer, is_registered),
        profile=Profile.development() if helpful else Profile.production(persisted_only=settings.persisted_only),
        recheck=recheck,
        explorer=Explorer(_GRAPHIQL, own_sources(settings.issuer)) if helpful else None,
    )


class BrokenDocuments(Exception):
    """Front ends were built against another schema than the service's."""

    def __init__(self, documents: DocumentCache) -> None:
        reasons = [f"{key[:12]}: {errors[0]['message']}" for key, errors in documents.broken.items()]
        super().__init__("registered documents do not fit the schema:\n" + "\n".join(reasons))


def _storefronts(settings: Settings) -> frozenset[str]:
    """Origins whose pages may ask with a token; in development also our own demo shop, on another origin."""
    named = {origin.strip().rstrip("/") for origin in settings.storefront_origins.split(",") if origin.strip()}
    if not settings.is_production:
        named.add(f"http://127.0.0.1:{settings.port}")
    return frozenset(named)
