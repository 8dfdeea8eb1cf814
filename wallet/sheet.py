"""The card as a page to print: bank-card size, QR, Code 128 and the number, as text that can be read aloud."""

from html import escape
from typing import Final

from wallet.words import RIGHT_TO_LEFT, words_in

STYLE: Final = """\
@page { size: A4; margin: 15mm }
* { box-sizing: border-box }
body { font: 11pt/1.4 system-ui, sans-serif; color: #000; background: #fff; margin: 2rem auto; max-width: 120mm }
h1 { font-size: 16pt; margin: 0 0 4mm }
.card { inline-size: 85.6mm; block-size: 54mm; border: .3mm dashed #555; border-radius: 3mm; padding: 3mm;
  display: grid; grid-template-columns: 30mm 1fr; gap: 1mm 3mm; align-items: center; break-inside: avoid }
.card img.qr { inline-size: 30mm; block-size: 30mm; grid-row: 1 / span 2 }
.card img.bars { inline-size: 100%; block-size: 10mm; grid-column: 1 / -1; object-fit: fill }
.programme { font-weight: 700; font-size: 13pt }
.number { grid-column: 1 / -1; text-align: center; font: 700 12pt/1 ui-monospace, monospace; letter-spacing: .05em }
@media print { .screen { display: none } body { margin: 0 } }
"""


def grouped(number: str) -> str:
    """A card number in groups of four, as it is printed and read aloud."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def sheet(*, programme: str, name: str, number: str, language: str, query: str = "") -> str:
    """The page; its pictures are `/card.svg` and `/card/barcode.svg`, its style `/card/sheet.css`.

    `query` is put behind the pictures' paths: an agent's page shows another member's.
    """
    short, words = words_in(language)
    direction = "rtl" if short in RIGHT_TO_LEFT else "ltr"
    said = grouped(number)
    return f"""\
<!doctype html>
<html lang="{short}" dir="{direction}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{escape(programme)}: {escape(words["number"])} {said}</title>
<link rel="stylesheet" href="/card/sheet.css">
<h1 class="screen">{escape(programme)}</h1>
<p class="screen">{escape(words["print_hint"])}</p>
<main class="card">
<img class="qr" src="/card.svg{query}" alt="QR">
<div class="programme">{escape(programme)}</div>
<div><bdi>{escape(name)}</bdi></div>
<img class="bars" src="/card/barcode.svg{query}" alt="Code 128">
<div class="number" aria-label="{escape(words["number"])}"><bdi dir="ltr">{said}</bdi></div>
</main>
<p>{escape(words["how"])}</p>
<p>{escape(words["lost"])}</p>
</html>
"""
