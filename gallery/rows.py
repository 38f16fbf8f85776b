"""Every identity's rows, searched: exactly while they are few, then sketched and compared again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gallery.embeddings import unit_mean
from gallery.ownership import OwnedTable, Places
from gallery.tables import ExactTable, Rows, SketchTable

EXACT_UP_TO = 30_000
"""Rows. Comparing all takes 0.5 ms there (128 numbers, one core of 2024), the sketch 0.1 ms."""

SKETCHED_WHOLE_UP_TO = 300_000
"""Sketched rows, each of which costs every search 1 ns."""

_SKETCHED_FROM = 4_000
"""Rows: enough to tell the levels of the sketch by, few enough to be sketched in 10 ms."""

_REPRESENTED = 0.7
"""Similarity of a template to its identity's mean from which the mean stands for both. Templates
of one person in different pictures have about 0.8 to the mean of five."""

_ASKED_FIRST = 128
"""Most similar rows of the sketch whose identities are compared exactly: with 64, 0.5 to 1 % of
what exact search gets right was lost among a million rows, with 128 at most 0.2 %."""

Ranking = list[tuple[str, float]]
"""Identity ids with their similarity to a probe (cosine), best first."""


class IdentityRows:
    """Each identity's templates and their mean, as rows; an identity is as similar to a probe
    as the most similar of its rows.

    Up to `exact_up_to` rows a search compares all. Beyond that, a sketch of them finds some
    hundred candidates, all rows of which are compared exactly. The sketch holds every row up to
    `sketched_whole_up_to`; of whoever comes later, the mean and the templates unlike it.

    The sketch is begun long before it is needed and kept in step, so that passing the limit,
    either way, costs nothing: no rebuilding, no second thread. Adding and dropping take time
    that the identity's own rows decide. One thread owns it.
    """

    def __init__(
        self,
        dimension: int,
        exact_up_to: int = EXACT_UP_TO,
        sketched_whole_up_to: int = SKETCHED_WHOLE_UP_TO,
    ) -> None:
        self._exact_up_to = exact_up_to
        self._sketched_whole_up_to = sketched_whole_up_to
        self._table = ExactTable(dimension)
        self._rows = OwnedTable(self._table)
        self._sketch: OwnedTable | None = None
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        """By number."""
        self._free_numbers: list[int] = []

    def put(self, identity_id: str, templates: Rows) -> None:
        """Hold these templates, and no others, for the identity. templates: (n, d), n > 0."""
        self.drop(identity_id)
        number = self._number_for(identity_id)
        mean = unit_mean(templates) if len(templates) > 1 else None
        rows = templates if mean is None else np.vstack([templates, mean])
        self._rows.add(number, rows)
        if self._sketch is not None:
            self._sketch.add(number, self._to_sketch(self._sketch, rows, mean))
        elif len(self._rows) > min(self._exact_up_to, _SKETCHED_FROM):
            self._make_sketch()

    def drop(self, identity_id: str) -> None:
        """Nothing happens where the identity has no rows."""
        number = self._numbers.pop(identity_id, None)
        if number is None:
            return
        self._free_numbers.append(number)
        self._rows.drop(number)
        if self._sketch is not None:
            self._sketch.drop(number)

    def best(self, probe: Rows, count: int) -> Ranking:
        """The `count` most similar identities, all where there are fewer. probe: (1, d)."""
        sketch = self._sketch if len(self._rows) > self._exact_up_to else None
        searched = self._rows if sketch is None else sketch
        asked = min(_ASKED_FIRST, len(searched))
        while asked:
            places, similarities = searched.table.nearest(probe, asked)
            if sketch is not None:
                places, similarities = self._compared(probe, np.unique(sketch.owners(places)))
            ranking = self._ranked(places, similarities, count)
            # One identity's many rows may fill all that was asked for.
            if len(ranking) == count or asked == len(searched):
                return ranking
            asked = min(4 * asked, len(searched))
        return []

    def above(self, probes: Rows, threshold: float) -> Ranking:
        """Every identity more similar than `threshold` to one of the (n, d) probes.

        Exact at every size, and so not for every frame: a million rows take some 60 ms.
        """
        places, similarities = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
        for start, rows in self._table.parts():
            best = (rows @ probes.T).max(axis=1)
            (near,) = np.nonzero(best > threshold)
            places.append(near + start)
            similarities.append(best[near])
        found = np.concatenate(similarities)
        best_first = np.argsort(-found, kind="stable")
        return self._ranked(np.concatenate(places)[best_first], found[best_first], len(self._rows))

    def _compared(self, probe: Rows, numbers: NDArray[np.int32]) -> tuple[Places, Rows]:
        """All rows of the identities with these numbers, as `Table.nearest` tells them."""
        places = self._rows.places(numbers)
        similarities = self._table.take(places) @ probe[0]
        best_first = np.argsort(-similarities, kind="stable")
        return places[best_first], similarities[best_first]

    def _ranked(self, places: Places, similarities: Rows, count: int) -> Ranking:
        """The rule. The rows come best first, so that an identity's first is its best."""
        best: dict[int, float] = {}
        owners = self._rows.owners(places).tolist()
        for number, similarity in zip(owners, similarities.tolist(), strict=True):
            best.setdefault(number, min(similarity, 1.0))
            if len(best) == count:
                break
        return [(self._ids[number], similarity) for number, similarity in best.items()]

    def _to_sketch(self, sketch: OwnedTable, rows: Rows, mean: NDArray[np.float32] | None) -> Rows:
        """Those of an identity's rows, the last of which is the mean, that are sketched."""
        if mean is None or len(sketch) < self._sketched_whole_up_to:
            return rows
        similarities = rows @ mean
        similarities[-1] = -1  # the mean itself
        return rows[similarities < _REPRESENTED]

    def _make_sketch(self) -> None:
        rows = np.concatenate([rows for _, rows in self._table.parts()])
        sketch = SketchTable(rows)
        sketch.append(rows)
        self._sketch = self._rows.mirrored_in(sketch)

    def _number_for(self, identity_id: str) -> int:
        if self._free_numbers:
            number = self._free_numbers.pop()
            self._ids[number] = identity_id
        else:
            number = len(self._ids)
            self._ids.append(identity_id)
        self._numbers[identity_id] = number
        return number
