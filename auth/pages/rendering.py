"""Rendering pages: one place for their language, their headers and their policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response

from auth.clients.redirects import form_target
from auth.languages import RIGHT_TO_LEFT, choose
from auth.pages.strings import STRINGS

_HERE: Final = Path(__file__).parent
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'{targets}; base-uri 'none'; frame-ancestors 'none'"
)
_FILES: Final = {"sign-in.css": "text/css", "passkey.js": "text/javascript"}
_HUE: Final = "hue.css"


@dataclass(slots=True)
class Brand:
    """Under which name sign-in appears, and the hue of its colour (OKLCH degrees); set once the programme is known."""

    name: str = "Stampbook"
    hue: float = 265.0


class Pages:
    """Renders the pages of sign-in under the programme's name and colour."""

    def __init__(self, brand: Brand) -> None:
        self._brand = brand
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        language: str | None = None,
        then: Sequence[str] | None = None,
        **context: Any,
    ) -> Response:
        """A page. `then` are addresses that answering it may send the browser on to: browsers hold `form-action`
        against every redirect that follows a form, so the policy must name them.
        """
        chosen = choose(language, request.query_params.get("ui_locales"), request.headers.get("accept-language"))
        texts = STRINGS[chosen]

        def say(key: str, **values: str) -> str:
            return texts[key].format_map(values)

        html = self._environment.get_template(template).render(
            brand=self._brand.name,
            language=chosen,
            direction="rtl" if chosen in RIGHT_TO_LEFT else "ltr",
            say=say,
            **context,
        )
        targets = "".join(f" {form_target(address)}" for address in then or ())
        headers = {
            "Content-Security-Policy": _POLICY.format(targets=targets),
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Content-Language": chosen,
            "Vary": "Accept-Language, Cookie",
        }
        return HTMLResponse(html, status, headers)

    def error(self, request: Request, key: str, detail: str | None = None, *, status: int = 400) -> Response:
        """A page that says what went wrong and where to go; never a redirect."""
        return self.render(request, "error.html", status=status, key=key, detail=detail)

    def expired(self, request: Request) -> Response:
        """The page for an interaction that is over, or another browser's."""
        return self.error(request, "error.expired")

    async def file(self, request: Request) -> Response:
        """`GET /auth/{name}`: the stylesheets and the script of the pages."""
        name = request.path_params["name"]
        if name == _HUE:
            return Response(f":root {{ --hue: {self._brand.hue:g}; }}\n", media_type="text/css")
        if name not in _FILES:
            return self.error(request, "error.request", status=404)
        headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
        return FileResponse(_HERE / "static" / name, media_type=_FILES[name], headers=headers)
