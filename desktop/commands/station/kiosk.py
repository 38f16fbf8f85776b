"""facedesk kiosk: runs the check-in station."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FacedeskError
from desktop.commands.session import Session, note
from desktop.shared.missing_display import missing_for_window

if TYPE_CHECKING:
    from station.liveness_modes import LivenessMode
    from station.operation.autostart import By

WAYS: tuple[By, ...] = ("systemd", "xdg")


@click.command()
@click.option("--source", help="Camera number, file, folder, address or demo.")
@click.option(
    "--accept",
    is_flag=True,
    help="Start although less guards the station than when it last ran: it is meant.",
)
@click.option(
    "--liveness",
    type=click.Choice(["off", "when-unsure", "always"]),
    callback=lambda context, parameter, mode: mode and mode.replace("-", " "),
    help="In place of what the settings say, for this time.",
)
@click.option("--windowed", is_flag=True, help="In a window, to try it out.")
@click.option(
    "--install-autostart",
    "by",
    is_flag=False,
    flag_value="systemd",
    type=click.Choice(WAYS),
    help="Show the file that starts it with the system, and write it after a yes.",
)
@click.option("--yes", is_flag=True, help="Write that file without a question.")
@click.pass_context
def kiosk(
    context: click.Context,
    source: str | None,
    accept: bool,
    liveness: LivenessMode | None,
    windowed: bool,
    by: By | None,
    yes: bool,
) -> None:
    """Check in whoever stands before the screen."""
    session: Session = context.obj
    if by is not None:
        is_given = context.find_root().params["home"] or os.environ.get("FACEDESK_HOME")
        _install_autostart(by, session.home.folder if is_given else None, source, yes)
        return
    session = replace(session, liveness=liveness)
    settings = session.settings
    missing = missing_for_window()
    if missing:
        raise FacedeskError(
            "a screen for the station",
            f"no window can be opened here ({missing.rstrip('.')})",
            "Start it in a graphical session",
        )
    _check(session)
    _note_guard(session)
    _note_protection(session, accept)
    from desktop.kiosk.app import run_kiosk

    context.exit(run_kiosk(session.home, settings, source, windowed, liveness))


def _check(session: Session) -> None:
    """Raise SettingsError here, where the operator sees it, and not on the screen at the door."""
    from station.actions.actions import check
    from station.hours import OpeningHours

    _check_model(session)
    station = session.settings.station
    OpeningHours.parse(station.opening_hours)
    check(
        webhook=station.webhook,
        webhook_secret=station.webhook_secret,
        command=station.command,
    )


def _check_model(session: Session) -> None:
    """Raise OtherModelError where the gallery is not of the embedder that the settings name."""
    from contextlib import closing

    from gallery.store import OtherModelError, Store
    from models.embedders.loading import is_name_of

    if not session.home.gallery.exists():
        return
    embedder = session.settings.embedder
    try:
        with closing(Store(session.home.gallery)) as store:
            model = store.model()
            is_empty = next(store.load_all(), None) is None
        is_its = model is None or is_empty or is_name_of(embedder, model[0])
    except FacedeskError:  # the station's screen says it, until it is mended
        return
    if model is not None and not is_its:
        raise OtherModelError(session.home.gallery, model[0], embedder)


def _note_guard(session: Session) -> None:
    from station.secrets.pin import PinGuard

    try:
        if not PinGuard(session.home.pin).is_set:
            note("No PIN is set: anybody can leave the station. facedesk pin sets one.")
    except FacedeskError as error:
        note(f"Nobody can leave the station. {error}")


def _note_protection(session: Session, accept: bool) -> None:
    """Print which protection is missing.

    The station's own screen says it, too, until the protection is back.
    """
    from station.operation.protection import ProtectionRecord, protection_now

    record = ProtectionRecord(session.home.protection)
    now = protection_now(session.chosen_guards, session.home)
    if accept:
        record.keep(now)
    try:
        record.require(now)
    except FacedeskError as error:
        note(f"The station stays closed. {error}")


def _install_autostart(by: By, home: Path | None, source: str | None, yes: bool) -> None:
    from station.operation.autostart import autostart_files, install

    files = autostart_files(by, home, source)
    for file in files:
        exists = file.path.exists()
        click.echo(f"{file.path}{' (in the place of the one there)' if exists else ''}:\n")
        click.echo(file.text)
        click.echo(f"{file.hint}\n")
    for way in WAYS:
        for other in autostart_files(way, home, source) if way != by else ():
            if other.path.exists():
                note(f"{other.path} starts the station, too: delete one of the two.")
    if yes or click.confirm("Write it?"):
        install(files)
        click.echo("It is written.")
    else:
        click.echo("Nothing was written.")
