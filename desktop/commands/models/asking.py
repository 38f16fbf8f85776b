"""Asks in the terminal for what neither a model's file nor an option says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from common.errors import WeightsError
from common.sentence import Sentence

if TYPE_CHECKING:
    from models.described.composing import Answers
    from models.described.inspection import ModelFile


def size_of(text: str) -> tuple[int, int]:
    """Read "112x96", or "112" for a square. Raises ValueError."""
    width, _, height = text.lower().partition("x")
    return int(width), int(height or width)


def channels_of(text: str) -> tuple[float, ...]:
    """Read one number, or three with commas between them. Raises ValueError."""
    numbers = tuple(float(number) for number in text.split(","))
    if len(numbers) not in (1, 3):
        raise ValueError(f"{len(numbers)} numbers, not one or three: {text}")
    if not all(map(isfinite, numbers)):
        raise ValueError(f"a number that is none, or infinite: {text}")
    return numbers


LAYOUTS = ("NCHW", "NHWC")
COLOURS = ("RGB", "BGR")
CROPS = ("five-point", "margin")
METRICS = ("cosine", "euclidean", "normalized-euclidean")


@dataclass(frozen=True)
class _Question:
    """read: makes the value of what is typed; raises ValueError where it is none."""

    text: str
    read: Callable[[str], Any]


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        for choice in choices:
            if choice.lower() == text.lower():
                return choice
        raise ValueError(f"{text!r} is none of {', '.join(choices)}")

    return read


_QUESTIONS = {
    "colour": _Question("The order of its colours, RGB or BGR", _one_of(COLOURS)),
    "mean": _Question(
        "What is taken off the pictures' values, 0 to 255, such as 127.5", channels_of
    ),
    "scale": _Question("What they are divided by then, such as 127.5 or 255", channels_of),
    "crop": _Question("The crop of a face that it reads, five-point or margin", _one_of(CROPS)),
    "margin": _Question(
        "The share of the crop's side that lies outside the face's box, such as 0.2", float
    ),
    "layout": _Question("The order of its input's sides, NCHW or NHWC", _one_of(LAYOUTS)),
    "size": _Question("The size of the pictures that it reads, such as 112x112", size_of),
    "output": _Question("The output that is read, one of {}", str),
}
"""For each field of Answers without which no model can be run."""


def completed(path: Path, file: ModelFile, answers: Answers) -> Answers:
    """Return the answers with what was missing.

    Raises WeightsError where nobody sits at a terminal, to be asked.
    """
    from models.described.composing import outputs_told, unanswered

    while missing := unanswered(file, answers):
        if not sys.stdin.isatty():
            raise _unsaid(path, missing, outputs_told(file))
        question = _QUESTIONS[missing[0]]
        given = click.prompt(
            question.text.format(outputs_told(file)), value_proc=_asked_again(question), err=True
        )
        answers = replace(answers, **{missing[0]: given})
    return answers


def _asked_again(question: _Question) -> Callable[[str], Any]:
    """Return a reader at whose errors click asks again."""

    def value_of(text: str) -> Any:
        try:
            return question.read(text.strip())
        except ValueError as error:
            raise click.UsageError(str(error)) from None

    return value_of


def _unsaid(path: Path, missing: list[str], outputs: str) -> WeightsError:
    options = ", ".join(f"--{option}" for option in missing)
    return WeightsError(
        Sentence("to know how {} is run", path),
        Sentence("neither it nor an option says {}; its outputs are {}", options, outputs)
        if "output" in missing
        else Sentence("neither it nor an option says {}", options),
        "Give these options, or --as with a preset: facedesk models add --help",
    )
