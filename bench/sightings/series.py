"""Numbers over time in bounded memory, however long that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_STEPS = 256
"""Steps of a series: more than a diagram shows. Beyond, two become one."""

_FIRST_STEP_S = 0.5


@dataclass(frozen=True, eq=False)
class Steps:
    """What is known of a series, all (n,) float64, the steps without a value left out.

    at: the middle of each step, seconds. count, mean, low, high: of its values.
    """

    at: NDArray[np.float64]
    count: NDArray[np.float64]
    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class Series:
    """Values over time, summed up in at most MOST_STEPS steps of one length.

    A step is half a second at first. Once they do not suffice, each two become one, so that all
    that was ever seen stays in it.
    """

    def __init__(self) -> None:
        self.step_s = _FIRST_STEP_S
        self._count, self._sum = np.zeros((2, MOST_STEPS))
        self._low = np.full(MOST_STEPS, np.inf)
        self._high = np.full(MOST_STEPS, -np.inf)

    def add(self, at: float, value: float) -> None:
        """Add a value. at: seconds since the beginning; what comes before counts as then."""
        at = max(at, 0.0)
        while at >= self.step_s * MOST_STEPS:
            self._halve()
        place = int(at / self.step_s)
        self._count[place] += 1
        self._sum[place] += value
        self._low[place] = min(self._low[place], value)
        self._high[place] = max(self._high[place], value)

    @property
    def steps(self) -> Steps:
        used = np.flatnonzero(self._count)
        count = self._count[used]
        mean = np.asarray(self._sum[used] / count, np.float64)
        at = np.asarray((used + 0.5) * self.step_s, np.float64)
        return Steps(at, count, mean, self._low[used], self._high[used])

    def _halve(self) -> None:
        self.step_s *= 2
        self._count = _paired(self._count, np.add, 0)
        self._sum = _paired(self._sum, np.add, 0)
        self._low = _paired(self._low, np.minimum, np.inf)
        self._high = _paired(self._high, np.maximum, -np.inf)


def _paired(values: NDArray[np.float64], join: np.ufunc, empty: float) -> NDArray[np.float64]:
    joined = np.full(MOST_STEPS, float(empty))
    joined[: MOST_STEPS // 2] = join(values[::2], values[1::2])
    return joined


class Spread:
    """How numbers above 0 are spread, in bounded memory: a percentile is within 2 % of the true.

    The bins of the histogram widen as the numbers grow, from `least` on.
    """

    _RATIO = 1.04
    _BINS = 512

    def __init__(self, least: float = 0.01) -> None:
        self._least = least
        self._counts = np.zeros(self._BINS, np.int64)
        self.most = 0.0

    def add(self, value: float) -> None:
        place = int(np.log(max(value, self._least) / self._least) / np.log(self._RATIO))
        self._counts[min(place, self._BINS - 1)] += 1
        self.most = max(self.most, value)

    @property
    def count(self) -> int:
        return int(self._counts.sum())

    def percentile(self, percent: float) -> float:
        """Return the value that so many percent do not exceed; NaN where there is none."""
        if not self.count:
            return float("nan")
        wanted = max(1, int(np.ceil(self.count * percent / 100)))
        place = int(np.searchsorted(np.cumsum(self._counts), wanted))
        return float(min(self._least * self._RATIO ** (place + 0.5), self.most))
