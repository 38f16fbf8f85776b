"""Reads pictures and films of people, and finds the face in them that is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.live.films import films_of_people
from capture.folders import pictures_below
from capture.stills import people_folders, read_picture
from capture.video import VideoFileSource
from common.errors import EnrollmentError, FacedeskError, SourceError
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.identity import Template
from models.detectors.protocol import Detector
from models.face import Face
from models.landmarks.face_mesh import FaceMesh
from models.quality import measure
from recognition.enrollment.live import photo_template
from recognition.recognizer import Recognizer

ENROLLED_PICTURES = 5
"""So many pictures of a person are enrolled, the first by name; the others are held up."""

SURE = 0.9
"""The least presence (DenseLandmarks) of a face in a film: what is printed on clothes has less."""

HALVES = ("both", "first", "second")


@dataclass(frozen=True)
class PresentedPerson:
    """A person to be enrolled and to be presented.

    enrolled, shown: the files for the one and for the other: one film or five pictures, and other
    ones. Where there is no other film, it is the same.
    """

    name: str
    enrolled: tuple[Path, ...]
    shown: tuple[Path, ...]
    is_filmed: bool


def people_to_present(
    films: Path, pictures: Path | None, half: str = "both"
) -> list[PresentedPerson]:
    """Return the people of a folder of films, PERSON-word.mkv, and of one of pictures, PERSON/*.

    half: "first" or "second" takes every second person of either folder, so that what is tuned on
    the one can be measured on the other. Raises SourceError where a folder cannot be used.
    """
    filmed = []
    for name, shots in films_of_people(films).items():
        paths = [shot.path for shot in shots]
        filmed.append(PresentedPerson(name, (paths[0],), tuple(paths[1:] or paths), True))
    pictured = []
    for folder in people_folders(pictures) if pictures is not None else []:
        paths = pictures_below(folder)
        if len(paths) > ENROLLED_PICTURES:
            known, shown = paths[:ENROLLED_PICTURES], paths[ENROLLED_PICTURES:]
            pictured.append(PresentedPerson(folder.name, tuple(known), tuple(shown), False))
    if half == "both":
        return filmed + pictured
    begin = HALVES.index(half) - 1
    return filmed[begin::2] + pictured[begin::2]


def enroll_people(recognizer: Recognizer, people: Sequence[PresentedPerson]) -> dict[str, str]:
    """Enroll everybody; return the ids of their identities by their names.

    Raises EnrollmentError where no file of a person can be enrolled.
    """
    ids = {}
    for person in people:
        templates: list[Template] = []
        why = Sentence("it has none")
        for image in _enrollable(person):
            try:
                templates.append(photo_template(recognizer, image))
            except FacedeskError as error:
                why = error.found
                continue
            if person.is_filmed:
                break
        if not templates:
            raise EnrollmentError(
                Sentence("a picture of {} that can be enrolled", person.name),
                Sentence("of the last it is said: {}", why),
                "Let a film or a picture that shows the face alone be the first by name",
            )
        ids[person.name] = recognizer.gallery.enroll(person.name, templates).id
    recognizer.gallery_changed()
    return ids


def _enrollable(person: PresentedPerson) -> list[RgbImage]:
    if person.is_filmed:
        return film_frames(person.enrolled[0])[0]
    return [read_picture(path) for path in person.enrolled]


def film_frames(path: Path) -> tuple[list[RgbImage], float]:
    """Return the frames of a film, and how many a second there are. Raises SourceError."""
    with VideoFileSource(path) as source:
        return [frame.image for frame in iter(source.read, None)], source.fps


@dataclass(frozen=True, eq=False)
class Shot:
    """A film or a picture of one person.

    frames: (H, W, 3) uint8 RGB. face: the one in the first frame. place: the middle x, the middle
    y and the height of the face throughout, in pixels.
    """

    frames: Sequence[RgbImage]
    fps: float
    face: Face
    place: tuple[float, float, float]


class ShotReader:
    """Reads shots. One thread uses it."""

    def __init__(self, detector: Detector, mesh: FaceMesh) -> None:
        self.detector = detector
        self.mesh = mesh

    def read(self, path: Path, is_film: bool) -> Shot:
        """Read a film or a picture. Raises SourceError where it cannot be read or shows no face."""
        frames, fps = film_frames(path) if is_film else ([read_picture(path)], 1.0)
        found = [self._face(frames[i]) for i in sorted({0, len(frames) // 2, len(frames) - 1})]
        faces = [face for face in found if face is not None]
        if not faces:
            raise SourceError(
                "a film or a picture of a face",
                Sentence("in {} none is found", path),
                "Take it out of the folder",
            )
        boxes = np.median([face.box_xyxy for face in faces], axis=0)
        x1, y1, x2, y2 = (float(edge) for edge in boxes)
        return Shot(frames, fps, faces[0], ((x1 + x2) / 2, (y1 + y2) / 2, y2 - y1))

    def _face(self, image: RgbImage) -> Face | None:
        faces = [
            face
            for face in self.detector.detect(image)
            if self.mesh.locate(image, face).presence >= SURE
        ]
        return max(faces, key=lambda face: measure(image, face).score, default=None)

    def points(self, image: RgbImage, near: Face) -> tuple[NDArray[np.float32], Face] | None:
        """Return FaceMesh's (468, 3) points of the face near another one, and that face."""
        faces = self.detector.follow(image, near.box_xyxy[np.newaxis])
        if not faces:
            return None
        face = max(faces, key=lambda face: face.score)
        return self.mesh.locate(image, face).points, face
