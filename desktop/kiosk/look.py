"""How the station's widgets look: a style sheet for a screen of any size.

Everything is measured in units; a unit is a hundredth of the screen's shorter side.
"""

from __future__ import annotations

from desktop.kiosk import palette
from desktop.kiosk.palette import Pair
from desktop.kiosk.signs import CardHead

TOUCH_PX = 64
"""The smallest size of what can be touched; WCAG 2.2, 2.5.5, asks for 44."""

SMALLEST_TEXT_PX = 15

PORTRAIT = 1.3
"""How many times larger texts are on a portrait screen, whose height would else be empty."""


def unit_of(width: int, height: int) -> float:
    """Return the size of one unit in logical (layout) pixels."""
    return min(width, height) / 100


def touch_px(unit: float) -> int:
    return max(TOUCH_PX, round(9 * unit))


def text_px(unit: float, units: float) -> int:
    return max(SMALLEST_TEXT_PX, round(units * unit))


def sheet(unit: float, is_portrait: bool) -> str:
    """Qt's style sheet of the station's screen. unit: see `unit_of`."""
    return "\n".join((_texts(unit, is_portrait), _surfaces(unit), _buttons(unit)))


def _texts(unit: float, is_portrait: bool) -> str:
    larger = PORTRAIT if is_portrait else 1.0

    def text(role: str, units: float, weight: int = 400) -> str:
        px = text_px(unit, units * larger)
        return f'[role="{role}"] {{ font-size: {px}px; font-weight: {weight}; }}'

    return "\n".join(
        (
            text("clock", 21, 300),
            text("name", 12, 600),
            text("greeting", 6),
            text("headline", 7, 600),
            text("guide", 9, 600),
            text("state", 5.6, 600),
            text("line", 4.8),
            text("advice", 6),
            text("small", 3.4),
            text("warning", 3, 600),
            f"""
QLineEdit[role="code"] {{
    font-size: {text_px(unit, 8)}px; padding: 0; border-radius: {round(2 * unit)}px;
    border: {_edge_px(unit)}px solid {palette.BUTTON_EDGE.ink};
    color: {palette.BUTTON.ink}; background: {palette.BUTTON.ground};
}}""",
        )
    )


def _surfaces(unit: float) -> str:
    return "\n".join(
        (
            f"#station {{ background: {palette.NIGHT}; }}",
            _ground("bar", palette.BAR),
            _ink("small", palette.BAR_QUIET, within="bar"),
            _ink("warning", palette.BAR_WARNING, within="bar"),
            _ground("sheet", palette.CARD),
            _ink("name", palette.CARD, within="sheet"),
            _ink("greeting", palette.CARD_QUIET, within="sheet"),
            _ink("headline", palette.CARD, within="sheet"),
            _ink("advice", palette.CARD, within="sheet"),
            _ink("small", palette.CARD_QUIET, within="sheet"),
            *(_band(band) for band in CardHead),
            *(
                _ink(role, palette.DIMMED, within="dimmed")
                for role in ("clock", "headline", "advice", "line")
            ),
            _ground("panel", palette.PANEL, f"border-radius: {round(3 * unit)}px;"),
            _ink("headline", palette.PANEL, within="panel"),
            _ink("guide", palette.PANEL, within="panel"),
            _ink("line", palette.PANEL_QUIET, within="panel"),
        )
    )


def _buttons(unit: float) -> str:
    touch, edge = touch_px(unit), _edge_px(unit)
    return f"""
QPushButton {{
    font-size: {text_px(unit, 4.4)}px; font-weight: 500;
    min-height: {touch - 2 * edge}px; min-width: {touch - 2 * edge}px;
    padding: 0 {round(3 * unit)}px; border-radius: {round(2 * unit)}px;
    border: {edge}px solid {palette.BUTTON_EDGE.ink};
    color: {palette.BUTTON.ink}; background: {palette.BUTTON.ground};
}}
[keys="true"] QPushButton:focus {{ border: {edge * 2}px solid {palette.FOCUS_ON_CARD.ink}; }}
QPushButton:pressed {{
    color: {palette.BUTTON_PRESSED.ink}; background: {palette.BUTTON_PRESSED.ground};
}}
QPushButton[role="primary"] {{
    color: {palette.PRIMARY.ink}; background: {palette.PRIMARY.ground};
    border-color: {palette.PRIMARY.ground}; font-weight: 600;
}}
[keys="true"] QPushButton[role="primary"]:focus {{ border-color: {palette.FOCUS_ON_CARD.ink}; }}
QPushButton[role="primary"]:pressed {{
    color: {palette.PRIMARY_PRESSED.ink}; background: {palette.PRIMARY_PRESSED.ground};
}}
QPushButton:disabled, QPushButton[role="primary"]:disabled {{
    color: {palette.BUTTON_EDGE.ink}; background: {palette.CARD.ground};
    border-color: {palette.BUTTON_EDGE.ink};
}}
QPushButton[large="true"] {{
    font-size: {text_px(unit, 5.4)}px; min-height: {max(touch, round(11 * unit)) - 2 * edge}px;
}}
QPushButton[key="true"] {{ font-size: {text_px(unit, 6)}px; padding: 0; }}
[role="bar"] QPushButton {{
    font-size: {text_px(unit, 3.6)}px;
    color: {palette.BAR_BUTTON.ink}; background: {palette.BAR_BUTTON.ground};
    border-color: {palette.BAR_BUTTON.ground};
}}
[keys="true"] [role="bar"] QPushButton:focus {{ border-color: {palette.FOCUS_ON_BAR.ink}; }}
[role="bar"] QPushButton:pressed {{
    color: {palette.BAR_BUTTON_PRESSED.ink}; background: {palette.BAR_BUTTON_PRESSED.ground};
}}
"""


def _edge_px(unit: float) -> int:
    """The width of a button's border."""
    return max(2, round(0.35 * unit))


def _band(band: CardHead) -> str:
    """Return the style of a card's head. Its colour only repeats what its sign and words say."""
    return (
        f'[band="{band.name}"] {{ background: {band.value.ground}; }}'
        f'[band="{band.name}"] [role="headline"] {{ color: {band.value.ink}; }}'
        f'[band="{band.name}"] [role="state"] {{ color: {band.value.ink}; }}'
    )


def _ink(role: str, pair: Pair, within: str) -> str:
    return f'[role="{within}"] [role="{role}"] {{ color: {pair.ink}; }}'


def _ground(role: str, pair: Pair, more: str = "") -> str:
    colour = pair.ground_colour
    rgba = f"rgba({colour.red()}, {colour.green()}, {colour.blue()}, {round(pair.opacity * 100)}%)"
    return f'[role="{role}"] {{ background: {rgba}; {more} }}'
