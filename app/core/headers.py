"""Security headers on every answer that has not set its own."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = (
    "default-src 'none'; script-src 'self'{wasm}; style-src 'self'{inline}; img-src 'self' data: blob:; "
    "media-src 'self' blob:; font-src 'self'{data}; connect-src {connect}; worker-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def content_security_policy(connect: str = "'self'", *, wasm: bool = False, editor: bool = False) -> str:
    """The policy of our pages: nothing from elsewhere, nothing inline; `wasm` lets the till run its barcode reader.

    `connect` lists what scripts may ask (Content Security Policy Level 3, sections 6.1 and 4.2). `editor` is for
    GraphiQL alone, in development: its dialogs write a style element that holds the page still behind them (its text
    follows the scroll bar's width, so no hash fits), and its stylesheet carries its fonts within. Scripts stay ours.
    """
    return _POLICY.format(
        connect=connect,
        wasm=" 'wasm-unsafe-eval'" if wasm else "",
        inline=" 'unsafe-inline'" if editor else "",
        data=" data:" if editor else "",
    )


def own_sources(issuer: str) -> str:
    """What scripts of our own pages may ask: this origin, by WebSocket too where a browser's 'self' leaves that out."""
    return f"'self' {issuer} {issuer.replace('http', 'ws', 1)}"


class SecurityHeaders:
    """ASGI middleware that adds what is missing: CSP, no sniffing, no framing, no referrer to others, HSTS on https."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._defaults = {
            "content-security-policy": content_security_policy(),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(self), microphone=(), geolocation=(), payment=(), usb=()",
            "cross-origin-opener-policy": "same-origin",
        }
        if https:
            self._defaults["strict-transport-security"] = "max-age=63072000; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)
