"""What facedesk evaluate reads: the pictures that are asked for, and what is seen on them."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FacedeskError, PictureError
from desktop.commands.session import Session, note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bench.evaluation.cache import EmbeddingCache
    from bench.evaluation.embedding import SeenPictures
    from bench.evaluation.pictures import PictureSet
    from common.sentence import Sentence
    from models.detectors.protocol import Detector
    from models.embedders.embedder import Embedder
    from models.engines.engine import FloatArray

SMALLEST_FACE_PX = 20.0
"""Smaller faces than live ones count: every picture shows somebody."""

TOLD = 10
"""So many pictures that cannot be read are named."""


@dataclass(frozen=True)
class EvaluationRequest:
    """What the user asks for, as the options of facedesk evaluate say it.

    columns: of the table, for pictures and people; None where they are to be found.
    """

    folder: Path | None
    table: Path | None
    images: Path | None
    columns: tuple[str | None, str | None]
    pairs: Path | None
    in_gallery: bool
    enroll: int
    strangers: str
    repeat: int
    group: Path | None
    report: Path | None
    with_pictures: bool
    plots: Path | None
    keeps_embeddings: bool
    force: bool
    as_json: bool


def evaluated_models(session: Session) -> list[tuple[Detector, Embedder]]:
    """Load the models of the settings, for small faces; see load_side_by_side()."""
    from recognition.assembly import load_side_by_side

    return load_side_by_side(
        session.recognizer_spec(SMALLEST_FACE_PX), session.home.cache, session.preparation
    )


def enrolled_here(session: Session) -> tuple[dict[str, FloatArray], float]:
    """Return the templates of the user's people by name, and the threshold that is in use.

    Namesakes count as one person: a folder cannot say which of them it means.
    """
    import numpy as np

    with session.recognizer(SMALLEST_FACE_PX) as recognizer:
        gallery = recognizer.gallery
        templates: dict[str, FloatArray] = {}
        for identity in gallery.identities:
            rows = gallery.embeddings(identity.id)
            if len(rows):
                before = templates.get(identity.name, rows[:0])
                templates[identity.name] = np.concatenate([before, rows])
        if not templates:
            raise PictureError(
                "somebody who is enrolled",
                "the gallery has nobody",
                "Enroll people, or leave --gallery out",
            )
        return templates, recognizer.threshold


def with_enrolled(pictures: PictureSet, templates: dict[str, FloatArray]) -> PictureSet:
    """Return the pictures as probes among these people. Raises PictureError."""
    from dataclasses import replace

    if not {picture.person for picture in pictures.pictures} & set(templates):
        raise PictureError(
            "pictures of somebody who is enrolled",
            "no folder has the name of anybody in the gallery",
            "Name the subfolders like the people; facedesk people list shows them",
        )
    return replace(pictures, enrolled=tuple(templates))


def chosen_strangers(given: str) -> tuple[float, Path | None]:
    """Return the share of strangers, or the folder that has them."""
    try:
        share = float(given)
    except ValueError:
        return 0.5, Path(given)
    if not 0 < share < 1:
        raise click.UsageError("The share of strangers lies between 0 and 1.")
    return share, None


def pictures_asked_for(request: EvaluationRequest, strangers: Path | None) -> PictureSet:
    """Return the pictures that are evaluated. Raises PictureError."""
    from bench.evaluation.pictures import csv_set, pairs_set, people_set

    if request.pairs is not None:
        images = request.folder or request.images or request.pairs.parent
        return pairs_set(request.pairs, images)
    if request.table is not None:
        return csv_set(request.table, request.images or request.table.parent, *request.columns)
    assert request.folder is not None
    return people_set(request.folder, strangers)


def cache_folder(session: Session) -> Path:
    """Return where embeddings are kept."""
    return session.home.cache / "evaluation"


def embedded(
    session: Session,
    request: EvaluationRequest,
    pictures: PictureSet,
    models: Sequence[tuple[Detector, Embedder]],
) -> SeenPictures:
    """Embed the pictures, and tell which could not be read."""
    from bench.evaluation.embedding import embed_pictures

    paths = [picture.path for picture in pictures.pictures]
    with kept_and_told(session, request, len(paths), models[0], "Embedding") as (cache, step):
        seen = embed_pictures(paths, models, step, cache)
    tell_unreadable(seen.unreadable)
    return seen


@contextmanager
def kept_and_told(
    session: Session,
    request: EvaluationRequest,
    pictures: int,
    models: tuple[Detector, Embedder],
    doing: str,
) -> Iterator[tuple[EmbeddingCache | None, Callable[[], None]]]:
    """Give a cache, which is saved at the end, and what is called after each picture."""
    from datetime import date

    from rich.console import Console
    from rich.progress import Progress

    from bench.evaluation.cache import KEPT_DAYS, EmbeddingCache
    from bench.evaluation.embedding import cache_model

    cache = None
    detector, embedder = models
    if request.keeps_embeddings:
        model = cache_model(detector, embedder, SMALLEST_FACE_PX)
        cache = EmbeddingCache(cache_folder(session), model, embedder.dimension, date.today)
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task(doing, total=pictures)
        try:
            yield cache, lambda: progress.advance(task)
        finally:
            if cache is not None:
                _save(cache)
    if cache is not None and len(cache):
        note(
            f"Embeddings of the pictures are kept for {KEPT_DAYS} days in {cache_folder(session)};"
            " facedesk evaluate --forget-cache erases them."
        )


def tell_unreadable(unreadable: Mapping[int, Sentence]) -> None:
    """Say which pictures could not be read, and why."""
    for index in list(unreadable)[:TOLD]:
        note(f"Left out: {unreadable[index]}")
    if len(unreadable) > TOLD:
        note(f"And {len(unreadable) - TOLD} more.")


def _save(cache: EmbeddingCache) -> None:
    """Keep the embeddings; where that fails the evaluation goes on without."""
    try:
        cache.save()
    except (FacedeskError, OSError) as error:
        note(f"The embeddings cannot be kept: {error}")


def threshold_in_use(embedder: Embedder, fpir: float, people: int) -> float:
    """Return the threshold that a gallery of so many people uses."""
    from gallery.threshold import ImpostorScores, threshold_for_fpir

    figures = embedder.figures
    law = ImpostorScores(*figures.nonmated)
    return threshold_for_fpir(law, fpir, people, figures.threshold_floor)
