"""Measures whom bad pictures name: enrolled people and strangers with the same defect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.accuracy import ENROLLED
from bench.defects import AS_THEY_ARE, DEFECTS, Defect
from capture.stills import people_folders, picture_paths, read_picture
from common.errors import EnrollmentError
from common.picture import RgbImage
from gallery.search.identity_rows import IdentityRows
from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.crop import ALIGNED_SIDE
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.embedders.figures import EmbedderFigures
from models.face import Face, largest_face
from models.flaws import Flaw
from models.quality import measure
from recognition.clarity import demanding
from recognition.decision import Policy


@dataclass(frozen=True, eq=False)
class SeenFace:
    """What is known of a face in a picture: (d,) float32 of unit length, and its flaws."""

    embedding: NDArray[np.float32]
    flaws: frozenset[Flaw]


Seen = Mapping[str, Sequence[SeenFace | None]]
"""By the person's name: each picture's largest face, None where none is found."""


@dataclass(frozen=True)
class StrangerRates:
    """What becomes of probes. enrolled: people who are, of `people` that could be.

    fnir: share of the enrolled people's probes that get no name or a wrong one; None where nobody
    is enrolled. fpir: share of the strangers' probes that get a name.
    """

    people: int
    enrolled: int
    fnir: float | None
    fpir: float


@dataclass(frozen=True)
class Hardness:
    """The figures of one defect.

    set_apart: share of the pictures to enroll that are refused. same: enrolled and probed with the
    defect. clean: enrolled as they are, probed with it. without: as `same`, if no picture were
    refused, and no probe needed more for its flaws.
    """

    defect: str
    set_apart: float
    same: StrangerRates
    clean: StrangerRates
    without: StrangerRates


def harden(
    folder: Path,
    detector: Detector,
    embedder: Embedder,
    fpir: float,
    progress: Callable[[], None],
    defects: Mapping[str, Defect] = DEFECTS,
) -> list[Hardness]:
    """Measure each defect on a folder that has a subfolder for each person.

    The first ENROLLED pictures of each person are enrolled, the rest are probes. Every second
    person, by name, is a stranger, and then the others are; the shares are of both together.
    `progress` is called for each picture and defect, and defects must begin with AS_THEY_ARE.

    Raises EnrollmentError where a person has too few pictures.
    """
    seen: dict[str, dict[str, list[SeenFace | None]]] = {defect: {} for defect in defects}
    for subfolder in people_folders(folder):
        paths = picture_paths(subfolder)
        if len(paths) <= ENROLLED:
            raise EnrollmentError(
                f"more than {ENROLLED} pictures for each person",
                f"{subfolder} has {len(paths)}",
                "Add pictures, or leave this person out",
            )
        for faces in seen.values():
            faces[subfolder.name] = []
        for path in paths:
            picture = to_degrade(read_picture(path), detector)
            for name, degrade in defects.items():
                degraded = degrade(*picture) if picture is not None else None
                found = _seen(degraded, detector, embedder) if degraded is not None else None
                seen[name][subfolder.name].append(found)
                progress()
    clean = seen[AS_THEY_ARE]
    return [hardness(name, faces, clean, embedder.figures, fpir) for name, faces in seen.items()]


def hardness(
    defect: str, degraded: Seen, clean: Seen, figures: EmbedderFigures, fpir: float
) -> Hardness:
    """Compute the figures of one defect. fpir: as the settings have it."""
    to_enroll = [face for faces in degraded.values() for face in faces[:ENROLLED]]
    refused = sum(face is None or bool(face.flaws) for face in to_enroll)
    indifferent = replace(figures, unclear_rise=0.0, unclear_margin=0.0)
    return Hardness(
        defect,
        refused / len(to_enroll),
        _rates(_clear(degraded), degraded, figures, fpir),
        _rates(_clear(clean), degraded, figures, fpir),
        _rates(degraded, degraded, indifferent, fpir),
    )


def _clear(seen: Seen) -> Seen:
    """Leave out what is refused at enrollment."""
    return {
        name: [None if face is None or face.flaws else face for face in faces]
        for name, faces in seen.items()
    }


def _rates(enrolled: Seen, probed: Seen, figures: EmbedderFigures, fpir: float) -> StrangerRates:
    names = sorted(probed)
    lost = own = named = strangers = people = 0
    for known in (names[::2], names[1::2]):
        gallery = IdentityRows(1 if not names else _dimension(enrolled, probed))
        inside = set()
        for name in known:
            rows = [face.embedding for face in enrolled[name][:ENROLLED] if face is not None]
            if rows:
                gallery.put(name, np.stack(rows))
                inside.add(name)
        people += len(inside)
        impostors = ImpostorScores(*figures.nonmated)
        threshold = threshold_for_fpir(impostors, fpir, len(inside), figures.threshold_floor)
        policy = Policy(threshold, figures.margin)
        for name in names:
            found = [_name(face, gallery, policy, figures) for face in probed[name][ENROLLED:]]
            if name in inside:
                own += len(found)
                lost += sum(other != name for other in found)
            elif name not in known:
                strangers += len(found)
                named += sum(other is not None for other in found)
    return StrangerRates(len(names), people, lost / own if own else None, named / strangers)


def _dimension(*seen: Seen) -> int:
    faces = (face for each in seen for some in each.values() for face in some)
    return next((len(face.embedding) for face in faces if face is not None), 1)


def _name(
    face: SeenFace | None, gallery: IdentityRows, policy: Policy, figures: EmbedderFigures
) -> str | None:
    ranking = gallery.best(face.embedding, 2) if face is not None else []
    if face is None or not ranking:
        return None
    needed = demanding(policy, face.flaws, figures)
    behind = ranking[0][1] - ranking[1][1] if len(ranking) > 1 else np.inf
    return ranking[0][0] if ranking[0][1] >= needed.threshold and behind >= needed.margin else None


def to_degrade(image: RgbImage, detector: Detector) -> tuple[RgbImage, Face] | None:
    """Return the picture with its largest face, scaled down to an aligned crop's size.

    So a blur of so many pixels is the same for a portrait of any size.
    """
    face = largest_face(detector.detect(image))
    if face is None:
        return None
    scale = min(1.0, ALIGNED_SIDE / face.height)
    if scale == 1.0:
        return image, face
    height, width = image.shape[:2]
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return small, face.scaled(size[0] / width, size[1] / height)


def _seen(image: RgbImage, detector: Detector, embedder: Embedder) -> SeenFace | None:
    face = largest_face(detector.detect(image))
    if face is None:
        return None
    return SeenFace(
        embed_face(embedder, image, face, thoroughly=True).embedding, measure(image, face).flaws
    )
