"""Opens the window's dialogs, and keeps what is chosen in the window in the settings file."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QApplication

from common.errors import SettingsError, StationError
from desktop.checkins.view import CheckinsView
from desktop.help.pages import help_folder, read_pages
from desktop.help.window import HelpWindow
from desktop.home import Home
from desktop.i18n.languages import use
from desktop.live.administration import WindowAdministration
from desktop.live.window import Window
from desktop.settings.dialog import SettingsDialog
from desktop.settings.file import Settings, load_settings, save_settings
from desktop.settings.specs import chosen_guards
from desktop.shared.dialogs.message_dialog import MessageDialog
from desktop.shared.style import dress
from station.ledger.audit import Audit
from station.operation.protection import ProtectionRecord

if TYPE_CHECKING:
    from desktop.live.calibration.page import CalibrationPage


class Dialogs(QObject):
    def __init__(self, window: Window, home: Home) -> None:
        super().__init__(window)
        self._window = window
        self._home = home
        self._checkins: CheckinsView | None = None
        self._administration = WindowAdministration(window, home, self._checkins_view)
        self._calibration: CalibrationPage | None = None
        self._help: HelpWindow | None = None
        window.statistics_toggled.connect(lambda shown: self._keep(show_statistics=shown))
        window.camera_chosen.connect(lambda spec: self._keep(source=spec))
        window.menus.language_chosen.connect(self._choose_language)
        window.menus.checkins.triggered.connect(self.open_checkins)
        window.menus.threshold.triggered.connect(self.open_calibration)
        window.menus.documentation.triggered.connect(self.open_help)
        window.menus.about.triggered.connect(self.open_about)
        window.closing.connect(self._close)
        window.menus.settings.triggered.connect(self.open_settings)

    def open_settings(self) -> None:
        try:
            settings = load_settings(self._home.settings)
        except SettingsError as error:
            self._window.notice.show_message(error.sentence)
            return
        dialog = SettingsDialog(self._home.settings, settings, self._window)
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.saved.connect(self._follow)
        dialog.open()

    def open_checkins(self) -> None:
        checkins = self._checkins_view()
        checkins.show()
        checkins.raise_()
        checkins.activateWindow()

    def _checkins_view(self) -> CheckinsView:
        if self._checkins is None:
            self._checkins = CheckinsView(
                self._home.checkins, self._window, self._home.files, self._administration.desk
            )
        return self._checkins

    def open_calibration(self) -> None:
        from desktop.live.calibration.page import CalibrationPage

        if self._calibration is None:
            page, worker = CalibrationPage(self._window), self._window.worker
            page.asked.connect(worker.calibrate)
            page.adopted.connect(worker.adopt_threshold)
            page.returned.connect(worker.return_threshold)
            worker.calibrated.connect(page.show_found)
            worker.calibration_failed.connect(page.show_failure)
            worker.unavailable.connect(page.show_failure)
            worker.ready.connect(page.refresh)
            self._calibration = page
        self._calibration.refresh()
        self._calibration.show()
        self._calibration.raise_()
        self._calibration.activateWindow()

    def open_help(self) -> None:
        if self._help is None:
            self._help = HelpWindow(read_pages(help_folder()), self._window)
        self._help.show()
        self._help.raise_()
        self._help.activateWindow()

    def open_about(self) -> None:
        version = importlib.metadata.version("facedesk")
        dialog = MessageDialog(
            lambda: "Facedesk",
            lambda: self.tr(
                "Version {}. Recognizes people at a webcam. Nothing is sent anywhere. "
                "Apache License 2.0."
            ).format(version),
            parent=self._window,
        )
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.open()

    def _close(self) -> None:
        for view in (self._checkins, self._calibration, self._help):
            if view is not None:
                view.close()

    def _follow(self, settings: Settings, changed: Iterable[str]) -> None:
        """Apply the settings that take effect at once."""
        self._note(settings.station.name, changed)
        try:
            record = ProtectionRecord(self._home.protection)
            record.follow_settings(chosen_guards(settings), changed)
        except StationError as error:
            self._window.notice.show_message(error.sentence)
        if "theme" in changed:
            application = QApplication.instance()
            assert isinstance(application, QApplication)
            dress(application, settings.theme)
        use(settings.language)
        self._window.menus.show_language(settings.language)
        self._window.menus.rates.setChecked(settings.show_statistics)

    def _choose_language(self, choice: str) -> None:
        use(choice)
        self._keep(language=choice)

    def _keep(self, **changed: object) -> None:
        """Write these settings and no others: the file may have been edited since the start."""
        path = self._home.settings
        try:
            settings = load_settings(path)
            if any(getattr(settings, name) != value for name, value in changed.items()):
                save_settings(path, msgspec.structs.replace(settings, **changed))
                self._note(settings.station.name, changed)
        except SettingsError as error:
            self._window.notice.show_message(error.sentence)

    def _note(self, station_name: str, changed: Iterable[str]) -> None:
        """Write the change into the audit. changed: the names of the settings."""
        tell = self._window.notice.show_message
        audit = Audit(self._home.checkins, station_name, tell)
        audit.note(f"settings changed: {', '.join(changed)}")
