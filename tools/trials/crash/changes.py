"""The changes of a home that the trials make: how each is made, and what it is to lead to."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Protocol

from common.sealing.holders import FileHolder
from common.sealing.key_ring import ring_of
from desktop.home import Home
from gallery.crops import to_png
from gallery.gallery import Gallery
from gallery.identity import Identity
from gallery.store import Store
from recognition.formats.archive import open_archive, write_archive
from recognition.formats.contents import EnrolledPerson
from recognition.formats.restoring import restore
from station.ledger.entry import Event, Kind, Means
from station.ledger.ledger import Ledger
from station.people.erasure import finish_erasures
from station.people.inbox import Inbox
from station.people.rotation import rotate
from station.secrets.codes import Codes
from tools.trials.crash.state import (
    DIMENSION,
    MODEL,
    GonePerson,
    HomeState,
    KeptPerson,
    digest,
    made_templates,
    person_of,
)

STATION = "Door"


class RunningHome:
    """A program that runs with a home: its gallery and ledger are open."""

    def __init__(self, home: Home, archives: Path) -> None:
        self.home, self.archives = home, archives
        self.gallery = Gallery(Store(home.gallery), MODEL, DIMENSION)
        self.ledger = Ledger(home.checkins)

    def close(self) -> None:
        self.gallery.close()
        self.ledger.close()


class HomeChange(Protocol):
    """One change, which is made whole or not at all."""

    def make(self, program: RunningHome) -> str:
        """Make it; return the id of whoever is new, or nothing. Raises FacedeskError."""

    def expect(self, state: HomeState, new_id: str) -> None:
        """Let the state be as it is once the change is made."""


@dataclass(frozen=True)
class EnrollingOne:
    name: str
    seed: int
    count: int

    def make(self, program: RunningHome) -> str:
        return program.gallery.enroll(self.name, made_templates(self.seed, self.count)).id

    def expect(self, state: HomeState, new_id: str) -> None:
        state.people[new_id] = person_of(self.name, "", made_templates(self.seed, self.count))


@dataclass(frozen=True)
class RenamingOne:
    id: str
    name: str

    def make(self, program: RunningHome) -> str:
        program.gallery.rename(self.id, self.name)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        one = state.people[self.id]
        state.people[self.id] = KeptPerson(self.name, one.note, one.templates)


@dataclass(frozen=True)
class NotingOne:
    id: str
    note: str

    def make(self, program: RunningHome) -> str:
        program.gallery.set_note(self.id, self.note)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        one = state.people[self.id]
        state.people[self.id] = KeptPerson(one.name, self.note, one.templates)


@dataclass(frozen=True)
class AddingPictures:
    id: str
    seed: int
    count: int

    def make(self, program: RunningHome) -> str:
        program.gallery.add_templates(self.id, made_templates(self.seed, self.count))
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        one = state.people[self.id]
        added = {digest(template) for template in made_templates(self.seed, self.count)}
        state.people[self.id] = KeptPerson(one.name, one.note, one.templates | added)


@dataclass(frozen=True)
class SplittingOne:
    """Makes another person of one picture. template: its digest."""

    id: str
    template: str
    name: str

    def make(self, program: RunningHome) -> str:
        gallery = program.gallery
        at = [digest(one) for one in gallery.templates(self.id)].index(self.template)
        picture = gallery.pictures(self.id)[at]
        return gallery.split(self.id, [picture.template_id], self.name).id

    def expect(self, state: HomeState, new_id: str) -> None:
        one = state.people[self.id]
        left = one.templates - {self.template}
        state.people[self.id] = KeptPerson(one.name, one.note, left)
        state.people[new_id] = KeptPerson(self.name, "", frozenset({self.template}))


@dataclass(frozen=True)
class MergingTwo:
    into: str
    id: str

    def make(self, program: RunningHome) -> str:
        program.gallery.merge(self.into, self.id)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        one, gone = state.people[self.into], state.people.pop(self.id)
        state.people[self.into] = KeptPerson(one.name, one.note, one.templates | gone.templates)
        state.gone.append(GonePerson(self.id, gone, self.into))


@dataclass(frozen=True)
class RemovingOne:
    id: str

    def make(self, program: RunningHome) -> str:
        program.gallery.remove(self.id)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        state.gone.append(GonePerson(self.id, state.people.pop(self.id)))


@dataclass(frozen=True)
class BringingBack:
    """Undoes the latest removal or merge."""

    id: str

    def make(self, program: RunningHome) -> str:
        program.gallery.restore(self.id)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        gone = state.gone.pop()
        state.people[gone.id] = gone.person
        if gone.into:
            other = state.people[gone.into]
            left = other.templates - gone.person.templates
            state.people[gone.into] = KeptPerson(other.name, other.note, left)


@dataclass(frozen=True)
class ErasingAll:
    """Erases everybody who is gone, which those who are erased half are at the next start."""

    def make(self, program: RunningHome) -> str:
        finish_erasures(program.gallery, program.home, own=True)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        settled = state.settled()
        state.people, state.gone = settled.people, []
        state.pictures, state.codes = settled.pictures, settled.codes


@dataclass(frozen=True)
class CheckingIn:
    id: str
    name: str
    seed: int

    def make(self, program: RunningHome) -> str:
        picture = to_png(made_templates(self.seed, 1)[0].crop) if self.seed else None
        program.ledger.append(Event(Kind.CHECK_IN, STATION, self.id, self.name, picture=picture))
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        state.entries.append((Kind.CHECK_IN.value, self.id, self.name, 0))
        if self.seed:
            state.pictures[self.id] += 1


@dataclass(frozen=True)
class UndoingEntry:
    """Takes the entry of this number back."""

    number: int
    id: str
    name: str

    def make(self, program: RunningHome) -> str:
        program.ledger.append(
            Event(Kind.UNDONE, STATION, self.id, self.name, Means.OPERATOR, refers_to=self.number)
        )
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        state.entries.append((Kind.UNDONE.value, self.id, self.name, self.number))


@dataclass(frozen=True)
class SettingCode:
    id: str

    def make(self, program: RunningHome) -> str:
        Codes(program.home.codes).set(self.id, self.id)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        state.codes.add(self.id)


@dataclass(frozen=True)
class KeepingUnknown:
    seed: int

    def make(self, program: RunningHome) -> str:
        with closing(Inbox(program.home.inbox)) as inbox:
            inbox.put(made_templates(self.seed, 1)[0].crop)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        state.unknown += 1


@dataclass(frozen=True)
class ClearingUnknown:
    def make(self, program: RunningHome) -> str:
        with closing(Inbox(program.home.inbox)) as inbox:
            inbox.clear()
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        state.unknown = 0


@dataclass(frozen=True)
class RotatingKey:
    def make(self, program: RunningHome) -> str:
        rotate(ring_of(program.home.folder), program.home, FileHolder())
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        """Nothing of what is sealed changes."""


@dataclass(frozen=True)
class ExportingArchive:
    name: str

    def make(self, program: RunningHome) -> str:
        gallery = program.gallery
        people = (EnrolledPerson(i, tuple(gallery.templates(i.id))) for i in gallery.identities)
        write_archive(people, MODEL, DIMENSION, None, program.archives / self.name)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        state.archives[self.name] = dict(state.people)


@dataclass(frozen=True)
class RestoringArchive:
    """Restores an archive of two people who are not in the gallery."""

    seed: int

    def make(self, program: RunningHome) -> str:
        path = program.archives.with_name(f"{uuid.uuid4().hex}.facedesk")
        write_archive(self._people(), MODEL, DIMENSION, None, path)
        with open_archive(path) as archive:
            restore(program.gallery, archive)
        return ""

    def expect(self, state: HomeState, new_id: str) -> None:
        for person in self._people():
            who = person.identity
            state.people[who.id] = person_of(who.name, who.note, person.templates)

    def _people(self) -> list[EnrolledPerson]:
        return [
            EnrolledPerson(
                Identity(f"{self.seed + n:032x}", f"Archived {n}", datetime.now(UTC), "restored"),
                tuple(made_templates(self.seed + n, 2)),
            )
            for n in (0, 1)
        ]


ChangeMaker = Callable[[Random, HomeState, list[str]], HomeChange | None]
"""Chooses a change of one kind. It is given the ids of those whom this program may change."""


def _seed(rng: Random) -> int:
    return rng.randrange(1, 2**40)


def _name(rng: Random) -> str:
    return f"{rng.choice(('Anna', 'Nguyễn Văn', '山田', 'Zoë'))} {rng.randrange(10**6)}"


def _rename(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return RenamingOne(rng.choice(own), _name(rng)) if own else None


def _note(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return NotingOne(rng.choice(own), f"note {rng.randrange(10**6)}") if own else None


def _add(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return AddingPictures(rng.choice(own), _seed(rng), rng.randint(1, 4)) if own else None


def _merge(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return MergingTwo(*rng.sample(own, 2)) if len(own) > 1 else None


def _remove(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return RemovingOne(rng.choice(own)) if len(own) > 2 else None


def _bring_back(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return BringingBack(state.gone[-1].id) if state.gone else None


def _erase(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return ErasingAll() if state.gone else None


def _check_in(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    if not own:
        return None
    one = rng.choice(own)
    return CheckingIn(one, state.people[one].name, rng.choice((0, _seed(rng))))


def _split(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    lent = {gone.into for gone in state.gone}
    several = [i for i in own if len(state.people[i].templates) > 1 and i not in lent]
    if not several:
        return None
    one = rng.choice(several)
    return SplittingOne(one, rng.choice(sorted(state.people[one].templates)), _name(rng))


def _undo(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    undone = {refers_to for *_, refers_to in state.entries}
    open_ones = [
        (number, who, name)
        for number, (kind, who, name, _) in enumerate(state.entries, 1)
        if kind == Kind.CHECK_IN.value and number not in undone
    ]
    return UndoingEntry(*rng.choice(open_ones)) if open_ones else None


def _code(rng: Random, state: HomeState, own: list[str]) -> HomeChange | None:
    return SettingCode(rng.choice(own)) if own and rng.random() < 0.3 else None


BESIDE_OTHERS: tuple[ChangeMaker, ...] = (
    lambda rng, state, own: EnrollingOne(_name(rng), _seed(rng), rng.randint(1, 10)),
    lambda rng, state, own: EnrollingOne(_name(rng), _seed(rng), rng.randint(1, 10)),
    *(_rename, _note, _add, _split, _merge, _remove, _bring_back, _erase, _check_in, _check_in),
    _code,
    lambda rng, state, own: RotatingKey(),
    lambda rng, state, own: RestoringArchive(_seed(rng)),
)
"""What programs can do side by side without knowing of each other."""

ALONE: tuple[ChangeMaker, ...] = (
    *BESIDE_OTHERS,
    _undo,
    lambda rng, state, own: KeepingUnknown(_seed(rng)),
    lambda rng, state, own: ClearingUnknown() if state.unknown else None,
    lambda rng, state, own: ExportingArchive(f"{rng.randrange(10**12)}.facedesk"),
)


def choose(rng: Random, state: HomeState, makers: tuple[ChangeMaker, ...]) -> HomeChange:
    """Choose a change that makes sense in this state."""
    own = sorted(state.people)
    while True:
        change = rng.choice(makers)(rng, state, own)
        if change is not None:
            return change
