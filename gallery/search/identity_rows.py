"""Searches every identity's templates: all of them while few, later a sketch of them.

IVF and HNSW were measured and lost to the sketch of two bits a number, among 100,000 rows, for
probes that resemble their person by 0.5 to 0.6. Of what exact search gets right IVF with 32 of
1,024 lists found 63 %; HNSW with ef 200 found 99.7 % in 0.7 ms, after 84 s of building, with half
as much memory again, and nothing can be removed from it; the sketch found 100 % in 0.3 ms.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from gallery.search.owned_table import OwnedTable
from gallery.search.tables import ExactTable, Rows, SketchTable, similarities
from gallery.search.unit_rows import unit_mean

EXACT_UP_TO = 30_000
"""Number of templates up to which all are compared. That takes 0.5 ms at this size (128 numbers,
one core of 2024)."""

SKETCHED_WHOLE_UP_TO = 300_000
"""Number of sketched rows up to which every row is sketched. Each costs every search 1 ns."""

_SKETCHED_FROM = 2_000
"""Templates: enough to tell the levels of the sketch by, few enough to be sketched at once."""

NOTHING_REPRESENTED = 1.0
"""A mean stands for no template: the sketch of many holds more rows, and misses nothing by it."""

_ROUNDING = 1e-5

_ASKED_FIRST = 256
"""Rows that the sketch is asked for. Of what exact search gets right among 300,000 templates, 128
lost 0.5 %, 256 lose 0.3 %, for 0.1 ms more; among 100,000 and a million neither lost any."""

Ranking = list[tuple[str, float]]
"""Identity ids with their similarity to a probe (cosine), best first."""


class IdentityRows:
    """Each identity's templates, and the search among them.

    The rule: an identity is as similar to a probe as its most similar template, or as the mean
    of its templates (scaled to unit length), if that is more.

    Up to `exact_up_to` templates a search compares all. Beyond that, a sketch of templates and
    means finds some hundred identities, which are compared exactly. The sketch holds every row
    up to `sketched_whole_up_to`; of an identity that comes later, only its mean and the templates
    that are unlike the mean.

    The sketch is begun long before it is needed and kept in step, so that passing the limit,
    either way, costs nothing: no rebuilding, no second thread. Adding and dropping take time
    that the identity's own templates decide. One thread owns it.
    """

    def __init__(
        self,
        dimension: int,
        exact_up_to: int = EXACT_UP_TO,
        sketched_whole_up_to: int = SKETCHED_WHOLE_UP_TO,
        represented: float = NOTHING_REPRESENTED,
    ) -> None:
        """represented: the embedder's figure, cosine of a template to its identity's mean from
        which the mean stands for both in the sketch."""
        self._exact_up_to = exact_up_to
        self._sketched_whole_up_to = sketched_whole_up_to
        self._represented = represented
        self._templates = OwnedTable(ExactTable(dimension))
        self._sketch: OwnedTable[SketchTable] | None = None
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        """The identity's id, by number."""
        self._mean_lengths = array("f")
        """The length of the templates' mean, by number; 0 where they cancel out."""
        self._free_numbers: list[int] = []

    def put(self, identity_id: str, templates: Rows) -> None:
        """Replace the identity's templates by these. templates: (n, d), n > 0."""
        self.drop(identity_id)
        number = self._number_for(identity_id)
        mean = unit_mean(templates)
        self._mean_lengths[number] = 0 if mean is None else float((templates @ mean).mean())
        self._templates.add(number, templates)
        if self._sketch is not None:
            self._sketch.add(number, self._to_sketch(templates, len(self._sketch)))
        elif len(self._templates) > min(self._exact_up_to, _SKETCHED_FROM):
            self._sketch = self._begun_sketch()

    def drop(self, identity_id: str) -> None:
        """Drop the identity's templates; nothing happens where it has none."""
        number = self._numbers.pop(identity_id, None)
        if number is None:
            return
        self._free_numbers.append(number)
        self._templates.drop(number)
        if self._sketch is not None:
            self._sketch.drop(number)

    def templates(self, identity_id: str) -> Rows:
        """Return a copy of the identity's templates, (n, d). Raises KeyError for an unknown id."""
        number = np.array([self._numbers[identity_id]], np.int32)
        return self._templates.table.take(self._templates.places(number))

    def best(self, probe: NDArray[np.float32], count: int) -> Ranking:
        """Return the `count` most similar identities, or all if there are fewer. probe: (d,)."""
        if self._sketch is None or len(self._templates) <= self._exact_up_to:
            found = [similarities(rows, probe) for _, rows in self._templates.table.parts()]
            owners, lengths = self._templates.owners(), self._lengths()
            everyone = np.arange(len(lengths))
            return self._ranked(everyone, _by_identity(_joined(found), owners, lengths), count)
        asked = _ASKED_FIRST
        while True:
            asked = min(asked, len(self._sketch))
            places = self._sketch.table.nearest(probe, asked)
            numbers = np.unique(self._sketch.owners()[places])
            # One identity's many templates may fill all that was asked for.
            if len(numbers) >= count or asked == len(self._sketch):
                return self._ranked(numbers, self._compared(numbers, probe[np.newaxis]), count)
            asked *= 4

    def similarity(self, identity_id: str, probe: NDArray[np.float32]) -> float:
        """How similar one identity is to a probe, (d,) float32, by the rule. Raises KeyError."""
        number = np.array([self._numbers[identity_id]], np.int32)
        return float(self._compared(number, probe[np.newaxis])[0])

    def above(self, probes: Rows, threshold: float) -> Ranking:
        """Return every identity more similar than `threshold` to one of the (n, d) probes.

        The most similar come first. It is exact at every size, and so too slow for every frame:
        a million templates take some 20 ms for each probe.
        """
        owners, lengths = self._templates.owners(), self._lengths()
        near = [np.empty(0, np.int32)]
        for start, rows in self._templates.table.parts():
            here = owners[start : start + len(rows)]
            # The mean of an identity's similarities is its mean's similarity times that length:
            # where the mean is above the threshold, one of the templates is above this.
            least = np.minimum(threshold, threshold * lengths[here]) - _ROUNDING
            best = np.max([similarities(rows, probe) for probe in probes], axis=0)
            near.append(here[best > least])
        numbers = np.unique(np.concatenate(near))
        found = self._compared(numbers, probes)
        passed = found > threshold
        return self._ranked(numbers[passed], found[passed], len(numbers))

    def mean_similarities(self, probe: NDArray[np.float32]) -> Ranking:
        """Return every identity with the mean inner product of its templates and a (d,) probe.

        The largest come first. It is exact at every size.
        """
        found = [similarities(rows, probe) for _, rows in self._templates.table.parts()]
        owners, count = self._templates.owners(), len(self._ids)
        sums = np.bincount(owners, weights=_joined(found), minlength=count)
        templates = np.bincount(owners, minlength=count)
        means = np.full(count, -np.inf, np.float32)
        np.divide(sums, templates, out=means, where=templates > 0, casting="same_kind")
        return self._ranked(np.arange(count), means, count)

    def _compared(self, numbers: NDArray[np.int32], probes: Rows) -> NDArray[np.float32]:
        """Return each identity's similarity to its most similar probe; numbers must ascend."""
        places = self._templates.places(numbers)
        rows = self._templates.table.take(places)
        whose = np.searchsorted(numbers, self._templates.owners()[places])
        lengths = self._lengths()[numbers]
        found = [_by_identity(similarities(rows, probe), whose, lengths) for probe in probes]
        return np.asarray(np.max(found, axis=0), np.float32)

    def _ranked(
        self, numbers: NDArray[np.integer], found: NDArray[np.float32], count: int
    ) -> Ranking:
        best = np.arange(len(found))
        if count < len(found):
            best = np.argpartition(-found, count)[:count]
        best = best[np.argsort(-found[best], kind="stable")]
        return [(self._ids[numbers[i]], float(found[i])) for i in best if found[i] > -np.inf]

    def _lengths(self) -> NDArray[np.float32]:
        return np.frombuffer(self._mean_lengths, np.float32)

    def _to_sketch(self, templates: Rows, sketched: int) -> Rows:
        """Return the rows of one identity to sketch, where `sketched` rows are in the sketch."""
        mean = unit_mean(templates) if len(templates) > 1 else None
        if mean is None:
            return templates
        if sketched >= self._sketched_whole_up_to:
            templates = templates[templates @ mean < self._represented]
        return np.vstack([templates, mean])

    def _begun_sketch(self) -> OwnedTable[SketchTable]:
        table = self._templates.table
        sketch = OwnedTable(SketchTable(np.concatenate([rows for _, rows in table.parts()])))
        for number in self._numbers.values():
            templates = table.take(self._templates.places(np.array([number], np.int32)))
            sketch.add(number, self._to_sketch(templates, len(sketch)))
        return sketch

    def _number_for(self, identity_id: str) -> int:
        if self._free_numbers:
            number = self._free_numbers.pop()
            self._ids[number] = identity_id
        else:
            number = len(self._ids)
            self._ids.append(identity_id)
            self._mean_lengths.append(0)
        self._numbers[identity_id] = number
        return number


def _by_identity(
    found: NDArray[np.float32], owners: NDArray[np.integer], mean_lengths: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Apply the rule: turn each template's similarity into each identity's, by number.

    The similarity of the mean follows from those of the templates, so that no mean is kept.
    The result is -inf where an identity has no template.
    """
    count = len(mean_lengths)
    lengths = np.bincount(owners, minlength=count) * mean_lengths
    best = np.full(count, -np.inf, np.float32)
    sums = np.bincount(owners, weights=found, minlength=count)
    np.divide(sums, lengths, out=best, where=lengths > 0, casting="same_kind")
    np.maximum.at(best, owners, found)
    return np.minimum(best, 1, out=best)


def _joined(found: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.concatenate([np.empty(0, np.float32), *found])
