from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from bench.drawing.evaluation_diagrams import DIAGRAMS, diagrams
from bench.evaluation.embedding import SeenPictures
from bench.evaluation.evaluation import Evaluation, Protocol, evaluate
from bench.evaluation.pictures import LabelledPicture, PictureSet
from bench.report.evaluation_page import page
from bench.report.evaluation_settings import measured_with
from bench.report.html import table
from common.number_signs import as_number
from common.sentence import ENGLISH, Language, Sentence

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
        svg = diagram.svg()
        root = ElementTree.fromstring(svg)
        assert root.tag == f"{SVG}svg"
        assert root.get("role") == "img"
        assert diagram.svg() == svg, "nothing of it is of the moment"
        assert diagram.rows
        assert {len(row) for row in diagram.rows} == {len(diagram.headings)}
    for column in (2, 4):
        shares = [float(row[column].removesuffix(" %")) for row in drawn["similarities"].rows]
        assert sum(shares) == pytest.approx(100, abs=0.5)


def test_a_bin_of_a_histogram_lies_within_its_interval(found: Evaluation) -> None:
    for *_, share, told in (row[:4] for row in diagrams(found)["similarities"].rows):
        low, high = (float(end.removesuffix(" %")) for end in told.split(" to "))
        assert low <= float(share.removesuffix(" %")) <= high
    widths = {row[3] for row in diagrams(found)["similarities"].rows}
    assert len(widths) > 1


def test_a_diagram_speaks_the_language(found: Evaluation) -> None:
    reversed_ = Language("xx", lambda template: template[::-1].replace("}{", "{}"))
    diagram = diagrams(found)["similarities"]
    texts = "".join(ElementTree.fromstring(diagram.svg(reversed_)).itertext())
    assert "esu ni dlohserht" in texts
    assert "threshold" not in texts
    text = page(found, {Sentence("detector"): "mtcnn"}, "today", False, reversed_)
    assert 'lang="xx"' in text
    assert "rotceted" in text
    assert "mtcnn" in text


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


def test_numbers_have_the_signs_of_the_language(found: Evaluation, tmp_path: Path) -> None:
    signs = Language("xx", str, lambda text: as_number(text, ",", "."))
    text = page(found, measured_with("mtcnn", 20, "one", 0.001), "today", False, signs)
    told = " ".join(ElementTree.fromstring(svg(text)).itertext())
    assert "0,01" in told
    assert not re.search(r"\d\.\d", told)
    words = re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL))
    assert "0,1 %" in words
    assert not re.search(r"\d\.\d", words)
    diagrams(found)["roc"].write(tmp_path / "roc.csv", ".csv", signs)
    assert "0.0001," in (tmp_path / "roc.csv").read_text("utf-8-sig"), "programs read it, too"


def svg(text: str) -> str:
    return text[text.index("<svg") : text.index("</svg>") + len("</svg>")]


def test_a_column_with_gaps_is_one_of_numbers() -> None:
    told = table((Sentence("of"), Sentence("name")), [("", "Ann"), ("12", "")], ENGLISH)
    assert '<th class="n">of<th>name' in told
