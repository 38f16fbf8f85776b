"""Commands that are really run."""

from __future__ import annotations

import json
import os
import select
import shlex
import sys
from pathlib import Path

import pytest

from facedesk_errors import SettingsError
from station.command import LATEST_S, Commands, environment, run, words
from station.entry import Kind

WAIT_MS = 30_000  # for what comes at once; only a failing test waits so long


def python(code: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", code, *arguments]


WRITE = """
import json, os, sys
with open(sys.argv[1], "a", encoding="utf-8") as out:
    told = {k: v for k, v in os.environ.items() if k.startswith("FACEDESK_")}
    out.write(json.dumps([told, sys.argv[2:]]) + "\\n")
"""


def test_it_knows_who_came_and_no_shell_reads_it(tmp_path: Path, entry) -> None:
    out = tmp_path / "đã mở"
    split = words(shlex.join(python(WRITE, str(out))) + ' "$FACEDESK_NAME" `id` ; >x')
    came = entry(3, name='Ann; "$(id)"', similarity=None)
    assert run(split, environment(came)) is None
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


def test_how_it_failed() -> None:
    assert run(python("raise SystemExit(3)"), {}) == "it ended with 3"
    assert run(["/no such program"], {}) == "it cannot be started (No such file or directory)"


def test_what_takes_too_long_is_stopped_with_its_children(tmp_path: Path) -> None:
    fifo = tmp_path / "held open by a child"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    failure = run(["sh", "-c", 'sleep 60 > "$0" & sleep 60', str(fifo)], {}, limit_s=0.5)
    poll = select.poll()
    poll.register(reader)
    assert poll.poll(WAIT_MS) == [(reader, select.POLLHUP)]  # nobody holds it any more
    os.close(reader)
    assert failure == "it took longer than 0.5 s and was stopped"


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
