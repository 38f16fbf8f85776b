"""Runs whole stations on rendered films, in several processes, for facedesk liveness rendered."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import msgspec
import numpy as np

from bench.liveness.filmed.presenting import (
    Answer,
    FilmedPresentation,
    Shooting,
    Told,
    present_film,
)
from bench.liveness.filmed.sources import ShotReader, enroll_people, people_to_present
from bench.liveness.filmed.species import KINDS, Order, orders, scene
from capture.frame import Frame
from common.clock import Clock
from common.errors import WeightsError
from common.sealing.key_ring import begin_briefly
from desktop.home import Home
from models.landmarks.loading import load_face_mesh
from models.liveness_network import load_liveness_network
from recognition.assembly import RecognizerSpec, load_recognizer
from recognition.liveness.frozen import FrozenCamera
from recognition.recognizer import Recognizer
from station.actions.actions import Actions
from station.ledger.ledger import Ledger
from station.people.inbox import Inbox
from station.people.refusals import Refusals
from station.screen import Challenge, CheckedIn, Refused
from station.secrets.codes import Codes
from station.station import Station
from station.visits.liveness import FaceLiveness

if TYPE_CHECKING:
    from station.settings import StationSettings

SMALLEST_FACE = 60.0
"""The station's smallest face: those on the films have 80 pixels and more."""

_MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


class FilmedStation:
    """A station of its own, whose time is the films', for one film after another.

    settings: the station's; the mode is theirs. folder: an empty one.
    """

    def __init__(
        self,
        recognizer: Recognizer,
        settings: StationSettings,
        folder: Path,
        cache: Path,
        seed: int,
    ) -> None:
        self._recognizer = recognizer
        self._settings = settings
        self._home = Home(folder, folder)
        self._seed = seed
        self._network = (
            load_liveness_network(Path(settings.liveness_network), cache / "openvino")
            if settings.liveness_network
            else None
        )
        self._at = 0.0
        self._days = 0

    @contextmanager
    def opened(self, number: tuple[int, int]) -> Iterator[FilmedStation]:
        """Open the station for one film, as on a day of its own. number: the film's."""
        self._days += 1
        self._at = 0.0
        self._recognizer.restart()
        home, settings, recognizer = self._home, self._settings, self._recognizer
        random, camera = np.random.default_rng([self._seed, *number]), FrozenCamera()
        clock = Clock(lambda: self._at, self._now, UTC)
        with ExitStack() as files:

            def attempt() -> FaceLiveness:
                assert settings.liveness != "off"
                return FaceLiveness(recognizer, settings.liveness, random, camera, self._network)

            self._station = Station(
                settings,
                people=recognizer.gallery,
                ledger=files.enter_context(closing(Ledger(home.checkins, self._now))),
                codes=Codes(home.codes),
                actions=files.enter_context(
                    closing(
                        Actions(
                            home.outbox,
                            home.checkins,
                            _ignore,
                            webhook="",
                            webhook_secret="",
                            command="",
                        )
                    )
                ),
                keep_impostor=_keep_none,
                look_alikes_of=recognizer.look_alikes_of,
                keep_scores=_keep_none,
                inbox=files.enter_context(closing(Inbox(home.inbox))),
                refusals=Refusals(home.refusals, lambda: self._now().timestamp()),
                liveness=None if settings.liveness == "off" else attempt,
                clock=clock,
            )
            yield self

    def see(self, frame: Frame) -> Told:
        self._at = frame.captured_at
        screen = self._station.see(frame, self._recognizer.recognize(frame))
        if isinstance(screen, CheckedIn):
            return Told(Answer.LETS_IN)
        if isinstance(screen, Refused):
            return Told(Answer.REFUSES, why=screen.why.name.lower().replace("_", " "))
        if isinstance(screen, Challenge):
            return Told(asked=screen.action.name)
        return Told()

    def _now(self) -> datetime:
        return _MONDAY + timedelta(days=self._days, seconds=self._at)


def _keep_none(_: object) -> None:
    """Nobody touches "not me" on a film, and no stranger on one says anything of a threshold."""


def _ignore(message: str) -> None:
    """There is no webhook and no command that could fail."""


class _Rendering:
    """What a process keeps from one film to the next."""

    def __init__(self, job: Shooting, spec: RecognizerSpec, cache: Path, settings: Any) -> None:
        self._job = job
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        begin_briefly(folder)
        self._recognizer = load_recognizer(spec, cache, folder / "gallery.db")
        mesh = load_face_mesh(cache / "openvino")
        if mesh is None:
            raise WeightsError(
                "FaceMesh, which finds the eyes of those on the films",
                "its weights are missing",
                "facedesk models fetch",
            )
        self._reader = ShotReader(self._recognizer.detector, mesh)
        people = people_to_present(job.films, job.pictures, job.half)
        enroll_people(self._recognizer, people)
        self._station = FilmedStation(self._recognizer, settings, folder, cache, job.seed)

    def present(self, order: Order) -> FilmedPresentation:
        shown = scene(order, self._reader, self._job.seed)
        with self._station.opened((KINDS.index(order.kind), order.number)) as station:
            seconds, asked, why = present_film(shown, station)
        return FilmedPresentation(order.kind, order.name, seconds, asked, why)

    def close(self) -> None:
        self._recognizer.gallery.close()
        self._folder.cleanup()


_Begun = tuple[Shooting, RecognizerSpec, Path, Any]

_begun: _Begun | None = None
_rendering: _Rendering | None = None


def _begin(begun: _Begun) -> None:
    global _begun
    cv2.setNumThreads(1)
    _begun = begun


def _present(order: Order) -> FilmedPresentation:
    # Made at the first film: what is raised in an initializer would be lost.
    global _rendering
    if _rendering is None:
        assert _begun is not None
        _rendering = _Rendering(*_begun)
    return _rendering.present(order)


def filmed_presentations(
    job: Shooting,
    spec: RecognizerSpec,
    cache: Path,
    settings: StationSettings,
    mode: str,
    processes: int,
) -> Iterator[FilmedPresentation]:
    """Render films and show each to a station; several processes share the work.

    mode: the station's liveness. The same job gives the same whatever the number of processes: the
    kinds in turns. Raises every kind of FacedeskError.
    """
    settings = msgspec.structs.replace(
        settings, liveness=mode, smallest_face=SMALLEST_FACE, confirm=False, opening_hours=""
    )
    people = people_to_present(job.films, job.pictures, job.half)
    drawn = orders(people, job.count, job.kinds, job.seed)
    todo = sorted(drawn, key=lambda order: order.number)
    if processes == 1:
        with closing(_Rendering(job, spec, cache, settings)) as rendering:
            yield from map(rendering.present, todo)
        return
    with ProcessPoolExecutor(
        processes,
        multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=((job, spec, cache, settings),),
    ) as pool:
        yield from pool.map(_present, todo)
