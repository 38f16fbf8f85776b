"""The enroll dialog: a strip under the picture, so that people still see themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from PyQt5.QtCore import QSize, Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QShortcut, QStackedWidget, QWidget

from capture.latest import SourceStatus
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.enroll.capture_page import CapturePage
from desktop.live.enroll.consent_page import ConsentPage, ReadForms
from desktop.live.enroll.name_page import NamePage
from desktop.live.enroll.namesakes import Namesakes
from desktop.live.enroll.review_page import ReviewPage
from desktop.live.people.portraits import Portrait
from desktop.live.people.summaries import PersonSummary
from desktop.shared.strip import tell
from desktop.shared.style import with_role
from gallery.consents import Consent
from recognition.enrollment.live import Progress, Review


class EnrollDialog(Retranslated, QStackedWidget):
    """Asks for consent where that is wanted, then for a name, shows the capture, and lets the
    result be reviewed before it is saved.

    consent: reads the texts of which the person agrees to one; None where none is asked for.
    started: the name. cancelled: whatever was captured is to be forgotten.
    save_asked: the Review, and the id of the identity to add to, or None for a new person.
    closed: it was cancelled, or saved.
    portraits_wanted: a tuple of ids, to be answered by put_portraits().
    """

    started = pyqtSignal(str)
    cancelled = pyqtSignal()
    save_asked = pyqtSignal(object, object)
    closed = pyqtSignal()
    portraits_wanted = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None, consent: ReadForms | None = None) -> None:
        super().__init__(parent)
        self._read_forms = consent
        self._consent: Consent | None = None
        self._namesakes = Namesakes()
        self.consent_page = ConsentPage()
        self.name_page = NamePage(self._namesakes)
        self.capture_page = CapturePage()
        self.review_page = ReviewPage(self._namesakes)
        self._shown_known = (
            self.name_page.taken,
            self.capture_page.known,
            self.review_page.taken,
            self.review_page.known,
        )
        for shown in self._shown_known:
            shown.portraits_wanted.connect(self.portraits_wanted)
        for page in (self.consent_page, self.name_page, self.capture_page, self.review_page):
            self.addWidget(with_role(page, "strip"))
            page.cancel.clicked.connect(self._cancel)
            escape = QShortcut(QKeySequence.Cancel, page, page.cancel.click)
            escape.setContext(Qt.WidgetWithChildrenShortcut)
        self.consent_page.agreed.connect(self._keep_consent)
        self.name_page.confirmed.connect(self._start)
        self.review_page.save_asked.connect(self._save)
        self.currentChanged.connect(lambda: self.updateGeometry())
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Enroll a person"))

    def sizeHint(self) -> QSize:
        """Of the page on show alone: on a small screen the rest is the picture's."""
        return self.currentWidget().sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.currentWidget().minimumSizeHint()

    @property
    def least_width(self) -> int:
        """The width that the widest of its pages needs, in pixels."""
        return max(self.widget(place).minimumSizeHint().width() for place in range(self.count()))

    def hasHeightForWidth(self) -> bool:
        return self.currentWidget().hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        return self.currentWidget().heightForWidth(width)

    def open(self) -> None:
        """Begin with the page that asks for consent, or else for a person's name."""
        self.name_page.field.clear()
        self._consent = None
        if self._read_forms is None:
            self._ask_name("")
            return
        self.setCurrentWidget(self.consent_page)
        self.consent_page.ask(self._read_forms)

    def show_people(self, people: Sequence[PersonSummary]) -> None:
        """Know who is enrolled, to say at once that a name is taken."""
        self._namesakes.know(people)
        self.name_page.look_up()
        self.review_page.look_up()

    def put_portraits(self, portraits: Collection[Portrait]) -> None:
        for shown in self._shown_known:
            shown.put_portraits(portraits)

    def show_progress(self, progress: Progress) -> None:
        self.capture_page.show_progress(progress)

    def show_source(self, status: SourceStatus) -> None:
        self.capture_page.show_source(status)

    def show_review(self, review: Review) -> None:
        self.review_page.show_review(review)
        self.setCurrentWidget(self.review_page)

    def show_capture_failure(self, message: str) -> None:
        """Say that the captured frames cannot be used; the name stays for another try."""
        self._ask_name(message)

    def show_save_failure(self, message: str) -> None:
        """Say that saving failed; the review stays, to be saved again, so nothing is lost."""
        self.review_page.show_failure(message)

    def _keep_consent(self, consent: Consent) -> None:
        self._consent = consent
        self._ask_name("")

    def _save(self, review: Review, into: str | None) -> None:
        if self._consent is not None:
            review = replace(review, consent=self._consent)
        self.save_asked.emit(review, into)

    def _cancel(self) -> None:
        self.cancelled.emit()
        self.closed.emit()

    def _ask_name(self, problem: str) -> None:
        tell(self.name_page.problem, in_own_words(problem))
        self.setCurrentWidget(self.name_page)
        self.name_page.field.setFocus()

    def _start(self, name: str) -> None:
        self.capture_page.begin(name)
        self.setCurrentWidget(self.capture_page)
        self.capture_page.cancel.setFocus()
        self.started.emit(name)
