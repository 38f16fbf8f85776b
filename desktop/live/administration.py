"""What the administrator does in the window: check-ins by hand, codes, the PIN, the inbox."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QDialog

from common.errors import FacedeskError
from desktop.administration.code_dialog import CodeDialog
from desktop.administration.inbox_dialog import InboxDialog
from desktop.administration.ledger_check_dialog import LedgerCheckDialog
from desktop.administration.new_pin_dialog import NewPinDialog
from desktop.administration.pin_gate import PinGate
from desktop.checkins.amend_dialog import AmendDialog, AmendingAct, AmendingDesk
from desktop.checkins.view import CheckinsView
from desktop.home import Home
from desktop.live.people.history.dialog import HistoryDialog
from desktop.live.people.last_seen import LastSeen
from desktop.live.window import Window
from gallery.identity import Identity
from station.ledger.audit import Audit
from station.secrets.codes import Codes


class WindowAdministration(QObject):
    """Opens the dialogs of the menu Administrator; each act asks for the PIN where one is set.

    checkins: returns the window of the check-ins.
    """

    def __init__(self, window: Window, home: Home, checkins: Callable[[], CheckinsView]) -> None:
        super().__init__(window)
        self._window = window
        self._home = home
        self._checkins = checkins
        station = window.worker.station_name
        self._audit = Audit(home.checkins, station, window.worker.failed.emit)
        self.gate = PinGate(home, self._audit, self)
        self.desk = AmendingDesk(home.checkins, station, window.enrolled, self.gate.ask)
        menus = window.menus
        for action, act in (
            (menus.here_now, self._show_here_now),
            (menus.add_checkin, self._add_checkin),
            (menus.verify, lambda: self._open(LedgerCheckDialog(home.checkins, window))),
            (menus.history, lambda: self._ask(self._open_history)),
            (menus.inbox, lambda: self._ask(self._open_inbox)),
            (menus.code, self._choose_code),
            (menus.pin, lambda: self._ask(self._open_pin)),
        ):
            action.triggered.connect(lambda _, act=act: act())
        window.people.code_asked.connect(self.give_code)
        self._last_seen = LastSeen(home.checkins, self)
        self._last_seen.read.connect(window.people.show_last_seen)
        self._last_seen.failed.connect(window.notice.show_message)
        window.people.last_seen_wanted.connect(self._last_seen.ask)
        window.closing.connect(self._last_seen.close)

    def give_code(self, person: Identity) -> None:
        """Ask for a code for this person."""
        self._ask(lambda: self._open_code(person))

    def _ask(self, then: Callable[[], None]) -> None:
        self.gate.ask(self._window, then)

    def _open(self, dialog: QDialog) -> None:
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.open()

    def _show_here_now(self) -> None:
        self._window.menus.checkins.trigger()
        self._checkins().show_here_now()

    def _add_checkin(self) -> None:
        def show() -> None:
            dialog = AmendDialog(AmendingAct.ADD, self.desk, None, self._window)
            dialog.accepted.connect(self._tell_added)
            self._open(dialog)

        self._ask(show)

    def _tell_added(self) -> None:
        self._window.status.tell(self.tr("The check-in was added."))
        checkins = self._checkins()
        if checkins.isVisible():
            checkins.refresh()

    def _open_history(self) -> None:
        self._open(HistoryDialog(self._home.gallery, self._audit, self._window))

    def _open_inbox(self) -> None:
        self._open(InboxDialog(self._home.inbox, self._audit, self._window))

    def _open_pin(self) -> None:
        dialog = NewPinDialog(self._home, self._audit, self._window)
        dialog.accepted.connect(self.gate.close)
        self._open(dialog)

    def _choose_code(self) -> None:
        person = self._window.people.chosen_person
        if person is None:
            text = self.tr("Choose a person in the list first.")
            self._window.notice.show_message(text)
        else:
            self.give_code(person)

    def _open_code(self, person: Identity) -> None:
        try:
            has_code = Codes(self._home.codes).has(person.id)
        except FacedeskError as error:
            self._window.notice.show_message(error.sentence)
            return
        dialog = CodeDialog(person, has_code, self._window)
        worker = self._window.worker.people
        dialog.code_given.connect(worker.set_code)
        worker.code_set.connect(dialog.follow)
        self._open(dialog)
