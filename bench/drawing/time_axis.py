"""The axis of what happened over time: the time of day, the place in a film, a picture's number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bench.drawing.diagram import Say
from bench.sightings.log import Axis
from common.sentence import Sentence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DAY_S = 86400.0
_STEPS = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600),
    *(43200, _DAY_S, 2 * _DAY_S, 7 * _DAY_S, 28 * _DAY_S),
)
_MOST_TICKS = 7


@dataclass(frozen=True)
class TimeAxis:
    """began: when second 0 was, an aware datetime. seconds: how long it is."""

    kind: Axis
    began: datetime
    seconds: float

    def told(self, at: float) -> str:
        """Return a moment as text: 14:03:20, 1:05 or 17."""
        if self.kind == "pictures":
            return f"{at:.0f}"
        if self.kind == "clock":
            moment = self.began + timedelta(seconds=at)
            return f"{moment:%d/%m %H:%M}" if self.seconds > _DAY_S else f"{moment:%H:%M:%S}"
        minutes, seconds = divmod(at, 60)
        hours, minutes = divmod(int(minutes), 60)
        rest = f"{seconds:02.0f}" if self.seconds > 3 else f"{seconds:04.1f}"
        return f"{hours}:{minutes:02}:{rest}" if hours else f"{minutes}:{rest}"

    def lasting(self, seconds: float) -> str:
        """Return how long something took, as text."""
        minutes, rest = divmod(round(seconds), 60)
        if not minutes:
            return f"{seconds:.1f} s"
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    def put_on(self, axes: Axes, say: Say) -> None:
        """Make it the horizontal axis."""
        from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

        end = max(self.seconds, 1.0)
        axes.set_xlim(0, end)
        axes.set_xlabel(say(_LABELS[self.kind]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: self.told(at)))
        if self.kind == "pictures":
            axes.xaxis.set_major_locator(MaxNLocator(_MOST_TICKS, integer=True))
            return
        step = next((s for s in _STEPS if end / s <= _MOST_TICKS), _STEPS[-1])
        first = -(self._since_midnight % step) % step if self.kind == "clock" else 0.0
        axes.xaxis.set_major_locator(
            FixedLocator([first + n * step for n in range(int((end - first) / step) + 1)])
        )

    @property
    def _since_midnight(self) -> float:
        midnight = self.began.replace(hour=0, minute=0, second=0, microsecond=0)
        return (self.began - midnight).total_seconds()


_LABELS = {
    "clock": Sentence("time of day"),
    "film": Sentence("time in the film"),
    "pictures": Sentence("number of the picture"),
}
