"""facedesk key: the key with which everything that is kept of people is sealed."""

from __future__ import annotations

from types import MappingProxyType

import click

from desktop.commands.registry import LazyGroup, Places

SUBCOMMANDS: Places = MappingProxyType(
    {
        "export": ("sheet", "export_key"),
        "restore": ("sheet", "restore_key"),
        "rotate": ("rotating", "rotate_key"),
        "show": ("showing", "show_key"),
    }
)
"""Each subcommand's module in this folder, and its name there."""


class KeyGroup(LazyGroup):
    """The group of SUBCOMMANDS."""

    package = "desktop.commands.key"
    places = SUBCOMMANDS


@click.group(cls=KeyGroup)
def key() -> None:
    """Show, change, print and restore the key of this home."""
