from __future__ import annotations

import numpy as np
from PIL import ImageFont

from bench.live.outcomes import FrameOutcome, WatchedFilm
from bench.live.strip import COLOURS, KNOWN, STRANGER, draw_strips
from bench.live.watching import Joining, LiveWatch

FONT = ImageFont.load_default(14)


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


def pixels(row: np.ndarray, colour: tuple[int, int, int]) -> int:
    return int((row == colour).all(axis=-1).sum())


def strips(picture: np.ndarray, colour: tuple[int, int, int], at_least: int) -> list[np.ndarray]:
    """The picture's rows with so many pixels of a colour: more than the legend has."""
    return [row for row in picture if pixels(row, colour) >= at_least]


def test_each_frame_has_the_colour_of_its_outcome() -> None:
    picture = draw_strips([watch((False, "+++x+++."), (True, "??x?"))], FONT)
    row = strips(picture, COLOURS[FrameOutcome.RIGHT], 600)[0]
    counted = {outcome.value: pixels(row, colour) for outcome, colour in COLOURS.items()}
    assert counted == {"right": 600, "wrong": 200, "unknown": 300, "no face": 100}
    shown = [tuple(row[i]) for i in np.flatnonzero((row != 255).any(axis=-1))]
    in_order = [colour for i, colour in enumerate(shown) if i == 0 or shown[i - 1] != colour]
    right, wrong, unknown, no_face = COLOURS.values()
    assert in_order == [right, wrong, right, no_face, unknown, wrong, unknown]


def test_a_line_says_who_is_a_stranger() -> None:
    picture = draw_strips([watch((False, "+" * 8), (True, "?" * 4))], FONT)
    row = strips(picture, STRANGER, 300)[0]
    assert 390 <= pixels(row, STRANGER) <= 400
    assert 790 <= pixels(row, KNOWN) <= 800


def test_no_frame_is_left_out() -> None:
    picture = draw_strips([watch((False, "+" * 2999 + "x")), watch((False, "+x"))], FONT)
    rows = strips(picture, COLOURS[FrameOutcome.RIGHT], 1500)
    counts = {pixels(row, COLOURS[FrameOutcome.WRONG]) for row in rows}
    assert counts == {1, 1500}
