"""What facedesk evaluate prints and writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from common.errors import FacedeskError
from desktop.commands.evaluation.inputs import SMALLEST_FACE_PX, EvaluationRequest
from desktop.commands.output import check_plots, save_plot
from desktop.commands.session import counted, note

if TYPE_CHECKING:
    from bench.evaluation.evaluation import Evaluation
    from bench.evaluation.mistakes import Mistake
    from bench.evaluation.rows import FigureRow
    from common.sentence import Language
    from models.detectors.protocol import Detector
    from models.embedders.embedder import Embedder


def settings_told(
    detector: Detector, embedder: Embedder, fpir: float, request: EvaluationRequest
) -> dict[str, str]:
    """Return what was measured with, and how, in words."""
    from bench.report.evaluation_settings import OF_GALLERY, OF_PAIRS, measured_with, of_splits

    told = measured_with(detector.name, SMALLEST_FACE_PX, embedder.model_id, fpir)
    if request.pairs is not None:
        return told | OF_PAIRS
    if request.in_gallery:
        return told | OF_GALLERY
    return told | of_splits(request.enroll, request.strangers, request.repeat)


def print_figures(found: Evaluation, settings: dict[str, str]) -> None:
    """Print the figures as tables."""
    from bench.evaluation.rows import behind, identification_rows, verification_rows

    click.echo(models_told(settings))
    click.echo(behind(found))
    click.echo(
        f"{counted(len(found.without_face), 'picture')} without a face,"
        f" {len(found.seen.unreadable)} that could not be read."
    )
    print_rows("1:1", verification_rows(found.verification))
    if found.identification is not None:
        print_rows("1:N", identification_rows(found.identification))
    if (law := found.nonmated) is not None:
        click.echo(f"non-mated: mean {law.mean:.3f}, standard deviation {law.std:.3f} (tail)")
    for one in found.groups:
        of_worst = "  the worst" if one is found.groups[0] and len(found.groups) > 1 else ""
        print_rows(
            f"group {one.group}, {one.people} people{of_worst}", verification_rows(one.figures)
        )
    for warning in found.warnings:
        click.echo(f"Mind: {warning}")


def models_told(settings: dict[str, str]) -> str:
    """Return the models of settings_told(), in words."""
    return f"{settings['detector'].partition(',')[0]} and {settings['embedder']}"


def print_rows(title: str, rows: list[FigureRow]) -> None:
    """Print a table of figures."""
    click.echo(f"{title:44}{'value':>10}  {'95 % interval':22}{'of':>9}")
    for row in rows:
        click.echo(f"{row.name:44}{row.value:>10}  {row.interval:22}{row.of:>9}".rstrip())


def figures_as_json(
    found: Evaluation, embedder: Embedder, settings: dict[str, str]
) -> dict[str, Any]:
    """Return everything that was found, for one line of JSON."""
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
        "nonmated": asdict(found.nonmated) if found.nonmated is not None else None,
        "groups": [asdict(group) for group in found.groups],
        "confusions": [asdict(one) for one in found.confusions],
        "worst_matches": mistakes(found.matches),
        "worst_misses": mistakes(found.misses),
        "warnings": list(found.warnings),
    }


def check_outputs(request: EvaluationRequest) -> None:
    """Raise FacedeskError before minutes are spent, where something could not be written."""
    from bench.drawing.evaluation_diagrams import DIAGRAMS
    from common.output_file import check_output

    if request.report is not None:
        check_output(request.report, FacedeskError, overwrite=request.force, inputs=_lists(request))
    check_plots(request.plots, map(_file_of, DIAGRAMS), request.force)


def write_outputs(
    found: Evaluation, request: EvaluationRequest, settings: dict[str, str], language: Language
) -> None:
    """Write the report and the diagrams that are asked for. Raises FacedeskError."""
    from bench.drawing.evaluation_diagrams import diagrams
    from bench.report.evaluation_page import page

    write_page(lambda at: page(found, settings, at, request.with_pictures, language), request)
    if request.plots is not None:
        for name, diagram in diagrams(found).items():
            save_plot(diagram, request.plots / _file_of(name), request.force, language)
        note(f"Drawn: {request.plots}")


def write_page(page: Callable[[str], str], request: EvaluationRequest) -> None:
    """Write the report where one is asked for. page: makes it, told when it was measured."""
    from datetime import datetime

    from common.output_file import output_file

    if request.report is None:
        return
    text = page(datetime.now().astimezone().strftime("%Y-%m-%d %H:%M"))
    inputs = _lists(request)
    with output_file(
        request.report, FacedeskError, overwrite=request.force, inputs=inputs
    ) as fresh:
        fresh.write_text(text, "utf-8")
    note(f"Written: {request.report}")


def _file_of(diagram: str) -> str:
    return f"{diagram}.svg"


def _lists(request: EvaluationRequest) -> list[Path]:
    return [p for p in (request.table, request.pairs, request.group) if p is not None]
