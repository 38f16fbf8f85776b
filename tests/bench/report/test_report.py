from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from bench.evaluation.embedding import SeenPictures
from bench.evaluation.evaluation import Evaluation, Protocol, evaluate
from bench.evaluation.pictures import LabelledPicture, PictureSet
from bench.report.diagrams import DIAGRAMS, diagrams
from bench.report.page import page
from bench.report.plot import Plot
from common.sentence import Sentence

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def found(tmp_path: Path) -> Evaluation:
    """Six people with awkward names, a picture without a face, one that cannot be read."""
    names = [f"<b>{i}</b> & người" for i in range(6)]
    pictures = []
    for i, name in enumerate(names):
        for j in range(10):
            path = tmp_path / f"{i}" / f"{j} <i>.png"
            path.parent.mkdir(exist_ok=True)
            shade = np.full((30, 20, 3), 20 * i + j, np.uint8)
            cv2.imencode(".png", shade)[1].tofile(path)
            pictures.append(LabelledPicture(path, name))
    random = np.random.default_rng(2)
    rows = np.repeat(random.normal(size=(6, 24)), 10, axis=0) + random.normal(size=(60, 24))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    rows[[9, 19]] = np.nan
    quality = random.random(60).astype(np.float32)
    quality[[9, 19]] = np.nan
    unreadable = {19: Sentence("It is <damaged>.")}
    seen = SeenPictures(rows, quality, (frozenset(),) * 60, unreadable)
    groups = {name: "even" if i % 2 == 0 else "odd" for i, name in enumerate(names)}
    everyone = PictureSet(tuple(pictures))
    return evaluate(everyone, seen, lambda size: 0.5, 0.4, Protocol(), groups)


def test_every_diagram_is_an_svg_file_with_a_table(found: Evaluation) -> None:
    drawn = diagrams(found)
    assert tuple(drawn) == DIAGRAMS
    for diagram in drawn.values():
        root = ElementTree.fromstring(diagram.svg)
        assert root.tag == f"{SVG}svg"
        assert diagram.rows
        assert {len(row) for row in diagram.rows} == {len(diagram.headings)}
    assert ElementTree.fromstring(drawn["roc"].svg).findall(f".//{SVG}polygon")
    shares = [float(row[2].removesuffix(" %")) for row in drawn["similarities"].rows]
    assert sum(shares) == pytest.approx(100, abs=0.5)
    assert (
        len(re.findall("<circle", drawn["quality"].svg))
        == np.isfinite(found.scores.mated.scores).sum()
    )


class Page(HTMLParser):
    """Collects what a page would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.sources: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.sources += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_page_needs_nothing_else(found: Evaluation) -> None:
    text = page(found, {"detector": "mtcnn <1>"}, "today", with_pictures=True)
    read = Page()
    read.feed(text)
    assert len(read.sources) >= 20
    assert all(source.startswith("data:image/jpeg;base64,") for source in read.sources)
    assert not read.tags & {"script", "link", "b", "i"}, "names are text"
    for told in ("mtcnn &lt;1&gt;", "It is &lt;damaged&gt;.", "no face was found", "the worst"):
        assert told in text
    assert text.count("<svg") == len(DIAGRAMS)
    assert found.warnings[0] in text


def test_a_page_without_pictures_shows_nobody(found: Evaluation) -> None:
    text = page(found, {}, "today", with_pictures=False)
    assert "data:" not in text
    assert "<img" not in text
    assert "The worst misses" in text


def test_a_picture_that_has_gone_is_left_out(found: Evaluation) -> None:
    gone = replace(found.pictures.pictures[found.misses[0].picture], path=Path("/nowhere/gone.png"))
    pictures = list(found.pictures.pictures)
    pictures[found.misses[0].picture] = gone
    moved = replace(found, pictures=replace(found.pictures, pictures=tuple(pictures)))
    assert "gone.png" in page(moved, {}, "today", with_pictures=True)


def test_ticks_are_round_and_points_lie_where_they_should() -> None:
    plot = Plot("t", "x", "y", (0, 1), (1e-3, 1), log_y=True)
    plot.line([0, 1, float("nan")], [1, 1e-3, 1], "#000", "a line")
    root = ElementTree.fromstring(plot.svg())
    (line,) = root.findall(f".//{SVG}polyline")
    assert line.get("points") == "64.0,36.0 624.0,332.0"
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert [t for t in texts if t in {"0", "0.2", "0.4", "0.6", "0.8", "1"}][:6] == [
        "0", "0.2", "0.4", "0.6", "0.8", "1",
    ]  # fmt: skip
    assert {"0.001", "0.01", "0.1"} <= set(texts)
