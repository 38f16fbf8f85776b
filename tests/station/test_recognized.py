"""The station behind the true recognizer, whose faces are painted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gallery.gallery import Gallery
from gallery.store import Store
from recognition.recognizer import Recognizer
from station.screen import CheckedIn, CodeWanted, Screen, Stranger
from station.settings import StationSettings
from station.station import Station
from tests.recognition.conftest import FPS, PaintedDetector, PaintedEmbedder, World
from tests.station.conftest import Door, describe

HERE = (260, 90)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    embedder, detector = PaintedEmbedder(), PaintedDetector()
    gallery = Gallery(Store(tmp_path / "gallery.db"), embedder.model_id, embedder.dimension)
    yield World(Recognizer(detector, embedder, gallery), detector)
    gallery.close()


class Stage:
    """Frames go to the recognizer, and what it says to the station."""

    def __init__(self, world: World, door: Door) -> None:
        self.world = world
        self.door = door
        self.station = Station(
            StationSettings(liveness="off"),
            people=world.recognizer.gallery,
            ledger=door.ledger,
            codes=door.codes,
            actions=door.actions,
            keep_impostor=door.impostors.add,
            keep_scores=door.scores.extend,
            look_alikes_of=world.recognizer.look_alikes_of,
            inbox=door.inbox,
            refusals=door.refusals,
            clock=door.time.clock,
        )

    def frame(self, **corners: tuple[int, int]) -> Screen:
        self.door.time.pass_(1 / FPS)
        frame = self.world.frame(**corners)
        screen = self.station.see(frame, self.world.recognizer.recognize(frame))
        self.door.shown.append(screen)
        return screen

    def until(self, kind: type[Screen], **corners: tuple[int, int]) -> float:
        """Seconds until such a screen is shown."""
        for count in range(1, 300):
            if isinstance(self.frame(**corners), kind):
                return count / FPS
        raise AssertionError(f"no {kind.__name__}, but {self.door.story}")

    def watch(self, seconds: float, **corners: tuple[int, int]) -> None:
        for _ in range(round(seconds * FPS)):
            self.frame(**corners)


@pytest.fixture
def stage(world: World, door: Door) -> Stage:
    world.enroll("an")
    world.enroll("binh")
    return Stage(world, door)


def test_greeted_within_a_second_and_once(stage: Stage) -> None:
    stage.watch(1)
    assert stage.until(CheckedIn, an=HERE) < 1
    stage.watch(8, an=HERE)
    assert stage.door.ledger.rows == ["check-in An"]
    stage.watch(1)
    assert stage.until(CheckedIn, binh=HERE) < 1
    assert stage.door.ledger.rows == ["check-in An", "check-in Binh"]


def test_a_stranger_is_told_so(stage: Stage) -> None:
    assert 2 < stage.until(Stranger, chi=HERE) < 4
    stage.watch(10, chi=HERE)
    assert stage.door.ledger.rows == []


def test_who_takes_the_place_of_another_in_one_frame_is_found_out(stage: Stage) -> None:
    stage.watch(6, an=HERE)
    stage.watch(6, binh=HERE)
    assert stage.door.ledger.rows == ["check-in An", "check-in Binh"]


def test_not_me_keeps_whom_the_face_was_taken_for(stage: Stage) -> None:
    stage.until(CheckedIn, an=HERE)
    stage.station.not_me(stage.station.tick())
    (match,) = stage.door.impostors.examples
    assert match.identity.id == stage.door.ledger.entries[0].event.identity_id
    assert describe(stage.frame(an=HERE)) == "undone"


def test_who_looks_like_somebody_else_by_the_pictures_is_asked_for_a_code(
    world: World, door: Door
) -> None:
    vectors = world.recognizer.embedder.vectors  # type: ignore[attr-defined]
    vectors["binh"] = 0.75 * vectors["an"] + 0.66 * vectors["binh"]
    an, binh = world.enroll("an"), world.enroll("binh")
    world.enroll("dung")
    door.codes.codes = {"1234": an.id, "5678": binh.id}
    stage = Stage(world, door)
    stage.until(CodeWanted, an=HERE)
    stage.station.enter_code("1234")
    assert door.ledger.rows == ["check-in An"]
    stage.watch(6)
    stage.until(CheckedIn, dung=HERE)
    assert door.ledger.rows == ["check-in An", "check-in Dung"]
