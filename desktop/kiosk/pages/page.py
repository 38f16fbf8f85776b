"""The base of every page of the station."""

from __future__ import annotations

from PyQt5.QtCore import QRect, Qt
from PyQt5.QtWidgets import QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.style import with_role


class Page(Retranslated, QWidget):
    """One page of the stack; `role` names its background in the style sheet."""

    def __init__(self, role: str) -> None:
        super().__init__()
        with_role(self, role)
        self.setAttribute(Qt.WA_StyledBackground)

    def fit(self, unit: float, is_portrait: bool) -> None:
        """Set the size of everything for a screen with this unit (desktop/kiosk/look.py)."""
        raise NotImplementedError

    @property
    def free(self) -> QRect | None:
        """The part of the page that shows the live picture; None is all of it."""
        return None
