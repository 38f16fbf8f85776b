"""Backups are made beside the window, told of once where they fail, and stopped with it."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Event

from PyQt5.QtCore import QObject
from pytestqt.qtbot import QtBot

from common.errors import BackupError
from desktop.shared.backup_watch import BackupWatch
from station.backups.schedule import BackupPlan

PLAN = BackupPlan(Path("backups"), "day", 3)


def test_what_fails_is_told_once(qapp: QObject, qtbot: QtBot) -> None:
    tries: list[object] = []

    def fail(plan: BackupPlan, *_: object) -> None:
        tries.append(plan)
        raise BackupError("a folder", "it is gone", "Connect it")

    parent = QObject()
    watch = BackupWatch(parent, Path("home"), PLAN, fail)
    told: list[object] = []
    watch.failed.connect(told.append)
    for count in (1, 2):
        watch.ask()
        qtbot.waitUntil(lambda count=count: len(tries) == count and watch._task is None)
    assert told == ["Expected a folder, but it is gone. Connect it."]
    watch.close()


def test_closing_stops_the_backup(qapp: QObject, qtbot: QtBot) -> None:
    begun = Event()

    def make(plan: BackupPlan, home: Path, models: object, pause) -> None:
        begun.set()
        while True:
            time.sleep(0.001)
            pause()

    parent = QObject()
    watch = BackupWatch(parent, Path("home"), PLAN, make)
    watch.ask()
    assert begun.wait(5)
    watch.close()
    assert watch._task is None
    watch.ask()
    assert watch._task is None


def test_without_a_plan_nothing_is_made(qapp: QObject) -> None:
    parent = QObject()
    watch = BackupWatch(parent, Path("home"), None, lambda *_: 1 / 0)
    watch.ask()
    assert watch._task is None
    watch.close()
