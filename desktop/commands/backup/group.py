"""facedesk backup: one sealed file with the whole home."""

from __future__ import annotations

from types import MappingProxyType

import click

from desktop.commands.registry import LazyGroup, Places

SUBCOMMANDS: Places = MappingProxyType(
    {
        "create": ("making", "create"),
        "restore": ("restoring", "restore"),
        "run": ("scheduling", "run_due"),
        "schedule": ("scheduling", "schedule"),
        "verify": ("making", "verify"),
    }
)
"""Each subcommand's module in this folder, and its name there."""


class BackupGroup(LazyGroup):
    """The group of SUBCOMMANDS."""

    package = "desktop.commands.backup"
    places = SUBCOMMANDS


@click.group(cls=BackupGroup)
def backup() -> None:
    """Make, check and restore sealed backups of the whole home."""
