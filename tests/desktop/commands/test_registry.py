from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from desktop.commands.registry import COMMANDS
from desktop.main import cli

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_found_under_its_name(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name


def test_another_word_is_no_command() -> None:
    assert cli.get_command(click.Context(cli), "sing") is None


def test_one_command_imports_no_other() -> None:
    program = """
import sys
from desktop.main import main
try:
    main(["identify", "--help"])
finally:
    print(*(name for name in sys.modules if name.startswith("desktop.commands.")))
"""
    run = [sys.executable, "-c", program]
    told = subprocess.run(run, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    imported = told.stdout.splitlines()[-1].split()
    assert "desktop.commands.seeing.identify" in imported
    assert not {"desktop.commands.bench.group", "desktop.commands.doctor.diagnose"} & set(imported)
