"""The live window: where its parts are, and which signals are connected to which slots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PyQt5.QtCore import QPoint, QSize, Qt, QThread, pyqtSignal
from PyQt5.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PyQt5.QtWidgets import (
    QAbstractButton,
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from capture.cameras.found import FoundCamera, find_cameras, is_camera_spec
from capture.frame import Frame
from capture.latest import SourceState, SourceStatus
from capture.opening import is_live_spec
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.bars.idle_strip import Hint, IdleStrip
from desktop.live.bars.notice_bar import NoticeBar
from desktop.live.bars.reembed_bar import ReembedBar
from desktop.live.bars.status_line import StatusLine
from desktop.live.enroll.consent_page import ReadForms
from desktop.live.enroll.dialog import EnrollDialog
from desktop.live.menu_keys import MenuKeys
from desktop.live.menus import Menus
from desktop.live.people.desk import PeopleDesk
from desktop.live.people.import_bar import ImportBar, dropped_folder
from desktop.live.people.rejection_bar import RejectionBar
from desktop.live.people.retention.bar import RetentionBar
from desktop.live.people.summaries import PersonSummary
from desktop.live.people.view import PeopleView
from desktop.live.picture.video_view import VideoView
from desktop.live.picture.why_card import WhyCard, not_them_label
from desktop.live.source.dialog import SourceDialog
from desktop.live.source.previews import CameraPreviews
from desktop.live.worker import Worker
from desktop.shared.dialogs.screen_room import screen_room
from desktop.shared.feed import FINAL_STATES, Feed, OpenSource
from desktop.shared.names import isolated
from desktop.shared.plain_text import PlainFileDialog
from gallery.identity import Identity
from gallery.store import OtherModelError
from recognition.recognizer import Recognition, RecognizedFace
from recognition.reembedding import Reembedded

if TYPE_CHECKING:
    from desktop.live.picture.live_chart import LiveChart

PEOPLE_PX = 300
NARROW_PX = 640
"""On a narrower screen the people are hidden until the user wants them: the picture comes first."""


class Window(Retranslated, QMainWindow):
    """Shows a source and who is in it. It is on screen before the recognizer is loaded.

    make_worker: makes the worker, which takes frames by the given function; it moves to a thread.
    open_source: see capture.opening.open_source.
    language: is checked in the menu; see desktop/i18n/languages.py.
    shows_statistics: whether the line of rates and times is shown at first.
    find_cameras: see capture.cameras.found.find_cameras.
    consent: reads the texts of which everybody agrees to one before they are enrolled; None where
    they are not asked.

    statistics_toggled: the user wants the line of rates and times, or not.
    camera_chosen: the user has chosen another camera or stream, as a source.
    closing: the window is about to close, and all that was opened from it must close too.
    """

    statistics_toggled = pyqtSignal(bool)
    camera_chosen = pyqtSignal(str)
    closing = pyqtSignal()

    def __init__(
        self,
        make_worker: Callable[[Callable[[], Frame | None]], Worker],
        open_source: OpenSource,
        *,
        language: str,
        shows_statistics: bool,
        find_cameras: Callable[[], tuple[FoundCamera, ...]] = find_cameras,
        consent: ReadForms | None = None,
    ) -> None:
        super().__init__()
        self._open_source, self._find_cameras = open_source, find_cameras
        self._read_consent = consent
        self.setWindowTitle("Facedesk")
        self.resize(QSize(1120, 760).boundedTo(self.screen_room()))
        self.feed = Feed(open_source, self)
        self.view = VideoView(self.feed.peek)
        self.why = WhyCard(self.view)
        self.notice = NoticeBar()
        self.reembed_bar = ReembedBar()
        self.rejection_bar = RejectionBar()
        self.import_bar = ImportBar()
        self.retention_bar = RetentionBar()
        self.enroll_dialog = EnrollDialog(consent=consent)
        self.people = PeopleView()
        self._is_ready = self._is_unavailable = self._is_leaving = False
        self._is_of_another_model = False
        self._gives_pictures = True
        self._enrolls_when_ready = False
        self._trouble = ""
        self.worker = make_worker(self.feed.take)
        self._thread = QThread(self)

        self._shows_people_again = False
        self._people: Sequence[PersonSummary] | None = None
        self._chart: LiveChart | None = None

        self._lay_out()
        self.status = StatusLine(self.feed, self.view, shows_statistics)
        self.setStatusBar(self.status)
        self.menus = Menus(self.people_dock.toggleViewAction())
        self.setMenuBar(self.menus)
        self._menu_keys = MenuKeys(self.menus)
        self.menus.rates.setChecked(shows_statistics)
        self.menus.show_language(language)
        self.retranslate()
        self._wire_menus()
        self._wire_feed()
        self._wire_enrollment()
        self._wire_people()
        self._start_worker()

    def retranslate(self) -> None:
        self.people_dock.setWindowTitle(self.tr("People"))
        # Qt sets the button's text only once, in the language of that moment.
        close = self.people_dock.findChild(QAbstractButton, "qt_dockwidget_closebutton")
        assert close is not None
        close.setToolTip(self.tr("Close"))
        close.setAccessibleName(self.tr("Close the list of people"))
        self.view.message = in_own_words(self._trouble)

    def open_source(self, spec: str) -> None:
        """Show another source; whether that works is told in the window."""
        self.view.clear()
        self.why.hide()
        # Only a webcam is mirrored: nobody is used to a mirrored film.
        self.menus.mirror.setChecked(is_camera_spec(spec))
        self.feed.open(spec)

    def enrolled(self) -> tuple[Identity, ...]:
        """Return who is enrolled, in the gallery's order."""
        return tuple(person.identity for person in self._people or ())

    def enroll_when_ready(self) -> None:
        """Open the enrollment once the recognizer is loaded."""
        self._enrolls_when_ready = True
        if self._is_ready:
            self._begin_enrollment()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the camera, close the gallery, and wait for both.

        A name or a note that is being typed is saved first. Where it cannot be saved, the window
        stays open, with what was typed; the next time it closes all the same.
        """
        if not self._is_leaving:
            self.people.finish_editing()
            is_saving_notes = self.desk.pages.flush()
            self._is_leaving = self.people.is_renaming or is_saving_notes
            if self._is_leaving:
                event.ignore()
                return
        self.hide()
        self.status.stop()
        self.feed.close()
        self.worker.stop()
        self.closing.emit()
        self._thread.wait()
        event.accept()

    def screen_room(self) -> QSize:
        """Return how large the window may be on this screen, without its title bar."""
        return screen_room(self)

    # -- what is where ---------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.idle_strip = IdleStrip()
        self.enroll_dialog.hide()
        centre = QWidget()
        layout = QVBoxLayout(centre)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.notice)
        layout.addWidget(self.reembed_bar)
        layout.addWidget(self.rejection_bar)
        layout.addWidget(self.import_bar)
        layout.addWidget(self.retention_bar)
        layout.addWidget(self.view, 1)
        self._under_view = QVBoxLayout()  # where the chart will be, once it is wanted
        layout.addLayout(self._under_view)
        layout.addWidget(self.idle_strip)
        layout.addWidget(self.enroll_dialog)
        self.setCentralWidget(centre)

        self.people_dock = QDockWidget()
        self.people_dock.setFeatures(QDockWidget.DockWidgetClosable | QDockWidget.DockWidgetMovable)
        self.people_dock.setWidget(self.people)
        self.setAcceptDrops(True)
        self.addDockWidget(Qt.RightDockWidgetArea, self.people_dock)
        self.people_dock.setVisible(self.screen_room().width() >= NARROW_PX)
        self.resizeDocks([self.people_dock], [PEOPLE_PX], Qt.Horizontal)

    # -- what is wired to what -------------------------------------------------------------

    def _wire_menus(self) -> None:
        menus = self.menus
        for action, called in (
            (menus.open_camera, self._ask_source),
            (menus.open_file, self._ask_file),
            (menus.open_demo, lambda: self.open_source("demo")),
            (menus.quit, self.close),
            (menus.enroll, self._begin_enrollment),
            (menus.why, self._explain_largest),
        ):
            action.triggered.connect(lambda _, called=called: called())
        menus.rates.toggled.connect(self.status.statistics.setVisible)
        menus.rates.toggled.connect(self.statistics_toggled)
        menus.chart.toggled.connect(self._show_chart)
        menus.mirror.toggled.connect(self._set_mirrored)
        self.idle_strip.enroll.clicked.connect(self._begin_enrollment)

    def _wire_feed(self) -> None:
        self.feed.status_changed.connect(self._show_source_status)
        self.feed.status_changed.connect(self.enroll_dialog.show_source)
        self.view.face_clicked.connect(self.why.explain)
        self.view.menu_wanted.connect(self._open_face_menu)

    def _wire_enrollment(self) -> None:
        dialog, worker = self.enroll_dialog, self.worker
        dialog.closed.connect(self._end_enrollment)
        worker.portraits_read.connect(dialog.put_portraits)
        worker.progressed.connect(dialog.show_progress)
        worker.reviewed.connect(dialog.show_review)
        worker.enrollment_failed.connect(dialog.show_capture_failure)
        worker.save_failed.connect(dialog.show_save_failure)
        worker.saved.connect(self._finish_enrollment)

    def _wire_people(self) -> None:
        worker = self.worker
        worker.people_changed.connect(self._show_people)
        worker.renamed.connect(self._finish_rename)
        worker.rename_failed.connect(self._put_name_back)
        worker.portraits_read.connect(self.people.put_portraits)
        worker.removed.connect(self.people.offer_undo)
        worker.not_restorable.connect(self.people.forget_undo)
        worker.merge_offered.connect(self.people.choose_merge)
        worker.merged.connect(self.people.offer_undo)
        worker.name_rejected.connect(self.rejection_bar.tell)

    def _start_worker(self) -> None:
        worker = self.worker
        worker.ready.connect(self._tell_ready)
        worker.careful.connect(self.status.show_careful)
        worker.failed.connect(self.notice.show_message)
        worker.look_alikes_found.connect(self.notice.show_message)
        worker.unavailable.connect(self._tell_unavailable)
        worker.other_model.connect(self._offer_reembedding)
        worker.reembedding.connect(self.reembed_bar.show_progress)
        worker.reembedded.connect(self._tell_reembedded)
        worker.reembedding_failed.connect(self.notice.show_message)
        worker.reembedding_failed.connect(self.reembed_bar.show_failure)
        worker.recognized.connect(self._show_recognition)
        worker.life_seen.connect(self.view.show_life)
        worker.reconsidered.connect(self.view.amend)
        worker.reconsidered.connect(self.why.follow)

        worker.moveToThread(self._thread)
        # From here on a signal of this thread reaches the worker in its own.
        self._thread.started.connect(worker.start)
        self.closing.connect(worker.finish)
        self.reembed_bar.asked.connect(worker.reembed)
        self.feed.frame_arrived.connect(worker.process_frame)
        self.feed.opened.connect(worker.restart)
        self.enroll_dialog.started.connect(worker.start_enrollment)
        self.enroll_dialog.cancelled.connect(worker.cancel_enrollment)
        self.enroll_dialog.save_asked.connect(worker.save)
        self.enroll_dialog.portraits_wanted.connect(worker.read_portraits)
        self.people.renamed.connect(worker.rename)
        self.people.portraits_wanted.connect(worker.read_portraits)
        self.people.merge_asked.connect(worker.offer_merge)
        self.people.merged.connect(worker.merge)
        self.people.removed.connect(worker.remove)
        self.people.restored.connect(worker.restore)
        self.people.photos_chosen.connect(worker.add_photos)
        self.why.rejected.connect(worker.reject_name)
        self.rejection_bar.undone.connect(worker.accept_name)
        self._start_desk()
        self._thread.start()

    def _start_desk(self) -> None:
        worker = self.worker
        desk = self.desk = PeopleDesk(
            self.people, self.import_bar, worker.people, self, self._read_consent
        )
        desk.person_exported.connect(worker.own.export_person)
        worker.own.person_exported.connect(desk.tell_person_exported)
        worker.merged.connect(desk.show_merged)
        worker.photos_added.connect(desk.report_photos)
        worker.portraits_read.connect(desk.pages.put_portraits)
        desk.pages.portraits_wanted.connect(worker.read_portraits)
        desk.pages.notes_settled.connect(self._leave_if_settled)
        desk.told.connect(self.status.tell)
        desk.failed.connect(self.notice.show_message)
        self.menus.import_folder.triggered.connect(lambda _: desk.ask_folder())

    # -- what the user does ----------------------------------------------------------------

    def _ask_source(self) -> None:
        spec = self.feed.spec
        previews = CameraPreviews(self._find_cameras, self._open_source, spec, self.feed.peek)
        dialog = SourceDialog(spec, self, previews)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.chosen.connect(self._take_source)
        self.closing.connect(dialog.reject)
        dialog.open()

    def _take_source(self, spec: str) -> None:
        self.open_source(spec)
        if is_live_spec(spec):
            self.camera_chosen.emit(spec)

    def _ask_file(self) -> None:
        dialog = PlainFileDialog(self, self.tr("Open a video or picture"))
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.ExistingFile)
        dialog.fileSelected.connect(self.open_source)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a folder, once the models are loaded."""
        if self._is_ready and dropped_folder(event.mimeData()) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Enroll everyone in the folder that was dropped."""
        folder = dropped_folder(event.mimeData())
        if folder is not None:
            event.acceptProposedAction()
            self.desk.take_folder(folder)

    def _show_chart(self, shown: bool) -> None:
        from desktop.live.picture.live_chart import LiveChart

        if self._chart is None:
            self._chart = LiveChart(self.view)
            self._under_view.addWidget(self._chart)
        for signal, slot in (
            (self.worker.recognized, self._chart.count),
            (self.view.face_clicked, self._chart.follow),
        ):
            (signal.connect if shown else signal.disconnect)(slot)
        self._chart.setVisible(shown)

    def _set_mirrored(self, mirrored: bool) -> None:
        self.view.is_mirrored = mirrored

    def _begin_enrollment(self) -> None:
        self.activateWindow()  # the key works in the window of the check-ins, too
        if self.enroll_dialog.isHidden():
            self.idle_strip.hide()
            self._make_room()
            self.enroll_dialog.show()
            self.enroll_dialog.open()

    def _end_enrollment(self) -> None:
        self.enroll_dialog.hide()
        self.idle_strip.show()
        if self._shows_people_again:
            self.people_dock.show()
        self.idle_strip.enroll.setFocus()

    def _make_room(self) -> None:
        """Hide the people during an enrollment where the screen is small."""
        dock = self.people_dock
        needed = self.enroll_dialog.least_width + dock.minimumSizeHint().width()
        self._shows_people_again = dock.isVisible() and needed > self.screen_room().width()
        if self._shows_people_again:
            dock.hide()

    def _explain_largest(self) -> None:
        largest = max(self.view.faces, key=lambda f: f.face.height, default=None)
        if largest is not None:
            self.why.explain(largest)

    def _open_face_menu(self, face: RecognizedFace, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WA_DeleteOnClose)
        why = menu.addAction(self.menus.why.text())
        why.triggered.connect(lambda: self.why.explain(face))
        if face.match is not None:
            reject = menu.addAction(not_them_label(face.match.identity.name))
            reject.triggered.connect(lambda: self.why.rejected.emit(face))
        menu.popup(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close the card at Escape, where nothing else has used the key."""
        if event.key() == Qt.Key_Escape:
            self.why.hide()
        else:
            super().keyPressEvent(event)

    # -- what there is to tell -------------------------------------------------------------

    def _show_recognition(self, recognition: Recognition) -> None:
        self.status.count_recognition()
        self.view.show_recognition(recognition)
        self.why.follow(recognition)

    def _show_source_status(self, status: SourceStatus) -> None:
        self.status.show_source(status)
        self._trouble = "" if status.state is SourceState.LIVE else status.message
        self.view.message = in_own_words(self._trouble)
        self._gives_pictures = status.state not in FINAL_STATES
        self._allow_enrollment()

    def _tell_ready(self) -> None:
        self._is_ready = True
        self._allow_enrollment()
        if self._enrolls_when_ready:
            self._begin_enrollment()

    def _allow_enrollment(self) -> None:
        """Allow enrolling while the models are loaded and the source may still give pictures."""
        allowed = self._is_ready and self._gives_pictures
        self.idle_strip.enroll.setEnabled(allowed)
        self.menus.enroll.setEnabled(allowed)
        self._show_hint()

    def _tell_unavailable(self, message: str) -> None:
        self.notice.show_message(message)
        self._is_unavailable, self._is_ready = True, False
        self._allow_enrollment()

    def _offer_reembedding(self, other: OtherModelError) -> None:
        self.reembed_bar.offer(other)
        self._is_of_another_model = True
        self._show_hint()

    def _tell_reembedded(self, outcome: Reembedded) -> None:
        self.reembed_bar.show_outcome(outcome)
        self._is_of_another_model = not outcome.is_done
        if outcome.is_done and outcome.shortfalls:
            fewer = ", ".join(isolated(one.name) for one in outcome.shortfalls)
            self.notice.show_message(
                self.tr("Not all stored pictures of these people could be used: {}.").format(fewer)
            )
        self._show_hint()

    def _finish_enrollment(self, identity: Identity) -> None:
        self._end_enrollment()
        self.people.reveal(identity.id)
        self.status.tell(self.tr("{} is enrolled.").format(isolated(identity.name)))

    def _finish_rename(self, identity_id: str) -> None:
        self.people.rename_done(identity_id)
        self.people.reveal(identity_id)
        self._leave_if_settled()

    def _leave_if_settled(self) -> None:
        if self._is_leaving and not (self.people.is_renaming or self.desk.pages.has_unsaved):
            self.close()

    def _put_name_back(self, identity_id: str, name: str, message: str) -> None:
        self.people.rename_failed(identity_id, name)
        text = self.tr("The name {} is not saved. {}").format(isolated(name), in_own_words(message))
        if self._is_leaving:
            text += " " + self.tr("Close again to leave without it.")
        self.notice.show_message(text)

    def _show_people(self, people: Sequence[PersonSummary]) -> None:
        self._people = people
        self.people.show_people(people)
        self.enroll_dialog.show_people(people)
        self.desk.pages.keep_only({person.identity.id for person in people})
        self._show_hint()

    def _show_hint(self) -> None:
        if self._is_unavailable:
            hint = Hint.NOT_RECOGNIZING
        elif self._is_of_another_model:
            hint = Hint.OTHER_MODEL
        elif self._people is None:
            hint = Hint.LOADING
        elif not self._gives_pictures:
            hint = Hint.NO_MORE_PICTURES
        else:
            hint = Hint.CLICK_A_FACE if self._people else Hint.NOBODY_ENROLLED
        self.idle_strip.show_hint(hint)
