"""Asks for the passphrase of a home in the terminal."""

from __future__ import annotations

import sys


def ask_in_terminal(new: bool) -> str | None:
    """Ask for the passphrase, which is not shown; None without a terminal. new: asks twice."""
    import click

    if not sys.stdin.isatty():
        return None
    text = "New passphrase" if new else "Passphrase"
    return str(click.prompt(text, hide_input=True, confirmation_prompt=new, err=True))
