"""One trial: a program changes a home until it ends; another one looks at the home."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from desktop.home import Home
from tools.trials.crash.changes import ChangeMaker, HomeChange, RunningHome, choose
from tools.trials.crash.state import NEW, HomeState, difference, found
from tools.trials.forked import ForkedChild


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


def told_by(
    child: ForkedChild,
    state: HomeState,
    kill_after_s: float | None = None,
    *,
    once_it_speaks: bool = False,
) -> ToldChanges:
    """Follow a program to its end. kill_after_s, once_it_speaks: see ForkedChild.messages."""
    told = ToldChanges([state])
    for what, content in child.messages(kill_after_s, once_it_speaks=once_it_speaks):
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
