"""A sample of what `python -m tools.trials flips` does at every byte."""

from __future__ import annotations

import pytest

from tools.trials.flips.flipping import flip

WHOLE = frozenset({"key", "key's file", "settings", "protection", "calibration", "compiled model"})
DATABASES = frozenset(
    {"gallery", "ledger", "impostors", "refusals", "inbox", "outbox", "bundle", "archive"}
)


@pytest.fixture(autouse=True)
def quick_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.secrets.scrypt.COST", 2)


@pytest.mark.parametrize(
    ("files", "sample"), [(WHOLE, None), (DATABASES, 10), (frozenset({"codes", "PIN"}), 24)]
)
def test_a_damaged_file_is_told_or_makes_no_difference(
    files: frozenset[str], sample: int | None
) -> None:
    tallies = flip(17, only=files, sample=sample)
    assert {tally.test.partition(": ")[2] for tally in tallies} == files
    for tally in tallies:
        assert tally.failures == []
        assert tally.attempts >= 20


def test_what_is_not_told_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was before a calibration said its digest."""
    monkeypatch.setattr("common.model_records._digest", lambda _: "")
    (tally,) = flip(17, only=frozenset({"calibration"}))
    assert tally.failures
    assert tally.notes["another answer"]
