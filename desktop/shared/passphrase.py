"""Asks for the passphrase of a home, in the terminal or in a window."""

from __future__ import annotations

import sys
from pathlib import Path


def ask_in_terminal(new: bool) -> str | None:
    """Ask for the passphrase, which is not shown; None without a terminal. new: asks twice."""
    import click

    if not sys.stdin.isatty():
        return None
    text = "New passphrase" if new else "Passphrase"
    return str(click.prompt(text, hide_input=True, confirmation_prompt=new, err=True))


def needs_passphrase(folder: Path) -> bool:
    """Return whether the key of the home in this folder opens by a passphrase alone."""
    from common.sealing.key_ring import ring_of

    file = ring_of(folder).file()
    return file is not None and any(key.holder == "passphrase" for key in file.keys)
