"""A table that knows which identity each of its places belongs to."""

from __future__ import annotations

from array import array
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from gallery.search.tables import Rows, Table

Places = NDArray[np.int64]

T = TypeVar("T", bound=Table)

_END = -1


class OwnedTable(Generic[T]):
    """A table whose places belong to identities, known by number. Removals leave no hole.

    The places of one identity are chained, each to the next: with a million rows, a list for
    each identity would take a fifth of the rows' own memory.
    """

    def __init__(self, table: T) -> None:
        self.table = table
        self._owner = array("i")
        """The owner's number, by place."""
        self._next = array("i")
        """The next place of the same owner, or _END, by place."""
        self._first = array("i")
        """The owner's first place, or _END where it has none, by the owner's number."""

    def __len__(self) -> int:
        """The number of rows."""
        return len(self._owner)

    def owners(self) -> NDArray[np.int32]:
        """Return each place's owner as a number. It is a view: drop it before the next change."""
        return np.frombuffer(self._owner, np.int32)

    def places(self, numbers: NDArray[np.int32]) -> Places:
        """Return all places of the owners with these numbers, ascending."""
        following = np.frombuffer(self._next, np.int32)
        places = np.frombuffer(self._first, np.int32)[numbers]
        found = []
        while len(places := places[places != _END]):
            found.append(places)
            places = following[places]
        return np.sort(np.concatenate([np.empty(0, np.int64), *found]))

    def add(self, number: int, rows: Rows) -> None:
        """Add rows of an owner that has none yet."""
        first = len(self._owner)
        self.table.append(rows)
        self._owner.extend([number] * len(rows))
        self._next.extend([*range(first + 1, first + len(rows)), _END])
        self._first.extend([_END] * (number + 1 - len(self._first)))
        self._first[number] = first

    def drop(self, number: int) -> None:
        # Highest first: then the last row, which fills the hole, is never one to be dropped.
        for place in self.places(np.array([number], np.int32))[::-1].tolist():
            last = len(self._owner) - 1
            owner, following = self._owner.pop(), self._next.pop()
            self.table.pop_into(place)
            if place != last:
                self._owner[place], self._next[place] = owner, following
                self._lead_to(place, last, owner)
        self._first[number] = _END

    def _lead_to(self, place: int, moved_from: int, owner: int) -> None:
        """Correct the link to a row of `owner` that has moved from one place to another."""
        if self._first[owner] == moved_from:
            self._first[owner] = place
            return
        before = self._first[owner]
        while self._next[before] != moved_from:
            before = self._next[before]
        self._next[before] = place
