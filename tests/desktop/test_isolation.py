"""The program in a folder that has modules of the same names, as a project of somebody else's."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.isolation import OURS, OwnPackages

ROOT = Path(__file__).parents[2]

AS_MODULE = ("-m", "desktop.main")
AS_SCRIPT = ("facedesk",)

THEIRS = ("bench", "capture", "common", "gallery", "models", "recognition", "station")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose modules end whoever imports them."""
    folder = tmp_path / "project"
    for name in (*THEIRS, "click", "msgspec", "onnx"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise SystemExit('THEIRS')\n")
    return folder


def run(
    project: Path, home: Path, start: tuple[str, ...], path: str, *arguments: str, **env: str
) -> subprocess.CompletedProcess[bytes]:
    script = home.parent / "bin" / "facedesk"  # as pip writes it
    script.parent.mkdir(exist_ok=True)
    script.write_text("import sys\nfrom desktop.main import main\nsys.exit(main())\n")
    command = [str(script) if part == "facedesk" else part for part in start]
    return subprocess.run(
        [sys.executable, *command, "--home", str(home), *arguments],
        cwd=project,
        env={**os.environ, **env, "PYTHONPATH": path},
        capture_output=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("start", "path"),
    [
        (AS_MODULE, f"{ROOT}"),
        (AS_SCRIPT, f"{os.pathsep}{ROOT}"),
        (AS_SCRIPT, f"HERE{os.pathsep}{ROOT}"),
    ],
    ids=["module", "script", "named"],
)
def test_nothing_of_the_working_folder_is_imported(
    project: Path, tmp_path: Path, start: tuple[str, ...], path: str
) -> None:
    path = path.replace("HERE", str(project))
    told = run(project, tmp_path / "home", start, path, "models", "list", "--json")
    assert told.stderr == b""
    assert told.returncode == 0
    assert {"sface"} <= {json.loads(line).get("name") for line in told.stdout.splitlines()}


def test_our_packages_come_before_others_on_the_path(project: Path, tmp_path: Path) -> None:
    """A project elsewhere, that PYTHONPATH names."""
    for name in ("click", "msgspec", "onnx"):
        (project / name / "__init__.py").unlink()
        (project / name).rmdir()
    path = f"{project}{os.pathsep}{ROOT}"
    told = run(tmp_path, tmp_path / "home", AS_SCRIPT, path, "models", "list", "--json")
    assert (told.returncode, told.stderr) == (0, b"")


def test_every_package_of_ours_is_known() -> None:
    ours = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "tools"}
    assert ours == OURS
    finder = OwnPackages(str(ROOT))
    spec = finder.find_spec("models", None)
    assert spec is not None
    assert spec.origin == str(ROOT / "models" / "__init__.py")
    assert finder.find_spec("click", None) is None


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii"},
        {"PYTHONIOENCODING": "cp1252"},
        {"PYTHONIOENCODING": "utf-16"},
    ],
    ids=lambda locale: " ".join(locale.values()),
)
def test_json_is_utf_8_whatever_the_locale(locale: dict[str, str]) -> None:
    program = (
        "from desktop.commands.session import print_json\n"
        f"print_json({{'name': {'Ánh – 家 😀'!a}, 'path': '\\udcff'}})\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **locale, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert "Ánh – 家 😀".encode() in told.stdout
    assert json.loads(told.stdout.decode("utf-8"))["name"] == "Ánh – 家 😀"
