"""Runs a command on each check-in, to open a door: at once, or never."""

from __future__ import annotations

import logging
import os
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence

from common.errors import SettingsError, StationError
from common.sentence import Sentence
from common.timed_condition import TimedCondition
from station.ledger.entry import Entry

log = logging.getLogger(__name__)

LIMIT_S = 10.0
"""A command that takes longer is stopped, and so is what it has started."""

LATEST_S = 15.0
"""A command that would begin later than so many seconds after the check-in is not run: nobody
stands at the door any more."""

STOP_S = 2.0
"""Seconds that a stopped command has to end; one that this program cannot stop is left running
after that."""

MOST_LEFT = 8
"""The most commands that may be left running; no further one is run until one of them has ended."""

CLOSE_S = LATEST_S + LIMIT_S + STOP_S + 1.0
"""The longest time in seconds that Commands.close() takes: the last command begins within LATEST_S,
and the system has a second to start it."""


def words(command: str) -> list[str]:
    """Splits a command into words as a shell would; nothing else of a shell is done. Raises
    SettingsError."""
    try:
        split = shlex.split(command)
    except ValueError as error:
        split, why = [], str(error).lower()
    else:
        why = Sentence("it is empty")
    if not split:
        raise SettingsError(
            "a command in the setting station.command",
            Sentence("{}: {}", why, command),
            "Correct it",
        )
    return split


def environment(entry: Entry) -> dict[str, str]:
    """Returns the environment variables that tell of an entry: FACEDESK_KIND and so on, named after
    the entry's fields; empty for what an entry lacks."""
    event = entry.event
    fields = {
        "KIND": event.kind,
        "NUMBER": entry.number,
        "AT": entry.at.isoformat(),
        "STATION": event.station,
        "IDENTITY": event.identity_id,
        "NAME": event.name,
        "MEANS": event.means,
        "SIMILARITY": event.similarity,
        "THRESHOLD": event.threshold,
        "LIVENESS": event.liveness,
        "NOTE": event.note,
        "ENTRY_HASH": entry.hash,
    }
    return {f"FACEDESK_{k}": "" if v is None else str(v) for k, v in fields.items()}


class Commands:
    """Runs commands one at a time, in a thread of its own; none is run twice, whatever becomes of
    it.

    What a command prints goes where this program's output goes. Any thread may use tell() and
    close().
    on_trouble: called on the own thread with what went wrong. limit_s, stop_s: as LIMIT_S and
    STOP_S.
    """

    def __init__(
        self,
        split: Sequence[str],
        on_trouble: Callable[[Sentence], None],
        condition: TimedCondition | None = None,
        limit_s: float = LIMIT_S,
        stop_s: float = STOP_S,
    ) -> None:
        self._split = split
        self._on_trouble = on_trouble
        self._condition = condition or TimedCondition()
        self._limit_s = limit_s
        self._stop_s = stop_s
        self._left: list[subprocess.Popen[bytes]] = []
        self._due: deque[tuple[Entry, float]] = deque()
        self._closed = False
        # A daemon: a disk that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=self._run_all, name="command", daemon=True)
        self._thread.start()

    def tell(self, entry: Entry) -> None:
        """Has the command run for an entry, unless LATEST_S pass first. Returns at once."""
        with self._condition:
            self._due.append((entry, self._condition.now() + LATEST_S))
            self._condition.notify_all()

    def close(self) -> None:
        """Waits for the commands that are due, CLOSE_S at most: a door that was to open opens, and
        closes."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            log.warning("The command of the setting station.command cannot be started or ended.")

    # On the own thread.

    def _run_all(self) -> None:
        while (due := self._next()) is not None:
            entry, latest = due
            if self._condition.now() > latest:
                failure: Sentence | None = Sentence("those before it took too long; it was not run")
            else:
                failure = self._run(environment(entry))
            if failure is not None:
                error = StationError(
                    Sentence(
                        "the command {} to work for {}", shlex.join(self._split), entry.event.name
                    ),
                    failure,
                    "Correct it, or the setting station.command; it is not run again for this "
                    "check-in",
                )
                log.warning("%s", error)
                self._on_trouble(error.sentence)

    def _run(self, fields: Mapping[str, str]) -> Sentence | None:
        """Runs the command. Returns None where it ended well; otherwise what went wrong."""
        # Those that have ended are dropped here; otherwise they would stay as zombies.
        self._left = [left for left in self._left if left.poll() is None]
        if len(self._left) >= MOST_LEFT:
            return Sentence("{} that could not be stopped go on still; it was not run", MOST_LEFT)
        try:
            process = subprocess.Popen(
                self._split,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **fields},
                start_new_session=True,  # so that it can be stopped with its children
            )
        except OSError as error:
            return Sentence("it cannot be started ({})", error.strerror)
        except ValueError as error:  # a zero byte in it
            return Sentence("it cannot be started ({})", error)
        try:
            code = process.wait(self._limit_s)
        except subprocess.TimeoutExpired:
            return self._stop(process)
        return None if code == 0 else Sentence("it ended with {}", code)

    def _stop(self, process: subprocess.Popen[bytes]) -> Sentence:
        limit = f"{self._limit_s:g}"
        why: str = Sentence("it does not end")
        try:
            if os.name == "posix":
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        except OSError as error:  # it has become another user, as under sudo
            why = error.strerror or str(error)
        try:
            process.wait(self._stop_s)
        except subprocess.TimeoutExpired:
            self._left.append(process)
            return Sentence(
                "it took longer than {} s and could not be stopped ({}); it goes on", limit, why
            )
        return Sentence("it took longer than {} s and was stopped", limit)

    def _next(self) -> tuple[Entry, float] | None:
        with self._condition:
            self._condition.wait_until(lambda: self._closed or bool(self._due), None)
            return self._due.popleft() if self._due else None
