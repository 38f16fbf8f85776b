"""facedesk backup schedule and run: backups that are made when they are due."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from station.backups.schedule import BackupPlan

PERIOD_NAMES = ("hour", "day", "week")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--every", type=click.Choice(PERIOD_NAMES), help="How often; each day by default.")
@click.option("--keep", type=click.IntRange(1, 1000), help="How many stay; 7 by default.")
@click.option("--off", is_flag=True, help="Make none any more; those that there are stay.")
@json_option
@click.pass_obj
def schedule(
    session: Session,
    folder: Path | None,
    every: str | None,
    keep: int | None,
    off: bool,
    as_json: bool,
) -> None:
    """Let backups be made in FOLDER when they are due, or show what is set.

    The window and the station make them while they run; where neither does, let the system's timer
    call facedesk backup run. The oldest beyond --keep are deleted, and with them whoever was erased
    since.
    """
    from station.backups.record import people_copies
    from station.backups.schedule import scheduled_backups

    if off and folder is not None:
        raise click.UsageError("Either FOLDER or --off.")
    values: dict[tuple[str, ...], object] = {}
    if folder is not None:
        _require_folder(session, folder)
        values["backup_folder",] = str(folder.absolute())
    if off:
        values["backup_folder",] = ""
    if every is not None:
        values["backup_every",] = every
    if keep is not None:
        values["backup_keep",] = keep
    if values:
        session.change_settings(values)
        session.audit.note("backups scheduled" if not off else "backups switched off")
    plan = Session(session.home).backup_plan
    made = scheduled_backups(plan, session.home.folder) if plan is not None else []
    others = [one for one in people_copies(session.home.folder) if one.path not in dict(made)]
    if as_json:
        print_json(
            {
                "folder": None if plan is None else str(plan.folder),
                "every": None if plan is None else plan.every,
                "keep": None if plan is None else plan.keep,
                "made": [{"file": str(p), "made_at": at.isoformat()} for p, at in made],
                "elsewhere": [str(one.path) for one in others],
            }
        )
        return
    click.echo(_told(plan))
    for path, at in made:
        click.echo(f"{at.astimezone():%Y-%m-%d %H:%M}  {path}")
    for one in others:
        click.echo(f"elsewhere: {one.path}{'' if one.is_there else ', not there now'}")


@click.command("run")
@json_option
@click.pass_obj
def run_due(session: Session, as_json: bool) -> None:
    """Make the backup that is due, if one is. For the system's timer, such as cron."""
    from models.described.installed import written_descriptions
    from station.backups.schedule import run_if_due

    plan = session.backup_plan
    if plan is None:
        raise click.UsageError("No backups are scheduled: facedesk backup schedule FOLDER")
    made = run_if_due(plan, session.home.folder, written_descriptions())
    if as_json:
        print_json({"file": None if made is None else str(made.path)})
    elif made is None:
        click.echo("None is due.")
    else:
        click.echo(f"{made.path} was written, and read through.")


def _require_folder(session: Session, folder: Path) -> None:
    """Raise FacedeskError where backups must not go to a folder."""
    from common.errors import BackupError
    from common.output_file import make_folder
    from common.sentence import Sentence

    if folder.resolve().is_relative_to(session.home.folder.resolve()):
        raise BackupError(
            "a folder outside of the home, best on another disk",
            Sentence("{} is in it", folder),
            "Choose another one",
        )
    make_folder(folder, BackupError, private=True)
    try:
        same_disk = folder.stat().st_dev == session.home.folder.stat().st_dev
    except OSError:
        return
    if same_disk:
        note("This folder is on the same disk as the home: whoever loses it loses both.")


def _told(plan: BackupPlan | None) -> str:
    if plan is None:
        return "No backups are scheduled."
    return f"Each {plan.every} to {plan.folder}; {counted(plan.keep, 'backup')} kept."
