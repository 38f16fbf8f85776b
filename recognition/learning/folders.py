"""Embeds folders of people, for what learns from pictures of people who need not be enrolled."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from capture.folders import pictures_below
from capture.stills import people_folders, read_picture
from common.errors import PictureError
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.face import largest_face
from recognition.learning.labelled import LabelledRows


def embed_people(
    folder: Path,
    detector: Detector,
    embedder: Embedder,
    told: Callable[[Path, str | None], None],
) -> LabelledRows:
    """Embed everybody in a folder that has a subfolder for each person, in the order of names.

    In each picture the largest face counts. Pictures without one, and damaged ones, are left out.
    told: is called with each picture, and why it was left out. Raises PictureError where the
    folder cannot be read.
    """
    people = []
    for person in people_folders(folder):
        rows = []
        for path in pictures_below(person):
            try:
                image = read_picture(path)
            except PictureError as error:
                told(path, error.sentence)
                continue
            face = largest_face(detector.detect(image))
            if face is None:
                told(path, "no face was found")
                continue
            rows.append(embed_face(embedder, image, face, thoroughly=True).embedding)
            told(path, None)
        if rows:
            people.append((person.name, np.stack(rows)))
    return LabelledRows.of(people)
