"""Looking at a screen as everybody has to be able to use it: axe-core finds nothing, and nothing runs off the page.

Each screen is visited once and then looked at in every look: light and dark, forced colours, right to left, 320 pixels
wide (WCAG 1.4.10) and text at 200 % (WCAG 1.4.4). Together the looks cover every value of each, not every combination.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

from playwright.async_api import Page

from tests.journeys.conftest import DESK

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
NARROW = 320
"""CSS pixels: 1,280 of a desk's screen at 400 %."""


@dataclass(frozen=True, slots=True)
class Look:
    """One way in which a person may have set up their device."""

    name: str
    scheme: Literal["light", "dark"] = "light"
    forced: bool = False
    width: int | None = None
    text: int = 100
    """Per cent of the browser's own size."""
    right_to_left: bool = False


LOOKS = (
    Look("light"),
    Look("dark, narrow, right to left", scheme="dark", width=NARROW, right_to_left=True),
    Look("forced colours, text 200 %", forced=True, text=200),
)

DESK_LOOKS = (*LOOKS[:2], Look("forced colours, zoom 200 %", forced=True, width=DESK["width"] // 2))
"""The console lays itself out by `rem` in media queries, which only the browser's own zoom or text size reaches."""


class Node(TypedDict):
    """An element that axe complains of."""

    html: str
    failureSummary: str


class Violation(TypedDict):
    """A rule that axe found broken, as it answers."""

    id: str
    nodes: list[Node]


RUN_AXE = """async ({ tags, within }) => {
  const { violations } = await axe.run(within ?? document, {
    runOnly: { type: 'tag', values: tags },
    rules: { 'target-size': { enabled: true } },
    resultTypes: ['violations'],
  })
  return violations.map(({ id, nodes }) => (
    { id, nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })) }))
}"""

SEE_FORCED_COLOURS = """() => {
  const { getComputedStyle } = window
  window.getComputedStyle = (...about) => {
    const style = getComputedStyle.apply(window, about)
    const read = style.getPropertyValue.bind(style)
    style.getPropertyValue = (name) => read(name === '-webkit-text-fill-color' ? 'color' : name)
    return style
  }
}"""
"""Axe judges a text by its fill colour; where colours are forced Chromium says there what it would have been."""

SET_LOOK = """async ({ text, rightToLeft }) => {
  document.documentElement.style.fontSize = text === 100 ? '' : `${text}%`
  const language = rightToLeft ? 'ar' : 'en'
  if (location.pathname === '/' || /^\\/(rewards|activity|you|join|claim)/.test(location.pathname)) {
    localStorage.setItem('stampbook.language', language)
    dispatchEvent(new Event('stampbook:language'))
  } else if (location.pathname.startsWith('/till')) {
    localStorage.setItem('stampbook.till.language', language)
    dispatchEvent(new Event('storage'))
  } else document.documentElement.dir = rightToLeft ? 'rtl' : 'ltr'
  const direction = rightToLeft ? 'rtl' : 'ltr'
  for (let tries = 0; (document.documentElement.dir || 'ltr') !== direction && tries < 100; tries++)
    await new Promise((go) => setTimeout(go, 20))
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))
  // Colours that are still on their way are no colours to judge.
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish()
}"""
"""The wallet and the till change their words by their own switch, other pages only their direction."""

OVERFLOW = """() => {
  const page = document.scrollingElement
  if (page.scrollWidth <= page.clientWidth) return []
  return [...document.body.querySelectorAll('*')]
    .filter((one) => {
      const { left, right } = one.getBoundingClientRect()
      return right > page.clientWidth + 1 || left < -1
    })
    .map((one) => one.outerHTML.slice(0, 160))
}"""


class Screens:
    """Looks at one screen after another of a page, and keeps what is wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.problems: list[str] = []
        self.seen = 0

    async def check(self, screen: str, looks: tuple[Look, ...] = LOOKS, within: str | None = None) -> None:
        """Look at what the page shows now in all looks; leaves it as it was.

        `within` selects the part that changed since all of the page was looked at; nothing else is judged then.
        """
        if not await self.page.evaluate("() => 'axe' in window"):
            # Evaluated from outside, which the page's own content security policy has no say in.
            await self.page.evaluate(AXE.read_text())
            await self.page.evaluate(SEE_FORCED_COLOURS)
        own = self.page.viewport_size
        assert own is not None
        for look in looks:
            await self._wear(look, look.width or own["width"], own["height"])
            violations: list[Violation] = await self.page.evaluate(RUN_AXE, {"tags": TAGS, "within": within})
            self.problems += [
                f"{screen} ({look.name}): {violation['id']}: {node['html'][:200]}\n    {node['failureSummary']}"
                for violation in violations
                for node in violation["nodes"]
            ]
            for element in await self.page.evaluate(OVERFLOW):
                self.problems.append(f"{screen} ({look.name}): runs off the page: {element}")
            self.seen += 1
        await self._wear(LOOKS[0], own["width"], own["height"])

    async def _wear(self, look: Look, width: int, height: int) -> None:
        await self.page.emulate_media(
            color_scheme=look.scheme,
            forced_colors="active" if look.forced else "none",
            reduced_motion="reduce",
        )
        await self.page.set_viewport_size({"width": width, "height": height})
        await self.page.evaluate(SET_LOOK, {"text": look.text, "rightToLeft": look.right_to_left})

    def verdict(self) -> None:
        """Fail with everything that was wrong on any screen."""
        assert self.seen > 0
        assert not self.problems, "\n".join(self.problems)
