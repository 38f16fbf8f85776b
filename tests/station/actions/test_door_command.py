"""Commands that are really run."""

from __future__ import annotations

import errno
import json
import os
import select
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from common.errors import SettingsError
from station.actions import door_command as command
from station.actions.door_command import CLOSE_S, LATEST_S, LIMIT_S, STOP_S, Commands, words
from station.ledger.entry import Entry, Kind

WAIT_MS = 30_000  # for what comes at once; only a failing test waits so long


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


WRITE = """
import json, os, sys
with open(sys.argv[1], "a", encoding="utf-8") as out:
    told = {k: v for k, v in os.environ.items() if k.startswith("FACEDESK_")}
    out.write(json.dumps([told, sys.argv[2:]]) + "\\n")
"""


def run(split: list[str], came: Entry, limit_s: float = 30.0) -> list[str]:
    """What went wrong with one command."""
    troubles: list[str] = []
    commands = Commands(split, troubles.append, limit_s=limit_s)
    commands.tell(came)
    commands.close()
    return troubles


def test_it_knows_who_came_and_no_shell_reads_it(tmp_path: Path, entry) -> None:
    out = tmp_path / "đã mở"
    split = words(shlex.join(python(WRITE, str(out))) + ' "$FACEDESK_NAME" `id` ; >x')
    came = entry(3, name='Ann; "$(id)"', similarity=None)
    assert run(split, came) == []
    told, arguments = json.loads(out.read_text("utf-8"))
    assert arguments == ["$FACEDESK_NAME", "`id`", ";", ">x"]
    expected = {
        "FACEDESK_KIND": "check-in",
        "FACEDESK_NUMBER": "3",
        "FACEDESK_AT": "2026-03-01T07:59:03+00:00",
        "FACEDESK_STATION": "Cửa chính",
        "FACEDESK_IDENTITY": "a" * 32,
        "FACEDESK_NAME": 'Ann; "$(id)"',
        "FACEDESK_MEANS": "face",
        "FACEDESK_SIMILARITY": "",
        "FACEDESK_THRESHOLD": "0.5",
        "FACEDESK_LIVENESS": "passed",
        "FACEDESK_NOTE": "",
        "FACEDESK_ENTRY_HASH": f"{3:064x}",
    }
    assert {k: v for k, v in told.items() if k in expected} == expected


@pytest.mark.parametrize(
    ("split", "told"),
    [
        (python("raise SystemExit(3)"), "it ended with 3"),
        (["/no such program"], "it cannot be started (No such file or directory)"),
        (["/etc/passwd"], "it cannot be started (Permission denied)"),
        (["true", "a\0b"], "it cannot be started (embedded null byte)"),
    ],
)
def test_how_it_failed_and_the_next_is_run(split, told: str, entry, tmp_path: Path) -> None:
    troubles: list[str] = []
    commands = Commands(split, troubles.append)
    for number in (1, 2):
        commands.tell(entry(number))
    commands.close()
    assert [told in trouble for trouble in troubles] == [True, True]


def test_what_takes_too_long_is_stopped_with_its_children(tmp_path: Path, entry) -> None:
    fifo = tmp_path / "held open by a child"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    stubborn = 'trap "" TERM; sleep 60 > "$0" & sleep 60'
    (failure,) = run(["sh", "-c", stubborn, str(fifo)], entry(1), limit_s=0.5)
    poll = select.poll()
    poll.register(reader)
    assert poll.poll(WAIT_MS) == [(reader, select.POLLHUP)]  # nobody holds it any more
    os.close(reader)
    assert "it took longer than 0.5 s and was stopped" in failure


def test_what_may_not_be_stopped_is_left_and_the_next_is_run(
    tmp_path: Path, entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a command that has become root under sudo."""
    out, gate = tmp_path / "out", tmp_path / "gate"
    os.mkfifo(gate)
    killed: list[int] = []

    def refused(group: int, sign: int) -> None:
        killed.append(group)
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "killpg", refused)
    hangs = "import os, sys; os.environ['FACEDESK_NUMBER'] == '1' and open(sys.argv[2]).read()"
    troubles: list[str] = []
    commands = Commands(
        python(hangs + WRITE, str(out), str(gate)), troubles.append, limit_s=1.0, stop_s=0.1
    )
    commands.tell(entry(1))
    with gate.open("w"):
        while not killed:
            select.select([], [], [], 0.01)
        # Whatever the machine does meanwhile, this one is stopped by nobody.
        commands._limit_s = 30.0
        commands.tell(entry(2))
        commands.close()
        (line,) = out.read_text("utf-8").splitlines()
        assert json.loads(line)[0]["FACEDESK_NUMBER"] == "2"
    (left,) = commands._left
    assert left.pid == killed[0]
    left.wait(WAIT_MS / 1000)
    (trouble,) = troubles
    assert "could not be stopped (Operation not permitted); it goes on" in trouble


def test_those_that_may_not_be_stopped_do_not_pile_up(
    entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(group: int, sign: int) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "killpg", refused)
    monkeypatch.setattr(command, "MOST_LEFT", 2)
    troubles: list[str] = []
    commands = Commands(["sleep", "600"], troubles.append, limit_s=0.05, stop_s=0.05)
    for number in (1, 2, 3):
        commands.tell(entry(number))
    commands.close()
    assert ["it goes on" in trouble for trouble in troubles] == [True, True, False]
    assert "2 that could not be stopped go on still; it was not run" in troubles[2]
    for left in commands._left:
        left.kill()
        left.wait(WAIT_MS / 1000)


def test_closing_does_not_wait_for_ever(
    entry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A program on a disk that does not answer: to start it never returns."""
    answers = threading.Event()

    def hangs(*_: object, **__: object) -> None:
        answers.wait()
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(subprocess, "Popen", hangs)
    monkeypatch.setattr(command, "CLOSE_S", 0.05)
    commands = Commands(["open-door"], lambda _: None)
    commands.tell(entry(1))
    commands.close()
    assert "cannot be started or ended" in caplog.text
    assert LATEST_S + LIMIT_S + STOP_S <= CLOSE_S
    answers.set()
    commands._thread.join(WAIT_MS / 1000)


@pytest.mark.parametrize("command", ["", "  ", 'open "door', "'"])
def test_what_is_no_command_is_told(command: str) -> None:
    with pytest.raises(SettingsError, match=r"station\.command"):
        words(command)


def test_each_check_in_is_run_once_and_closing_waits(tmp_path: Path, entry) -> None:
    out, troubles = tmp_path / "out", []
    commands = Commands(python(WRITE, str(out)), troubles.append)
    commands.tell(entry(1))
    commands.tell(entry(2, Kind.CHECK_OUT))
    commands.close()
    lines = [json.loads(line)[0] for line in out.read_text("utf-8").splitlines()]
    assert [line["FACEDESK_KIND"] for line in lines] == ["check-in", "check-out"]
    assert troubles == []


def test_a_failure_is_told_and_logged_and_not_tried_again(
    tmp_path: Path, entry, caplog: pytest.LogCaptureFixture
) -> None:
    out, troubles = tmp_path / "out", []
    commands = Commands(python(WRITE + "raise SystemExit(1)", str(out)), troubles.append)
    commands.tell(entry(1))
    commands.close()
    (trouble,) = troubles
    assert "to work for Nguyễn Ánh, but it ended with 1" in trouble
    assert "not run again for this check-in" in trouble
    assert caplog.messages == troubles
    assert len(out.read_text("utf-8").splitlines()) == 1


def test_what_comes_too_late_is_not_run(tmp_path: Path, entry, hand) -> None:
    """The one before it took long: the clock goes on while it is run."""
    out, gate = tmp_path / "out", tmp_path / "gate"
    os.mkfifo(gate)
    code = "import sys; open(sys.argv[2]).read()" + WRITE
    troubles: list[str] = []
    commands = Commands(python(code, str(out), str(gate)), troubles.append, hand)
    commands.tell(entry(1))
    with gate.open("w"):  # opens once the command does
        commands.tell(entry(2, name="Bình"))
        hand.advance(LATEST_S + 1)
    commands.close()
    assert len(out.read_text("utf-8").splitlines()) == 1
    (trouble,) = troubles
    assert "to work for Bình, but those before it took too long; it was not run" in trouble
