"""facedesk calibrate: the threshold that follows from what the operator can live with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from gallery.calibration import Calibration, Shift
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
@click.option("--adopt", is_flag=True, help="Use this threshold from now on.")
@click.option("--undo", is_flag=True, help="Return to what was in use before it was adopted.")
@click.option(
    "--forget-strangers",
    "forgets",
    is_flag=True,
    help="Erase what the station kept of strangers' similarities.",
)
@json_option
@click.pass_obj
def calibrate(
    session: Session,
    visits: int | None,
    adopt: bool,
    undo: bool,
    forgets: bool,
    as_json: bool,
) -> None:
    """Show which threshold your wish gives for this gallery.

    It follows from the law of the embedder's similarities between different people, from the
    gallery's size, and from how alike the gallery's own people are: each of their templates is
    compared with everybody else. What the station keeps of strangers counts, too, where its
    settings let it: of each visit the similarity to the nearest person, and nothing else. Once it
    is adopted, people who are enrolled later may raise it; they never lower it below the embedder's
    law.
    """
    if sum((undo, forgets, adopt or visits is not None)) > 1:
        alone = "--undo" if undo else "--forget-strangers"
        raise click.UsageError(f"{alone} goes with no other choice.")
    if forgets:
        _forget_strangers(session, as_json)
        return
    if undo:
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
        note("Adopted. Window and station take it at once; facedesk calibrate --undo returns.")


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


def _forget_strangers(session: Session, as_json: bool) -> None:
    from gallery.likeness.stranger_scores import StrangerScores

    with session.gallery() as gallery:
        count = StrangerScores(session.home.impostors, gallery.model_id).forget()
    if count:
        session.audit.note("strangers' similarities erased")
    if as_json:
        print_json({"forgotten": count})
    else:
        click.echo(f"{counted(count, 'visit')} of strangers erased. What was adopted stays.")


def threshold_in_use(session: Session, gallery: Gallery) -> float:
    """Return the threshold for a gallery that is not empty, as settings and calibration say."""
    choice = session.threshold_choice
    found, _ = choice.found(gallery)
    return choice.in_use(found, gallery.model_id)


def _answer(model_id: str, found: Calibration, in_use: float) -> dict[str, Any]:
    from gallery.calibration import supported_rate

    return {
        "model_id": model_id,
        "fpir": found.fpir,
        "people": found.size,
        "compared": len(found.scores.people),
        "pairs": found.pairs,
        "supported_rate": min(supported_rate(found.pairs), 1.0),
        "law": {"mean": found.law.mean, "std": found.law.std},
        "law_threshold": found.law_threshold,
        "shift": _shift_answer(found.shift),
        "strangers": len(found.strangers),
        "stranger_shift": _shift_answer(found.stranger_shift),
        "adjustment": found.adjustment,
        "threshold": found.threshold,
        "threshold_in_use": in_use,
        "maybe_one_person": [[one.id, other.id] for one, other in found.scores.excluded],
    }


def _shift_answer(shift: Shift | None) -> dict[str, float] | None:
    if shift is None:
        return None
    return {"found": shift.found, "low": shift.low, "high": shift.high, "at": shift.at}


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
    shifts = (
        ("own scores lie higher by", found.shift),
        ("strangers' lie higher by", found.stranger_shift),
    )
    rows += [
        (
            name,
            f"{shift.found:+.3f}  (95 %: {shift.low:+.3f} to {shift.high:+.3f}, where one in"
            f" {1 / shift.at:.0f} passes)",
        )
        for name, shift in shifts
        if shift is not None
    ]
    if any(shift is not None for _, shift in shifts):
        rows.append(("which raises it by", f"{found.adjustment:+.3f}"))
    rows += [("threshold", f"{found.threshold:.3f}"), ("in use", f"{in_use:.3f}")]
    for name, value in rows:
        click.echo(f"{name:30}{value}")
    for line in _limits(found):
        note(line)


def _of_strangers(count: int) -> str:
    """Return what so many visits of strangers can say, and what may be wrong about them."""
    from gallery.calibration import FEWEST_STRANGERS, supported_rate

    told = f"{counted(count, 'visit')} of strangers at the station"
    if count < FEWEST_STRANGERS:
        return f"{told}: {FEWEST_STRANGERS} are needed before they count."
    return (
        f"{told}: they say nothing of rates below one in {1 / supported_rate(count):.0f} visits. An"
        " enrolled person who was not recognized counts among them, and raises the threshold. So"
        " visits that ended in a name, a code or 'not me' are left out, and those within a minute"
        " before; and no more than one standard deviation of the embedder's law comes of it."
    )


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
    if found.strangers:
        lines.append(_of_strangers(len(found.strangers)))
    lines += [
        f"{one.name} ({one.id[:8]}) and {other.name} ({other.id[:8]}) may be one person, enrolled"
        " twice; they are left out."
        for one, other in found.scores.excluded[:_TOLD]
    ]
    more = len(found.scores.excluded) - _TOLD
    if more > 0:
        lines.append(f"{more} more pairs may be one person each.")
    return lines
