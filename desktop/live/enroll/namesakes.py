"""Finds who has a name already, while it is being typed."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from desktop.live.people.summaries import PersonSummary
from gallery.identity import Identity


class Namesakes:
    """Who is enrolled, by name, without regard to case, width and surrounding space."""

    def __init__(self) -> None:
        self._by_name: dict[str, Identity] = {}

    def know(self, people: Sequence[PersonSummary]) -> None:
        """Take over who is enrolled; of several of one name the first is told."""
        self._by_name = {}
        for person in people:
            self._by_name.setdefault(_key(person.identity.name), person.identity)

    def of(self, name: str) -> Identity | None:
        """Return somebody with that name; None where nobody has it."""
        return self._by_name.get(_key(name))


def _key(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
