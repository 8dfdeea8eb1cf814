"""The development outbox: the mails that nobody else gets."""

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from app.messages.service import MailService

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-inline-size: 44rem; margin: 2rem auto; padding-inline: 1rem; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 1rem; flex-wrap: wrap; }
article { border: 1px solid color-mix(in srgb, currentColor 20%, transparent); border-radius: 12px; padding: 1rem; }
article + article { margin-block-start: 1rem; }
h2 { font-size: 1.1rem; margin: 0; }
p.facts { margin: 0; opacity: .75; font-size: .875rem; }
pre { white-space: pre-wrap; font: inherit; margin-block-end: 0; }
"""

# Takes over what is new, instead of loading the page anew under somebody who is reading it (WCAG 2.2.1).
_LOOK = """
const main = document.querySelector('main')
setInterval(async () => {
  if (document.hidden) return
  const answer = await fetch(location.href).catch(() => undefined)
  if (!answer?.ok) return
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main')
  if (fresh && fresh.innerHTML !== main.innerHTML) main.replaceChildren(...fresh.childNodes)
}, 5000)
"""


def outbox_routes(mails: MailService) -> list[BaseRoute]:
    """The page `/outbox`, its stylesheet and its script; mount it in development only."""
    templates = Environment(
        loader=PackageLoader("app.messages"), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    page = templates.get_template("outbox.html")

    async def outbox(request: Request) -> Response:
        return HTMLResponse(page.render(mails=await mails.newest()), headers={"cache-control": "no-store"})

    async def style(request: Request) -> Response:
        return Response(_STYLE, media_type="text/css")

    async def look(request: Request) -> Response:
        return Response(_LOOK, media_type="text/javascript")

    return [Route("/outbox", outbox), Route("/outbox/style.css", style), Route("/outbox/look.js", look)]
