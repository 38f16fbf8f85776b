"""The enroll dialog: a strip under the picture, so that people see themselves meanwhile."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QCoreApplication, Qt, pyqtSignal
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QShortcut,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from capture.enrollment import RefusalReason
from capture.latest import SourceState, SourceStatus
from desktop.bidi import isolated, short
from desktop.feed import FINAL_STATES
from desktop.pictures import portrait_pixmap
from desktop.style import push_button, with_role
from facedesk_errors import GalleryError
from gallery.identity import Candidate
from gallery.names import normalized_name
from recognition.enroller import Progress, Review

PORTRAIT_PX = 80


class EnrollDialog(QStackedWidget):
    """Asks for a name, shows the capture, and lets the result be reviewed before it is saved.

    started: the name. cancelled: whatever was captured is to be forgotten.
    save_asked: the Review, and the id of the identity to add to, or None for a new person.
    closed: it was cancelled, or saved.
    """

    started = pyqtSignal(str)
    cancelled = pyqtSignal()
    save_asked = pyqtSignal(object, object)
    closed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Enroll a person"))
        self.name_page = NamePage()
        self.capture_page = CapturePage()
        self.review_page = ReviewPage()
        for page in (self.name_page, self.capture_page, self.review_page):
            self.addWidget(with_role(page, "strip"))
            page.cancel.clicked.connect(self._cancel)
            escape = QShortcut(QKeySequence.Cancel, page, page.cancel.click)
            escape.setContext(Qt.WidgetWithChildrenShortcut)
        self.name_page.confirmed.connect(self._start)
        self.review_page.save_asked.connect(self.save_asked)

    def open(self) -> None:
        """Begin with a person's name."""
        self.name_page.field.clear()
        self._ask_name("")

    def show_progress(self, progress: Progress) -> None:
        self.capture_page.show_progress(progress)

    def show_source(self, status: SourceStatus) -> None:
        self.capture_page.show_source(status)

    def show_review(self, review: Review) -> None:
        self.review_page.show_review(review)
        self.setCurrentWidget(self.review_page)

    def show_capture_failure(self, message: str) -> None:
        """The captured frames are of no use; the name stays for another try."""
        self._ask_name(message)

    def show_save_failure(self, message: str) -> None:
        """Nothing is lost: the review stays, to be saved again."""
        self.review_page.show_failure(message)

    def _cancel(self) -> None:
        self.cancelled.emit()
        self.closed.emit()

    def _ask_name(self, problem: str) -> None:
        _tell(self.name_page.problem, problem)
        self.setCurrentWidget(self.name_page)
        self.name_page.field.setFocus()

    def _start(self, name: str) -> None:
        self.capture_page.begin(name)
        self.setCurrentWidget(self.capture_page)
        self.capture_page.cancel.setFocus()
        self.started.emit(name)


class NamePage(QWidget):
    """confirmed: the name, fit for the gallery."""

    confirmed = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        title = with_role(QLabel(self.tr("Whom do you enroll?")), "title")
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr("Name"))
        self.field.setAccessibleName(self.tr("Name of the person"))
        self.field.setMinimumWidth(160)
        self.field.returnPressed.connect(self._confirm)
        self.start = with_role(push_button(self.tr("Start")), "primary")
        self.start.clicked.connect(self._confirm)
        self.cancel = push_button(self.tr("Cancel"))
        self.problem = with_role(QLabel(), "problem")
        self.problem.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(self.start)
        row.addWidget(self.cancel)
        layout = _strip_layout(self)
        layout.addWidget(title)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        layout.addStretch()

    def _confirm(self) -> None:
        try:
            name = normalized_name(self.field.text())
        except GalleryError as error:
            _tell(self.problem, str(error))
            self.field.setFocus()
        else:
            self.confirmed.emit(name)


class CapturePage(QWidget):
    """What to do now, in large letters, and how far it has come."""

    def __init__(self) -> None:
        super().__init__()
        self._trouble = ""
        self._is_over = False
        self.title = with_role(QLabel(), "quiet")
        self.title.setTextFormat(Qt.PlainText)
        self.guidance = with_role(QLabel(), "guidance")
        self.reason = with_role(QLabel(), "quiet")
        self.reason.setWordWrap(True)
        self.guidance.setWordWrap(True)
        self.bar = QProgressBar()
        self.bar.setFormat(self.tr("%v of %m"))
        self.bar.setAccessibleName(self.tr("Accepted pictures"))
        # Not by Enter: the name was ended with it, and a key held too long would cancel.
        self.cancel = QPushButton(self.tr("Cancel"))
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        layout = _strip_layout(self)
        layout.addWidget(self.title)
        layout.addWidget(self.guidance)
        layout.addLayout(row)
        layout.addWidget(self.reason)
        layout.addStretch()

    def begin(self, name: str) -> None:
        self.title.setText(self.tr("Enrolling {}").format(short(name)))
        self.bar.reset()
        self._say(self.tr("Look at the camera"), "")

    def show_source(self, status: SourceStatus) -> None:
        """While there are no pictures the capture waits, and says so."""
        self._trouble = "" if status.state is SourceState.LIVE else status.message
        self._is_over = status.state in FINAL_STATES
        if self._trouble:
            self._say("", "")

    def show_progress(self, progress: Progress) -> None:
        verdict = progress.verdict
        if not verdict.looked_at:
            return
        self.bar.setMaximum(verdict.goal)
        self.bar.setValue(verdict.accepted_count)
        self._say(_translated(verdict.guidance), self._refusal(verdict.reason))

    def _say(self, guidance: str, reason: str) -> None:
        # A frame from before the trouble may have been looked at only now.
        if self._is_over:
            waiting = self.tr("No more pictures come: choose another source")
        else:
            waiting = self.tr("Waiting for the camera")
        self.guidance.setText(waiting if self._trouble else guidance)
        self.reason.setText(self._trouble or reason)

    def _refusal(self, reason: RefusalReason | None) -> str:
        if reason is None:
            return ""
        return self.tr("Not taken: {}").format(_translated(reason.value))


class ReviewPage(QWidget):
    """What was captured, whom it resembles, and what to do with it."""

    save_asked = pyqtSignal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._review: Review | None = None
        self._known_id: str | None = None
        self.portrait = QLabel()
        self.title = with_role(QLabel(), "title")
        self.note = with_role(QLabel(), "quiet")
        self.problem = with_role(QLabel(), "problem")
        self.save = with_role(push_button(self.tr("Save")), "primary")
        self.add = with_role(push_button(), "primary")
        self.save_as_new = push_button(self.tr("New person"))
        self.cancel = push_button(self.tr("Cancel"))
        self.save.clicked.connect(lambda: self._ask(None))
        self.add.clicked.connect(lambda: self._ask(self._known_id))
        self.save_as_new.clicked.connect(lambda: self._ask(None))
        self._buttons = (self.save, self.add, self.save_as_new, self.cancel)
        self._lay_out()

    def show_review(self, review: Review) -> None:
        self._review = review
        picture = portrait_pixmap(review.portrait, PORTRAIT_PX, self.devicePixelRatioF())
        self.portrait.setPixmap(picture)
        self.portrait.setAccessibleName(self.tr("Portrait of {}").format(isolated(review.name)))
        _tell(self.problem, "")
        if review.same:
            self._warn_of_same(review.same, review.name)
        else:
            self._offer_to_save(review.alike, review.name)
        for button in (self.add, self.save_as_new):
            button.setVisible(bool(review.same))
        self.save.setVisible(not review.same)
        self._set_waiting(False)

    def show_failure(self, message: str) -> None:
        _tell(self.problem, message)
        self._set_waiting(False)

    def _warn_of_same(self, same: Sequence[Candidate], name: str) -> None:
        known = short(same[0].identity.name)
        self._known_id = same[0].identity.id
        self.title.setText(self.tr("This face is already enrolled as {}").format(_listed(same)))
        self.note.setText(
            self.tr("Add the new pictures to {}, unless this is another person.").format(known)
        )
        self.add.setText(self.tr("Add to {}").format(short(same[0].identity.name, 12)))
        self.save_as_new.setToolTip(self.tr("Enroll {} as a new person").format(isolated(name)))

    def _offer_to_save(self, alike: Sequence[Candidate], name: str) -> None:
        self.title.setText(self.tr("Save this face as {}?").format(short(name)))
        if alike:
            looks_like = self.tr("Looks a little like {}: take care not to confuse them.")
            self.note.setText(looks_like.format(_listed(alike)))
        else:
            self.note.setText(self.tr("Nobody enrolled looks like it."))

    def _ask(self, into: str | None) -> None:
        _tell(self.problem, "")
        self._set_waiting(True)
        self.save_asked.emit(self._review, into)

    def _set_waiting(self, waiting: bool) -> None:
        for button in self._buttons:
            button.setEnabled(not waiting)
        first = self.add if self.save.isHidden() else self.save
        first.setFocus()

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        for label in (self.title, self.note, self.problem):
            label.setWordWrap(True)
            label.setTextFormat(Qt.PlainText)
            label.setMinimumWidth(1)  # a long word must not widen the window
            texts.addWidget(label)
        buttons = QHBoxLayout()
        for button in self._buttons:
            buttons.addWidget(button)
        buttons.addStretch()
        texts.addStretch()
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.portrait, 0, Qt.AlignTop)
        row.addLayout(texts, 1)
        layout = _strip_layout(self)
        layout.addLayout(row)
        layout.addLayout(buttons)


def _strip_layout(page: QWidget) -> QVBoxLayout:
    page.setAttribute(Qt.WA_StyledBackground)
    layout = QVBoxLayout(page)
    layout.setContentsMargins(16, 14, 16, 14)
    layout.setSpacing(8)
    return layout


def _tell(label: QLabel, text: str) -> None:
    """An empty label would keep its room."""
    label.setText(text)
    label.setVisible(bool(text))


def _translated(text: str) -> str:
    """Words of capture/enrollment.py, which knows no Qt, in the user's language."""
    return QCoreApplication.translate("Enrollment", text)


def _listed(candidates: Sequence[Candidate]) -> str:
    """The most similar ones."""
    return ", ".join(f"{short(c.identity.name)} ({c.similarity:.2f})" for c in candidates[:3])
