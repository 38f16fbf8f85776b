from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.home import Home
from desktop.live.app import Faults, less_protection
from desktop.settings.file import Settings
from desktop.settings.specs import chosen_guards
from station.operation.protection import ProtectionRecord, protection_now
from station.settings import StationSettings


def test_our_own_mistakes_are_logged_and_told_from_any_thread(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    faults = Faults()
    faults.watch()
    thread = threading.Thread(target=lambda: 1 / 0)
    with caplog.at_level(logging.CRITICAL), qtbot.waitSignal(faults.happened) as happened:
        thread.start()
        thread.join()
    assert "ZeroDivisionError: division by zero" in happened.args[0]
    assert "Traceback" in caplog.text
    sys.excepthook(KeyError, KeyError("x"), None)
    assert caplog.text.count("A fault in the program") == 2


def test_the_window_says_what_was_changed_behind_its_back(tmp_path: Path) -> None:
    home = Home(tmp_path, tmp_path)
    chosen = Settings(station=StationSettings(webhook="https://ours.example"))
    assert less_protection(home, chosen) is None
    ProtectionRecord(home.protection).keep(protection_now(chosen_guards(chosen), home))
    assert less_protection(home, chosen) is None
    edited = Settings(station=StationSettings(webhook="https://eve.example"))
    assert "station.webhook" in str(less_protection(home, edited))
    home.protection.write_bytes(b"{")
    assert "--accept" in str(less_protection(home, chosen))
