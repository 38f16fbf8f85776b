"""facedesk doctor: shows what is installed, and what is wrong."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from common.errors import FacedeskError
from common.extras import EXTRAS, install_line, is_installed
from desktop.commands.doctor.findings import Finding, checked
from desktop.commands.doctor.station_findings import station_findings
from desktop.commands.key.showing import key_finding
from desktop.commands.session import Session, counted, json_option, print_json

if TYPE_CHECKING:
    from models.embedders.embedder import Embedder

PACKAGES = (
    "numpy",
    "opencv-python-headless",
    "openvino",
    "faiss-cpu",
    "onnx",
    "PyQt5",
    "cryptography",
)


@click.command()
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Say what is wrong here, and how to mend it.

    Exit code 2 where something that it cannot do without is missing.
    """
    session: Session = context.obj
    told: list[Finding] = []
    for finding in _findings(session):
        told.append(finding)
        if as_json:
            print_json(asdict(finding))
        elif finding.well and not finding.remedy:
            click.echo(f"ok    {finding.what}: {finding.found}")
    if not as_json:
        _print_remedies(told)
    context.exit(0 if all(finding.well for finding in told) else 2)


def _print_remedies(findings: list[Finding]) -> None:
    """Print what to do, after everything that is well; what must be done comes last."""
    to_do = [finding for finding in findings if finding.remedy or not finding.well]
    for finding in sorted(to_do, key=lambda finding: not finding.well):
        mark = "note " if finding.well else "WRONG"
        click.echo()
        click.secho(f"{mark} {finding.what}: {finding.found}", bold=True)
        if finding.remedy:
            click.echo(f"      {finding.remedy}.")


def _findings(session: Session) -> Iterator[Finding]:
    yield Finding("System", True, f"{platform.platform()}, Python {platform.python_version()}")
    yield from map(_package, PACKAGES)
    yield from map(_extra, EXTRAS)
    settings = checked("Settings", lambda: _read_settings(session))
    yield settings
    # What the settings choose can be looked at only where they can be read.
    models_well = False
    if settings.well:
        found = checked("Models", lambda: _loaded_models(session))
        models_well = found.well
        yield found
        if models_well:
            yield checked("Device", lambda: _device(session))
        yield checked("Landmarks", _landmarks)
        yield _camera(session)
    yield checked("Key", lambda: key_finding(session))
    yield checked("Gallery", lambda: _counted_people(session, models_well))
    if settings.well and session.settings.classifier:
        yield checked("Classifier", lambda: _classifier(session))
    yield checked("Removals", lambda: _removals(session))
    yield from station_findings(session, settings.well)
    yield _display()


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, "not installed", "Install Facedesk again")


def _extra(name: str) -> Finding:
    gives = EXTRAS[name].gives
    if is_installed(name):
        return Finding(f"[{name}]", True, f"installed, for {gives}", value=True)
    found = f"optional, for {gives}: {install_line(name)}"
    return Finding(f"[{name}]", True, found, value=False)


def _read_settings(session: Session) -> str:
    path = session.home.settings
    return f"{path}" if session.settings and path.exists() else "the defaults"


def _device(session: Session) -> str:
    """Return which device is used, and why."""
    from recognition.assembly import choose_device
    from recognition.device_choice import WORK

    choice = session.recognizer_spec()
    pick = choose_device(choice, session.home.cache, session.preparation)
    if choice.device != "auto":
        return f"{pick.device}, as the settings say"
    if not pick.trials:
        return f"{pick.device}, the only one here"
    measured = (
        f"{trial.device} {trial.ms:.1f} ms"
        if trial.ms is not None
        else f"{trial.device} was refused ({trial.refused})"
        for trial in pick.trials
    )
    return f"{pick.device}, picked by measuring {WORK}: {', '.join(measured)}"


def _loaded_models(session: Session) -> str:
    from recognition.assembly import load_models

    detector, embedder = load_models(
        session.recognizer_spec(), session.home.cache, session.preparation
    )
    return f"{detector.name} and {embedder.model_id}{_figures(session, embedder)}"


def _figures(session: Session, embedder: Embedder) -> str:
    """Return where the embedder's figures are from, unless they are its own."""
    from models.embedders.adopted import adopted_measurement

    adopted = adopted_measurement(embedder.model_id, session.home.figures)
    if adopted is not None:
        return f", whose figures were measured here on {adopted.people} people"
    if embedder.figures.is_measured:
        return ""
    return ", whose figures are careful ones: facedesk evaluate FOLDER --adopt measures them"


def _landmarks() -> Finding:
    """Find FaceMesh and the iris model, which nothing else misses aloud or fetches by itself."""
    from models.conversion import weights

    absent = [each for each in (weights.FACE_MESH, weights.IRIS) if not weights.is_here(each)]
    if not absent:
        return Finding("Landmarks", True, "facemesh and iris", value=True)
    names = " and ".join(each.network for each in absent)
    found = f"{names} missing or damaged: photos are compared less well, and enrollment sees less"
    remedy = (
        "Get what is missing with facedesk models fetch, or, without a network, from another "
        "computer with facedesk models bundle there and facedesk models add here"
    )
    return Finding("Landmarks", True, found, remedy, value=False)


def _classifier(session: Session) -> Finding:
    """Find in what the classifier that the settings name differs from the gallery."""
    from recognition.learning.classifier_file import classifier_path, load_recipe
    from recognition.learning.ordering import ClassifierOrder

    name = session.settings.classifier
    recipe = load_recipe(classifier_path(name, session.home.classifiers))
    with session.gallery() as gallery:
        stale = ClassifierOrder(recipe, gallery).staleness
    found = f"{name}: {recipe.method.value} of {counted(len(recipe.people), 'person', 'people')}"
    if not stale:
        return Finding("Classifier", True, found)
    differs = f"{stale.unknown} new, {stale.changed} changed, {stale.gone} gone since"
    return Finding("Classifier", True, f"{found}; {differs}", f"Run facedesk train update {name}")


def _removals(session: Session) -> Finding:
    """Find people who were removed but are not erased everywhere yet.

    Opening the gallery has just tried again to erase them.
    """
    with session.gallery() as gallery:
        pending = gallery.pending_erasures()
        due = {item.identity_id for item in gallery.due_erasures()}
    begun = sum(not item.in_gallery for item in pending)
    aside = sum(item.is_set_aside and item.identity_id not in due for item in pending)
    undoable = sum(item.identity_id not in due for item in pending) - aside
    states = [
        (count, state, remedy)
        for count, state, remedy in (
            (
                undoable,
                "hidden, and can still be brought back",
                "Close the window in which they were removed: then they are erased",
            ),
            (
                len(pending) - begun - undoable - aside,
                "hidden, and not erased yet, since something is in the way",
                "Any facedesk command says what is in the way, and tries it again",
            ),
            (
                aside,
                "set aside by a return to an earlier version",
                "They are erased 30 days after it; until then facedesk gallery rollback brings them"
                " back",
            ),
            (
                begun,
                "removed, but not erased everywhere yet",
                "What the webhook was not told of is waited for; of all else any facedesk command "
                "says what is in the way, and tries it again",
            ),
        )
        if count
    ]
    found = "; ".join(f"{counted(count, 'person', 'people')} {state}" for count, state, _ in states)
    remedies = ". ".join(remedy for _, _, remedy in states)
    return Finding("Removals", True, found or "nothing is left of anybody", remedies, len(pending))


def _counted_people(session: Session, models_well: bool) -> str:
    if models_well:  # then a gallery of another model is found out
        with session.recognizer() as recognizer:
            people = len(recognizer.gallery)
    else:
        with session.gallery() as gallery:
            people = len(gallery)
    return f"{counted(people, 'person', 'people')} in {session.home.gallery}"


def _camera(session: Session) -> Finding:
    from capture.opening import open_source

    spec = session.settings.source
    try:
        with open_source(spec) as source:
            size = f"{source.size[0]}x{source.size[1]}" if source.size else "unknown size"
            return Finding("Camera", True, f"{source.name}, {size}")
    except FacedeskError as error:
        # A missing camera is no fault of the installation: the demo source needs none.
        return Finding("Camera", True, error.found, error.remedy)


def _display() -> Finding:
    from desktop.shared.missing_display import missing_for_window

    missing = missing_for_window()
    if missing:
        remedy = "Without it, facedesk shows the demo as text; every command works"
        return Finding("Window", True, missing.rstrip("."), remedy)
    return Finding("Window", True, "can be shown")
