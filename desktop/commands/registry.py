"""The commands by name; the module of one is imported when that one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "align": ("align", "align"),
        "bench": ("bench", "bench"),
        "checkins": ("checkins", "checkins"),
        "demo": ("demo", "demo"),
        "doctor": ("diagnose", "doctor"),
        "enroll": ("enroll", "enroll"),
        "evaluate": ("evaluate", "evaluate"),
        "identify": ("identify", "identify"),
        "import": ("enroll", "import_folder"),
        "inbox": ("inbox", "inbox"),
        "kiosk": ("kiosk", "kiosk"),
        "liveness": ("liveness", "liveness"),
        "models": ("models", "models"),
        "people": ("people", "people"),
        "pin": ("pin", "pin"),
        "train": ("train", "train"),
        "verify": ("identify", "verify"),
        "watch": ("watch", "watch"),
    }
)
"""Each command's module in this folder, and its name there."""


class CommandGroup(click.Group):
    """The group of COMMANDS. Importing all of them takes a tenth of a start."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command = getattr(import_module(f"desktop.commands.{module}"), name)
        assert isinstance(command, click.Command)
        return command
