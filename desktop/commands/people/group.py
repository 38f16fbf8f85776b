"""facedesk people: lists who is enrolled, shows and changes it."""

from __future__ import annotations

from types import MappingProxyType

import click

from desktop.commands.registry import LazyGroup, Places

SUBCOMMANDS: Places = MappingProxyType(
    {
        "bars": ("likeness", "list_bars"),
        "code": ("changing", "code"),
        "consent": ("own", "consent"),
        "export": ("own", "export_own"),
        "list": ("listing", "list_people"),
        "look-alikes": ("likeness", "list_look_alikes"),
        "merge": ("changing", "merge"),
        "note": ("page", "note_person"),
        "overdue": ("own", "list_overdue"),
        "portrait": ("page", "portrait"),
        "remove": ("changing", "remove"),
        "remove-picture": ("page", "remove_picture"),
        "rename": ("changing", "rename"),
        "show": ("page", "show"),
        "split": ("splitting", "split"),
    }
)
"""Each subcommand's module in this folder, and its name there."""


class PeopleGroup(LazyGroup):
    """The group of SUBCOMMANDS."""

    package = "desktop.commands.people"
    places = SUBCOMMANDS


@click.group(cls=PeopleGroup)
def people() -> None:
    """List, show, change and remove people; give them codes."""
