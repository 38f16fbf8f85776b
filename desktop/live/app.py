"""Runs the program's window: one application and one window, until it is closed."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from functools import partial
from types import TracebackType

from PyQt5.QtCore import QCoreApplication, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QGuiApplication
from PyQt5.QtWidgets import QApplication

from capture.frame import Frame
from common.errors import StationError
from common.sentence import Sentence
from desktop.home import Home
from desktop.i18n.languages import use
from desktop.live.dialogs import Dialogs
from desktop.live.people.last_seen import LastSeen
from desktop.live.people.retention.desk import RetentionDesk
from desktop.live.window import Window
from desktop.live.worker import Worker
from desktop.menu_entry import NAME
from desktop.settings.configured_source import open_configured
from desktop.settings.file import Settings
from desktop.settings.specs import backup_plan, chosen_guards, recognizer_spec, retention_rule
from desktop.shared.backup_watch import BackupWatch
from desktop.shared.dialogs.passphrase_dialog import unlocked
from desktop.shared.ending import Ending
from desktop.shared.first_start import FirstStart
from desktop.shared.icons.icon import application_icon
from desktop.shared.look.theme import SYSTEM
from desktop.shared.style import dress
from gallery.store import Store
from models.conversion.preparation import Preparation
from recognition.assembly import load_models, load_recognizer
from recognition.enrollment.consent import consent_forms
from recognition.recognizer import Recognizer
from recognition.reembedding import Reembedded, reembed
from station.operation.protection import ProtectionRecord, protection_now
from station.people.retention import RetentionRule


def run_window(home: Home, settings: Settings, source: str, notice: str = "") -> int:
    """Show the window until it is closed; return the exit status.

    source: see capture.opening.open_source. notice: what to tell at the start.
    """
    application = make_application(settings.theme)
    ending = Ending()
    try:
        use(settings.language)
        ending.leave = QApplication.closeAllWindows
        if not unlocked(home.folder):
            return 0
        window = open_window(home, settings, source, notice)
        ending.leave = window.close
        return int(application.exec())
    finally:
        ending.close()


def open_window(home: Home, settings: Settings, source: str, notice: str = "") -> Window:
    """Show the window with all that belongs to it, and return it; arguments as in run_window."""
    first_start = FirstStart()
    use(settings.language)
    window = _make_window(home, settings, first_start.preparation)
    first_start.told.connect(window.idle_strip.show_preparation)
    window.closing.connect(first_start.preparation.stop)
    Dialogs(window, home)  # the window owns it
    backups = BackupWatch(window, home.folder, backup_plan(settings))
    backups.failed.connect(window.notice.show_message)
    window.closing.connect(backups.close)
    _watch_retention(window, home, retention_rule(settings))
    faults = Faults()
    faults.happened.connect(window.notice.show_message)
    faults.watch()
    window.notice.show_message(QCoreApplication.translate("Notices", notice))
    if (less := less_protection(home, settings)) is not None:
        window.notice.show_message(less)
    window.show()
    window.open_source(source)
    return window


def less_protection(home: Home, settings: Settings) -> Sentence | None:
    """Return what guards the station less than when it last ran, or was changed by hand: the
    station stays closed then, and the window says it and goes on. None where nothing is so."""
    record = ProtectionRecord(home.protection)
    try:
        if record.kept() is not None:
            record.require(protection_now(chosen_guards(settings), home))
    except StationError as error:
        return error.sentence
    return None


def _watch_retention(window: Window, home: Home, rule: RetentionRule) -> None:
    """Ask about people who are kept for longer than the rule says, where it says anything."""
    if not rule.days:
        return
    last_seen = LastSeen(home.checkins, window)
    window.closing.connect(last_seen.close)
    last_seen.failed.connect(window.notice.show_message)
    desk = RetentionDesk(rule, window.retention_bar, last_seen, window.worker.own, window)
    desk.told.connect(window.status.tell)
    window.worker.ready.connect(desk.ask)


def _make_window(home: Home, settings: Settings, preparation: Preparation) -> Window:
    """Make the window and hand each part the values of the settings that it uses."""

    spec = recognizer_spec(
        settings,
        adopted=home.figures,
        calibrations=home.calibrations,
        impostors=home.impostors,
    )

    def load() -> Recognizer:
        return load_recognizer(spec, home.cache, home.gallery, preparation)

    def reembed_gallery(
        anyway: bool, told: Callable[[int, int], None], is_stopped: Callable[[], bool]
    ) -> Reembedded:
        detector, embedder = load_models(spec, home.cache, preparation)
        with closing(Store(home.gallery)) as store:
            return reembed(
                store, embedder, detector.detect, anyway=anyway, told=told, is_stopped=is_stopped
            )

    def make_worker(take: Callable[[], Frame | None]) -> Worker:
        return Worker(
            load,
            take,
            home,
            reembed_gallery,
            station_name=settings.station.name,
            enrollment_frames=settings.enrollment_frames,
            watches_life=settings.show_life,
        )

    return Window(
        make_worker,
        partial(open_configured, settings),
        language=settings.language,
        shows_statistics=settings.show_statistics,
        consent=partial(consent_forms, settings.consent_text) if settings.ask_consent else None,
    )


class Faults(QObject):
    """Receives our own bugs from any thread: logs the traceback, and tells each in a sentence."""

    happened = pyqtSignal(str)

    def watch(self) -> None:
        sys.excepthook = self._tell
        threading.excepthook = lambda args: self._tell(
            args.exc_type, args.exc_value, args.exc_traceback
        )

    def _tell(
        self,
        kind: type[BaseException],
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        logging.getLogger("facedesk").critical(
            "A fault in the program", exc_info=(kind, fault or kind(), trace)
        )
        self.happened.emit(
            self.tr("A fault in the program ({}: {}). Please report it with the log.").format(
                kind.__name__, fault
            )
        )


def make_application(theme: str = SYSTEM) -> QApplication:
    """Make the one QApplication, sharp at any scale and in the program's colours.

    theme: see desktop/shared/style.py's dress().
    """
    # Set before the application is made, so that it is sharp at fractional scales, too.
    QCoreApplication.setAttribute(Qt.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.AA_UseHighDpiPixmaps)
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(
        Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    )
    application = QApplication(["facedesk"])
    application.setApplicationDisplayName("Facedesk")
    application.setDesktopFileName(NAME)
    application.setWindowIcon(application_icon())
    dress(application, theme)
    return application
