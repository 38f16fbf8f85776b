# ruff: noqa: E402
"""The `facedesk` command: opens the window, or runs one of the commands."""

from __future__ import annotations

from desktop.isolation import isolate

isolate()  # before anything is imported that the working folder might have, too

import atexit
import errno
import gc
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from common.errors import FacedeskError, SourceError
from common.sealing.passphrase import ask_with
from desktop.commands.registry import CommandGroup
from desktop.commands.session import Session, last_word, note
from desktop.home import user_home
from desktop.shared.missing_display import missing_for_window
from desktop.shared.passphrase import ask_in_terminal

BAD_INPUT = 2
"""The exit code for a FacedeskError or wrong usage; 1 means no match."""

WORLD_ERRORS = frozenset(
    {
        errno.EACCES,
        errno.EIO,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOSPC,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)
"""The errors of a file system that are never caused by a bug of ours."""

NO_CAMERA = "No camera was found. This is the demo picture."


@click.group(
    cls=CommandGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    help="Folder of gallery and settings; FACEDESK_HOME does the same.",
)
@click.option("--source", help="For the window: camera number, file, folder, address or demo.")
@click.option(
    "--install-menu", is_flag=True, help="Put the program into the desktop's menu, and exit."
)
@click.option("--remove-menu", is_flag=True, help="Take it out of the menu again, and exit.")
@click.version_option(package_name="facedesk")
@click.pass_context
def cli(
    context: click.Context,
    home: Path | None,
    source: str | None,
    install_menu: bool,
    remove_menu: bool,
) -> None:
    """Recognizes people at a webcam in real time; nothing is sent anywhere.

    Without a command it opens the window; where there is no display, it shows the demo.
    """
    ask_with(ask_in_terminal)
    context.obj = Session(user_home(home))
    # Matplotlib's cache of fonts; else it makes a folder in the user's home, and tells of it.
    os.environ.setdefault("MPLCONFIGDIR", str(context.obj.home.cache / "matplotlib"))
    if install_menu or remove_menu:
        if context.invoked_subcommand is not None or (install_menu and remove_menu):
            raise click.UsageError("--install-menu and --remove-menu stand alone.")
        _change_menu(install_menu, home)
    elif context.invoked_subcommand is None:
        context.exit(_open_window(context.obj, source))
    elif source is not None:
        raise click.UsageError("--source before a command is for the window alone.")


def _change_menu(install: bool, home: Path | None) -> None:
    from desktop.menu_entry import menu_entry, program

    entry = menu_entry()
    if install:
        folder = ["--home", str(home.absolute())] if home is not None else []
        entry.install([*program(), *folder])
        click.echo(f"Facedesk is in the menu of programs: {entry.file}.")
    elif entry.remove():
        click.echo("Facedesk is out of the menu of programs.")
    else:
        click.echo("Facedesk was not in the menu of programs.")


def _open_window(session: Session, source: str | None) -> int:
    missing = missing_for_window()
    if missing and source is not None and source.partition(":")[0] != "demo":
        from capture.network.addresses import shown_address

        shown = shown_address(source)
        raise SourceError(
            f"to show {shown} in a window",
            f"none can be opened here ({missing.rstrip('.')})",
            f"Use facedesk watch --source {shown}, which needs none",
        )
    if missing:
        from desktop.commands.seeing.demo import run_demo

        note("No window can be opened: showing the demo without one. The end says why.")
        picture = Path(source[5:]) if source and source.startswith("demo:") else None
        try:
            run_demo(session, picture)
        finally:
            last_word(f"No window was opened. {missing}")
        return 0
    from capture.video import camera_present
    from desktop.live.app import run_window

    settings = session.settings
    if source is None and settings.source == "0" and not camera_present(0):
        return run_window(session.home, settings, "demo", NO_CAMERA)
    return run_window(session.home, settings, source or settings.source)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command. A FacedeskError ends it with one message and exit code 2."""
    # Else Python would look for garbage among all objects before it ends: a tenth of a short run.
    atexit.register(gc.freeze)
    for stream in (sys.stdout, sys.stderr):
        # A path need not be Unicode; written as \udcff it is still valid JSON.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = cli.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        code = BAD_INPUT
    except FacedeskError as error:
        note(str(error))
        code = BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        code = 130
    except SystemExit:
        # Click ends like this when the reader of our output, such as `head`, has gone.
        code = 0
    except OSError as error:
        if error.errno not in WORLD_ERRORS:
            raise
        if error.errno == errno.ENOSPC:
            _leave_output()
            note(
                "Expected room for the output, but the disk is full. Free some space and try again."
            )
        else:
            note(
                f"Expected to be able to use {error.filename or 'all files'}, but the system "
                f"refuses it ({error.strerror}). Check the path and your right to it."
            )
        code = BAD_INPUT
    sys.exit(code if isinstance(code, int) else 0)


def _leave_output() -> None:
    """Throw away what stdout still holds, since writing it at the exit would fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
