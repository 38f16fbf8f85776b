"""The look of the program: quiet colours, and the roles that widgets have in it."""

from __future__ import annotations

from typing import TypeVar

from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QApplication, QPushButton, QWidget

from desktop.shared.icons.icon import FOLDER
from desktop.shared.look.colours import Colours, use_colours
from desktop.shared.look.theme import SYSTEM, meant_colours

_SYSTEM_PALETTE = "facedesk_system_palette"

Widget = TypeVar("Widget", bound=QWidget)


def _sheet(c: Colours) -> str:
    return f"""
QMainWindow, QStatusBar {{ background: {c.paper}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {c.quiet_ink}; padding: 0 6px; }}
[role="strip"], [role="side"] {{ background: {c.surface}; }}
[role="strip"] {{ border-top: 1px solid {c.line}; }}
[role="notice"] {{ background: {c.warning}; border-bottom: 1px solid {c.warning_line}; }}
[role="card"] {{ background: {c.surface}; border: 1px solid {c.line}; border-radius: 8px; }}
[role="title"] {{ font-size: 14pt; font-weight: 600; }}
[role="guidance"] {{ font-size: 20pt; font-weight: 600; }}
[role="setting"] {{ font-weight: 600; }}
[role="quiet"] {{ color: {c.quiet_ink}; }}
[role="problem"] {{ color: {c.problem}; }}
[role="problem"][big="true"] {{ font-size: 17pt; font-weight: 600; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QPushButton {{
    background: {c.surface}; border: 1px solid {c.edge}; border-radius: 6px; padding: 6px 14px;
}}
QPushButton:hover {{ background: {c.hover}; }}
QPushButton:focus {{ border: 2px solid {c.focus}; padding: 5px 13px; }}
QPushButton:checked {{ background: {c.chosen}; border-color: {c.focus}; }}
QPushButton:disabled {{ color: {c.faint_ink}; border-color: {c.line}; }}
QPushButton[role="primary"] {{
    background: {c.accent}; color: {c.accent_ink}; border: 1px solid {c.accent}; font-weight: 600;
}}
QPushButton[role="primary"]:hover {{ background: {c.accent_hover}; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {c.ink}; }}
QPushButton[role="primary"]:disabled {{
    color: {c.accent_faint_ink}; background: {c.accent_faint}; border-color: {c.accent_faint};
}}
QPushButton[big="true"] {{ font-size: 14pt; padding: 10px 24px; }}
QLineEdit, QComboBox, QAbstractSpinBox {{
    background: {c.surface}; border: 1px solid {c.edge}; border-radius: 6px; padding: 6px 8px;
    selection-background-color: {c.accent}; selection-color: {c.accent_ink};
}}
QLineEdit[big="true"] {{ font-size: 20pt; }}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{
    border: 2px solid {c.focus}; padding: 5px 7px;
}}
QLineEdit:disabled, QComboBox:disabled {{ color: {c.faint_ink}; border-color: {c.line}; }}
QLineEdit[wrong="true"], QComboBox[wrong="true"] {{
    border: 2px solid {c.problem}; padding: 5px 7px;
}}
QAbstractSpinBox QLineEdit {{ border: none; padding: 0; }}
QDateTimeEdit {{ padding-right: 30px; }}
QDateTimeEdit:focus {{ padding-right: 29px; }}
QComboBox::drop-down, QDateTimeEdit::drop-down {{
    subcontrol-origin: border; subcontrol-position: center right; border: none; width: 26px;
}}
QComboBox::down-arrow, QDateTimeEdit::down-arrow {{
    image: url({_drawing(f"chevron-down-{c.name}")}); width: 16px; height: 16px;
}}
QComboBox:editable {{ min-height: 1.7em; }}
QComboBox QAbstractItemView {{ border: 1px solid {c.edge}; }}
QToolTip {{ background: {c.surface}; color: {c.ink}; border: 1px solid {c.edge}; padding: 3px; }}
[role="page"] {{ background: {c.paper}; }}
[role="sections"]::item {{ border: none; padding: 9px 12px; }}
[role="sections"]::item:selected {{ background: {c.accent}; color: {c.accent_ink}; }}
QTableView {{
    background: {c.surface}; alternate-background-color: {c.paper}; border: 2px solid transparent;
}}
QHeaderView::section {{
    background: {c.surface}; color: {c.quiet_ink}; border: none; padding: 6px 4px;
    border-bottom: 1px solid {c.line};
}}
QPlainTextEdit {{ background: {c.surface}; border: 2px solid {c.line}; }}
QTableView:focus, QListView:focus, QTextEdit:focus, QPlainTextEdit:focus, [role="card"]:focus {{
    border: 2px solid {c.focus};
}}
QToolButton:focus {{ border: 2px solid {c.focus}; border-radius: 4px; }}
[role="thumbnail"] {{ border: 2px solid transparent; border-radius: 8px; padding: 0; }}
[role="thumbnail"]:hover {{ background: {c.hover}; }}
[role="thumbnail"]:checked {{ border-color: {c.focus}; background: transparent; }}
[role="thumbnail"]:focus {{ border-color: {c.ink}; }}
QCheckBox {{ border: 2px solid transparent; border-radius: 4px; padding: 2px; }}
QCheckBox:focus {{ border-color: {c.focus}; }}
QCheckBox:disabled {{ color: {c.faint_ink}; }}
QCheckBox::indicator {{
    width: 16px; height: 16px; border: 1px solid {c.edge}; border-radius: 4px;
    background: {c.surface};
}}
QCheckBox::indicator:checked {{
    background: {c.accent}; border-color: {c.accent}; image: url({_drawing("check")});
}}
QCheckBox::indicator:disabled {{ border-color: {c.line}; }}
QRadioButton:focus {{ color: {c.focus}; }}
QRadioButton::indicator {{
    width: 14px; height: 14px; border: 1px solid {c.edge}; border-radius: 8px;
    background: {c.surface};
}}
QRadioButton::indicator:checked {{
    width: 6px; height: 6px; border: 5px solid {c.accent}; background: {c.accent_ink};
}}
QProgressBar {{
    background: {c.track}; border: none; border-radius: 7px; min-height: 22px; text-align: center;
    color: {c.done_ink}; font-weight: 600;
}}
QProgressBar::chunk {{ background: {c.done}; border-radius: 7px; }}
QListView {{ background: {c.surface}; border: 2px solid transparent; outline: none; }}
QDockWidget::title {{ background: {c.paper}; padding: 8px 10px; }}
"""


def _drawing(name: str) -> str:
    """Return the file of an icon: style sheets take drawings from files alone."""
    return (FOLDER / f"{name}.svg").as_posix()


def with_role(widget: Widget, role: str) -> Widget:
    """Return the widget, which is then drawn as the style sheet says for this role."""
    widget.setProperty("role", role)
    return widget


def push_button(text: str = "") -> QPushButton:
    """Return a button that Enter presses too, as in a dialog."""
    button = QPushButton(text)
    button.setAutoDefault(True)
    return button


def dress(application: QApplication, theme: str = SYSTEM) -> None:
    """Give the application the Fusion style in the program's colours, the same on every system.

    theme: system, light or dark. Call it again for another one: whatever is on show follows.
    """
    c = meant_colours(theme, _system_palette(application))
    use_colours(c)
    application.setStyle("Fusion")
    palette = QPalette(QColor(c.paper))
    for role, colour in (
        (QPalette.Window, c.paper),
        (QPalette.Base, c.surface),
        (QPalette.AlternateBase, c.paper),
        (QPalette.Button, c.surface),
        (QPalette.WindowText, c.ink),
        (QPalette.Text, c.ink),
        (QPalette.ButtonText, c.ink),
        (QPalette.BrightText, c.problem),
        (QPalette.ToolTipBase, c.surface),
        (QPalette.ToolTipText, c.ink),
        (QPalette.PlaceholderText, c.quiet_ink),
        (QPalette.Highlight, c.accent),
        (QPalette.HighlightedText, c.accent_ink),
        (QPalette.Link, c.focus),
    ):
        palette.setColor(role, QColor(colour))
    for role in (QPalette.WindowText, QPalette.Text, QPalette.ButtonText):
        palette.setColor(QPalette.Disabled, role, QColor(c.faint_ink))
    application.setPalette(palette)
    application.setStyleSheet(_sheet(c))


def _system_palette(application: QApplication) -> QPalette:
    """Return the palette that the system gave, before the program set its own."""
    kept = application.property(_SYSTEM_PALETTE)
    if not isinstance(kept, QPalette):
        kept = QPalette(application.palette())
        application.setProperty(_SYSTEM_PALETTE, kept)
    return kept
