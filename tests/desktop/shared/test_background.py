from __future__ import annotations

import threading

from PyQt5 import sip
from PyQt5.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.shared.background import Background


def test_whoever_is_deleted_waits_for_the_work(qtbot: QtBot) -> None:
    """Without that, Qt aborts the process: a thread was destroyed while it was running."""
    owner, begun, finished = QObject(), threading.Event(), threading.Event()
    go_on = threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait()
        finished.set()

    task = Background(work, owner)
    task.start()
    assert begun.wait(5)
    timer = threading.Timer(0.05, go_on.set)
    timer.start()
    sip.delete(owner)
    assert finished.is_set()
    timer.join()
