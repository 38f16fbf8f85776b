"""The bar that is always shown, with buttons for a code, the language and the administrator.

It says so, too, while no PIN guards the administrator's functions.
"""

from __future__ import annotations

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QGridLayout, QPushButton, QWidget

from desktop.i18n.languages import languages, meant, own_name, use
from desktop.i18n.retranslated import Retranslated
from desktop.kiosk import palette
from desktop.kiosk.fitting_label import FittingLabel
from desktop.kiosk.glyphs import Glyph, put_on
from desktop.kiosk.words import station_name
from desktop.shared.style import with_role


class StationBar(Retranslated, QWidget):
    """Shows the bar.

    name: the station's name. language: what the station speaks when nobody chose another language.
    """

    def __init__(self, name: str, language: str) -> None:
        super().__init__()
        self._usual_language = language
        self._station = name
        self._is_narrow = False
        self._language = meant(language)
        self.code_button = QPushButton()
        self.language_button = QPushButton()
        self.administrator_button = QPushButton()
        self.name = FittingLabel("small")
        self.unguarded = FittingLabel("warning")
        self._is_guarded = True
        with_role(self, "bar")
        self.setAttribute(Qt.WA_StyledBackground)
        grid = QGridLayout(self)
        buttons = self.code_button, self.name, self.language_button, self.administrator_button
        for column, widget in enumerate(buttons):
            grid.addWidget(widget, 0, column)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.unguarded, 1, 0, 1, len(buttons))
        self.language_button.clicked.connect(lambda: self._speak(self._next_language()))
        self.retranslate()

    def speak_usual_language(self) -> None:
        self._speak(meant(self._usual_language))

    def show_guarded(self, is_guarded: bool) -> None:
        """Show a warning while no PIN guards the administrator's functions."""
        self._is_guarded = is_guarded
        self.retranslate()

    def retranslate(self) -> None:
        self.name.setText("" if self._is_narrow else station_name(self._station))
        self.code_button.setText(self.tr("Use a code"))
        self.administrator_button.setAccessibleName(self.tr("Administrator"))
        self.administrator_button.setToolTip(self.tr("Administrator"))
        warning = self.tr("No PIN is set: the window's Administrator menu sets one")
        self.unguarded.setText("" if self._is_guarded else warning)
        following = self._next_language()
        self.language_button.setText(own_name(following))
        self.language_button.setVisible(following != self._language)

    def fit(self, unit: float, is_portrait: bool) -> None:
        """Set the sizes, see desktop/kiosk/look.py.

        On a portrait screen the name is hidden, since there is no room beside the buttons.
        """
        self._is_narrow = is_portrait
        self.name.setText("" if is_portrait else station_name(self._station))
        margin, side, ink = round(2 * unit), round(5 * unit), palette.BAR_BUTTON.ink
        self.layout().setContentsMargins(margin, margin, margin, margin)
        put_on(self.administrator_button, Glyph.LOCK, side, ink)
        put_on(self.code_button, Glyph.KEYPAD, side, ink)

    def _next_language(self) -> str:
        known = languages()
        return known[(known.index(self._language) + 1) % len(known)]

    def _speak(self, language: str) -> None:
        if language != self._language:
            self._language = language
            use(language)
