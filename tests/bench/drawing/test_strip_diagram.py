from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.drawing.strip_diagram import COLOURS, KNOWN, STRANGER, STRIP_PX, strip_of, strips_diagram
from bench.live.outcomes import FrameOutcome, WatchedFilm
from bench.live.watching import Joining, LiveWatch


def watch(*films: tuple[bool, str]) -> LiveWatch:
    outcomes = dict(zip("+x?.", FrameOutcome, strict=True))
    return LiveWatch(
        "as filmed",
        Joining.JOINED,
        False,
        tuple(
            WatchedFilm("A-word", stranger, tuple(outcomes[letter] for letter in told))
            for stranger, told in films
        ),
    )


def pixels(row: np.ndarray, outcome: FrameOutcome) -> int:
    colour = np.array(list(bytes.fromhex(COLOURS[outcome][1:])))
    return int((np.abs(row.astype(int) - colour) <= 2).all(axis=-1).sum())


def test_each_frame_has_the_colour_of_its_outcome() -> None:
    (row,) = strip_of(watch((False, "+++x+++."), (True, "??x?")), 1200)
    counted = {outcome.value: pixels(row, outcome) for outcome in COLOURS}
    assert counted == {"right": 600, "wrong": 200, "unknown": 300, "no face": 100}
    in_order = [tuple(row[i]) for i in range(1200) if i == 0 or tuple(row[i]) != tuple(row[i - 1])]
    right, wrong, unknown, no_face = (
        tuple(bytes.fromhex(colour[1:])) for colour in COLOURS.values()
    )
    assert in_order == [right, wrong, right, no_face, unknown, wrong, unknown]
    with pytest.raises(ValueError, match="do not fit"):
        strip_of(watch((False, "+" * 9)), 8)


def test_no_frame_is_left_out(tmp_path: Path) -> None:
    several = [watch((False, "+" * 1999 + "x")), watch((False, "+x"))]
    diagram = strips_diagram(several)
    diagram.write(tmp_path / "strips.png", ".png")
    picture = cv2.imread(str(tmp_path / "strips.png"))[..., ::-1]
    rows = [row for row in picture if pixels(row, FrameOutcome.RIGHT) >= 900]
    counts = {pixels(row, FrameOutcome.WRONG) for row in rows}
    assert min(counts) in (1, 2), "one frame of two thousand is a stroke"
    assert 990 <= max(counts) <= 1010
    assert STRIP_PX < 2000 < picture.shape[1]
    assert diagram.rows[0][3:] == ("1999", "1", "0", "0")


def test_a_line_says_who_is_a_stranger() -> None:
    svg = strips_diagram([watch((False, "+" * 8), (True, "?" * 4))]).svg()
    for colour in (KNOWN, STRANGER):
        assert svg.count(f"stroke: {colour}") == 2, "a line, and the key"
    assert svg.count("A-word") == 2
