"""The one style of all diagrams: colours, sizes, and how Matplotlib draws without a trace.

Matplotlib is imported here, by the functions that draw, and nowhere at the start of a module: it
takes a third of a second.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
AMBER, SKY, PINK = "#E69F00", "#56B4E9", "#CC79A7"
"""The palette of Okabe & Ito (2002), which colour-blind people can tell apart."""

INK, GREY, LINE = "#1b1b1b", "#595959", "#e4e4e4"

COLOURS = (BLUE, ORANGE, GREEN, AMBER, SKY, PINK)
MARKERS = ("o", "s", "^", "D", "v", "P")
"""A mark for each colour: what stands side by side differs in both."""

WIDTH, HEIGHT = 7.0, 4.2
"""Of a diagram, in inches."""

PNG_DPI = 120

_STYLE: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#999999",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "font.family": "sans-serif",
    "font.size": 10,
    "grid.color": LINE,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "svg.fonttype": "none",
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelcolor": INK,
    "ytick.color": GREY,
    "ytick.labelcolor": INK,
}

_FONT = "DejaVu Sans"
"""It comes with Matplotlib, and has Latin with Vietnamese, Greek and Cyrillic letters."""

_OTHER_FONTS = (
    *("Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei"),
    *("Noto Sans Arabic", "Noto Sans Devanagari", "Noto Sans Thai", "Arial Unicode MS"),
)
"""Whatever else a system may have, for names in other scripts."""

_NUMBERED = re.compile(r' id="[a-zA-Z_]+\d+(?:_\d+)?"')
"""Names of groups that nothing refers to; two diagrams of a page would share them."""


@contextmanager
def styled(salt: str = "facedesk") -> Iterator[None]:
    """Draw in the program's style within the `with` block, whatever the user has configured.

    salt: makes the names within an SVG; the same diagram gets the same ones each time.
    """
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # else it tells of its font cache
    import matplotlib
    from matplotlib.font_manager import fontManager

    known = fontManager.get_font_names()
    fonts = [_FONT, *(font for font in _OTHER_FONTS if font in known)]
    with matplotlib.rc_context(), warnings.catch_warnings():
        # A picture has a box for it; a page is shown with the reader's fonts.
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing", UserWarning)
        matplotlib.rcdefaults()
        own = {"font.sans-serif": fonts, "svg.hashsalt": salt}
        for name, value in (*_STYLE.items(), *own.items()):
            matplotlib.rcParams[name] = value
        yield


def new_figure(width: float = WIDTH, height: float = HEIGHT) -> Figure:
    """Return an empty figure of this size in inches. It is drawn within styled()."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def key_above(axes: Axes, columns: int = 3) -> None:
    """Put the key over the axes, where it hides nothing."""
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.3)


def plain_ticks(axes: Axes, *, x: bool = False, y: bool = False) -> None:
    """Write a logarithmic axis's ticks as plain numbers: 0.001."""
    from matplotlib.ticker import FuncFormatter, NullFormatter

    for axis, wanted in ((axes.xaxis, x), (axes.yaxis, y)):
        if wanted:
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axis.set_minor_formatter(NullFormatter())


def write_numbers(figure: Figure, number: Callable[[str], str]) -> None:
    """Let the axes write their numbers as `number` does. It is the last thing done to a figure."""
    from matplotlib.ticker import FuncFormatter, ScalarFormatter

    class InOwnSigns(ScalarFormatter):
        def __call__(self, x: float, pos: int | None = None) -> str:
            return number(super().__call__(x, pos))

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            found = axis.get_major_formatter()
            if type(found) is ScalarFormatter:
                axis.set_major_formatter(InOwnSigns())
            elif isinstance(found, FuncFormatter):
                axis.set_major_formatter(FuncFormatter(_with(number, found.func)))


def _with(
    number: Callable[[str], str], tick: Callable[[float, int | None], str]
) -> Callable[[float, int | None], str]:
    return lambda value, place: number(tick(value, place))


def svg_of(figure: Figure, title: str) -> str:
    """Return a figure as an <svg> element that can stand in a page, or alone in a file.

    It has no date in it, and is as wide as its place. title: is read out where it is not seen.
    """
    drawn = StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(drawn, format="svg", metadata=nothing)
    text = drawn.getvalue()
    text = _NUMBERED.sub("", text[text.index("<svg") :])
    head, _, rest = text.partition(">")
    head = re.sub(r' (?:width|height)="[^"]*"', "", head)
    return f'{head} role="img">\n <title>{escape(title)}</title>{rest}'


def write_png(figure: Figure, path: Path) -> None:
    """Write a figure as a picture."""
    figure.savefig(path, format="png", dpi=PNG_DPI, metadata={"Software": None})
