"""Kills programs at random moments, alone and two side by side."""

from __future__ import annotations

from random import Random

from tools.trials.crash.changes import ALONE, BESIDE_OTHERS
from tools.trials.crash.state import NEW, HomeState
from tools.trials.crash.trial import (
    ToldChanges,
    TrialRoot,
    fresh_root,
    judge,
    look_at,
    program,
    told_by,
)
from tools.trials.forked import ForkedChild
from tools.trials.table import TrialTally

MOST_PEOPLE = 25
"""A home of more is begun anew, so that a trial stays short."""

MOST_CHANGES = 60
LONGEST_S = 0.25


def kill(count: int, seed: int) -> TrialTally:
    """Kill a program that changes a home, `count` times; the home lives on from kill to kill."""
    tally, rng = TrialTally("SIGKILL at a random moment"), Random(seed)
    while tally.attempts < count:
        with fresh_root() as root:
            state = HomeState()
            while tally.attempts < count and len(state.people) <= MOST_PEOPLE:
                run = program(root, state, rng.getrandbits(48), ALONE, MOST_CHANGES)
                told = told_by(
                    ForkedChild(run),
                    state,
                    kill_after_s=rng.uniform(0.0, LONGEST_S),
                    once_it_speaks=rng.random() < 0.8,  # or while it starts
                )
                found = _judged(tally, root, [told])
                if found is None:
                    break
                state = found
    return tally


def kill_one_of_two(count: int, seed: int) -> TrialTally:
    """Let two programs change one home, and kill both, one after the other, `count` times."""
    tally, rng = TrialTally("two programs on one home, both killed"), Random(seed)
    while tally.attempts < count:
        with fresh_root() as root:
            # Each changes only whom it has enrolled itself, so that what is expected is known.
            state = HomeState()
            runs = [
                program(root, state, rng.getrandbits(48), BESIDE_OTHERS, MOST_CHANGES)
                for _ in range(2)
            ]
            children = [ForkedChild(run) for run in runs]
            told = [
                told_by(child, state, kill_after_s=rng.uniform(0.0, 2 * LONGEST_S))
                for child in children
            ]
            _judged(tally, root, told)
    return tally


def _judged(tally: TrialTally, root: TrialRoot, told: list[ToldChanges]) -> HomeState | None:
    """Count an attempt, and return what was found; None where it was wrong."""
    tally.attempts += 1
    look = look_at(root)
    for one in told:
        tally.notes["changes acknowledged"] += one.acknowledged
        if one.begun is not None:
            tally.notes["killed within one"] += 1
        if one.refusal:
            tally.notes["refusals told"] += 1
    failure = judge(look, _together(told)) or "".join(one.bug for one in told)
    if failure:
        within = ", ".join(type(one.begun).__name__ for one in told)
        tally.failures.append(f"attempt {tally.attempts}, within {within}: {failure}")
        return None
    return look.state


def _together(told: list[ToldChanges]) -> list[HomeState]:
    allowed = told[0].allowed
    for other in told[1:]:
        allowed = [_joined(one, more) for one in allowed for more in other.allowed]
    return allowed


def _joined(one: HomeState, other: HomeState) -> HomeState:
    """Return what both together have made of an empty home."""
    renamed = {f"{i} too" if i == NEW else i: person for i, person in other.people.items()}
    return HomeState(
        one.people | renamed,
        [],
        [*one.entries, *other.entries],
        one.pictures + other.pictures,
        one.codes | other.codes,
    )
