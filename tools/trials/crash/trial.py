"""One trial: a program changes a home until it ends; another one looks at the home."""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from common.errors import FacedeskError
from desktop.home import Home
from tools.trials.crash.changes import ChangeMaker, HomeChange, RunningHome, choose
from tools.trials.crash.state import NEW, HomeState, difference, found

LOOK_S = 60.0
"""How long one look at a home, or one program, may take before it counts as hanging."""


@dataclass(frozen=True)
class TrialRoot:
    """The folder of a trial: a home, its key, and archives."""

    folder: Path

    @property
    def home(self) -> Home:
        return Home(self.folder / "home", self.folder / "cache")

    @property
    def archives(self) -> Path:
        return self.folder / "archives"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def make(self) -> None:
        for folder in (self.folder, self.home.folder, self.archives):
            folder.mkdir(0o700, parents=True, exist_ok=True)


@contextmanager
def fresh_root(parent: Path | None = None) -> Iterator[TrialRoot]:
    with tempfile.TemporaryDirectory(prefix="facedesk-trial-", dir=parent) as folder:
        root = TrialRoot(Path(folder) / "root")
        root.make()
        yield root


@dataclass
class ToldChanges:
    """What a program said before it ended.

    states: after each change that it acknowledged, the first is that of the beginning. begun: the
    change that it was at. refusal: the error that ended it. bug: a traceback.
    """

    states: list[HomeState]
    begun: HomeChange | None = None
    refusal: str = ""
    bug: str = ""
    acknowledged: int = field(default=0)

    @property
    def allowed(self) -> list[HomeState]:
        """The states that may be found: without what was under way, and with it."""
        last = self.states[-1]
        if self.begun is None:
            return [last.settled()]
        made = last.copy()
        self.begun.expect(made, NEW)
        return [last.settled(), made.settled()]


def program(
    root: TrialRoot,
    state: HomeState,
    seed: int,
    makers: tuple[ChangeMaker, ...],
    most: int,
    before: Callable[[int], None] = lambda n: None,
) -> Callable[[Callable[[object], None]], None]:
    """Return what a child does: it makes up to `most` changes, and tells of each.

    before: called with the number of the change that comes next; -1 before the home is opened.
    """

    def run(tell: Callable[[object], None]) -> None:
        os.environ["FACEDESK_KEYS"] = str(root.keys)
        rng, mine = Random(seed), state.copy()
        before(-1)
        running = RunningHome(root.home, root.archives)
        for n in range(most):
            change = choose(rng, mine, makers)
            tell(("begun", change))
            before(n)
            new_id = change.make(running)
            tell(("done", new_id))
            change.expect(mine, new_id)
        running.close()

    return run


class ForkedChild:
    """A forked process, of which every error is told."""

    def __init__(self, run: Callable[[Callable[[object], None]], None]) -> None:
        self._reads, writes = os.pipe()
        gc.freeze()
        self.pid = os.fork()
        if self.pid:
            os.close(writes)
            return
        os.close(self._reads)
        status = 0
        try:
            run(lambda message: _send(writes, message))
        except FacedeskError as error:
            _send(writes, ("refused", str(error)))
        except BaseException:
            _send(writes, ("bug", traceback.format_exc()[-3000:]))
        finally:
            os._exit(status)

    def messages(self, kill_after_s: float | None = None) -> Iterator[Any]:
        """Yield what it says until it ends. kill_after_s: when it is killed; None for never."""
        limit = LOOK_S if kill_after_s is None else kill_after_s
        end, unread, was_killed = time.monotonic() + limit, b"", False
        while True:
            if (
                not was_killed
                and not select.select([self._reads], [], [], max(0.0, end - time.monotonic()))[0]
            ):
                self.kill()
                was_killed = True
                if kill_after_s is None:
                    yield ("bug", f"it took longer than {LOOK_S:.0f} s")
            got = os.read(self._reads, 65536)
            if not got:
                break
            unread += got
            while len(unread) >= 4 and len(unread) >= 4 + (size := int.from_bytes(unread[:4])):
                yield pickle.loads(unread[4 : 4 + size])
                unread = unread[4 + size :]
        os.close(self._reads)
        os.waitpid(self.pid, 0)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


def _send(handle: int, message: object) -> None:
    content = pickle.dumps(message)
    content = len(content).to_bytes(4) + content
    while content:
        content = content[os.write(handle, content) :]


def told_by(child: ForkedChild, state: HomeState, kill_after_s: float | None = None) -> ToldChanges:
    """Follow a program to its end."""
    told = ToldChanges([state])
    for what, content in child.messages(kill_after_s):
        match what:
            case "begun":
                told.begun = content
            case "done":
                assert told.begun is not None
                after = told.states[-1].copy()
                told.begun.expect(after, content)
                told.states.append(after)
                told.begun = None
                told.acknowledged += 1
            case "refused":
                told.refusal = content
            case "bug":
                told.bug = content
    return told


@dataclass(frozen=True)
class HomeLook:
    """What somebody who starts a program next finds: a state, a refusal or a bug."""

    state: HomeState | None
    refusal: str = ""
    bug: str = ""


def look_at(root: TrialRoot) -> HomeLook:
    """Look at a home in a process of its own."""

    def run(tell: Callable[[object], None]) -> None:
        os.environ["FACEDESK_KEYS"] = str(root.keys)
        tell(("found", found(root.home, root.archives)))

    for what, content in ForkedChild(run).messages():
        match what:
            case "found":
                return_value = HomeLook(content)
            case "refused":
                return_value = HomeLook(None, refusal=content)
            case _:
                return_value = HomeLook(None, bug=content)
    return return_value


def judge(look: HomeLook, allowed: list[HomeState]) -> str:
    """Return what is wrong with what was found; nothing where it is one of the allowed states."""
    if look.state is None:
        return look.bug or f"refused: {look.refusal}"
    differences = [difference(look.state, state) for state in allowed]
    return "" if "" in differences else " | or ".join(differences)
