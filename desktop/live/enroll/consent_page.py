"""The page before an enrollment, where the settings ask for it: what the person agrees to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QLocale, pyqtSignal
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QPlainTextEdit, QWidget

from common.errors import EnrollmentError
from desktop.i18n.languages import own_name
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.shared.dialogs.wrapping_row import WrappingRow
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import strip_layout, tell
from desktop.shared.style import push_button, with_role
from gallery.consents import ConsentWay
from recognition.enrollment.consent import ConsentForm, form_in

ReadForms = Callable[[], Sequence[ConsentForm]]
"""Reads the texts of which one is agreed to, the first being for all. Raises EnrollmentError."""

TEXT_PX = 200


class ConsentPage(Retranslated, QWidget):
    """Shows the text in a language that the person reads, to agree to or not.

    agreed: the Consent.
    """

    agreed = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._forms: Sequence[ConsentForm] = ()
        self._title = with_role(PlainLabel(), "title")
        self.language = QComboBox()
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(80)
        self.text.setMaximumHeight(TEXT_PX)
        self.problem = with_role(PlainLabel(), "problem")
        self.problem.setWordWrap(True)
        self.agree = with_role(push_button(), "primary")
        self.cancel = push_button()
        self.language.currentIndexChanged.connect(self._show_text)
        self.agree.clicked.connect(self._agree)
        head = QHBoxLayout()
        self._title.setMinimumWidth(1)
        self._title.setWordWrap(True)
        head.addWidget(self._title, 1)
        head.addWidget(self.language)
        buttons = WrappingRow()
        buttons.addWidget(self.agree)
        buttons.addWidget(self.cancel)
        layout = strip_layout(self)
        layout.addLayout(head)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.problem)
        layout.addLayout(buttons)
        self.retranslate()

    def retranslate(self) -> None:
        self._title.setText(self.tr("Do you agree to this before you are enrolled?"))
        self.text.setAccessibleName(self.tr("What you agree to"))
        self.language.setAccessibleName(self.tr("Language of the text"))
        self.agree.setText(self.tr("I agree"))
        self.cancel.setText(self.tr("No"))
        if self._forms and not self._forms[0].language:
            self.language.setItemText(0, self._name_of(self._forms[0]))

    def ask(self, read: ReadForms) -> None:
        """Read the texts anew, and show the one in the window's language, at its beginning.

        Where there is none, it says so, and nobody can go on.
        """
        try:
            self._forms = read()
            tell(self.problem, "")
        except EnrollmentError as error:
            self._forms = ()
            tell(self.problem, in_own_words(error.sentence))
        self.language.clear()
        for form in self._forms:
            self.language.addItem(self._name_of(form))
        self.language.setVisible(len(self._forms) > 1)
        self.text.setVisible(bool(self._forms))
        self.agree.setEnabled(bool(self._forms))
        if self._forms:
            self.language.setCurrentIndex(
                list(self._forms).index(form_in(self._forms, QLocale().name()))
            )
        self._show_text()
        # Not the button: Enter would agree to what nobody has read.
        (self.text if self._forms else self.cancel).setFocus()

    def _name_of(self, form: ConsentForm) -> str:
        return own_name(form.language) if form.language else self.tr("For all")

    def _show_text(self) -> None:
        chosen = self.language.currentIndex()
        self.text.setPlainText(self._forms[chosen].text if chosen >= 0 else "")

    def _agree(self) -> None:
        self.agreed.emit(self._forms[self.language.currentIndex()].agreed(ConsentWay.SCREEN))
