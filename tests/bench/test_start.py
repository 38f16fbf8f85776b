from __future__ import annotations

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


def test_a_process_that_fails_is_told(models_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "BASELINE", "raise SystemExit('no such module')")
    with pytest.raises(FacedeskError, match="no such module"):
        measure_start(models_cache, 1, lambda _: None)
