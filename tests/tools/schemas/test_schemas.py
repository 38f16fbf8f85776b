"""docs/json says what the commands print. That it does is compared with every line that the tests
of the commands let them print (tests/desktop/commands/conftest.py)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from desktop.main import cli
from tools.schemas.lines import LINES
from tools.schemas.schemas import DIALECT, FOLDER, command_in, file_of, misfit, text_of


def with_json(command: click.Command, path: str = "") -> Iterator[str]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from with_json(inner, f"{path} {name}")
    if any("--json" in parameter.opts for parameter in command.params):
        yield path.strip()


def test_every_command_with_json_has_a_schema() -> None:
    assert set(with_json(cli)) == set(LINES)


@pytest.mark.parametrize("command", LINES)
def test_its_file_is_as_the_types_say(command: str) -> None:
    """python -m tools.schemas.schemas writes them anew."""
    assert file_of(command).read_text("utf-8") == text_of(command)


def test_nothing_else_is_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {file_of(c).name for c in LINES}


@pytest.mark.parametrize("command", LINES)
def test_a_schema_is_whole(command: str) -> None:
    schema = json.loads(file_of(command).read_text("utf-8"))
    assert schema["$schema"] == DIALECT
    for reference in references(schema):
        where: Any = schema
        for part in reference.removeprefix("#/").split("/"):
            where = where[part]
        assert where


def references(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


GOOD: dict[str, object] = {"identity": "a1", "name": "Ánh", "note": ""}


def test_a_line_that_is_no_such_line_is_noticed() -> None:
    assert misfit("people note", GOOD) == ""
    assert "missing required field `note`" in misfit("people note", {"identity": "", "name": ""})
    assert "Expected `str`" in misfit("people note", GOOD | {"note": None})
    assert "other keys" in misfit("people note", GOOD | {"extra": 1})


def test_a_command_line_tells_its_command() -> None:
    assert command_in(("people", "note", "Ánh", "--json")) == "people note"
    assert command_in(("bench", "--json")) == "bench"
    assert command_in(("watch", "--source", "demo")) == "watch"
    assert command_in(("pin",)) is None


def test_the_documentation_leads_there() -> None:
    assert "docs/json" in (Path(__file__).parents[3] / "docs" / "library.md").read_text("utf-8")
