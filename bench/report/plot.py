"""Draws a diagram as SVG, with no library: a file of its own, or a part of a page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#595959"
"""Of the palette of Okabe & Ito (2002), which colour-blind people can tell apart."""

WIDTH, HEIGHT = 640, 380
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 36, 48

Range = tuple[float, float]


class Plot:
    """One diagram with two axes. What lies outside of them is cut off.

    x, y: the ends of the axes. log_x, log_y: whether they are logarithmic; the ends are above 0
    then. Values that are not finite are left out.
    """

    def __init__(
        self,
        title: str,
        x_label: str,
        y_label: str,
        x: Range,
        y: Range,
        *,
        log_x: bool = False,
        log_y: bool = False,
    ) -> None:
        self._title, self._x_label, self._y_label = title, x_label, y_label
        self._x = _Axis(x, log_x, _LEFT, WIDTH - _RIGHT)
        self._y = _Axis(y, log_y, HEIGHT - _BOTTOM, _TOP)
        self._marks: list[str] = []
        self._legend: list[tuple[str, str]] = []

    def line(
        self, x: Sequence[float], y: Sequence[float], colour: str, name: str, dash: str = ""
    ) -> None:
        """Draw a line through points."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self._marks.append(
            f'<polyline points="{self._points(x, y)}" fill="none" stroke="{colour}"'
            f' stroke-width="2"{dashed}/>'
        )
        self._legend.append((colour, name))

    def band(
        self, x: Sequence[float], low: Sequence[float], high: Sequence[float], colour: str
    ) -> None:
        """Fill what lies between two lines."""
        outline = [*x, *reversed(x)], [*low, *reversed(high)]
        self._marks.append(
            f'<polygon points="{self._points(*outline)}" fill="{colour}" fill-opacity=".2"/>'
        )

    def bars(
        self, edges: Sequence[float], heights: Sequence[float], colour: str, name: str
    ) -> None:
        """Draw a histogram. edges: one more than heights."""
        bottom = self._y.at(self._y.low)
        for left, right, height in zip(edges, edges[1:], heights, strict=False):
            if height > 0:
                x1, x2, top = self._x.at(left), self._x.at(right), self._y.at(height)
                self._marks.append(
                    f'<rect x="{x1:.1f}" y="{top:.1f}" width="{x2 - x1:.1f}"'
                    f' height="{bottom - top:.1f}" fill="{colour}" fill-opacity=".55"/>'
                )
        self._legend.append((colour, name))

    def dots(self, x: Sequence[float], y: Sequence[float], colour: str, name: str) -> None:
        """Draw points."""
        for place in self._points(x, y).split():
            across, down = place.split(",")
            self._marks.append(
                f'<circle cx="{across}" cy="{down}" r="2.5" fill="{colour}" fill-opacity=".5"/>'
            )
        self._legend.append((colour, name))

    def level(self, x: float, name: str) -> None:
        """Draw a vertical line."""
        self.line([x, x], [self._y.low, self._y.high], GREY, name, dash="5 4")

    def svg(self) -> str:
        """Return the diagram as the text of an SVG file."""
        clip = "clip-" + self._title.lower().replace(" ", "-")
        inner = (
            f'x="{_LEFT}" y="{_TOP}" width="{WIDTH - _LEFT - _RIGHT}"'
            f' height="{HEIGHT - _TOP - _BOTTOM}"'
        )
        middle_x, middle_y = (_LEFT + WIDTH - _RIGHT) / 2, (_TOP + HEIGHT - _BOTTOM) / 2
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            f' font-family="system-ui, sans-serif" font-size="12" fill="#1b1b1b">'
            f"<title>{escape(self._title)}</title>"
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
            f'<defs><clipPath id="{clip}"><rect {inner}/></clipPath></defs>'
            + self._ticks()
            + f'<g clip-path="url(#{clip})">{"".join(self._marks)}</g>'
            + f'<rect {inner} fill="none" stroke="#999"/>'
            + _text(middle_x, HEIGHT - 10, self._x_label)
            + f'<g transform="rotate(-90 14 {middle_y:.0f})">{_text(14, middle_y, self._y_label)}'
            + "</g>"
            + self._key()
            + "</svg>"
        )

    def _points(self, x: Sequence[float], y: Sequence[float]) -> str:
        return " ".join(
            f"{self._x.at(a):.1f},{self._y.at(b):.1f}"
            for a, b in zip(x, y, strict=True)
            if math.isfinite(a) and math.isfinite(b)
        )

    def _ticks(self) -> str:
        drawn = []
        for value in self._x.ticks():
            x = self._x.at(value)
            drawn.append(
                f'<path d="M{x:.1f} {_TOP}V{HEIGHT - _BOTTOM}" stroke="#e4e4e4"/>'
                + _text(x, HEIGHT - _BOTTOM + 16, f"{value:g}")
            )
        for value in self._y.ticks():
            y = self._y.at(value)
            drawn.append(
                f'<path d="M{_LEFT} {y:.1f}H{WIDTH - _RIGHT}" stroke="#e4e4e4"/>'
                + _text(_LEFT - 6, y + 4, f"{value:g}", "end")
            )
        return "".join(drawn)

    def _key(self) -> str:
        drawn, x = [], float(_LEFT)
        for colour, name in self._legend:
            drawn.append(f'<rect x="{x:.0f}" y="14" width="12" height="12" fill="{colour}"/>')
            drawn.append(_text(x + 17, 24, name, "start"))
            x += 34 + 6.6 * len(name)
        return "".join(drawn)


class _Axis:
    def __init__(self, ends: Range, is_log: bool, begin: float, end: float) -> None:
        self.low, self.high = ends
        self._is_log, self._begin, self._end = is_log, begin, end

    def at(self, value: float) -> float:
        """Return where a value lies, in the picture's units; no further than just outside."""
        low, high = self._scaled(self.low), self._scaled(self.high)
        share = (self._scaled(max(value, self.low) if self._is_log else value) - low) / (high - low)
        return self._begin + min(max(share, -0.1), 1.1) * (self._end - self._begin)

    def ticks(self) -> list[float]:
        """Return some five round values."""
        if self._is_log:
            first, last = math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1)]
        rough = (self.high - self.low) / 5
        step = 10 ** math.floor(math.log10(rough))
        step *= next(factor for factor in (1, 2, 5, 10) if factor * step >= rough * 0.999)
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [round(number * step, 10) for number in range(first, last + 1)]

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self._is_log else value


def _text(x: float, y: float, text: str, anchor: str = "middle") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
