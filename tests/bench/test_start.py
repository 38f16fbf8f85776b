from __future__ import annotations

import os
from pathlib import Path

import pytest

from bench import start
from bench.start import measure_start
from common.errors import FacedeskError


def test_a_start_is_measured_against_the_baseline(
    models_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(start, "BASELINE", "import json")
    told: list[str] = []
    result = measure_start(models_cache, 1, told.append)
    assert told == ["Preparing", "Run 1 of 1"]
    assert result.seconds > result.baseline_s > 0
    assert result.ratio == pytest.approx(result.seconds / result.baseline_s)
    assert result.peak_mb > 50


def test_what_is_measured_finds_its_bytecode(
    models_cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    (tmp_path / "measured_module.py").write_text(
        f"import os; open({str(told)!r}, 'a').write(f'{{os.path.exists(__cached__)}} ')"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(start, "BASELINE", "import measured_module")
    measure_start(models_cache, 1, lambda _: None)
    assert told.read_text().split() == ["True", "True"]
    assert not (tmp_path / "__pycache__").exists()


def test_a_process_that_fails_is_told(models_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "BASELINE", "raise SystemExit('no such module')")
    with pytest.raises(FacedeskError, match="no such module"):
        measure_start(models_cache, 1, lambda _: None)
