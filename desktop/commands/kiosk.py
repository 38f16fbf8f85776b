"""facedesk kiosk: the check-in station."""

from __future__ import annotations

import click

from desktop.commands.session import Session
from desktop.display import missing_for_window
from facedesk_errors import FacedeskError


@click.command()
@click.option("--source", help="Camera number, file, folder, address or demo.")
@click.option("--windowed", is_flag=True, help="In a window, to try it out.")
@click.pass_context
def kiosk(context: click.Context, source: str | None, windowed: bool) -> None:
    """Check in whoever stands before the screen."""
    session: Session = context.obj
    settings = session.settings
    missing = missing_for_window()
    if missing:
        raise FacedeskError(
            "a screen for the station",
            f"no window can be opened here ({missing.rstrip('.')})",
            "Start it in a graphical session",
        )
    from desktop.kiosk.app import run_kiosk

    context.exit(run_kiosk(session.home, settings, source or settings.source, windowed))
