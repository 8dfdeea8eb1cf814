"""The development page at `/graphql`: GraphiQL when the frontend was built with it, else a small page of our own."""

from pathlib import Path
from typing import Final

from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

_OWN: Final = Path(__file__).parent / "assets"
FILE: Final = b"file="
_TYPES: Final = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


class Explorer:
    """Serves the files of one folder, `index.html` for the page itself; nothing inline, so that a strict CSP holds."""

    def __init__(self, built: Path | None) -> None:
        self._folder = (built if built and (built / "index.html").is_file() else _OWN).resolve()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET."""
        name = scope.get("path_params", {}).get("file") or _asked(scope) or "index.html"
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            await Response("Not found", 404, media_type="text/plain")(scope, receive, send)
            return
        kind = _TYPES.get(path.suffix)
        await FileResponse(path, media_type=kind, headers={"cache-control": "no-cache"})(scope, receive, send)


def _asked(scope: Scope) -> str:
    """The file of `/graphql?file=…`, so that our own page needs no route but its own."""
    query: bytes = scope["query_string"]
    return query.removeprefix(FILE).decode("ascii", "replace") if query.startswith(FILE) else ""
