"""Cuts the faces out of folders of people, as training programs want them.

It does what davidsandberg/facenet's align_dataset_mtcnn does, with its margin, its choice among
several faces, its names of files and its list of boxes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import cv2
import numpy as np
from PIL import Image

from capture.folders import pictures_below
from capture.stills import Still, people_folders, read_still
from common.errors import LearningError, PictureError
from common.output_file import make_folder, output_file
from common.picture import RgbImage
from common.sentence import Sentence
from models.crop import ALIGNED_LANDMARKS, ALIGNED_SIDE, alignment
from models.detectors.protocol import Detector
from models.face import Face

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels of the file's upright picture."""


@dataclass(frozen=True)
class Cut:
    """How faces are cut out.

    size: width and height of what is written, pixels. margin: so many pixels of the source picture
    are added to the box's width and height, half of them on each side, as far as the picture goes.
    by_landmarks: eyes, nose and mouth are brought to the places that ArcFace's crops have them at;
    the margin does not count then. every: all faces are written, not one of each picture.
    """

    size: int = 160
    margin: int = 32
    by_landmarks: bool = False
    every: bool = False


@dataclass(frozen=True)
class AlignedPicture:
    """What became of one picture of the folders.

    written: the files that were written. reason: where there are none, why: it has no face, or it
    cannot be read. is_damaged: whether the latter.
    """

    source: Path
    written: tuple[Path, ...] = ()
    reason: Sentence | None = None
    is_damaged: bool = False

    @property
    def was_there(self) -> bool:
        """Whether an earlier run has written it."""
        return not self.written and self.reason is None


def align(
    raw: Path, out: Path, detector: Detector, cut: Cut, told: Callable[[AlignedPicture], None]
) -> None:
    """Align every picture of a folder with a subfolder for each person into another one.

    Pictures that are there from an earlier run are passed over. A list of the boxes of this run,
    `bounding_boxes_00000.txt` or the next free number, is written along: a line for each file with
    its box, and with none where no face was found.

    told: is called with each picture. Raises PictureError where `raw` has no people, and
    LearningError where `out` lies in it or cannot be written.
    """
    people = people_folders(raw)
    if not people:
        raise PictureError(
            "a folder with a subfolder of pictures for each person",
            Sentence("{} has no subfolder", raw),
            "Make a subfolder for each person, named like the person, with pictures in it",
        )
    if out.resolve().is_relative_to(raw.resolve()):
        raise LearningError(
            Sentence("a folder outside of {} to write to", raw),
            Sentence("{} lies in it", out),
            "Choose another one: what is written there would be read as pictures to align",
        )
    make_folder(out, LearningError)
    with _box_list(out) as boxes:
        for person in people:
            for source, target in _targets(person, out / person.name):
                told(_aligned(source, target, detector, cut, boxes))


def chosen_face(faces: Sequence[Face], width: int, height: int) -> Face:
    """Return the face that is meant where there are several: large, and in the middle.

    That is the one with the largest area less twice the squared distance of its centre from the
    picture's, in pixels, as align_dataset_mtcnn has it.
    """

    def weight(face: Face) -> float:
        x, y = (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2 - (width / 2, height / 2)
        return float(face.width * face.height - 2 * (x * x + y * y))

    return max(faces, key=weight)


def _targets(person: Path, folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield a person's pictures with the file that each is aligned to.

    Folders in the person's are kept. Of pictures that differ in their ending alone, the later ones
    keep it in their name.
    """
    taken: Counter[Path] = Counter()
    for source in pictures_below(person):
        inner = source.parent.relative_to(person)
        key = inner / source.stem.casefold()
        name = source.name if taken[key] else source.stem
        taken[key] += 1
        yield source, folder / inner / f"{name}.png"


def _aligned(
    source: Path, target: Path, detector: Detector, cut: Cut, boxes: TextIO
) -> AlignedPicture:
    first = _numbered(target, 0) if cut.every else target
    if first.exists():
        _check_size(first, cut.size)
        return AlignedPicture(source)
    try:
        still = read_still(source)
    except PictureError as error:
        return AlignedPicture(source, reason=error.sentence, is_damaged=True)
    faces = detector.detect(still.image)
    if not faces:
        _write_line(boxes, f"{target}")
        return AlignedPicture(source, reason=Sentence("No face was found"))
    make_folder(target.parent, LearningError)
    if cut.every:
        chosen = [(face, _numbered(target, number)) for number, face in enumerate(faces)]
    else:
        height, width = still.image.shape[:2]
        chosen = [(chosen_face(faces, width, height), target)]
    # The first one comes last: where it is there, all are.
    fresh = [(face, path) for face, path in reversed(chosen) if not path.exists()]
    for face, path in fresh:
        box = _box(still, face, cut)
        with output_file(path, LearningError) as file:
            Image.fromarray(_cut_out(still, face, box, cut)).save(file)
        _write_line(boxes, f"{path} {' '.join(map(str, box))}")
    return AlignedPicture(source, tuple(path for _, path in reversed(fresh)))


def _check_size(path: Path, side: int) -> None:
    """Raises LearningError where what is there is a picture of another size, from another run."""
    try:
        with Image.open(path) as there:
            size = there.size
    except OSError:
        return
    if size != (side, side):
        raise LearningError(
            Sentence("pictures of {} by {} pixels in the folder that is written to", side, side),
            Sentence("{} is there already, with {} by {}", path, *size),
            "Choose another folder for another size; Facedesk writes over no picture",
        )


def _numbered(target: Path, number: int) -> Path:
    return target.with_name(f"{target.stem}_{number}{target.suffix}")


def _box(still: Still, face: Face, cut: Cut) -> Box:
    margin = 0.0 if cut.by_landmarks else cut.margin / 2
    left, top, right, bottom = (float(v) for v in face.scaled(*still.pixel_size).box_xyxy)
    return (
        int(max(left - margin, 0)),
        int(max(top - margin, 0)),
        int(min(right + margin, still.width)),
        int(min(bottom + margin, still.height)),
    )


def _cut_out(still: Still, face: Face, box: Box, cut: Cut) -> RgbImage:
    side = cut.size
    if cut.by_landmarks:
        template = (ALIGNED_LANDMARKS * np.float32(side / ALIGNED_SIDE)).astype(np.float32)
        matrix = alignment(face.landmarks, template)
        return np.asarray(cv2.warpAffine(still.image, matrix, (side, side)), np.uint8)
    across, down = still.pixel_size
    left, right = round(box[0] / across), max(round(box[2] / across), round(box[0] / across) + 1)
    top, bottom = round(box[1] / down), max(round(box[3] / down), round(box[1] / down) + 1)
    region = Image.fromarray(still.image[top:bottom, left:right])
    return np.asarray(region.resize((side, side), Image.Resampling.BILINEAR), np.uint8)


@contextmanager
def _box_list(out: Path) -> Iterator[TextIO]:
    """Open a new list of boxes. Lines are in it at once: a run that is broken off has them."""
    number = 0
    while (path := out / f"bounding_boxes_{number:05d}.txt").exists():
        number += 1
    try:
        file = path.open("x", encoding="utf-8")
    except OSError as error:
        raise LearningError(
            Sentence("to be able to write {}", path),
            Sentence("that failed ({})", error.strerror or error),
            "Free some space, or choose another folder",
        ) from error
    with file:
        yield file


def _write_line(boxes: TextIO, line: str) -> None:
    boxes.write(f"{line}\n")
    boxes.flush()
