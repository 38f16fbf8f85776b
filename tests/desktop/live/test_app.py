from __future__ import annotations

import logging
import sys
import threading

import pytest
from pytestqt.qtbot import QtBot

from desktop.live.app import Faults


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
