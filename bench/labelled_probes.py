"""The embeddings of a folder of people, as they are and degraded, and how they are kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.hardening.defects import AS_THEY_ARE, DEFECTS
from bench.hardening.degraded import to_degrade
from capture.folders import pictures_below
from capture.stills import people_folders, read_picture
from common.errors import EnrollmentError
from common.output_file import output_file
from common.picture import RgbImage
from common.sentence import Sentence
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.face import largest_face
from recognition.learning.labelled import LabelledRows

KINDS = ("plain", "degraded")


@dataclass(frozen=True, eq=False)
class ProbedPeople:
    """As many pictures of each person, embedded twice: by names in order.

    model_id: the embedder's. probes: by KINDS, (people, pictures, d) float32 of unit length, NaN
    where no face was found. Each picture is degraded by one of DEFECTS, in
    turn.
    """

    model_id: str
    names: tuple[str, ...]
    probes: Mapping[str, NDArray[np.float32]]

    @property
    def plain(self) -> NDArray[np.float32]:
        return self.probes["plain"]

    @property
    def pictures(self) -> int:
        """How many there are of each person."""
        return int(self.plain.shape[1])

    def labelled(self) -> LabelledRows:
        """The plain pictures with a face."""
        return LabelledRows.of(
            (name, rows[~np.isnan(rows[:, 0])])
            for name, rows in zip(self.names, self.plain, strict=True)
        )


def embed_probes(
    folder: Path,
    detector: Detector,
    embedder: Embedder,
    least: int,
    progress: Callable[[], None],
) -> ProbedPeople:
    """Embed a folder that has a subfolder for each person; the fewest pictures of one count.

    progress: is called for each picture. Raises EnrollmentError where somebody has fewer pictures
    than `least`.
    """
    people = people_folders(folder)
    paths = [pictures_below(person) for person in people]
    count = min(map(len, paths), default=0)
    if count < least:
        raise EnrollmentError(
            Sentence("at least {} pictures of each person", least),
            Sentence("somebody in {} has {}", folder, count),
            "Add pictures, or leave this person out",
        )
    rows = {kind: np.full((len(people), count, embedder.dimension), np.nan) for kind in KINDS}
    defects = [defect for name, defect in DEFECTS.items() if name != AS_THEY_ARE]
    for place, of_one in enumerate(paths):
        for number, path in enumerate(of_one[:count]):
            image = read_picture(path)
            rows["plain"][place, number] = _embedded(image, detector, embedder)
            found = to_degrade(image, detector)
            if found is not None:
                degraded = defects[(place + number) % len(defects)](*found)
                rows["degraded"][place, number] = _embedded(degraded, detector, embedder)
            progress()
    names = tuple(person.name for person in people)
    probes = {kind: each.astype(np.float32) for kind, each in rows.items()}
    return ProbedPeople(embedder.model_id, names, probes)


def _embedded(
    image: RgbImage, detector: Detector, embedder: Embedder
) -> NDArray[np.float32] | float:
    face = largest_face(detector.detect(image))
    if face is None:
        return np.nan
    return embed_face(embedder, image, face, thoroughly=True).embedding


def keep_probes(people: ProbedPeople, path: Path, *, overwrite: bool) -> None:
    """Write the embeddings, to measure again without embedding. Raises EnrollmentError."""
    with output_file(path, EnrollmentError, overwrite=overwrite) as fresh, fresh.open("wb") as file:
        np.savez(
            file,
            model_id=np.array(people.model_id),
            names=np.array(people.names),
            plain=people.plain,
            degraded=people.probes["degraded"],
        )


def kept_probes(path: Path) -> ProbedPeople:
    """Read what keep_probes() wrote. Raises EnrollmentError where that is not what is there."""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = ProbedPeople(
                str(file["model_id"]),
                tuple(file["names"].tolist()),
                {kind: np.asarray(file[kind], np.float32) for kind in KINDS},
            )
        shape = found.plain.shape
        if (
            len(shape) != 3
            or shape[0] != len(found.names)
            or found.probes["degraded"].shape != shape
        ):
            raise ValueError("its parts do not fit together")
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise EnrollmentError(
            "embeddings that facedesk bench classifiers has kept",
            Sentence("{} cannot be used ({})", path, error),
            "Delete it and measure again",
        ) from error
    return found
