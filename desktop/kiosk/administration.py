"""What only the station's administrator may do: it needs the PIN, and the ledger records it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from enum import Enum, auto

from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QDialog

from common.errors import SettingsError, StationError
from common.sentence import Sentence
from desktop.home import Home
from desktop.kiosk.administrator_dialog import AdministratorDialog
from desktop.kiosk.unattended import Unattended
from desktop.kiosk.window import StationWindow
from desktop.settings.dialog import SettingsDialog
from desktop.settings.file import Settings, load_settings
from desktop.settings.specs import chosen_guards
from desktop.shared.pin_dialog import PinDialog
from station.ledger.audit import Audit
from station.operation.pin_setting import asks_for_pin
from station.operation.protection import ProtectionRecord
from station.screen import Idle, Screen
from station.secrets.pin import PinGuard

log = logging.getLogger(__name__)


class Next(Enum):
    """What is shown once the station's window is closed."""

    NOTHING = auto()
    STATION = auto()
    WINDOW = auto()
    ENROLLMENT = auto()


class Administration(QObject):
    """Opens the dialogs that the administrator's lock and the enrollment of a stranger need.

    The dialogs close when nobody uses them. While one is open, the station checks in nobody, since
    each check-in must be shown to the person it concerns.

    next: what follows once the station's window is closed; nothing, unless it is chosen here.
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
        self._unattended = Unattended(window)
        window.worker.screen_changed.connect(self._mind_screen)
        window.administrator_wanted.connect(lambda: self._ask(self._choose))
        window.enroll_wanted.connect(lambda: self._ask(self._enroll))
        self._is_guarded()

    def _ask(self, then: Callable[[], None]) -> None:
        """Call `then` after the PIN was typed; at once where there is none."""
        if self._is_open:
            return
        if not self._is_guarded():
            then()
            return
        dialog = PinDialog(self._guard, self._window)
        dialog.refused.connect(lambda: self._audit.note("wrong PIN tried"))
        dialog.accepted.connect(then)
        self._show(dialog)

    def _choose(self) -> None:
        self._audit.note("administration opened")
        self._show_choice()

    def _show_choice(self) -> None:
        trouble, self._trouble = self._trouble, ""
        dialog = AdministratorDialog(trouble, self._window)
        dialog.people_chosen.connect(lambda: self._leave_for(Next.WINDOW, "people opened"))
        dialog.settings_chosen.connect(self._open_settings)
        dialog.close_chosen.connect(lambda: self._leave_for(Next.NOTHING, "station left"))
        self._show(dialog)

    def _enroll(self) -> None:
        self._leave_for(Next.ENROLLMENT, "enrollment opened")

    def _open_settings(self) -> None:
        try:
            settings = load_settings(self._home.settings)
        except SettingsError as error:
            self._keep_trouble(error.sentence)
            self._show_choice()
            return
        dialog = SettingsDialog(self._home.settings, settings, self._window)
        dialog.saved.connect(self._start_anew)
        self._show(dialog)

    def _start_anew(self, settings: Settings, changed: Iterable[str]) -> None:
        try:
            self._record.follow_settings(chosen_guards(settings), changed)
        except StationError as error:
            log.warning("%s", error)  # the station, which starts now, says it
        self._leave_for(Next.STATION, f"settings changed: {', '.join(changed)}")

    def _leave_for(self, following: Next, act: str) -> None:
        self._unattended.stop()
        self._audit.note(act)
        self.next = following
        self._window.leave()

    @property
    def _is_open(self) -> bool:
        return any(dialog.isVisible() for dialog in self._window.findChildren(QDialog))

    def _show(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.finished.connect(self._mind_closed)
        self._window.hold(True)
        dialog.open()
        self._unattended.watch()

    def _mind_closed(self) -> None:
        if not self._is_open:
            self._unattended.stop()
            self._window.hold(False)

    def _mind_screen(self, screen: Screen) -> None:
        """Look again whether a PIN is set: that may change while the station runs."""
        if isinstance(screen, Idle):
            self._is_guarded()

    def _is_guarded(self) -> bool:
        """Return whether a PIN is needed; where none is, the screen says so."""
        is_guarded = asks_for_pin(self._home)
        self._window.bar.show_guarded(is_guarded)
        return is_guarded

    def _keep_trouble(self, message: Sentence) -> None:
        log.warning("%s", message)
        self._trouble = message
