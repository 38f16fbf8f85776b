from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.drawing import style
from bench.drawing.diagram import Diagram, Say
from common.sentence import Sentence


def a_line() -> Diagram:
    def draw(say: Say):  # type: ignore[no-untyped-def]
        figure = style.new_figure()
        axes = figure.subplots()
        axes.plot([0, 1], [0, 1], label=say(Sentence("a line, <b>&")))
        axes.legend()
        return figure

    rows = (("1", "=2"),)
    return Diagram(Sentence("A <line>"), Sentence("."), (Sentence("x"), Sentence("y")), rows, draw)


def test_what_a_user_has_configured_changes_no_diagram(tmp_path: Path) -> None:
    import matplotlib

    before = a_line().svg()
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "black"}):
        assert a_line().svg() == before
        assert matplotlib.rcParams["font.size"] == 30, "nor does a diagram change theirs"
    assert "a line, &lt;b&gt;&amp;" in before, "text stays text"
    assert "<title>A &lt;line&gt;</title>" in before
    assert "http://" not in before.replace("http://www.w3.org/", "")


def test_a_diagram_writes_what_its_name_says(tmp_path: Path) -> None:
    for kind, begins in ((".png", b"\x89PNG"), (".svg", b"<svg"), (".csv", b"\xef\xbb\xbfx,y")):
        a_line().write(tmp_path / "fresh", kind)
        assert (tmp_path / "fresh").read_bytes().startswith(begins)


def test_a_name_in_any_script_is_drawn(tmp_path: Path) -> None:
    def draw(say: Say):  # type: ignore[no-untyped-def]
        figure = style.new_figure()
        figure.subplots().set_title("映画 हिन्दी Ánh")
        return figure

    diagram = Diagram(Sentence("x"), Sentence("."), (Sentence("x"),), (("1",),), draw)
    assert "映画 हिन्दी Ánh" in diagram.svg()
    diagram.write(tmp_path / "x.png", ".png")


@pytest.mark.parametrize("module", ["bench.drawing.evaluation_diagrams", "bench.report.html"])
def test_matplotlib_is_imported_when_something_is_drawn(module: str) -> None:
    code = f"import sys, {module}; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
