"""Writes an evaluation as one HTML page that needs no other file, and prints well."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from bench.evaluation.evaluation import Evaluation
from bench.evaluation.mistakes import Mistake
from bench.evaluation.rows import (
    FigureRow,
    behind,
    identification_rows,
    verification_rows,
)
from bench.report.diagrams import diagrams
from capture.stills import read_picture
from common.errors import PictureError

PICTURE_PX = 112
_JPEG_QUALITY = 85
_MOST_TOLD = 50

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0; }
th, td { text-align: left; padding: .25rem .7rem; border-bottom: 1px solid #ccc; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
svg { width: 100%; height: auto; }
figure { margin: 1rem 0; } figcaption { color: #444; }
.pairs td img { width: 112px; height: 112px; object-fit: contain; background: #eee; }
.mind { border-left: 4px solid #D55E00; padding-left: .8rem; }
@media print {
  body { margin: 0; max-width: none; font-size: 10pt; }
  figure, tr { break-inside: avoid; } h2 { break-after: avoid; }
  details { display: block; }
}
"""


def page(found: Evaluation, settings: Mapping[str, str], at: str, with_pictures: bool) -> str:
    """Return the HTML page. at: when it was measured, in words.

    with_pictures: whether the worst mistakes are shown, or only named.
    """
    parts = [
        f"<h1>How well people are told apart</h1><p>Measured {escape(at)}. {escape(behind(found))}",
        *(f'<p class="mind">{escape(warning)}' for warning in found.warnings),
        _figures("Verification, 1:1", verification_rows(found.verification)),
    ]
    if found.identification is not None:
        parts.append(_figures("Identification, 1:N", identification_rows(found.identification)))
    for one in found.groups:
        worst = ": the worst" if one is found.groups[0] and len(found.groups) > 1 else ""
        title = f"Group {one.group}, {one.people} people{worst}"
        parts.append(_figures(title, verification_rows(one.figures)))
    for diagram in diagrams(found).values():
        table = _table(diagram.headings, diagram.rows)
        parts.append(
            f"<h2>{escape(diagram.title)}</h2><figure>{diagram.svg}"
            f"<figcaption>{escape(diagram.about)}</figcaption></figure>{table}"
        )
    parts += [
        "<h2>Who is taken for whom</h2><p>Probes whose nearest person is another, with everyone"
        " enrolled.",
        _table(
            ("person", "taken for", "probes"),
            [(c.person, c.taken_for, str(c.count)) for c in found.confusions[:_MOST_TOLD]],
        ),
        _mistakes("The worst false matches", found, found.matches, with_pictures),
        _mistakes("The worst misses", found, found.misses, with_pictures),
        "<h2>Pictures that show no face, or cannot be read</h2>",
        _table(("picture", "why"), _left_out(found)),
        "<h2>Settings</h2>",
        _table(("setting", "value"), list(settings.items())),
        _method(),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8">'
        f"<title>Evaluation</title><style>{STYLE}</style>\n" + "\n".join(parts) + "\n</html>\n"
    )


def _figures(title: str, rows: Sequence[FigureRow]) -> str:
    table = _table(
        ("figure", "value", "95 % interval", "of"),
        [(row.name, row.value, row.interval, row.of) for row in rows],
    )
    return f"<h2>{escape(title)}</h2>{table}"


def _table(headings: Iterable[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return "<p>None."
    head = "".join(f"<th>{escape(heading)}" for heading in headings)
    body = "".join("<tr>" + "".join(_cell(value) for value in row) for row in rows)
    return f"<table><tr>{head}{body}</table>"


def _cell(value: str) -> str:
    number = value.removesuffix(" %").replace(".", "", 1).removeprefix("-")
    kind = ' class="n"' if number.isdecimal() else ""
    return f"<td{kind}>{escape(value)}"


def _mistakes(
    title: str, found: Evaluation, several: Sequence[Mistake], with_pictures: bool
) -> str:
    rows = []
    for one in several:
        picture = found.pictures.pictures[one.picture].path
        other = found.pictures.pictures[one.other].path if one.other >= 0 else None
        shown = _image(picture) + "<td>" + (_image(other) if other else "") + "<td>"
        files = " and ".join(_short(path) for path in (picture, other) if path is not None)
        rows.append(
            "<tr>"
            + (f"<td>{shown}" if with_pictures else "<td>")
            + f"{escape(one.person)} with {escape(one.claimed)}: {one.similarity:.3f}<br>"
            + f"{escape(one.reason)}<br><small>{escape(files)}</small>"
        )
    body = f'<table class="pairs">{"".join(rows)}</table>' if rows else "<p>None."
    return f"<h2>{escape(title)}</h2>{body}"


def _image(path: Path) -> str:
    try:
        picture = read_picture(path)
    except PictureError:  # it was there a moment ago
        return ""
    height, width = picture.shape[:2]
    scale = min(1.0, PICTURE_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    quality = [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY]
    data = base64.b64encode(cv2.imencode(".jpg", small[..., ::-1], quality)[1].tobytes())
    return (
        f'<img alt="{escape(path.name, quote=True)}" src="data:image/jpeg;base64,{data.decode()}">'
    )


def _left_out(found: Evaluation) -> list[tuple[str, str]]:
    paths = [picture.path for picture in found.pictures.pictures]
    told = [(_short(paths[i]), str(why)) for i, why in found.seen.unreadable.items()]
    told += [(_short(paths[index]), "no face was found") for index in found.without_face]
    return told[:_MOST_TOLD]


def _short(path: Path) -> str:
    return "/".join(path.parts[-2:])


def _method() -> str:
    return (
        "<h2>How it was measured</h2><p>In the terms of ISO/IEC 19795-1. A probe on which no face"
        " was found is an error; a picture that cannot be read is one, too. Accuracy is the mean of"
        " the shares of right answers among comparisons of one person and of two. Intervals are of"
        " 95 %, by bootstrap over people: whoever is drawn brings all their pictures. Where no"
        " error was seen, they reach as far as the rule of three."
    )
