"""What only the station's administrator may do: it stands behind the PIN, and in the ledger."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from enum import Enum, auto

from PyQt5.QtCore import QObject, Qt, QTimer
from PyQt5.QtWidgets import QDialog

from desktop.home import Home
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.kiosk.window import StationWindow
from desktop.pin_dialog import PinDialog
from desktop.settings import Settings, load_settings
from desktop.settings_dialog import SettingsDialog
from facedesk_errors import FacedeskError, SettingsError, StationError
from station.audit import Audit
from station.pin import PinGuard
from station.protection import ProtectionRecord

UNATTENDED_MS = 60_000
"""A dialog that was left alone so long closes: what the PIN opened must not stay open."""

log = logging.getLogger(__name__)


class Next(Enum):
    """What is shown once the station is closed."""

    NOTHING = auto()
    STATION = auto()
    WINDOW = auto()
    ENROLLMENT = auto()


class Administration(QObject):
    """Answers the station's lock, and a stranger who wants to be enrolled.

    next: what is wanted once the station's window is closed; nothing, unless it is chosen here.
    """

    def __init__(self, window: StationWindow, home: Home, station: str) -> None:
        super().__init__(window)
        self.next = Next.NOTHING
        self._window = window
        self._home = home
        self._guard = PinGuard(home.pin)
        self._record = ProtectionRecord(home.protection)
        self._audit = Audit(home.checkins, station, self._keep_trouble, begins_ledger=True)
        self._trouble = ""
        window.administrator_wanted.connect(lambda: self._ask(self._choose))
        window.enroll_wanted.connect(lambda: self._ask(self._enroll))

    def _ask(self, then: Callable[[], None]) -> None:
        """Do it after the PIN; without one at once."""
        if any(dialog.isVisible() for dialog in self._window.findChildren(QDialog)):
            return
        if not _is_guarded(self._guard, self._record):
            then()
            return
        dialog = PinDialog(self._guard, self._window)
        dialog.refused.connect(lambda: self._audit.note("wrong PIN tried"))
        dialog.accepted.connect(then)
        _show(dialog)

    def _choose(self) -> None:
        self._audit.note("administration opened")
        self._show_choice()

    def _show_choice(self) -> None:
        trouble, self._trouble = self._trouble, ""
        dialog = AdministratorDialog(trouble, self._window)
        dialog.people_chosen.connect(lambda: self._leave_for(Next.WINDOW, "people opened"))
        dialog.settings_chosen.connect(self._open_settings)
        dialog.close_chosen.connect(lambda: self._leave_for(Next.NOTHING, "station left"))
        _show(dialog)

    def _enroll(self) -> None:
        self._leave_for(Next.ENROLLMENT, "enrollment opened")

    def _open_settings(self) -> None:
        try:
            settings = load_settings(self._home.settings)
        except SettingsError as error:
            self._keep_trouble(str(error))
            self._show_choice()
            return
        dialog = SettingsDialog(self._home.settings, settings, self._window)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.saved.connect(self._start_anew)
        dialog.open()

    def _start_anew(self, settings: Settings, changed: Iterable[str]) -> None:
        try:
            self._record.follow_settings(settings.station, settings.fpir)
        except StationError as error:
            log.warning("%s", error)  # the station, which starts now, says it
        self._leave_for(Next.STATION, f"settings changed: {', '.join(changed)}")

    def _leave_for(self, following: Next, act: str) -> None:
        self._audit.note(act)
        self.next = following
        self._window.leave()

    def _keep_trouble(self, message: str) -> None:
        log.warning("%s", message)
        self._trouble = message


def _is_guarded(guard: PinGuard, record: ProtectionRecord) -> bool:
    """A damaged file lets nobody in: the dialog says what is wrong with it. Where a PIN has
    vanished, nothing that is typed is right until `facedesk pin` has set another one."""
    try:
        if guard.is_set:
            return True
        before = record.kept()
        return before is not None and before.pin
    except FacedeskError:
        return True


def _show(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WA_DeleteOnClose)
    dialog.open()
    unattended = QTimer(dialog)
    unattended.setSingleShot(True)
    unattended.timeout.connect(dialog.reject)
    unattended.start(UNATTENDED_MS)
