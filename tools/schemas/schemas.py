"""Makes the JSON Schemas in docs/json, and compares lines with what they are made of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from tools.schemas.lines import LINES

FOLDER = Path(__file__).parents[2] / "docs" / "json"

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(command: str) -> dict[str, Any]:
    """Return the schema of one line of a command's --json."""
    kinds, components = msgspec.json.schema_components(
        LINES[command], ref_template="#/$defs/{name}"
    )
    schema: dict[str, Any] = {
        "$schema": DIALECT,
        "title": f"A line of facedesk {command} --json",
        **(kinds[0] if len(kinds) == 1 else {"anyOf": list(kinds)}),
    }
    return {**schema, "$defs": components} if components else schema


def file_of(command: str) -> Path:
    """Return where the schema of a command is."""
    return FOLDER / f"{command.replace(' ', '-')}.json"


def text_of(command: str) -> str:
    """Return what is in that file."""
    return f"{json.dumps(schema_of(command), indent=2, ensure_ascii=False)}\n"


def misfit(command: str, line: object) -> str:
    """Return in what a line differs from all kinds of lines that the command prints; "" where it
    is one of them, and has no key that is in no schema."""
    told = []
    for kind in LINES[command]:
        try:
            kept = msgspec.json.decode(msgspec.json.encode(msgspec.convert(line, kind)))
        except msgspec.ValidationError as error:
            told.append(f"{getattr(kind, '__name__', kind)}: {error}")
            continue
        if kept == line:
            return ""
        told.append(f"{getattr(kind, '__name__', kind)}: there are other keys in {line}")
    return "; ".join(told)


def command_in(arguments: tuple[str, ...]) -> str | None:
    """Return which command with a schema a command line names."""
    for length in (2, 1):
        if (command := " ".join(arguments[:length])) in LINES:
            return command
    return None


def write() -> None:
    """Write every schema anew."""
    FOLDER.mkdir(exist_ok=True)
    for command in LINES:
        file_of(command).write_text(text_of(command), "utf-8")


if __name__ == "__main__":
    write()
