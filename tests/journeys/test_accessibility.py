"""Every screen as everybody has to be able to use it: axe-core finds nothing, and nothing runs off the page.

Each screen is visited once and then looked at in every look: light and dark, forced colours, right to left, 320 pixels
wide (WCAG 1.4.10) and text at 200 % (WCAG 1.4.4). Together the looks cover every value of each, not every combination.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypedDict

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.conftest import (
    DESK,
    PHONE,
    TABLET,
    OpenPage,
    address,
    find,
    join,
    pair_till,
    ring_up,
    sign_in_as_staff,
    wedge,
)
from tests.running import RunningService

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


RUN_AXE = """async (tags) => {
  const { violations } = await axe.run(document, {
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
  if (location.pathname === '/' || /^\\/(rewards|activity|you|join)/.test(location.pathname)) {
    localStorage.setItem('stampbook.language', rightToLeft ? 'ar' : 'en')
    dispatchEvent(new Event('stampbook:language'))
  } else document.documentElement.dir = rightToLeft ? 'rtl' : 'ltr'
  const direction = rightToLeft ? 'rtl' : 'ltr'
  for (let tries = 0; (document.documentElement.dir || 'ltr') !== direction && tries < 100; tries++)
    await new Promise((go) => setTimeout(go, 20))
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))
  // Colours that are still on their way are no colours to judge.
  const moving = document.getAnimations().filter((one) => one instanceof CSSTransition)
  await Promise.all(moving.map(({ finished }) => finished.catch(() => undefined)))
}"""
"""The wallet changes its words by its own switch, other pages only their direction."""

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

    async def check(self, screen: str, looks: tuple[Look, ...] = LOOKS) -> None:
        """Look at what the page shows now in all looks; leaves it as it was."""
        if not await self.page.evaluate("() => 'axe' in window"):
            # Evaluated from outside, which the page's own content security policy has no say in.
            await self.page.evaluate(AXE.read_text())
            await self.page.evaluate(SEE_FORCED_COLOURS)
        own = self.page.viewport_size
        assert own is not None
        for look in looks:
            await self._wear(look, look.width or own["width"], own["height"])
            violations: list[Violation] = await self.page.evaluate(RUN_AXE, TAGS)
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


async def test_the_wallet(open_page: OpenPage, service: RunningService) -> None:
    email = address("rosa")
    page = await open_page(PHONE)
    screens = Screens(page)
    await page.goto("/")
    await page.get_by_label("E-mail address").wait_for()
    await screens.check("join, address")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send me a code").click()
    await page.get_by_label("Code from the e-mail").wait_for()
    await screens.check("join, code")
    await page.get_by_label("Code from the e-mail").fill(await service.sign_in_code(email))
    await page.get_by_role("textbox", name="Name").fill("Rosa Access")
    await screens.check("join, name")
    await page.get_by_role("checkbox").check()
    await page.get_by_role("button", name="Show my card").click()
    await page.get_by_text("Card number:").wait_for(state="attached")
    await page.get_by_role("link", name="Activity").click()
    await page.get_by_text("Nothing here yet").wait_for()
    await screens.check("activity, empty", LOOKS[:2])
    await page.get_by_role("link", name="Card", exact=True).click()
    await _buy(await open_page(TABLET), service, page)

    await expect(page.get_by_role("progressbar")).to_be_visible()
    await screens.check("card")
    await page.get_by_role("button", name="Show card full screen").click()
    await page.get_by_role("dialog").wait_for()
    await screens.check("card, full")
    await page.get_by_role("button", name="Close").click()
    await page.get_by_role("link", name="Rewards", exact=True).click()
    await page.get_by_role("heading", name="Yours now").wait_for()
    await screens.check("rewards")
    await page.get_by_role("link", name=re.compile(r"^\$2 off")).click()
    reserve = page.get_by_role("button", name="Reserve for 200 points")
    await reserve.wait_for()
    await screens.check("reward")
    await reserve.click()
    await page.get_by_role("region", name="Show this at the till").wait_for()
    await screens.check("reserved code")
    await page.get_by_role("link", name="Activity").click()
    await page.locator("details").first.wait_for()
    await page.locator("details").last.locator("summary").click()
    await page.get_by_text(re.compile("^Receipt ")).wait_for()
    await screens.check("activity, with a reason open")
    await page.get_by_role("link", name="You", exact=True).click()
    await page.get_by_role("heading", name="Ways to sign in").wait_for()
    await screens.check("you")
    await page.get_by_role("button", name="Sign out").click()
    await screens.check("you, signing out", LOOKS[:2])
    await page.get_by_role("link", name="Devices and sessions").click()
    await page.get_by_role("heading", name="Signed in").wait_for()
    await screens.check("devices")
    await page.goto("/rewards/nothing")
    await page.get_by_text("This reward is no longer here").wait_for()
    await screens.check("a reward that is gone", LOOKS[:1])
    screens.verdict()


async def _buy(till: Page, service: RunningService, wallet: Page) -> None:
    number = re.sub(r"\D", "", await wallet.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")).inner_text())
    await pair_till(till, service)
    await wedge(till, number)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Earns points")
    await ring_up(till, "fluid milk", "300.00")
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    await expect(till.get_by_text("Sale posted")).to_be_visible()


async def test_the_till(open_page: OpenPage, service: RunningService) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, address("thea"), "Thea Access")
    till = await open_page(TABLET)
    screens = Screens(till)
    await till.goto("/till")
    await till.get_by_role("button", name="Pair this till").wait_for()
    await screens.check("pairing")
    await pair_till(till, service)
    await screens.check("ready")
    await till.get_by_role("button", name="Number pad").click()
    await wedge(till, "not a code at all")
    await till.get_by_text("That is not a code").wait_for()
    await screens.check("a scan that was refused")
    await till.get_by_role("button", name="Number pad").click()
    number = re.sub(r"\D", "", await wallet.get_by_text(re.compile(r"^\d{4} \d{4} \d{4} \d{4}$")).inner_text())
    await wedge(till, number)
    await expect(till.get_by_role("region", name="Member")).to_contain_text("Earns points")
    search = till.get_by_role("combobox", name="Find a product")
    await search.fill("fluid milk")
    await till.get_by_role("option").first.wait_for()
    await screens.check("finding a product", LOOKS[:2])
    await search.fill("")
    await ring_up(till, "fluid milk", "40.00")
    await till.get_by_text(re.compile("^Earns [1-9]")).wait_for()
    await screens.check("member and basket")
    await till.get_by_role("button", name=re.compile("^Pay")).click()
    receipt = till.get_by_role("article", name="Receipt")
    await receipt.wait_for()
    await screens.check("receipt")
    await till.get_by_role("button", name="Next customer").click()
    await till.get_by_role("button", name="Return").click()
    recent = till.get_by_role("region", name="Last sales of this till").get_by_role("button").first
    await recent.wait_for()
    await screens.check("return")
    await recent.click()
    await till.get_by_role("button", name="Return everything").click()
    await screens.check("return, lines")
    await till.get_by_role("button", name="Back to the sale").click()
    await till.get_by_role("button", name="New member").click()
    await till.get_by_role("button", name="Enrol").wait_for()
    await screens.check("enrolment")
    await till.get_by_role("button", name="Enrol").click()
    await till.get_by_text("Or type this code").wait_for()
    await screens.check("enrolled")
    await till.get_by_role("button", name="Back to the sale").first.click()
    await till.get_by_role("button", name="Nothing waiting").click()
    await till.get_by_text("Everything is posted").wait_for()
    await screens.check("queue", LOOKS[:2])
    await till.get_by_role("button", name="Practice").click()
    await screens.check("practice")
    screens.verdict()


@pytest.fixture
async def refused_page(browser: Browser, service: RunningService) -> AsyncIterator[Page]:
    """A page that is allowed to be refused, which the browser's console always complains of."""
    context = await browser.new_context(viewport=PHONE, base_url=service.url)
    context.set_default_timeout(15_000)
    yield await context.new_page()
    await context.close()


async def test_signing_in_for_somebody_elses_page(refused_page: Page, service: RunningService) -> None:
    email = address("sina")
    page = refused_page
    screens = Screens(page)
    await page.goto("/authorize?client_id=nobody&response_type=code")
    await page.get_by_role("heading").wait_for()
    await screens.check("error")
    await page.goto(f"http://127.0.0.1:{service.port}/storefront")
    await page.get_by_role("button", name="See your points").click()
    await page.get_by_label("E-mail address").wait_for()
    await screens.check("sign in")
    await page.get_by_label("E-mail address").fill(email)
    await page.get_by_role("button", name="Send code").click()
    await page.get_by_label("Code").fill("0000 0000")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("alert").wait_for()
    await screens.check("code, wrong")
    await page.get_by_label("Code").fill(await service.sign_in_code(email))
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("button", name="Allow", exact=True).wait_for()
    await screens.check("consent")
    await page.get_by_role("button", name="Allow", exact=True).click()
    await page.get_by_role("link", name=re.compile("^Join ")).wait_for()
    await screens.check("storefront, no member yet")
    screens.verdict()


async def test_the_storefront_and_the_outbox(open_page: OpenPage, service: RunningService) -> None:
    page = await open_page(PHONE)
    screens = Screens(page)
    await page.goto(f"http://127.0.0.1:{service.port}/storefront")
    await page.get_by_role("button", name="See your points").wait_for()
    await screens.check("storefront")
    await page.goto("/outbox")
    await page.get_by_role("heading").first.wait_for()
    await screens.check("outbox")
    screens.verdict()


async def test_the_console(open_page: OpenPage, service: RunningService) -> None:
    wallet = await open_page(PHONE)
    await join(wallet, service, address("cora"), "Cora Console")
    page = await open_page(DESK)
    screens = Screens(page)
    await page.goto("/console")
    await page.get_by_label("E-mail address").wait_for()
    await screens.check("sign in", DESK_LOOKS)
    await sign_in_as_staff(page, service, "lead@harvest.example")
    await screens.check("start", DESK_LOOKS)
    await (await find(page, "cora console")).click()
    timeline = page.get_by_role("list", name="Timeline")
    await timeline.get_by_role("listitem").first.get_by_role("button", expanded=False).click()
    await screens.check("member, an event open", DESK_LOOKS)
    await page.get_by_role("button", name="Adjust points").click()
    await page.get_by_role("form", name="Adjust points").wait_for()
    await screens.check("adjusting points", DESK_LOOKS)
    screens.verdict()
