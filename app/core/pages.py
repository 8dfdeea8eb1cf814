"""The built front ends as static files: hashed assets for ever, everything else asked for anew each time."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from app.core.headers import content_security_policy

_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


class _FrontEnd(StaticFiles):
    """One app's folder; a path without a file of its own is a screen of the app, so its page answers."""

    def __init__(self, folder: Path, headers: Mapping[str, str]) -> None:
        super().__init__(directory=folder, html=True)
        self._headers = headers

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except HTTPException as missing:
            is_screen = missing.status_code == 404 and "." not in path.rsplit("/", 1)[-1]
            if not is_screen:
                raise
            response = await super().get_response("index.html", scope)
        response.headers.update(self._headers)
        response.headers["cache-control"] = _FOR_EVER if path.startswith("assets/") else _ASK_AGAIN
        return response


def front_end_routes(dist: Path, connect: str, names: Sequence[str]) -> list[BaseRoute]:
    """Mount the built apps: each under its name, `member` last and at the root.

    `connect` is what their scripts may ask besides their own origin's files (for the policy header).
    """
    routes: list[BaseRoute] = []
    for name in names:
        if name == "member":
            routes.append(Mount("/", _app(dist / name, name, connect)))
        else:
            routes += [_with_slash(name), Mount(f"/{name}", _app(dist / name, name, connect))]
    return routes


def _with_slash(name: str) -> Route:
    """The address as people type it; a fragment (a till's pairing code) survives the redirect."""

    async def to_folder(request: Request) -> Response:
        return RedirectResponse(f"/{name}/" + (f"?{request.url.query}" if request.url.query else ""))

    return Route(f"/{name}", to_folder)


def _app(folder: Path, name: str, connect: str) -> ASGIApp:
    policy = content_security_policy(connect, wasm=name == "till")
    headers = {"content-security-policy": policy}
    if name == "widget":
        # Shops on other origins load the widget's script.
        headers |= {"cross-origin-resource-policy": "cross-origin", "access-control-allow-origin": "*"}
    if not folder.is_dir():
        return PlainTextResponse(f"{name} is not built yet: run `make frontend`.\n", status_code=503)
    return GZipMiddleware(_FrontEnd(folder, headers), minimum_size=1024)
