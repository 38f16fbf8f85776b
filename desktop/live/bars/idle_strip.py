"""The strip under the picture while nobody is being enrolled."""

from __future__ import annotations

from enum import Enum, auto

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.first_start import progress_told
from desktop.shared.plain_text import PlainLabel
from desktop.shared.style import push_button, with_role
from models.conversion.preparation import PreparationProgress, PreparationStep

PROGRESS_PX = 140


class Hint(Enum):
    LOADING = auto()
    NOT_RECOGNIZING = auto()
    OTHER_MODEL = auto()
    NO_MORE_PICTURES = auto()
    NOBODY_ENROLLED = auto()
    CLICK_A_FACE = auto()


class IdleStrip(Retranslated, QWidget):
    """Shows the large button to enroll, and one line that says what can be done now."""

    def __init__(self) -> None:
        super().__init__()
        self._hint = Hint.LOADING
        self._preparation: PreparationProgress | None = None
        self.enroll = with_role(push_button(), "primary")
        self.enroll.setProperty("big", True)
        self.enroll.setEnabled(False)
        self.hint = with_role(PlainLabel(), "quiet")
        self.hint.setWordWrap(True)
        self.hint.setMinimumWidth(1)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedWidth(PROGRESS_PX)
        self.progress.hide()
        with_role(self, "strip")
        self.setAttribute(Qt.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 12, 20, 12)
        row.setSpacing(16)
        row.addWidget(self.enroll)
        row.addWidget(self.progress)
        row.addWidget(self.hint, 1)
        self.retranslate()

    def retranslate(self) -> None:
        self.enroll.setText(self.tr("&Enroll…"))
        self.enroll.setAccessibleName(self.tr("Enroll a person"))
        self.show_hint(self._hint)

    def show_preparation(self, progress: PreparationProgress) -> None:
        """Show how far the models are prepared, before they are loaded the first time."""
        self._preparation = progress
        # Neither pip nor a runtime says how far it is.
        is_counted = progress.step is PreparationStep.CONVERTING
        self.progress.setMaximum(progress.total if is_counted else 0)
        self.progress.setValue(progress.number)
        self.show_hint(self._hint)

    def show_hint(self, hint: Hint) -> None:
        self._hint = hint
        self.progress.setVisible(hint is Hint.LOADING and self._preparation is not None)
        self.hint.setText(
            {
                Hint.LOADING: self._loading(),
                Hint.NOT_RECOGNIZING: self.tr(
                    "Faces are not recognized. Once this is mended, start Facedesk again."
                ),
                Hint.OTHER_MODEL: self.tr(
                    "Faces are recognized once the gallery is embedded for this model."
                ),
                Hint.NO_MORE_PICTURES: self.tr(
                    "No more pictures come: choose another in the Source menu."
                ),
                Hint.NOBODY_ENROLLED: self.tr(
                    "Nobody is enrolled yet: sit in front of the camera and press Enroll."
                ),
                Hint.CLICK_A_FACE: self.tr("Click a face to see why it has its name."),
            }[hint]
        )

    def _loading(self) -> str:
        progress = self._preparation
        if progress is None:
            return self.tr("Loading the models…")
        return progress_told(progress)
