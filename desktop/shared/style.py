"""The look of the program: one quiet palette, and the roles that widgets have in it."""

from __future__ import annotations

from typing import TypeVar

from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QApplication, QPushButton, QWidget

INK = "#1F2A33"
QUIET_INK = "#5A6772"
PAPER = "#F5F7F8"
SURFACE = "#FFFFFF"
LINE = "#D9DFE3"
ACCENT = "#0F6CBD"
WARNING = "#FFF4D6"

_SHEET = f"""
QMainWindow, QStatusBar {{ background: {PAPER}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {QUIET_INK}; padding: 0 6px; }}
[role="strip"], [role="side"] {{ background: {SURFACE}; }}
[role="strip"] {{ border-top: 1px solid {LINE}; }}
[role="notice"] {{ background: {WARNING}; border-bottom: 1px solid #E8D59A; }}
[role="card"] {{ background: {SURFACE}; border: 1px solid {LINE}; border-radius: 8px; }}
[role="title"] {{ font-size: 14pt; font-weight: 600; }}
[role="guidance"] {{ font-size: 20pt; font-weight: 600; }}
[role="setting"] {{ font-weight: 600; }}
[role="quiet"] {{ color: {QUIET_INK}; }}
[role="problem"] {{ color: #A3260F; }}
QPushButton {{
    background: {SURFACE}; border: 1px solid #BCC6CD; border-radius: 6px; padding: 6px 14px;
}}
QPushButton:hover {{ background: #EEF3F7; }}
QPushButton:focus {{ border: 2px solid {ACCENT}; padding: 5px 13px; }}
QPushButton:disabled {{ color: #9AA5AD; border-color: {LINE}; }}
QPushButton[role="primary"] {{
    background: {ACCENT}; color: white; border: 1px solid {ACCENT}; font-weight: 600;
}}
QPushButton[role="primary"]:hover {{ background: #0B5A9E; }}
QPushButton[role="primary"]:focus {{ border: 2px solid {INK}; }}
QPushButton[role="primary"]:disabled {{ background: #A9C4DA; border-color: #A9C4DA; }}
QPushButton[big="true"] {{ font-size: 14pt; padding: 10px 24px; }}
QLineEdit {{
    background: {SURFACE}; border: 1px solid #BCC6CD; border-radius: 6px; padding: 6px 8px;
}}
QLineEdit[big="true"] {{ font-size: 20pt; }}
QLineEdit:focus {{ border: 2px solid {ACCENT}; padding: 5px 7px; }}
QLineEdit[wrong="true"] {{ border: 2px solid #A3260F; padding: 5px 7px; }}
[role="page"] {{ background: {PAPER}; }}
[role="sections"]::item {{ border: none; padding: 9px 12px; }}
[role="sections"]::item:selected {{ background: {ACCENT}; color: {SURFACE}; }}
QTableView {{
    background: {SURFACE}; alternate-background-color: {PAPER}; border: 2px solid transparent;
}}
QHeaderView::section {{
    background: {SURFACE}; color: {QUIET_INK}; border: none; border-bottom: 1px solid {LINE};
    padding: 6px 4px;
}}
QTableView:focus, QListView:focus, QTextEdit:focus, [role="card"]:focus {{
    border: 2px solid {ACCENT};
}}
QToolButton:focus {{ border: 2px solid {ACCENT}; border-radius: 4px; }}
[role="thumbnail"] {{ border: 2px solid transparent; border-radius: 8px; padding: 0; }}
[role="thumbnail"]:hover {{ background: #EEF3F7; }}
[role="thumbnail"]:checked {{ border-color: {ACCENT}; background: transparent; }}
[role="thumbnail"]:focus {{ border-color: {INK}; }}
QCheckBox {{ border: 2px solid transparent; border-radius: 4px; padding: 2px; }}
QCheckBox:focus {{ border-color: {ACCENT}; }}
QProgressBar {{
    background: #E6EBEE; border: none; border-radius: 7px; min-height: 22px; text-align: center;
    color: {INK}; font-weight: 600;
}}
QProgressBar::chunk {{ background: #00B184; border-radius: 7px; }}
QListView {{ background: {SURFACE}; border: 2px solid transparent; outline: none; }}
QDockWidget::title {{ background: {PAPER}; padding: 8px 10px; }}
"""

Widget = TypeVar("Widget", bound=QWidget)


def with_role(widget: Widget, role: str) -> Widget:
    """Return the widget, which is then drawn as the style sheet says for this role."""
    widget.setProperty("role", role)
    return widget


def push_button(text: str = "") -> QPushButton:
    """Return a button that Enter presses too, as in a dialog."""
    button = QPushButton(text)
    button.setAutoDefault(True)
    return button


def dress(application: QApplication) -> None:
    """Give the application the Fusion style in the program's colours, the same on every system."""
    application.setStyle("Fusion")
    palette = QPalette(QColor(PAPER))
    for role, colour in (
        (QPalette.Window, PAPER),
        (QPalette.Base, SURFACE),
        (QPalette.AlternateBase, PAPER),
        (QPalette.Button, SURFACE),
        (QPalette.WindowText, INK),
        (QPalette.Text, INK),
        (QPalette.ButtonText, INK),
        (QPalette.ToolTipBase, SURFACE),
        (QPalette.ToolTipText, INK),
        (QPalette.Highlight, ACCENT),
        (QPalette.HighlightedText, SURFACE),
    ):
        palette.setColor(role, QColor(colour))
    for role in (QPalette.WindowText, QPalette.Text, QPalette.ButtonText):
        palette.setColor(QPalette.Disabled, role, QColor("#9AA5AD"))
    application.setPalette(palette)
    application.setStyleSheet(_SHEET)
