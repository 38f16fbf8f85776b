"""What facedesk evaluate does: reads and embeds the pictures, measures, prints, draws."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from common.errors import FacedeskError, PictureError
from common.sentence import Sentence
from desktop.commands.session import Session, counted, note, print_json

if TYPE_CHECKING:
    from bench.evaluation.embedding import SeenPictures
    from bench.evaluation.evaluation import Evaluation
    from bench.evaluation.mistakes import Mistake
    from bench.evaluation.pictures import PictureSet
    from bench.evaluation.rows import FigureRow
    from bench.hardening import StrangerRates
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


def measure(session: Session, request: EvaluationRequest) -> None:
    """Evaluate, print the figures, and write what is asked for. Raises FacedeskError."""
    from functools import partial

    from bench.evaluation.evaluation import Protocol, evaluate
    from bench.evaluation.pictures import read_groups
    from recognition.recognizer import pair_threshold

    share, strangers = _strangers(request.strangers)
    pictures = _pictures(request, strangers)
    groups = read_groups(request.group) if request.group is not None else {}
    if groups and not set(groups.values()) & {groups.get(name) for name in pictures.names}:
        raise PictureError(
            Sentence("the people's groups in {}", request.group),
            "it names none of these people",
            "Write a line with a name and a group for each person",
        )
    _check_outputs(request)
    if request.in_gallery:
        detector, embedder, templates = _enrolled(session)
        pictures = _with_enrolled(pictures, templates)
    else:
        detector, embedder = _models(session)
        templates = None
    seen = _embedded(session, request, pictures, detector, embedder)
    fpir = session.recognizer_spec().fpir
    found = evaluate(
        pictures,
        seen,
        partial(_threshold, embedder, fpir),
        pair_threshold(embedder),
        Protocol(request.enroll, request.repeat, share),
        groups,
        templates,
    )
    settings = _settings(detector, embedder, fpir, request)
    if request.as_json:
        print_json(_as_json(found, embedder, settings))
    else:
        _print(found, settings)
    _write(found, request, settings)
    if not embedder.figures.is_measured:
        note("The embedder's figures are careful ones; with --adopt they are measured.")


def adopt_figures(session: Session, request: EvaluationRequest | None, as_json: bool) -> None:
    """Adopt the figures that are measured on the pictures; forget those adopted for None."""
    from desktop.commands.adopting import adopt, forget

    if request is None:
        _, embedder = _models(session)
        forget(session, embedder, as_json)
        return
    from bench.accuracy import evaluated_people

    pictures = _pictures(request, None)
    detector, embedder = _models(session)
    seen = _embedded(session, request, pictures, detector, embedder)
    adopt(session, evaluated_people(pictures, seen), embedder, as_json)


def forget_cache(session: Session, as_json: bool) -> None:
    """Erase the embeddings that evaluations have kept."""
    from bench.evaluation.cache import forget

    files = forget(_cache_folder(session))
    if as_json:
        print_json({"erased": files})
    else:
        click.echo("The embeddings are erased." if files else "No embeddings were kept.")


def harden(session: Session, folder: Path, as_json: bool) -> None:
    """Measure degraded copies of a folder's pictures, and print a table of them."""
    from rich.console import Console
    from rich.progress import Progress

    from bench.defects import DEFECTS
    from bench.hardening import harden
    from capture.stills import people_folders, picture_paths
    from recognition.assembly import load_models

    people = len(people_folders(folder))
    if people < 4:
        raise PictureError(
            "at least four people", f"{folder} has {people}", "Add subfolders of pictures"
        )
    pictures = sum(len(picture_paths(person)) for person in people_folders(folder))
    detector, embedder = load_models(
        session.recognizer_spec(SMALLEST_FACE_PX), session.home.cache, session.preparation
    )
    fpir = session.recognizer_spec().fpir
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Degrading and embedding", total=pictures * len(DEFECTS))
        rows = harden(folder, detector, embedder, fpir, lambda: progress.advance(task), DEFECTS)
    if as_json:
        print_json({"model_id": embedder.model_id, "defects": [asdict(row) for row in rows]})
        return
    click.echo(f"{detector.name} and {embedder.model_id}, {people} people, FPIR {fpir:.1%} wanted")
    click.echo(f"{'':26}enrolled with the same defect        enrolled as they are")
    click.echo(f"{'':26}refused   FNIR    FPIR  FPIR without   FNIR    FPIR")
    click.echo(f"{'':26}                        the limits")
    for row in rows:
        click.echo(
            f"{row.defect:26}{row.set_apart:7.1%} {_rates(row.same)}  {row.without.fpir:10.1%}"
            f"   {_rates(row.clean)}"
        )


def _rates(rates: StrangerRates) -> str:
    fnir = "     -" if rates.fnir is None else f"{rates.fnir:6.1%}"
    return f"{fnir}  {rates.fpir:6.1%}"


# -- what is read --------------------------------------------------------------------------


def _models(session: Session) -> tuple[Detector, Embedder]:
    from recognition.assembly import load_models

    return load_models(
        session.recognizer_spec(SMALLEST_FACE_PX), session.home.cache, session.preparation
    )


def _enrolled(session: Session) -> tuple[Detector, Embedder, dict[str, FloatArray]]:
    """Return the models, and the templates of the user's people by name.

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
        return recognizer.detector, recognizer.embedder, templates


def _with_enrolled(pictures: PictureSet, templates: dict[str, FloatArray]) -> PictureSet:
    from dataclasses import replace

    if not {picture.person for picture in pictures.pictures} & set(templates):
        raise PictureError(
            "pictures of somebody who is enrolled",
            "no folder has the name of anybody in the gallery",
            "Name the subfolders like the people; facedesk people list shows them",
        )
    return replace(pictures, enrolled=tuple(templates))


def _strangers(given: str) -> tuple[float, Path | None]:
    try:
        share = float(given)
    except ValueError:
        return 0.5, Path(given)
    if not 0 < share < 1:
        raise click.UsageError("The share of strangers lies between 0 and 1.")
    return share, None


def _pictures(request: EvaluationRequest, strangers: Path | None) -> PictureSet:
    from bench.evaluation.pictures import csv_set, pairs_set, people_set

    if request.pairs is not None:
        images = request.folder or request.images or request.pairs.parent
        return pairs_set(request.pairs, images)
    if request.table is not None:
        return csv_set(request.table, request.images or request.table.parent, *request.columns)
    assert request.folder is not None
    return people_set(request.folder, strangers)


def _cache_folder(session: Session) -> Path:
    return session.home.cache / "evaluation"


def _embedded(
    session: Session,
    request: EvaluationRequest,
    pictures: PictureSet,
    detector: Detector,
    embedder: Embedder,
) -> SeenPictures:
    from datetime import date

    from rich.console import Console
    from rich.progress import Progress

    from bench.evaluation.cache import KEPT_DAYS, EmbeddingCache
    from bench.evaluation.embedding import cache_model, embed_pictures

    cache = None
    if request.keeps_embeddings:
        model = cache_model(detector, embedder, SMALLEST_FACE_PX)
        cache = EmbeddingCache(_cache_folder(session), model, embedder.dimension, date.today)
    paths = [picture.path for picture in pictures.pictures]
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Embedding", total=len(paths))
        try:
            seen = embed_pictures(
                paths, detector, embedder, lambda: progress.advance(task), cache
            )
        finally:
            if cache is not None:
                _save(cache)
    if cache is not None and len(cache):
        note(
            f"Embeddings of the pictures are kept for {KEPT_DAYS} days in {_cache_folder(session)};"
            " facedesk evaluate --forget-cache erases them."
        )
    for index in list(seen.unreadable)[:TOLD]:
        note(f"Left out: {seen.unreadable[index]}")
    if len(seen.unreadable) > TOLD:
        note(f"And {len(seen.unreadable) - TOLD} more.")
    return seen


def _save(cache: Any) -> None:
    """Keep the embeddings; where that fails the evaluation goes on without."""
    try:
        cache.save()
    except (FacedeskError, OSError) as error:
        note(f"The embeddings cannot be kept: {error}")


def _threshold(embedder: Embedder, fpir: float, people: int) -> float:
    from gallery.threshold import ImpostorScores, threshold_for_fpir

    figures = embedder.figures
    law = ImpostorScores(*figures.nonmated)
    return threshold_for_fpir(law, fpir, people, figures.threshold_floor)


# -- what is told --------------------------------------------------------------------------


def _settings(
    detector: Detector, embedder: Embedder, fpir: float, request: EvaluationRequest
) -> dict[str, str]:
    told = {
        "detector": f"{detector.name}, faces from {SMALLEST_FACE_PX:g} pixels",
        "embedder": embedder.model_id,
        "wanted FPIR": f"{100 * fpir:g} %",
    }
    if request.pairs is not None:
        told["comparisons"] = "the pairs of a list"
    elif request.in_gallery:
        told["enrolled"] = "the gallery"
    else:
        told["enrolled pictures of each person"] = str(request.enroll)
        told["strangers"] = request.strangers
        told["splits"] = "the first pictures" if request.repeat == 1 else f"{request.repeat} random"
    return told


def _print(found: Evaluation, settings: dict[str, str]) -> None:
    from bench.evaluation.rows import behind, identification_rows, verification_rows

    click.echo(f"{settings['detector'].partition(',')[0]} and {settings['embedder']}")
    click.echo(behind(found))
    click.echo(
        f"{counted(len(found.without_face), 'picture')} without a face,"
        f" {len(found.seen.unreadable)} that could not be read."
    )
    _print_rows("1:1", verification_rows(found.verification))
    if found.identification is not None:
        _print_rows("1:N", identification_rows(found.identification))
    for one in found.groups:
        of_worst = "  the worst" if one is found.groups[0] and len(found.groups) > 1 else ""
        _print_rows(
            f"group {one.group}, {one.people} people{of_worst}", verification_rows(one.figures)
        )
    for warning in found.warnings:
        click.echo(f"Mind: {warning}")


def _print_rows(title: str, rows: list[FigureRow]) -> None:
    click.echo(f"{title:44}{'value':>10}  {'95 % interval':22}{'of':>9}")
    for row in rows:
        click.echo(f"{row.name:44}{row.value:>10}  {row.interval:22}{row.of:>9}".rstrip())


def _as_json(found: Evaluation, embedder: Embedder, settings: dict[str, str]) -> dict[str, Any]:
    paths = [str(picture.path) for picture in found.pictures.pictures]

    def mistakes(several: tuple[Mistake, ...]) -> list[dict[str, Any]]:
        return [
            {
                **asdict(one),
                "picture": paths[one.picture],
                "other": paths[one.other] if one.other >= 0 else None,
            }
            for one in several
        ]

    many = found.identification
    return {
        "model_id": embedder.model_id,
        "settings": settings,
        "people": found.people,
        "pictures": len(paths),
        "without_face": [paths[index] for index in found.without_face],
        "unreadable": [
            {"path": paths[index], "reason": reason}
            for index, reason in found.seen.unreadable.items()
        ],
        "verification": asdict(found.verification),
        "identification": asdict(many) if many is not None else None,
        "groups": [asdict(group) for group in found.groups],
        "confusions": [asdict(one) for one in found.confusions],
        "worst_matches": mistakes(found.matches),
        "worst_misses": mistakes(found.misses),
        "warnings": list(found.warnings),
    }


# -- what is written -----------------------------------------------------------------------


def _check_outputs(request: EvaluationRequest) -> None:
    """Raise FacedeskError before minutes are spent, where something could not be written."""
    from bench.report.diagrams import DIAGRAMS
    from common.output_file import check_output, make_folder

    lists = [p for p in (request.table, request.pairs, request.group) if p is not None]
    if request.report is not None:
        check_output(request.report, FacedeskError, overwrite=request.force, inputs=lists)
    if request.plots is not None:
        make_folder(request.plots, FacedeskError)
        for name in DIAGRAMS:
            check_output(request.plots / f"{name}.svg", FacedeskError, overwrite=request.force)


def _write(found: Evaluation, request: EvaluationRequest, settings: dict[str, str]) -> None:
    from datetime import datetime

    from bench.report.diagrams import diagrams
    from bench.report.page import page
    from common.output_file import output_file

    if request.report is not None:
        at = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
        text = page(found, settings, at, request.with_pictures)
        lists = [p for p in (request.table, request.pairs, request.group) if p is not None]
        with output_file(
            request.report, FacedeskError, overwrite=request.force, inputs=lists
        ) as fresh:
            fresh.write_text(text, "utf-8")
        note(f"Written: {request.report}")
    if request.plots is not None:
        for name, diagram in diagrams(found).items():
            path = request.plots / f"{name}.svg"
            with output_file(path, FacedeskError, overwrite=request.force) as fresh:
                fresh.write_text(diagram.svg, "utf-8")
        note(f"Drawn: {request.plots}")
