"""The program in docs/library.md does what the page says, in a folder with two pictures."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from capture.portrait import PORTRAIT

ROOT = Path(__file__).parents[2]


def test_the_twenty_lines_enroll_identify_and_watch(
    tmp_path: Path, models_cache: Path, loaded_models: object
) -> None:
    (program,) = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs/library.md").read_text("utf-8"), re.S
    )
    code = [
        line for line in program.splitlines() if line and not line.startswith(("from", "import"))
    ]
    assert len(code) <= 20
    for name in ("eileen.webp", "group.webp"):
        shutil.copy(PORTRAIT, tmp_path / name)
    cached = program.replace(
        'platformdirs.user_cache_path("facedesk", appauthor=False)', f"Path({str(models_cache)!r})"
    )
    assert cached != program
    path = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    told = subprocess.run(
        [sys.executable, "-c", path + cached],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert told.returncode == 0, told.stderr
    first, last = told.stdout.splitlines()
    assert first.startswith("Eileen Collins ")
    assert last == "['Eileen Collins']"
