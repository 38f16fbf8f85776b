"""Measures the accuracy of the whole pipeline, detection to decision, on a folder of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from capture.stills import people_folders, picture_paths, read_picture
from common.errors import EnrollmentError
from gallery.search.identity_rows import IdentityRows
from gallery.threshold import ImpostorScores, fit
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder, embed_face
from models.engines.engine import FloatArray

ENROLLED = 5
"""Pictures of each person that are enrolled; the rest are probes."""

FPIR = 0.01


@dataclass(frozen=True, eq=False)
class EvaluatedPerson:
    """The embeddings of one person.

    enrolled: (t, d) float32 unit rows. probes: (p, d), a row of NaN where no face was found.
    """

    name: str
    enrolled: FloatArray
    probes: FloatArray


@dataclass(frozen=True)
class Accuracy:
    """The figures of an evaluation.

    rank1: of `probes` probes, the number whose most similar identity is their own, with everyone
    enrolled. fnir: share of enrolled people's probes that get no name or a wrong one, at the
    threshold at which the share `fpir` of the strangers' probes gets a name; every second person
    is a stranger. fnir_swapped: the same with the others as strangers. nonmated, nonmated_pairs:
    the same as the attributes of Embedder with these names.
    """

    people: int
    probes: int
    missed_faces: int
    rank1: int
    threshold: float
    fpir: float
    fnir: float
    fnir_swapped: float
    nonmated: ImpostorScores
    nonmated_pairs: ImpostorScores


def embed_folder(
    folder: Path, detector: Detector, embedder: Embedder, progress: Callable[[], None]
) -> list[EvaluatedPerson]:
    """Embed everyone in a folder that has a subfolder for each person, in the order of names.

    In each picture the largest face counts.

    Raises EnrollmentError where a person has too few pictures or none that can be enrolled.
    """
    people = []
    for subfolder in people_folders(folder):
        paths = picture_paths(subfolder)
        rows = np.full((len(paths), embedder.dimension), np.nan, np.float32)
        for row, path in zip(rows, paths, strict=True):
            image = read_picture(path)
            faces = detector.detect(image)
            if faces:
                face = max(faces, key=lambda f: f.width * f.height)
                row[:] = embed_face(embedder, image, face, thoroughly=True).embedding
            progress()
        enrolled = rows[:ENROLLED][~np.isnan(rows[:ENROLLED, 0])]
        if len(paths) <= ENROLLED or not len(enrolled):
            raise EnrollmentError(
                f"more than {ENROLLED} pictures with a face for each person",
                f"{subfolder} has {len(paths)} pictures, {len(enrolled)} of the first usable",
                "Add pictures, or leave this person out",
            )
        people.append(EvaluatedPerson(subfolder.name, enrolled, rows[ENROLLED:]))
    return people


def evaluate(people: list[EvaluatedPerson]) -> Accuracy:
    """Compute the figures of these people. Raises ValueError for fewer than four."""
    if len(people) < 4:
        raise ValueError("four people are needed, two of them strangers")
    scores = similarities(people)
    owners = np.repeat(np.arange(len(people)), [len(p.probes) for p in people])
    nonmated = scores[owners[:, np.newaxis] != np.arange(len(people))]
    known = np.arange(0, len(people), 2)
    others = np.arange(1, len(people), 2)
    threshold, fpir, fnir = open_set(scores, owners, known)
    return Accuracy(
        people=len(people),
        probes=len(owners),
        missed_faces=int(np.isneginf(scores).all(axis=1).sum()),
        rank1=int((scores.argmax(axis=1) == owners)[np.isfinite(scores).any(axis=1)].sum()),
        threshold=threshold,
        fpir=fpir,
        fnir=fnir,
        fnir_swapped=open_set(scores, owners, others)[2],
        nonmated=fit(nonmated[np.isfinite(nonmated)]),
        nonmated_pairs=fit(nonmated_pairs(people)),
    )


def similarities(people: list[EvaluatedPerson]) -> FloatArray:
    """Return each probe's similarity to each person as the gallery tells it.

    The result is (probes, people), and -inf for a probe without a face.
    """
    rows = IdentityRows(people[0].enrolled.shape[1])
    for column, person in enumerate(people):
        rows.put(str(column), person.enrolled)
    probes = np.concatenate([person.probes for person in people])
    scores = np.full((len(probes), len(people)), -np.inf, np.float32)
    for row, probe in zip(scores, probes, strict=True):
        if not np.isnan(probe[0]):
            for whose, similarity in rows.best(probe, len(people)):
                row[int(whose)] = similarity
    return scores


def open_set(
    scores: FloatArray, owners: NDArray[np.intp], known: NDArray[np.intp]
) -> tuple[float, float, float]:
    """Return threshold, FPIR and FNIR with only the people `known` enrolled.

    The threshold is the lowest at which at most the share FPIR of the strangers' probes
    passes. A probe without a face counts as one that gets no name.
    """
    gallery = scores[:, known]
    mated = np.isin(owners, known)
    strangers = np.sort(gallery[~mated].max(axis=1))[::-1]
    threshold = float(strangers[int(FPIR * len(strangers))])
    fpir = float((strangers > threshold).mean())
    best = gallery[mated]
    right = known[best.argmax(axis=1)] == owners[mated]
    passed = best.max(axis=1) > threshold
    return threshold, fpir, float(1 - (right & passed).mean())


def nonmated_pairs(people: list[EvaluatedPerson]) -> FloatArray:
    """Return the similarities of all pairs of pictures of different people."""
    rows = [np.vstack([p.enrolled, p.probes[~np.isnan(p.probes[:, 0])]]) for p in people]
    return np.concatenate([(a @ b.T).ravel() for i, a in enumerate(rows) for b in rows[i + 1 :]])
