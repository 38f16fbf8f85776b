"""Reads the console blocks of a page of documentation, and compares what a command really prints.

A block begins with ```console. In it a line that begins with "$ " is a command, which goes on after
a backslash at the line's end; the lines after it are what it prints. A line "..." stands for any
lines, also for none, and "..." within a line for any text. What follows the word console says
when the block is not run: see `ConsoleBlock`.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

_ELLIPSIS = "..."

_BLOCK = re.compile(
    r"^```console(?P<info>[^\n]*)\n(?P<body>.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class ConsoleCommand:
    """A command of a page. line: its number in the page. expected: the lines that it prints."""

    line: int
    text: str
    expected: tuple[str, ...]

    @property
    def tells_its_end(self) -> bool:
        """Whether the page says what the command prints last: a message of an error, say."""
        return bool(self.expected) and self.expected[-1] != _ELLIPSIS


@dataclass(frozen=True)
class ConsoleBlock:
    """A block of commands.

    is_run: False where it is marked `not-run`, since it needs what a test cannot have.
    extras: of Facedesk, from the marks `if-extra=NAME`; where one is not installed the block is
    left out.
    """

    commands: tuple[ConsoleCommand, ...]
    is_run: bool
    extras: tuple[str, ...]


def console_blocks(page: str) -> list[ConsoleBlock]:
    """Return the console blocks of a page in Markdown, in their order.

    Raises ValueError where a mark is not known, or a block does not begin with a command.
    """
    blocks = []
    for found in _BLOCK.finditer(page):
        first = page.count("\n", 0, found.start("body")) + 1
        is_run, extras = True, []
        for mark in found["info"].split():
            if mark == "not-run":
                is_run = False
            elif mark.startswith("if-extra="):
                extras.append(mark.removeprefix("if-extra="))
            else:
                raise ValueError(f"line {first - 1}: a block is marked {mark!r}")
        blocks.append(ConsoleBlock(_commands(found["body"], first), is_run, tuple(extras)))
    return blocks


def difference(expected: tuple[str, ...], printed: str) -> str:
    """Return how the printed text differs from the expected lines, as a diff; "" where it does not.

    Space at the ends of lines, and empty lines at the end of the text, do not count.
    """
    lines = [line.rstrip() for line in printed.rstrip().splitlines()]
    if re.fullmatch(_pattern(expected), "".join(f"{line}\n" for line in lines)):
        return ""
    shown = [_like(line, expected) for line in lines]
    return "\n".join(
        difflib.unified_diff(expected, shown, "the page", "printed", lineterm="", n=99)
    )


def _commands(body: str, first: int) -> tuple[ConsoleCommand, ...]:
    commands: list[tuple[int, str, list[str]]] = []
    is_continued = False
    for number, line in enumerate(body.splitlines(), first):
        line = line.rstrip()
        if is_continued:
            at, text, output = commands[-1]
            commands[-1] = at, f"{text[:-1]}{line.removeprefix('> ').lstrip()}", output
        elif line.startswith("$ "):
            commands.append((number, line[2:], []))
        elif commands:
            commands[-1][2].append(line)
        else:
            raise ValueError(f"line {number}: a block begins with something else than a command")
        is_continued = line.endswith("\\") and commands[-1][1].endswith("\\")
    return tuple(
        ConsoleCommand(at, text, tuple("\n".join(output).rstrip().splitlines()))
        for at, text, output in commands
    )


def _pattern(expected: tuple[str, ...]) -> str:
    return "".join(
        r"(?:.*\n)*?" if line == _ELLIPSIS else f"{_line_pattern(line)}\n" for line in expected
    )


def _line_pattern(line: str) -> str:
    return ".*?".join(map(re.escape, line.split(_ELLIPSIS)))


def _like(line: str, expected: tuple[str, ...]) -> str:
    """Return the expected line that a printed one fits, so that a diff shows the others alone."""
    for one in expected:
        if one != _ELLIPSIS and re.fullmatch(_line_pattern(one), line):
            return one
    return line
