"""facedesk calibrate: the threshold that follows from what the operator can live with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from gallery.calibration import Calibration
    from gallery.gallery import Gallery

_TOLD = 10
"""Pairs who may be one person: so many are told by name."""


@click.command()
@click.option(
    "--once-in",
    "visits",
    type=click.IntRange(10, 1_000_000),
    metavar="VISITS",
    help="How seldom a stranger may be named by mistake: once in so many visits, such as 100, 1000"
    " or 10000. Without it, as the settings say.",
)
@click.option("--adopt", is_flag=True, help="Use this threshold from the next start on.")
@click.option("--undo", is_flag=True, help="Return to what was in use before it was adopted.")
@json_option
@click.pass_obj
def calibrate(session: Session, visits: int | None, adopt: bool, undo: bool, as_json: bool) -> None:
    """Show which threshold your wish gives for this gallery.

    It follows from the law of the embedder's similarities between different people, from the
    gallery's size, and from how alike the gallery's own people are: each of their templates is
    compared with everybody else. Once it is adopted, people who are enrolled later may raise it;
    they never lower it below the embedder's law.
    """
    if undo:
        if adopt or visits is not None:
            raise click.UsageError("--undo goes with no other choice.")
        _undo(session, as_json)
        return
    choice = session.threshold_choice
    with session.gallery() as gallery:
        found, measured = choice.found(gallery, None if visits is None else 1 / visits)
        if adopt:
            choice.adopt(found, gallery.model_id)
        in_use = choice.in_use(found, gallery.model_id)
        if as_json:
            print_json(_answer(gallery.model_id, found, in_use))
        else:
            _tell(found, in_use, measured)
    if adopt:
        note(
            "Adopted. Whatever runs takes it at its next start; facedesk calibrate --undo returns."
        )


def _undo(session: Session, as_json: bool) -> None:
    choice = session.threshold_choice
    with session.gallery() as gallery:
        model_id = gallery.model_id
    undone = choice.undo(model_id)
    if as_json:
        print_json({"model_id": model_id, "undone": undone is not None})
    elif undone is None:
        click.echo("No calibration was adopted.")
    else:
        click.echo(f"Returned: once in {1 / choice.wish:.0f} visits.")


def threshold_in_use(session: Session, gallery: Gallery) -> float:
    """Return the threshold for a gallery that is not empty, as settings and calibration say."""
    choice = session.threshold_choice
    found, _ = choice.found(gallery)
    return choice.in_use(found, gallery.model_id)


def _answer(model_id: str, found: Calibration, in_use: float) -> dict[str, Any]:
    from gallery.calibration import supported_rate

    shift = found.shift
    return {
        "model_id": model_id,
        "fpir": found.fpir,
        "people": found.size,
        "compared": len(found.scores.people),
        "pairs": found.pairs,
        "supported_rate": min(supported_rate(found.pairs), 1.0),
        "law": {"mean": found.law.mean, "std": found.law.std},
        "law_threshold": found.law_threshold,
        "shift": None
        if shift is None
        else {"found": shift.found, "low": shift.low, "high": shift.high, "at": shift.at},
        "adjustment": found.adjustment,
        "threshold": found.threshold,
        "threshold_in_use": in_use,
        "maybe_one_person": [[one.id, other.id] for one, other in found.scores.excluded],
    }


def _tell(found: Calibration, in_use: float, measured: bool) -> None:
    how = "measured" if measured else "estimated"
    rows = [
        ("strangers named by mistake", f"once in {1 / found.fpir:.0f} visits"),
        ("gallery", counted(found.size, "person", "people")),
        (
            "by the embedder's law",
            f"{found.law_threshold:.3f}  ({how}: mean {found.law.mean:.3f}, standard deviation"
            f" {found.law.std:.3f})",
        ),
    ]
    shift = found.shift
    if shift is not None:
        rows += [
            (
                "own scores lie higher by",
                f"{shift.found:+.3f}  (95 %: {shift.low:+.3f} to {shift.high:+.3f}, where one in"
                f" {1 / shift.at:.0f} passes)",
            ),
            ("which raises it by", f"{found.adjustment:+.3f}"),
        ]
    rows += [("threshold", f"{found.threshold:.3f}"), ("in use", f"{in_use:.3f}")]
    for name, value in rows:
        click.echo(f"{name:30}{value}")
    for line in _limits(found):
        note(line)


def _limits(found: Calibration) -> list[str]:
    """Return what cannot be known from these people."""
    from gallery.calibration import FEWEST_PEOPLE, supported_rate

    lines = []
    people = len(found.scores.people)
    if people < FEWEST_PEOPLE:
        lines.append(
            f"{counted(people, 'person', 'people')} with templates: too few to say how alike"
            f" different people are here, {FEWEST_PEOPLE} are needed. The embedder's law alone"
            " decides."
        )
    elif found.shift is None:
        lines.append("Too few templates to compare. The embedder's law alone decides.")
    else:
        rate = supported_rate(found.pairs)
        lines.append(
            f"{counted(found.pairs, 'pair')} of people: they say nothing of rates below one in"
            f" {1 / rate:.0f} comparisons (rule of three). Below, the embedder's law decides."
        )
    lines += [
        f"{one.name} ({one.id[:8]}) and {other.name} ({other.id[:8]}) may be one person, enrolled"
        " twice; they are left out."
        for one, other in found.scores.excluded[:_TOLD]
    ]
    more = len(found.scores.excluded) - _TOLD
    if more > 0:
        lines.append(f"{more} more pairs may be one person each.")
    return lines
