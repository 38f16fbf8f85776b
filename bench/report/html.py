"""What all reports share: one HTML page that needs no other file, and prints well."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

import cv2
import numpy as np

from bench.drawing.diagram import Diagram
from common.picture import RgbImage
from common.sentence import Language, Sentence

PICTURE_PX = 112
_JPEG_QUALITY = 85

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; }
th, td { text-align: left; padding: .25rem .7rem; border-bottom: 1px solid #ccc; }
td { overflow-wrap: anywhere; }
td.n, th.n { text-align: right; }
td.n { font-variant-numeric: tabular-nums; overflow-wrap: normal; white-space: nowrap; }
svg { width: 100%; height: auto; }
figure { margin: 1rem 0; } figcaption { color: #444; }
img { max-width: 112px; max-height: 112px; }
.pairs td img { width: 112px; height: 112px; object-fit: contain; background: #eee; }
.faces { display: flex; flex-wrap: wrap; gap: .8rem; } .faces figure { margin: 0; }
.mind { border-left: 4px solid #D55E00; padding-left: .8rem; }
@media print {
  @page { margin: 15mm; }
  body { margin: 0; padding: 0; max-width: none; font-size: 10pt; }
  figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  thead { display: table-header-group; }
}
"""


def page_of(title: Sentence, parts: Iterable[str], language: Language) -> str:
    """Return the page. parts: HTML."""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language.code)}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(language.say(title))}</title><style>{_STYLE}</style>\n"
        + "\n".join(parts)
        + "\n</html>\n"
    )


def heading(text: str, language: Language) -> str:
    return f"<h2>{escape(language.say(text))}</h2>"


def paragraph(text: str, language: Language, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f"<p{marked}>{escape(language.say(text))}</p>"


def figure_of(diagram: Diagram, language: Language) -> str:
    """Return a diagram under its heading, with its table."""
    return (
        heading(diagram.title, language)
        + f"<figure>{diagram.svg(language)}"
        + f"<figcaption>{escape(language.say(diagram.about))}</figcaption></figure>"
        + table(diagram.headings, diagram.rows, language)
    )


def table(headings: Iterable[str], rows: Sequence[Sequence[str]], language: Language) -> str:
    """Return a table; a column of numbers stands at the right. Without a row it says so."""
    if not rows:
        return paragraph(Sentence("None."), language)
    of_numbers = [_are_numbers(column) for column in zip(*rows, strict=True)]
    told = [
        [
            (language.number if is_number else language.say)(value)
            for is_number, value in zip(of_numbers, row, strict=True)
        ]
        for row in rows
    ]
    kinds = [' class="n"' if is_number else "" for is_number in of_numbers]
    names = [escape(language.say(one)) for one in headings]
    head = "".join(f"<th{kind}>{one}" for kind, one in zip(kinds, names, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{escape(v)}" for kind, v in zip(kinds, row, strict=True))
        for row in told
    )
    return f"<table><thead><tr>{head}<tbody>{body}</table>"


def picture(image: RgbImage, alt: str) -> str:
    """Return an <img> that holds the picture itself, no larger than PICTURE_PX."""
    height, width = image.shape[:2]
    scale = min(1.0, PICTURE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    data = base64.b64encode(cv2.imencode(".jpg", small[..., ::-1], quality)[1].tobytes())
    return f'<img alt="{escape(alt, quote=True)}" src="data:image/jpeg;base64,{data.decode()}">'


def _are_numbers(column: Sequence[str]) -> bool:
    """Return whether a column has numbers, and nothing else but gaps."""
    return any(column) and all(map(_is_number, filter(None, column)))


def _is_number(value: str) -> bool:
    number = value.removesuffix(" %").removesuffix(" ms").removesuffix(" s")
    return number.replace(".", "", 1).removeprefix("-").isdecimal()
