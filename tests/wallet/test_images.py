"""Pictures of codes say what they were made of, for a reader that is not ours; and the pages that serve them."""

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import httpx2
import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from starlette.applications import Starlette
from starlette.requests import HTTPConnection

from app.core.clock import MovableClock
from tests.wallet.conftest import ADA, BEN, Roll, card_number
from wallet import images
from wallet.cards import CardService
from wallet.code128 import modules_of, values_of
from wallet.routes import routes
from wallet.sheet import sheet

CODE = "LY0H000G40R40M30E203JE3G13DGKJ9M2B8G66JB1PGX"


def read(picture: bytes) -> zxingcpp.Barcode:
    (found,) = zxingcpp.read_barcodes(np.asarray(Image.open(io.BytesIO(picture)).convert("L")))
    return found


def drawn(svg: str, scale: int = 4) -> bytes:
    """A small renderer of our own rectangles-only SVG."""
    root = ET.fromstring(svg)  # noqa: S314 -- our own output
    _, _, width, height = (int(number) for number in root.attrib["viewBox"].split())
    picture = Image.new("L", (width * scale, height * scale), 128)
    pen = ImageDraw.Draw(picture)
    for path in root:
        fill = {"#fff": 255, "#000": 0}[path.attrib["fill"]]
        for part in path.attrib["d"].replace("H0z", "h-1z").split("z")[:-1]:
            start, rest = part[1:].split("h", 1)
            x, y = (int(number) for number in start.split())
            across, down = rest.split("h-")[0].split("v")
            corner = ((x + int(across)) * scale - 1, (y + int(down)) * scale - 1)
            pen.rectangle((x * scale, y * scale, *corner), fill=fill)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("scale", [2, 3, 8, 20])
def test_the_png_is_version_3_q_with_its_quiet_zone(scale: int) -> None:
    picture = images.qr_png(CODE, scale)
    found = read(picture)
    assert found.text == CODE
    assert isinstance(found.extra, dict)
    assert (found.extra["Version"], found.extra["ECLevel"]) == ("3", "Q")
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("L"))
    assert pixels.shape == ((29 + 8) * scale, (29 + 8) * scale)
    quiet = 4 * scale
    assert pixels[:quiet].min() == pixels[-quiet:].min() == pixels[:, :quiet].min() == pixels[:, -quiet:].min() == 255


def test_the_svg_says_the_same() -> None:
    svg = images.qr_svg(CODE, 'Card "<of> Ada"')
    assert read(drawn(svg)).text == CODE
    assert ET.fromstring(svg).attrib["aria-label"] == 'Card "<of> Ada"'  # noqa: S314 -- our own output
    assert len(svg) < 6000


@pytest.mark.parametrize("text", ["2900000000000016", "LY0H0", "AB12345678CD", "12", "A1234", "12345", "a b~"])
def test_code_128_is_read_by_others(text: str) -> None:
    for picture in (images.barcode_png(text, 3), drawn(images.barcode_svg(text, text))):
        found = read(picture)
        assert (found.text, found.format) == (text, zxingcpp.BarcodeFormat.Code128)


def test_sixteen_digits_take_eight_pairs() -> None:
    assert len(values_of("2900000000000016")) == 10
    assert len(modules_of("2900000000000016")) == 10 * 11 + 13


@settings(max_examples=60)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=24).map(str.strip).filter(bool))
def test_any_printable_text_survives_code_128(text: str) -> None:
    assert read(images.barcode_png(text, 2)).text == text


@pytest.mark.parametrize("text", ["", "é", "a\n"])
def test_what_code_128_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ASCII"):
        values_of(text)


def test_a_sheet_escapes_and_speaks_the_member_s_language() -> None:
    page = sheet(programme="<Harvest>", name="<script>", number="2900000000000016", language="ar-EG")
    assert '<html lang="ar" dir="rtl">' in page
    assert "<script>" not in page
    assert '<bdi dir="ltr">2900 0000 0000 0016</bdi>' in page
    assert "style=" not in page


@pytest.fixture
async def browser(cards: CardService) -> AsyncIterator[httpx2.AsyncClient]:
    async def authorise(connection: HTTPConnection) -> str | None:
        return connection.headers.get("x-member")

    app = Starlette(routes=routes(cards, authorise))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://card.test") as client:
        yield client


async def test_the_card_s_pictures(browser: httpx2.AsyncClient, cards: CardService) -> None:
    mine = {"x-member": ADA}
    answer = await browser.get("/card.png", headers=mine)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "private, no-cache"
    assert read(answer.content).text == await cards.static_code(ADA)
    again = await browser.get("/card.png", headers={**mine, "if-none-match": f'W/{answer.headers["etag"]}, "x"'})
    assert (again.status_code, again.content) == (304, b"")
    other = await browser.get("/card.png?scale=3", headers=mine)
    assert other.headers["etag"] != answer.headers["etag"]
    svg = await browser.get("/card.svg", headers=mine)
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert read(drawn(svg.text)).text == await cards.static_code(ADA)
    for suffix in ("png", "svg"):
        bars = await browser.get(f"/card/barcode.{suffix}", headers=mine)
        picture = bars.content if suffix == "png" else drawn(bars.text)
        assert read(picture).text == card_number("1")
    assert (await browser.head("/card.png", headers=mine)).status_code == 200
    await cards.revoke(ADA, None)
    anew = await browser.get("/card.png", headers={**mine, "if-none-match": answer.headers["etag"]})
    assert (anew.status_code, read(anew.content).text) == (200, await cards.static_code(ADA))


async def test_the_sheet(browser: httpx2.AsyncClient) -> None:
    page = await browser.get("/card/sheet", headers={"x-member": ADA})
    assert page.headers["content-type"].startswith("text/html")
    assert "Ada Lovelace" in page.text
    assert (await browser.get("/card/sheet.css")).headers["content-type"].startswith("text/css")


async def test_the_logo_is_there_for_anybody(browser: httpx2.AsyncClient) -> None:
    answer = await browser.get("/card/logo.png")
    assert Image.open(io.BytesIO(answer.content)).size == (660, 660)


async def test_an_agent_s_sheet_shows_the_same_member(browser: httpx2.AsyncClient) -> None:
    page = await browser.get(f"/card/sheet?member={ADA}", headers={"x-member": ADA})
    assert f'src="/card.svg?member={ADA}"' in page.text


async def test_a_mail_s_link_shows_the_picture_until_it_ends(
    browser: httpx2.AsyncClient, cards: CardService, clock: MovableClock
) -> None:
    path = cards.links.path(ADA)
    assert read((await browser.get(path)).content).text == await cards.static_code(ADA)
    assert (await browser.get(path.replace(".png", ".svg"))).status_code == 200
    for position in (6, 20, 30, 48):
        changed = path[:position] + ("A" if path[position] != "A" else "B") + path[position + 1 :]
        assert (await browser.get(changed)).status_code == 401
    clock.advance(timedelta(days=30))
    assert (await browser.get(path)).status_code == 401


@pytest.mark.parametrize("path", ["/card.png", "/card.svg", "/card/barcode.png", "/card/barcode.svg", "/card/sheet"])
async def test_nobody_sees_a_card_without_signing_in(browser: httpx2.AsyncClient, roll: Roll, path: str) -> None:
    assert (await browser.get(path)).status_code == 401
    roll.add(BEN)
    assert (await browser.get(path, headers={"x-member": BEN})).status_code == 404


@pytest.mark.parametrize("scale", ["0", "33", "-1", "a", "8.5", "٣", "", "999999999999"])
async def test_a_scale_out_of_range_is_refused(browser: httpx2.AsyncClient, scale: str) -> None:
    answer = await browser.get("/card.png", params={"scale": scale}, headers={"x-member": ADA})
    assert (answer.status_code, answer.json()["field"]) == (400, "scale")


@pytest.mark.parametrize("ticket", ["x", "%00", "a" * 5000, "..%2f..%2fetc", "mbr_1", "-_-_"])
async def test_a_ticket_that_is_none(browser: httpx2.AsyncClient, ticket: str) -> None:
    assert (await browser.get(f"/card/{ticket}.png")).status_code in {401, 404}
