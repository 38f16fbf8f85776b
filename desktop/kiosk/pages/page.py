"""What every page of the station is."""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.style import with_role


class Page(Retranslated, QWidget):
    """One page of the stack; `role` names its ground in the style sheet."""

    def __init__(self, role: str) -> None:
        super().__init__()
        with_role(self, role)
        self.setAttribute(Qt.WA_StyledBackground)

    def fit(self, unit: float, is_portrait: bool) -> None:
        """Give everything its size on a screen of this unit (desktop/kiosk/look.py)."""
        raise NotImplementedError
