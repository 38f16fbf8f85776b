"""What facedesk evaluate --adopt and --forget do: figures of an embedder from the user's people."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session, counted, note, print_json

if TYPE_CHECKING:
    from bench.accuracy import EvaluatedPerson
    from bench.adoption import Effect
    from models.embedders.embedder import Embedder


def adopt(
    session: Session, people: list[EvaluatedPerson], embedder: Embedder, as_json: bool
) -> None:
    """Measure the embedder's figures, keep them for its model, and print what changes.

    people: embedded by this embedder. Raises EnrollmentError where they cannot support it, and
    SettingsError where the figures cannot be kept; nothing is changed then.
    """
    from datetime import UTC, datetime

    from bench.adoption import effect, measure_figures, reweighted
    from models.embedders.adopted import AdoptedMeasurements
    from models.embedders.fusion import FusedEmbedder

    fpir = session.recognizer_spec().fpir
    measured = measure_figures(people, embedder, datetime.now(UTC))
    before = effect(people, embedder.figures, fpir)
    if isinstance(embedder, FusedEmbedder):
        people = reweighted(people, measured.dimensions, measured.weights)
    after = effect(people, measured.figures, fpir)
    AdoptedMeasurements(session.home.figures).adopt(measured)
    if as_json:
        print_json(
            {
                "model_id": measured.model_id,
                "people": measured.people,
                "probes": measured.probes,
                "weights": measured.weights,
                "figures": asdict(measured.figures),
                "before": asdict(before),
                "after": asdict(after),
            }
        )
        return
    click.echo(
        f"{measured.model_id}: figures measured on {measured.people} people,"
        f" {counted(measured.probes, 'probe')}, and adopted."
    )
    if isinstance(embedder, FusedEmbedder):
        for part, weight in zip(embedder.parts, measured.weights, strict=True):
            click.echo(f"weight of {part.model_id:32}{weight:.2f}")
    were = "measured" if embedder.figures.is_measured else "careful"
    click.echo(f"{'':34}{'before, ' + were:>20}{'now, measured':>16}")
    for name, was, now in _compared(before, after):
        click.echo(f"{name:34}{was:>20}{now:>16}")
    note(
        f"Strangers: every second person, at false alarms of {fpir:.1%}. Whatever runs takes them"
        " at its next start; facedesk evaluate --forget returns to those before."
    )


def forget(session: Session, embedder: Embedder, as_json: bool) -> None:
    """Delete the figures that were adopted for the embedder's model."""
    from models.embedders.adopted import AdoptedMeasurements

    forgotten = AdoptedMeasurements(session.home.figures).forget(embedder.model_id)
    if as_json:
        print_json({"model_id": embedder.model_id, "forgotten": forgotten})
    elif forgotten:
        click.echo(f"The adopted figures of {embedder.model_id} are forgotten.")
    else:
        click.echo(f"No figures were adopted for {embedder.model_id}.")


def _compared(before: Effect, after: Effect) -> list[tuple[str, str, str]]:
    return [
        ("threshold", f"{before.threshold:.3f}", f"{after.threshold:.3f}"),
        ("enrolled people without their name", f"{before.not_named:.1%}", f"{after.not_named:.1%}"),
        ("strangers with a name", f"{before.strangers_named:.1%}", f"{after.strangers_named:.1%}"),
    ]
