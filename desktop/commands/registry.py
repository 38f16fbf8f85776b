"""The commands by name; the module of one is imported when that one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

import click

Places = Mapping[str, tuple[str, str]]
"""For each command its module, below a package, and its name there."""

COMMANDS: Places = MappingProxyType(
    {
        "align": ("learning.align", "align"),
        "backup": ("backup.group", "backup"),
        "bench": ("bench.group", "bench"),
        "calibrate": ("evaluation.calibrate", "calibrate"),
        "checkins": ("station.checkins", "checkins"),
        "demo": ("seeing.demo", "demo"),
        "doctor": ("doctor.diagnose", "doctor"),
        "enroll": ("enroll", "enroll"),
        "evaluate": ("evaluation.command", "evaluate"),
        "export": ("formats.exporting", "export"),
        "gallery": ("gallery", "gallery"),
        "identify": ("seeing.identify", "identify"),
        "import": ("formats.importing", "import_people"),
        "inbox": ("station.inbox", "inbox"),
        "key": ("key.group", "key"),
        "kiosk": ("station.kiosk", "kiosk"),
        "liveness": ("liveness.group", "liveness"),
        "models": ("models.group", "models"),
        "people": ("people.group", "people"),
        "pin": ("station.pin", "pin"),
        "train": ("learning.train", "train"),
        "verify": ("seeing.identify", "verify"),
        "watch": ("seeing.watch", "watch"),
        "web": ("web", "web"),
    }
)
"""Each command's module in this folder, and its name there."""


class LazyGroup(click.Group):
    """A group of commands, of which those that are asked for are imported.

    package: in which the modules of `places` are.
    """

    package: str
    places: Places

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.places:
            return None
        module, name = self.places[cmd_name]
        command = getattr(import_module(f"{self.package}.{module}"), name)
        assert isinstance(command, click.Command)
        return command


class CommandGroup(LazyGroup):
    """The group of COMMANDS. Importing all of them takes a tenth of a start."""

    package = "desktop.commands"
    places = COMMANDS
