"""The card that says why a face was given its name, or none."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QFormLayout, QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from desktop.overlay import face_style
from desktop.style import with_role
from recognition.recognizer import RecognizedFace


class WhyCard(QFrame):
    """Lies over its parent, near the face; Escape or its button closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        with_role(self, "card")
        self.setAccessibleName(self.tr("Why this decision"))
        self.setFocusPolicy(Qt.StrongFocus)
        self._rows = QFormLayout(self)
        self._rows.setLabelAlignment(Qt.AlignLeft)
        self._rows.setHorizontalSpacing(16)
        self.hide()

    def explain(self, face: RecognizedFace, at: QPoint) -> None:
        """Show what was known of the face when it was clicked."""
        while self._rows.rowCount():
            self._rows.removeRow(0)
        self._rows.addRow(self._heading(face))
        reason = QLabel(face.reason + ".")
        reason.setWordWrap(True)
        self._rows.addRow(reason)
        for label, value in self._facts(face):
            self._rows.addRow(label, QLabel(value))
        self.setFixedWidth(self.fontMetrics().averageCharWidth() * 48)
        self.adjustSize()
        room = self.parentWidget().rect().adjusted(8, 8, -8 - self.width(), -8 - self.height())
        self.move(
            max(room.left(), min(at.x(), room.right())), max(room.top(), min(at.y(), room.bottom()))
        )
        self.show()
        self.raise_()
        self.setFocus()

    @property
    def text(self) -> str:
        """All that it says."""
        return "\n".join(label.text() for label in self.findChildren(QLabel))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _heading(self, face: RecognizedFace) -> QHBoxLayout:
        style = face_style(face)
        title = QLabel(face.match.identity.name if face.match else style.text)
        title.setTextFormat(Qt.PlainText)
        with_role(title, "title")
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setAccessibleName(self.tr("Close"))
        close.clicked.connect(self.hide)
        heading = QHBoxLayout()
        heading.addWidget(title, 1)
        heading.addWidget(close)
        return heading

    def _facts(self, face: RecognizedFace) -> list[tuple[str, str]]:
        facts = []
        decision = face.decision
        if decision is not None:
            if decision.nearest is not None:
                nearest = decision.nearest
                facts.append(
                    (self.tr("Nearest"), f"{nearest.identity.name}, {nearest.similarity:.2f}")
                )
            if decision.runner_up is not None:
                second = decision.runner_up
                facts.append(
                    (self.tr("Runner-up"), f"{second.identity.name}, {second.similarity:.2f}")
                )
            votes = self.tr("{} of {}").format(decision.agreeing, decision.votes)
            facts.append((self.tr("Threshold"), f"{decision.threshold:.2f}"))
            facts.append((self.tr("Votes that agree"), votes))
        if face.quality is not None:
            facts.append((self.tr("Picture quality"), f"{face.quality.score:.0%}"))
        return facts
