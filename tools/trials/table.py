"""The table of what was tried: test, attempts, failures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class TrialTally:
    """One row of the table.

    notes: what was seen, counted. measured: further findings. failures: what went wrong, in words.
    """

    test: str
    attempts: int = 0
    failures: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    measured: list[str] = field(default_factory=list)

    def row(self) -> str:
        counted = [f"{count:,} {what}" for what, count in sorted(self.notes.items())]
        noted = ", ".join([*counted, *self.measured])
        return f"| {self.test} | {self.attempts:,} | {len(self.failures)} | {noted} |"


def table(tallies: list[TrialTally]) -> str:
    """Return the rows as a table in Markdown, and the failures below it."""
    lines = ["| Test | Attempts | Failures | Seen |", "|---|---|---|---|"]
    lines += [tally.row() for tally in tallies]
    for tally in tallies:
        lines += [f"\n{tally.test}: {failure}" for failure in tally.failures[:10]]
    return "\n".join(lines)
