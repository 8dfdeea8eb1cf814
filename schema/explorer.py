"""The development page at `/graphql`: GraphiQL, from the files that the front ends' build made."""

from pathlib import Path

from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from app.core.headers import content_security_policy

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class Explorer:
    """Serves one built folder, `index.html` for the page itself. `connect` is what the page's script may ask."""

    def __init__(self, built: Path, connect: str = "'self'") -> None:
        self._folder = built.resolve()
        self._policy = content_security_policy(connect, editor=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET."""
        await self._answer(scope.get("path_params", {}).get("file") or "index.html")(scope, receive, send)

    def _answer(self, name: str) -> Response:
        path = (self._folder / name).resolve()
        if path.is_relative_to(self._folder) and path.is_file():
            caching = _FOR_EVER if name.startswith("assets/") else _ASK_AGAIN
            return FileResponse(path, headers={"cache-control": caching, "content-security-policy": self._policy})
        if name == "index.html":
            return PlainTextResponse("graphiql is not built yet: run `make frontend`.\n", 503)
        return PlainTextResponse("Not found\n", 404)
