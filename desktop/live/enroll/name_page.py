"""The first page of an enrollment, which asks whose face it is."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from common.errors import GalleryError
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.enroll.known_person import KnownPersonNote
from desktop.live.enroll.namesakes import Namesakes
from desktop.shared.names import short
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import strip_layout, tell
from desktop.shared.style import push_button, with_role
from gallery.names import normalized_name

TAKEN_PX = 48


class NamePage(Retranslated, QWidget):
    """Takes a name, and says at once where somebody has it already.

    namesakes: who is enrolled. confirmed: the name, in the form that the gallery accepts.
    """

    confirmed = pyqtSignal(str)

    def __init__(self, namesakes: Namesakes) -> None:
        super().__init__()
        self._namesakes = namesakes
        self._title = with_role(PlainLabel(), "title")
        self.field = QLineEdit()
        self.field.setMinimumWidth(160)
        self.field.returnPressed.connect(self._confirm)
        self.start = with_role(push_button(), "primary")
        self.start.clicked.connect(self._confirm)
        self.cancel = push_button()
        self.problem = with_role(PlainLabel(), "problem")
        self.problem.setWordWrap(True)
        self.taken = KnownPersonNote(TAKEN_PX)
        self.field.textChanged.connect(self.look_up)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(self.start)
        row.addWidget(self.cancel)
        layout = strip_layout(self)
        layout.addWidget(self._title)
        layout.addLayout(row)
        layout.addWidget(self.taken)
        layout.addWidget(self.problem)
        layout.addStretch()
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(self.tr("Whom do you enroll?"))
        self.field.setPlaceholderText(self.tr("Name"))
        self.field.setAccessibleName(self.tr("Name of the person"))
        self.start.setText(self.tr("Start"))
        self.cancel.setText(self.tr("Cancel"))
        self.look_up()

    def look_up(self) -> None:
        """Say whether somebody has the name that is typed."""
        tell(self.problem, "")
        taken = self._namesakes.of(self.field.text())
        if taken is None:
            self.taken.hide()
            return
        text = self.tr(
            "{} is enrolled already. Go on only if this is another person of the same name."
        ).format(short(taken.name))
        self.taken.show_person(taken.id, taken.name, text)

    def _confirm(self) -> None:
        try:
            name = normalized_name(self.field.text())
        except GalleryError as error:
            tell(self.problem, in_own_words(error.sentence))
            self.field.setFocus()
        else:
            self.confirmed.emit(name)
