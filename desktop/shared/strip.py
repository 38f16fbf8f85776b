"""What the pages of the strip under the picture have in common."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget


def strip_layout(page: QWidget) -> QVBoxLayout:
    page.setAttribute(Qt.WA_StyledBackground)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(16, 14, 16, 14)
    layout.setSpacing(8)
    return layout


def tell(label: QLabel, text: str) -> None:
    """Show the text in the label, and hide the label while it is empty, since it takes up room."""
    label.setText(text)
    label.setVisible(bool(text))
