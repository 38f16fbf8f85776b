from __future__ import annotations

import sys
from pathlib import Path

import cv2
import pytest

from bench import realtime, start
from capture.demo import DemoSource
from common.extras import install_line


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Eight frames of the demo."""
    path = tmp_path / "Phố.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (640, 480))
    with DemoSource(frames=8) as demo:
        for frame in iter(demo.read, None):
            writer.write(cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_the_loop_is_measured_against_the_tutorial(
    run, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(realtime, "CAMERA_S", 0.5)
    plots = tmp_path / "plots"
    told = run("bench", "--source", video, "--size", "320x240", "--plots", plots, "--json")
    assert told.code == 0, told.err
    (line,) = told.json
    assert (line["size"], line["frames"]) == ([320, 240], 8)
    names = [variant["name"] for variant in line["variants"]]
    assert names == ["tutorial pipeline", "same work, our engine", "realtime loop"]
    ratios = [variant["ratio"] for variant in line["variants"]]
    assert ratios[0] == 1 < ratios[2]
    assert line["agreement"]["recall"] == 1
    assert line["agreement"]["mean_iou"] > 0.8
    assert line["live"]["fps"] > 5
    assert sorted(path.name for path in plots.iterdir()) == [
        *("realtime-fps.csv", "realtime-fps.png"),
        *("realtime-latency.csv", "realtime-latency.png"),
    ]


def test_in_words(run, video: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(realtime, "CAMERA_S", 0.3)
    told = run("bench", "--source", video, "--size", "160x120", "--smallest-face", 30)
    assert told.code == 0, told.err
    assert "160x120, 8 frames" in told.out
    assert "recall" in told.out


def test_the_gallery_by_its_size(run, tmp_path: Path) -> None:
    plots = tmp_path / "plots"
    told = run("bench", "gallery", "--most", 1_000, "--plots", plots, "--json")
    assert told.code == 0, told.err
    exact, sketch = told.json
    assert (exact["templates"], exact["exact"]) == (1_000, True)
    assert (sketch["templates"], sketch["exact"]) == (1_000, False)
    assert sketch["agreement"] > 0.9
    assert (plots / "gallery.png").stat().st_size > 5_000
    assert (plots / "gallery.csv").read_text("utf-8-sig").startswith("templates,way,")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--source is missing"),
        (("--source", "missing.mp4"), "there is nothing at"),
        (("--source", "0"), "a video file"),
        (("--source", "demo", "--size", "big"), "not a size such as 640x480"),
        (("peers", "missing"), "a folder with a subfolder for each person"),
    ],
)
def test_bad_input(run, arguments: tuple[str, ...], words: str) -> None:
    told = run("bench", *arguments)
    assert told.code == 2
    assert words in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("hidden", "extra", "arguments"),
    [
        ("torch", "torch", ("--source", "demo")),
        ("facenet_pytorch", "torch", ("start",)),
    ],
)
def test_what_is_not_installed_is_told_with_the_line_that_installs_it(
    run,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    hidden: str,
    extra: str,
    arguments: tuple[str, ...],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, hidden, None)
    told = run("bench", *arguments)
    assert told.code == 2
    assert f"extra [{extra}]" in told.err
    assert f"Run {install_line(extra)} and try again." in told.err
    assert told.out == ""
    assert not list(tmp_path.glob("*/*"))


@pytest.mark.parametrize(
    ("ratio", "verdict"),
    [(0.19, "as it should be"), (0.204, "as it should be"), (0.21, "more than it should be")],
)
def test_a_start_is_judged(
    run, monkeypatch: pytest.MonkeyPatch, ratio: float, verdict: str
) -> None:
    measured = start.Start(5, 0.7, 3.5, ratio, 250.0)
    monkeypatch.setattr(start, "measure_start", lambda cache, runs, progress: measured)
    told = run("bench", "start")
    assert told.code == 0, told.err
    assert told.out.splitlines()[-1] == f"ratio, run by run    {ratio:.2f}: {verdict}, at most 0.20"
