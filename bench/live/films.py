"""Films of people at a webcam: whose each is, and how several are played as one camera's."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from capture.frame import Frame
from capture.video import VideoFileSource
from common.errors import SourceError
from common.picture import RgbImage
from common.sentence import Sentence

FILM_SUFFIXES = frozenset(
    {
        *(".3gp", ".asf", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mjpeg", ".mkv", ".mov"),
        *(".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv"),
    }
)
"""The endings of a film's name, in lower case. Other files of the folder are left alone."""

DARKENED = 0.4
"""What is left of each value of a darkened picture: a face of ordinary brightness (128) is then
darker than an enrollment at the camera takes (60)."""

_ROUNDING = 1e-6
"""Seconds times frames a second are whole but for the rounding of floating-point numbers."""


@dataclass(frozen=True)
class PersonFilm:
    """A film of one person who stands before the camera, alone but for passers-by.

    person: None for a film of people none of whom is ever enrolled.
    """

    path: Path
    person: str | None


@dataclass(frozen=True)
class Stretch:
    """The beginning of a film, or all of it. seconds: how much of it is played."""

    film: PersonFilm
    seconds: float = math.inf


def _as_filmed(image: RgbImage) -> RgbImage:
    return image


def _mirrored(image: RgbImage) -> RgbImage:
    return np.ascontiguousarray(image[:, ::-1])


def _darkened(image: RgbImage) -> RgbImage:
    return np.asarray(cv2.convertScaleAbs(image, alpha=DARKENED), np.uint8)


def _halved(image: RgbImage) -> RgbImage:
    height, width = image.shape[:2]
    return _scaled(image, (width // 2, height // 2))


@dataclass(frozen=True)
class FilmVariant:
    """One way in which the same films are shown.

    fps: frames a second of the camera; frames in between are dropped. None: as many as there are.
    change: what becomes of each picture, (H, W, 3) uint8 RGB.
    """

    name: str
    fps: float | None = None
    change: Callable[[RgbImage], RgbImage] = _as_filmed


AS_FILMED = FilmVariant("as filmed")

VARIANTS = {
    variant.name: variant
    for variant in (
        AS_FILMED,
        FilmVariant("2 fps", fps=2),
        FilmVariant("5 fps", fps=5),
        FilmVariant("15 fps", fps=15),
        FilmVariant("mirrored", change=_mirrored),
        FilmVariant("darkened", change=_darkened),
        FilmVariant("half size", change=_halved),
    )
}
"""By their names."""


def films_of_people(folder: Path) -> dict[str, list[PersonFilm]]:
    """Return the films of each person, people and films in the order of names.

    A film's name is the person's, a hyphen, and a word that tells it from the person's others; the
    person's own name may have hyphens, too. Raises SourceError where the folder cannot be read, has
    films with other names, or has no film.
    """
    films: dict[str, list[PersonFilm]] = {}
    for path in film_paths(folder):
        person, _, word = path.stem.rpartition("-")
        if not (person and word):
            raise SourceError(
                "films named PERSON-word.mkv",
                Sentence("{} does not say whose it is", path.name),
                "Rename it, or take it out of the folder",
            )
        films.setdefault(person, []).append(PersonFilm(path, person))
    if not films:
        raise SourceError(
            "a folder of films, named PERSON-word.mkv",
            Sentence("{} has none", folder),
            "Check the path; each person needs a film to be enrolled from, and others to be "
            "watched in",
        )
    return dict(sorted(films.items()))


def film_paths(folder: Path) -> list[Path]:
    """Return the films directly in a folder, hidden ones left out, in the order of their names.

    Raises SourceError where the folder cannot be read.
    """
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in FILM_SUFFIXES
            and not path.name.startswith(".")
            and not path.is_dir()
        )
    except (OSError, ValueError) as error:
        raise SourceError(
            "a folder of films, named PERSON-word.mkv",
            Sentence("{} cannot be read ({})", folder, getattr(error, "strerror", "") or error),
            "Check the path and your right to read it",
        ) from error


def in_turns(films: Sequence[Sequence[PersonFilm]]) -> list[PersonFilm]:
    """Return everybody's films, the first of each person, then the second of each, and so on."""
    most = max(map(len, films), default=0)
    return [own[place] for place in range(most) for own in films if place < len(own)]


def played(stretches: Sequence[Stretch], variant: FilmVariant) -> Iterator[tuple[int, Frame]]:
    """Play stretches of films as one camera would show them, the next where the last one ends.

    Yields for each frame which stretch it is of, and the frame: `captured_at` begins at 0 and
    goes on from one stretch to the next without a gap, `index` counts the frames that are not
    dropped. All have the size that the first film has: another film's picture is scaled to cover
    it, and cut.

    Raises SourceError for a film that cannot be read.
    """
    size: tuple[int, int] | None = None
    begin, index = 0.0, 0
    for place, stretch in enumerate(stretches):
        with VideoFileSource(stretch.film.path) as source:
            rate = min(source.fps, variant.fps or math.inf)
            at = begin
            for frame in _kept(source, variant.fps, stretch.seconds):
                if size is None:
                    size = frame.image.shape[1], frame.image.shape[0]
                at = begin + frame.captured_at
                yield place, Frame(variant.change(_covering(frame.image, size)), index, at)
                index += 1
            begin = at + 1 / rate


def _kept(source: VideoFileSource, fps: float | None, seconds: float) -> Iterator[Frame]:
    """Yield the frames that a camera of so many frames a second would have taken."""
    last = -1
    for frame in iter(source.read, None):
        if frame.captured_at > seconds - _ROUNDING:
            return
        tick = frame.index if fps is None else int(frame.captured_at * fps + _ROUNDING)
        if tick > last:
            last = tick
            yield frame


def _covering(image: RgbImage, size: tuple[int, int]) -> RgbImage:
    """Return the middle of the picture, scaled to fill `size` (width, height)."""
    height, width = image.shape[:2]
    if (width, height) == size:
        return image
    scale = max(size[0] / width, size[1] / height)
    scaled = _scaled(image, (round(width * scale), round(height * scale)))
    left, top = (scaled.shape[1] - size[0]) // 2, (scaled.shape[0] - size[1]) // 2
    return np.ascontiguousarray(scaled[top : top + size[1], left : left + size[0]])


def _scaled(image: RgbImage, size: tuple[int, int]) -> RgbImage:
    smaller = size[0] < image.shape[1]
    way = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
