"""facedesk models: the networks, the user's own among them, and how they get here."""

from __future__ import annotations

from types import MappingProxyType

import click

from desktop.commands.registry import LazyGroup, Places

SUBCOMMANDS: Places = MappingProxyType(
    {
        "add": ("adding", "add_models"),
        "bundle": ("carrying", "bundle_models"),
        "convert": ("converting", "convert_model"),
        "describe": ("describing", "describe_model"),
        "export": ("converting", "export_model"),
        "fetch": ("carrying", "fetch_models"),
        "list": ("listing", "list_models"),
        "remove": ("using", "remove_model"),
        "use": ("using", "use_model"),
    }
)
"""Each subcommand's module in this folder, and its name there."""


class ModelsGroup(LazyGroup):
    """The group of SUBCOMMANDS."""

    package = "desktop.commands.models"
    places = SUBCOMMANDS


@click.group(cls=ModelsGroup)
def models() -> None:
    """Show, fetch, add, choose and carry the networks."""
