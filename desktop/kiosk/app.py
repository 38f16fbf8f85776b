"""Runs the station and the program's own window in turn, until an administrator ends both."""

from __future__ import annotations

import logging
from functools import partial

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtWidgets import QApplication

from common.errors import SettingsError
from desktop.home import Home
from desktop.i18n.languages import use
from desktop.kiosk.administration import Administration, Next
from desktop.kiosk.assembly import load_station
from desktop.kiosk.health_watch import HealthWatch, health_told
from desktop.kiosk.sounds import Announcer, Loudspeaker, Voice
from desktop.kiosk.unattended import Unattended
from desktop.kiosk.window import StationWindow
from desktop.live.app import Faults, make_application, open_window
from desktop.settings.configured_source import open_configured
from desktop.settings.file import Settings, load_settings
from desktop.settings.specs import backup_plan, chosen_guards, recognizer_spec, with_liveness
from desktop.shared.backup_watch import BackupWatch
from desktop.shared.dialogs.passphrase_dialog import unlocked
from desktop.shared.ending import Ending
from desktop.shared.first_start import FirstStart
from station.liveness_modes import LivenessMode
from station.visits.liveness import liveness_told

WINDOWED = QSize(1024, 640)

log = logging.getLogger(__name__)


def run_kiosk(
    home: Home,
    settings: Settings,
    source: str | None,
    windowed: bool,
    liveness: LivenessMode | None = None,
) -> int:
    """Show the station until an administrator closes it; return the exit status.

    An administrator may open the program's own window in its place: the station comes back when
    that is closed. source: see capture.opening.open_source; None: the settings' camera.
    windowed: in a window instead of the full screen. liveness: in place of what the settings say,
    whenever they are read again.
    """
    application = make_application(settings.theme)
    application.setFallbackSessionManagementEnabled(False)  # the guard stops nobody's logout
    ending = Ending()
    following = Next.STATION
    try:
        use(settings.language)
        ending.leave = QApplication.closeAllWindows
        if not unlocked(home.folder):
            return 0
        while following is not Next.NOTHING and not ending.has_come:
            if following is Next.STATION:
                following = _run_station(
                    application, ending, home, settings, source or settings.source, windowed
                )
            else:
                window = open_window(home, settings, source or settings.source)
                if following is Next.ENROLLMENT:
                    window.enroll_when_ready()
                ending.leave = window.close
                unattended = Unattended()
                unattended.watch()
                application.exec()
                unattended.stop()
                window.deleteLater()
                following = Next.STATION
            settings = with_liveness(_settings_now(home, settings), liveness)
    finally:
        ending.close()
    return 0


def _run_station(
    application: QApplication,
    ending: Ending,
    home: Home,
    settings: Settings,
    source: str,
    windowed: bool,
) -> Next:
    """Show the station until it is closed; return what is to follow."""
    station, guards = settings.station, chosen_guards(settings)
    spec = recognizer_spec(settings, adopted=home.figures, calibrations=home.calibrations)
    use(settings.language)
    first_start = FirstStart()
    window = StationWindow(
        lambda: load_station(home, spec, station, guards, first_start.preparation),
        partial(open_configured, settings),
        station.name,
        settings.language,
        make_announcer(sounds=station.sounds, speech=station.speech).announce,
    )
    first_start.told.connect(window.idle.show_preparation)
    window.closing.connect(first_start.preparation.stop)
    faults = Faults()
    faults.happened.connect(window.worker.begin_anew)
    faults.watch()
    # Nobody at a station can mend what fails: the log has it, and facedesk doctor.
    backups = BackupWatch(window, home.folder, backup_plan(settings))
    window.closing.connect(backups.close)
    administration = Administration(window, home, station.name)
    ending.leave = window.leave
    told = liveness_told(station.liveness)
    with health_told(station.health_port, HealthWatch(window, home, told).report):
        if windowed:
            window.resize(WINDOWED)
            window.show()
        else:
            window.setWindowFlag(Qt.FramelessWindowHint)
            # Without a window manager, showFullScreen() alone does not fill the screen.
            window.setGeometry(application.primaryScreen().geometry())
            window.showFullScreen()
        window.play(source)
        application.exec()
    window.deleteLater()
    return administration.next


def _settings_now(home: Home, before: Settings) -> Settings:
    """Read the settings again; where the file cannot be read, return those from before."""
    try:
        return load_settings(home.settings)
    except SettingsError as error:
        log.warning("%s", error)
        return before


def make_announcer(*, sounds: bool, speech: bool) -> Announcer:
    """Return an Announcer that plays and speaks what is wanted, as far as the computer can."""
    loudspeaker = Loudspeaker() if sounds else None
    voice = Voice() if speech else None
    return Announcer(
        loudspeaker.play if loudspeaker is not None else lambda tone: None,
        voice.say if voice is not None else lambda sentence, interrupts: None,
    )
