"""Ways of telling whom a face shows: by a similarity, or by a classifier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gallery.search.unit_rows import unit_mean
from recognition.learning.classifier import Method, Parameters, kernel, votes
from recognition.learning.labelled import LabelledRows
from recognition.learning.training import machines

TODAY = "joint template (today's)"

FloatRows = NDArray[np.float32]
Answer = tuple[NDArray[np.intp], FloatRows]
"""For each probe the place of the person who is meant, and the similarity that has to pass."""

Way = Callable[[LabelledRows, FloatRows], Answer]


def _by_similarity(
    similarity: Callable[[LabelledRows, FloatRows], FloatRows],
) -> Way:
    def way(known: LabelledRows, probes: FloatRows) -> Answer:
        found = similarity(known, probes)
        return found.argmax(axis=1), found.max(axis=1)

    return way


def _to_mean(known: LabelledRows, probes: FloatRows) -> FloatRows:
    means = [unit_mean(known.rows[known.owners == one]) for one in range(len(known.people))]
    return np.stack([probes @ m if m is not None else probes[:, 0] * 0 - 1 for m in means], axis=1)


def _to_nearest(known: LabelledRows, probes: FloatRows) -> FloatRows:
    return _to_best(known, probes, 1)


def _to_best(known: LabelledRows, probes: FloatRows, count: int) -> FloatRows:
    """The mean of the `count` best templates' cosines, or of all where there are fewer."""
    cosines = probes @ known.rows.T
    found = []
    for one in range(len(known.people)):
        own = -np.sort(-cosines[:, known.owners == one], axis=1)
        found.append(own[:, :count].mean(axis=1))
    return np.stack(found, axis=1)


def _to_joint(known: LabelledRows, probes: FloatRows) -> FloatRows:
    """The gallery's rule, see IdentityRows."""
    return np.maximum(_to_mean(known, probes), _to_nearest(known, probes))


SIMILARITIES: Mapping[str, Way] = MappingProxyType(
    {
        "nearest mean": _by_similarity(_to_mean),
        "nearest template": _by_similarity(_to_nearest),
        TODAY: _by_similarity(_to_joint),
        "top 3": _by_similarity(partial(_to_best, count=3)),
    }
)


def classified(method: Method, parameters: Parameters) -> Way:
    """Return a way in which the classifier says who is meant, and the gallery's similarity to them
    has to pass.
    """

    def way(known: LabelledRows, probes: FloatRows) -> Answer:
        if method is Method.KNN:
            count = len(known.people)
            found = votes(probes @ known.rows.T, known.owners, count, parameters.neighbours)
        else:
            everyone = np.arange(len(known.people))
            coefficients, biases = machines(known, method, parameters, everyone)
            compared = kernel(method, parameters.width, known.rows, probes)
            found = compared @ coefficients.T + biases
        chosen = found.argmax(axis=1)
        return chosen, np.take_along_axis(_to_joint(known, probes), chosen[:, None], axis=1)[:, 0]

    return way
