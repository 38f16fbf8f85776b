"""What facedesk evaluate --harden does: measures degraded copies of people's pictures."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import click

from common.errors import PictureError
from common.sentence import Sentence
from desktop.commands.evaluation.inputs import (
    EvaluationRequest,
    chosen_strangers,
    evaluated_models,
    kept_and_told,
    pictures_asked_for,
    tell_unreadable,
    threshold_in_use,
)
from desktop.commands.evaluation.output import check_outputs, settings_told, write_page
from desktop.commands.session import Session, print_json

if TYPE_CHECKING:
    from bench.evaluation.intervals import Estimate
    from bench.hardening.hardening import DegradedFigures
    from bench.hardening.rates import StrangerRates

FEWEST_PEOPLE = 4


def harden(session: Session, request: EvaluationRequest) -> None:
    """Measure degraded copies of the pictures, and print tables of them. Raises FacedeskError."""
    from bench.evaluation.evaluation import Protocol
    from bench.evaluation.pictures import read_groups
    from bench.hardening.defects import DEFECTS
    from bench.hardening.degraded import embed_degraded
    from bench.hardening.hardening import harden, worst
    from bench.report.degraded_page import degraded_page

    share, strangers = chosen_strangers(request.strangers)
    pictures = pictures_asked_for(request, strangers)
    people = len(pictures.names)
    if people < FEWEST_PEOPLE:
        raise PictureError(
            "at least four people",
            Sentence("{} has {}", request.folder or request.table or "", people),
            "Add subfolders of pictures",
        )
    groups = read_groups(request.group) if request.group is not None else {}
    check_outputs(request)
    models = evaluated_models(session)
    detector, embedder = models[0]
    paths = [picture.path for picture in pictures.pictures]
    with kept_and_told(session, request, len(paths), models[0], "Degrading and embedding") as (
        cache,
        step,
    ):
        seen = embed_degraded(paths, models, DEFECTS, step, cache)
    unreadable = next(iter(seen.values())).unreadable
    tell_unreadable(unreadable)
    fpir = session.recognizer_spec().fpir
    found = harden(
        pictures,
        seen,
        embedder.figures,
        partial(threshold_in_use, embedder, fpir),
        fpir,
        Protocol(request.enroll, request.repeat, share),
        groups,
    )
    settings = settings_told(detector, embedder, fpir, request)
    write_page(lambda at: degraded_page(found, settings, at, session.language), request)
    if request.as_json:
        print_json(
            {
                "model_id": embedder.model_id,
                "people": people,
                "pictures": len(paths),
                "unreadable": [
                    {"path": str(paths[index]), "reason": reason}
                    for index, reason in unreadable.items()
                ],
                "defects": [_as_json(row) for row in found],
                "worst": worst(found).defect,
                "warnings": list(found[0].warnings),
            }
        )
        return
    click.echo(f"{detector.name} and {embedder.model_id}, {people} people, FPIR {fpir:.1%} wanted")
    _print_figures(found)
    click.echo(f"{worst(found).defect}: the worst")
    for row in found:
        if row.groups:
            one = row.groups[0]
            told = f"{one.figures.tpr[0].value:.2%} at FPR 1 %"
            click.echo(f"{row.defect}: of the groups {one.group} is the worst, {told}")
    _print_rates(found)
    for warning in found[0].warnings:
        click.echo(f"Mind: {warning}")


def _as_json(row: DegradedFigures) -> dict[str, object]:
    """Return the rates beside the figures, as the table has them."""
    whole = asdict(replace(row, warnings=()))
    del whole["warnings"]
    return {**whole.pop("rates"), **whole}


def _print_figures(found: list[DegradedFigures]) -> None:
    click.echo(f"{'enrolled as they are':26}{'accuracy':>26}{'TPR at FPR 1 %':>26}", nl=False)
    click.echo(f"{'FNIR at FPIR 1 %':>26}{'faces not found':>26}")
    for row in found:
        shown = (row.accuracy, row.tpr, row.fnir, row.not_found)
        click.echo(f"{row.defect:26}" + "".join(f"{_estimate(one):>26}" for one in shown))


def _print_rates(found: list[DegradedFigures]) -> None:
    click.echo("At the threshold in use, of probes that must be clearer where they have flaws:")
    click.echo(f"{'':26}enrolled with the same defect        enrolled as they are")
    click.echo(f"{'':26}refused   FNIR    FPIR  FPIR without   FNIR    FPIR")
    click.echo(f"{'':26}                        the limits")
    for row in found:
        rates = row.rates
        click.echo(
            f"{row.defect:26}{rates.set_apart:7.1%} {_rates(rates.same)}"
            f"  {_rate(rates.without.fpir):>10}   {_rates(rates.clean)}"
        )


def _estimate(one: Estimate | None) -> str:
    if one is None:
        return "-"
    return f"{one.value:.1%} ({one.low:.1%} to {one.high:.1%})"


def _rates(rates: StrangerRates) -> str:
    return f"{_rate(rates.fnir):>6}  {_rate(rates.fpir):>6}"


def _rate(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1%}"
