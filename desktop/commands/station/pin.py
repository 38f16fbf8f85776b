"""facedesk pin: sets the administrator's PIN."""

from __future__ import annotations

import sys

import click

from desktop.commands.session import Session


@click.command()
@click.option("--remove", is_flag=True, help="Forget the PIN: nothing is guarded by one any more.")
@click.pass_obj
def pin(session: Session, remove: bool) -> None:
    """Set the administrator's PIN of the check-in station.

    It guards enrolling, removing, the settings and leaving the full screen.

    Whoever may use this account needs no PIN to set one: this is the way out for an
    administrator who has forgotten it. Without a terminal it is read from one line of input.
    """
    if remove:
        from station.operation.pin_setting import remove_pin

        remove_pin(session.home, session.audit)
        click.echo("There is no PIN any more.")
    else:
        ask_and_set_pin(session)


def ask_and_set_pin(session: Session) -> None:
    """Ask for a PIN and store it. Raises StationError for a weak one."""
    from station.operation.pin_setting import set_pin
    from station.secrets.pin import FEWEST, MOST

    set_pin(session.home, ask(f"New PIN, {FEWEST} to {MOST} digits"), session.audit)
    click.echo("The PIN is set.")


def ask(what: str) -> str:
    """Ask twice for a secret, which is not shown; without a terminal read one line of the input."""
    if sys.stdin.isatty():
        return str(click.prompt(what, hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().strip()
