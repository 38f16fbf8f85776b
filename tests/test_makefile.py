"""What `make` installs, and when: with a Python that writes down what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PYTHON = """#!/bin/sh
echo "python $*" >> told
if [ "$1 $2" = "-m venv" ]; then
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    for tool in facedesk ruff mypy lint-imports; do
        printf '#!/bin/sh\\necho "%s $*" >> told\\n' $tool > "$3/bin/$tool"
        chmod +x "$3/bin/$tool"
    done
fi
case "$*" in *pip*) exit $(cat pip-fails 2>/dev/null || echo 0) ;; esac
"""

INSTALL = "python -m pip install --disable-pip-version-check --editable "

Make = Callable[[str], list[str]]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what `make` looks at."""
    for name in ("Makefile", "setup.cfg", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "python3").write_text(PYTHON, "utf-8")
    (tmp_path / "python3").chmod(0o755)
    return tmp_path


@pytest.fixture
def make(clone: Path) -> Make:
    """Makes a target; what was run for it, without the linters."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")

    def make(target: str) -> list[str]:
        told = clone / "told"
        told.write_text("", "utf-8")
        environment = {**os.environ, "MAKEFLAGS": "", "PYTHON": str(clone / "python3")}
        subprocess.run(
            ["make", target], cwd=clone, env=environment, check=True, capture_output=True
        )
        linters = ("ruff", "mypy", "lint-imports", "python -c")
        return [
            line.strip()
            for line in told.read_text("utf-8").splitlines()
            if not line.startswith(linters)
        ]

    return make


def test_run_installs_what_running_needs_once(make: Make) -> None:
    first = make("run")
    assert first == ["python -m venv .venv", f"{INSTALL}.", "facedesk models fetch", "facedesk"]
    assert make("run") == ["facedesk"]


def test_test_installs_the_rest_and_run_then_nothing(make: Make) -> None:
    make("run")
    assert f"{INSTALL}.[dev]" in make("test")
    assert make("test") == [
        "facedesk models fetch --all",
        "python -m pytest tests/desktop --ignore=tests/desktop/commands",
        # And all others that are in the clone.
        "python -m pytest --numprocesses 2 --dist loadfile tests/desktop/commands",
    ]
    assert make("run") == ["facedesk"]


def test_after_test_alone_run_installs_nothing(make: Make) -> None:
    assert f"{INSTALL}.[dev]" in make("test")
    assert make("run") == ["facedesk"]


def test_only_what_is_declared_otherwise_installs_again(make: Make, clone: Path) -> None:
    make("test")
    setup = clone / "setup.cfg"
    later = setup.stat().st_mtime + 60
    os.utime(setup, (later, later))
    assert make("run") == ["facedesk"]
    setup.write_text(setup.read_text("utf-8") + "\n", "utf-8")
    os.utime(setup, (later + 60, later + 60))
    assert f"{INSTALL}." in make("run")
    assert f"{INSTALL}.[dev]" in make("test")


def test_what_failed_is_tried_again(make: Make, clone: Path) -> None:
    (clone / "pip-fails").write_text("1", "utf-8")
    with pytest.raises(subprocess.CalledProcessError):
        make("run")
    (clone / "pip-fails").unlink()
    assert f"{INSTALL}." in make("run")
