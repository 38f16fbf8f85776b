"""The program's colours, light and dark. Whatever paints asks for them when it paints."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colours:
    """One theme. Each text is read on each ground at 4.5:1 at least (WCAG 2.2, 1.4.3).

    ink, quiet_ink, problem: of texts. paper, surface, warning, track: grounds. line: parts things.
    edge: around what can be pressed or typed into, 3:1 against its ground (1.4.11). accent: the
    ground of the one button that goes on, and of what is chosen, under accent_ink; focus: around
    what has the keyboard. chosen: the ground of a chosen row. done: of what is done of a bar.
    """

    name: str
    ink: str
    quiet_ink: str
    faint_ink: str
    problem: str
    paper: str
    surface: str
    hover: str
    line: str
    edge: str
    warning: str
    warning_line: str
    accent: str
    accent_hover: str
    accent_faint: str
    accent_ink: str
    accent_faint_ink: str
    focus: str
    chosen: str
    track: str
    done: str
    done_ink: str


LIGHT = Colours(
    name="light",
    ink="#1F2A33",
    quiet_ink="#5A6772",
    faint_ink="#9AA5AD",
    problem="#A3260F",
    paper="#F5F7F8",
    surface="#FFFFFF",
    hover="#EEF3F7",
    line="#D9DFE3",
    edge="#7F8B94",
    warning="#FFF4D6",
    warning_line="#E8D59A",
    accent="#0F6CBD",
    accent_hover="#0B5A9E",
    accent_faint="#A9C4DA",
    accent_ink="#FFFFFF",
    accent_faint_ink="#FFFFFF",
    focus="#0F6CBD",
    chosen="#DCEBF7",
    track="#E6EBEE",
    done="#00B184",
    done_ink="#1F2A33",
)

DARK = Colours(
    name="dark",
    ink="#E8EDF1",
    quiet_ink="#AAB6C0",
    faint_ink="#6C7882",
    problem="#FF9C88",
    paper="#161C22",
    surface="#1F272F",
    hover="#2A343E",
    line="#36424D",
    edge="#75828E",
    warning="#3A3115",
    warning_line="#5E5026",
    accent="#1A6FBA",
    accent_hover="#1F78C6",
    accent_faint="#27425A",
    accent_ink="#FFFFFF",
    accent_faint_ink="#8FA3B4",
    focus="#6CB4F2",
    chosen="#22384C",
    track="#2E3943",
    done="#0A7459",
    done_ink="#E8EDF1",
)

_in_use = LIGHT


def colours() -> Colours:
    """Return the theme in use."""
    return _in_use


def use_colours(theme: Colours) -> None:
    """Let whatever paints from now on paint in this theme."""
    global _in_use
    _in_use = theme
