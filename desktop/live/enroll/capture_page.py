"""The second page of an enrollment, during which the pictures are taken."""

from __future__ import annotations

from PyQt5.QtCore import QCoreApplication, Qt
from PyQt5.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from capture.latest import SourceState, SourceStatus
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.enroll.direction_ring import DirectionRing
from desktop.live.enroll.known_person import KnownPersonNote
from desktop.shared.feed import FINAL_STATES
from desktop.shared.names import short
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import strip_layout
from desktop.shared.style import with_role
from gallery.identity import Candidate
from recognition.enrollment.live import Progress

KNOWN_PX = 40


class CapturePage(Retranslated, QWidget):
    """Says in large letters what to do now, and how far the capture has come.

    Where the face is known already, that is said as soon as the first faces were accepted, with
    the portrait of the one it is enrolled as.

    The ring shows from which directions the face was seen; that invites, and is waited for no
    longer than PATIENCE says.
    """

    def __init__(self) -> None:
        super().__init__()
        self._name = ""
        self._progress: Progress | None = None
        self._known: Candidate | None = None
        self._trouble = ""
        self._is_over = False
        self.title = with_role(PlainLabel(), "quiet")
        self.guidance = with_role(PlainLabel(), "guidance")
        self.reason = with_role(PlainLabel(), "quiet")
        self.reason.setWordWrap(True)
        self.guidance.setWordWrap(True)
        self.known = KnownPersonNote(KNOWN_PX)
        self.bar = QProgressBar()
        self.ring = DirectionRing()
        # Not pressed by Enter: Enter ended the name, and a key held too long would cancel.
        self.cancel = QPushButton()
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        texts = QVBoxLayout()
        texts.addWidget(self.title)
        texts.addWidget(self.guidance)
        texts.addLayout(row)
        texts.addWidget(self.reason)
        texts.addWidget(self.known)
        texts.addStretch()
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self.ring, 0, Qt.AlignTop)
        columns.addLayout(texts, 1)
        strip_layout(self).addLayout(columns)
        self.retranslate()

    def retranslate(self) -> None:
        self.bar.setFormat(self.tr("%v of %m"))
        self.bar.setAccessibleName(self.tr("Accepted pictures"))
        self.cancel.setText(self.tr("Cancel"))
        self._say()

    def begin(self, name: str) -> None:
        self._name = name
        self._progress = None
        self._known = None
        self.bar.reset()
        self.ring.show_coverage({}, None)
        self._say()

    def show_source(self, status: SourceStatus) -> None:
        """Say that the capture waits, while the source gives no pictures."""
        self._trouble = "" if status.state is SourceState.LIVE else status.message
        self._is_over = status.state in FINAL_STATES
        if self._trouble:
            self._progress = None
            self._say()

    def show_progress(self, progress: Progress) -> None:
        verdict = progress.verdict
        if not verdict.looked_at:
            return
        self._known = progress.known
        self.bar.setMaximum(verdict.goal)
        self.bar.setValue(verdict.accepted_count)
        self.ring.show_coverage(verdict.coverage, verdict.wanted)
        self._progress = progress
        self._say()

    def _say(self) -> None:
        # Trouble goes first: the progress may come late, from a frame before the trouble.
        if self._trouble and self._is_over:
            guidance = self.tr("No more pictures come: choose another source")
        elif self._trouble:
            guidance = self.tr("Waiting for the camera")
        elif self._progress is not None:
            guidance = _translated(self._progress.verdict.guidance)
        else:
            guidance = self.tr("Look at the camera")
        self.title.setText(self.tr("Enrolling {}").format(short(self._name)))
        self.guidance.setText(guidance)
        self.reason.setText(in_own_words(self._trouble) or self._refusal())
        self._tell_known()

    def _tell_known(self) -> None:
        if self._known is None:
            self.known.hide()
            return
        identity = self._known.identity
        text = self.tr(
            "This face is already enrolled as {}. You can cancel, or go on and add the new "
            "pictures."
        ).format(short(identity.name))
        self.known.show_person(identity.id, identity.name, text)

    def _refusal(self) -> str:
        reason = self._progress.verdict.reason if self._progress is not None else None
        if reason is None:
            return ""
        return self.tr("Not taken: {}").format(_translated(reason.value))


def _translated(text: str) -> str:
    """Translate a text of recognition/enrollment/counting.py, which does not use Qt."""
    return QCoreApplication.translate("Enrollment", text)
