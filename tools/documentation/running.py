"""Runs a page's commands as a new user would: in a folder and a home of their own."""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from common.extras import is_installed
from desktop.main import main
from tools.documentation.blocks import ConsoleCommand, console_blocks, difference

LIMIT_S = 300.0
"""For a command that runs in a process of its own, on a busy machine."""

_ROOT = Path(__file__).parents[2]

_FOR_THE_SHELL = re.compile(r"[|&;<>$`*?~(){}\n]|\[[^\]]*\]")
"""What a shell would do something with, quoted or not: then a shell gets the line."""


@dataclass(frozen=True)
class Reader:
    """Somebody who tries a page's commands, with nothing of their own yet.

    folder: where they work; its parent holds their home and caches, too.
    """

    folder: Path

    @classmethod
    def beside(cls, where: Path, warm_cache: Path, weights: Path) -> Reader:
        """Make a reader's folders in `where`, which must be empty.

        warm_cache: models that are converted already; weights: those that are fetched. Their files
        are only linked: whatever replaces or adds one does so for this reader alone.
        """
        for source, name in ((warm_cache, "cache"), (weights, "weights")):
            _link_files(source, where / name)
        # What the developer has added is no part of a new user's models.
        shutil.rmtree(where / "weights" / "added", ignore_errors=True)
        (where / "bin").mkdir()
        program = where / "bin" / "facedesk"
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m desktop.main "$@"\n')
        program.chmod(0o755)
        folder = where / "work"
        folder.mkdir()
        return cls(folder)

    @property
    def environment(self) -> Mapping[str, str]:
        """What the commands find in the environment beside what is there."""
        where = self.folder.parent
        paths = (str(where / "bin"), str(Path(sys.executable).parent), os.environ.get("PATH", ""))
        return {
            "FACEDESK_HOME": str(where / "home"),
            "FACEDESK_CACHE": str(where / "cache"),
            "FACEDESK_WEIGHTS": str(where / "weights"),
            "PATH": os.pathsep.join(paths),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
            "COLUMNS": "100",
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
        }

    def run(self, command: str) -> tuple[int, str]:
        """Run a line; return its exit code, and what it printed on both outputs together.

        A plain line of facedesk's runs in this process, which is quick; everything else in a shell.
        """
        if command.startswith("facedesk ") and not _FOR_THE_SHELL.search(command):
            return self._run_here(shlex.split(command)[1:])
        done = subprocess.run(
            ("bash", "-c", command),
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=LIMIT_S,
            encoding="utf-8",
            errors="backslashreplace",
        )
        return done.returncode, done.stdout

    def _run_here(self, arguments: list[str]) -> tuple[int, str]:
        printed = io.StringIO()
        with self._in_place(), redirect_stdout(printed), redirect_stderr(printed):
            try:
                main(arguments)
            except SystemExit as end:
                return int(end.code or 0), printed.getvalue()
        raise AssertionError("main() always ends with SystemExit")

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        kept, place, stdin = dict(os.environ), Path.cwd(), sys.stdin
        os.environ.update(self.environment)
        os.chdir(self.folder)
        sys.stdin = io.StringIO()
        try:
            yield
        finally:
            sys.stdin = stdin
            os.chdir(place)
            os.environ.clear()
            os.environ.update(kept)


def page_differences(page: str, reader: Reader) -> list[str]:
    """Run all that a page says can be run; return for each command that did otherwise, what.

    It goes on after such a command. One that fails must say so in the page: with the last line of
    its output.
    """
    wrong = []
    for block in console_blocks(page):
        if block.is_run and all(map(is_installed, block.extras)):
            for command in block.commands:
                code, printed = reader.run(command.text)
                wrong += _wrong(command, code, printed)
    return wrong


def _wrong(command: ConsoleCommand, code: int, printed: str) -> list[str]:
    told = f"line {command.line}: $ {command.text}"
    found = difference(command.expected, printed)
    if found:
        return [f"{told}\n(exit code {code})\n{found}"]
    if code and not command.tells_its_end:
        return [f"{told}\nended with exit code {code}, of which the page says nothing:\n{printed}"]
    return []


def _link_files(source: Path, target: Path) -> None:
    """Make a folder with links to all files of another one, hidden ones left out."""
    target.mkdir()
    for path in source.iterdir() if source.is_dir() else ():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            _link_files(path, target / path.name)
        else:
            (target / path.name).symlink_to(path.resolve())
