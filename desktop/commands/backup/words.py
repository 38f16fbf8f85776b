"""Finds the key of a backup: the home's own, or that of a recovery sheet's words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session

if TYPE_CHECKING:
    from station.backups.backup import KeyOf

words_option = click.option(
    "--words",
    is_flag=True,
    help="Open it with the words of the recovery sheet, asked for or read from the input.",
)


def key_finder(session: Session, file: Path, words: bool) -> KeyOf:
    """Return what finds a backup's key. Raises SealingError where the words say none."""
    from common.sealing.data_key import from_words
    from common.sealing.key_ring import ring_of
    from station.backups.backup import home_key, key_of_words

    if not words:
        return home_key(ring_of(session.home.folder), file)
    has_terminal = sys.stdin.isatty()
    typed = str(click.prompt("The 24 words", err=True)) if has_terminal else sys.stdin.read()
    return key_of_words(from_words("".join(c if c.isalpha() else " " for c in typed)), file)
