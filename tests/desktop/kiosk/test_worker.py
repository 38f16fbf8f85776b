"""The worker's slots, called in this thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from capture.frame import Frame
from capture.latest import SourceState, SourceStatus
from common.errors import GalleryError, WeightsError
from common.picture import RgbImage
from common.sentence import Sentence
from desktop.kiosk.worker import StationWorker
from gallery.identity import Identity
from station.screen import (
    CheckedIn,
    Direction,
    Fault,
    Guide,
    Help,
    Idle,
    Screen,
    UnknownCode,
)

from .conftest import Backstage
from .scenes import AT

FULL = GalleryError("room on the disk", "it is full", "Free some space")


class Bench:
    """A started worker and all that it showed."""

    def __init__(self, backstage: Backstage) -> None:
        self.station = backstage.station
        self.shown: list[Screen] = []
        self._frames = 0
        self.worker = StationWorker(backstage.load_station, self._take)
        self.worker.screen_changed.connect(self.shown.append)
        self.worker.start()

    def _take(self) -> Frame | None:
        self._frames += 1
        return Frame(np.zeros((60, 80, 3), np.uint8), self._frames, self._frames / 30)


@pytest.fixture
def make_bench(backstage: Backstage, qapp: object) -> Iterator[Callable[[], Bench]]:
    benches: list[Bench] = []

    def make() -> Bench:
        benches.append(Bench(backstage))
        return benches[-1]

    yield make
    for bench in benches:
        bench.worker.close()
    assert backstage.opened == backstage.closed


def guide(x: float) -> Guide:
    return Guide(Help.COME_CLOSER, np.float32([x, 0, 50, 50]))


def test_it_tells_a_screen_once(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    assert bench.shown == [Idle()]
    bench.worker.tick()
    bench.worker.process_frame()
    assert bench.shown == [Idle()]
    assert bench.station.seen == 1
    for x in (1, 1, 2):
        bench.station.screen = guide(x)
        bench.worker.process_frame()
    assert [type(screen) for screen in bench.shown] == [Idle, Guide, Guide]


def test_touches_and_codes_reach_the_station(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    bench.worker.confirm(Idle())
    bench.worker.not_me(Idle())
    bench.worker.enter_code("4711")
    bench.worker.enter_code("4712")
    assert bench.station.asked == ["confirm", "not me", "4711", "4712"]
    assert bench.shown[-2:] == [UnknownCode(), UnknownCode()]


def test_a_lost_camera_is_told_and_its_return_is_seen(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    bench.worker.show_source(SourceStatus(SourceState.OPENING, Sentence("Opening the source.")))
    bench.worker.show_source(SourceStatus(SourceState.LIVE, Sentence("Camera 0.")))
    assert bench.station.asked == []
    bench.worker.show_source(SourceStatus(SourceState.LOST, Sentence("Camera 0 stopped.")))
    assert bench.shown[-1] == Fault("Camera 0 stopped.")
    bench.worker.process_frame()
    assert bench.shown[-1] == Idle()


def test_what_the_world_did_wrong_stays_to_be_read(
    make_bench: Callable[[], Bench], face: RgbImage
) -> None:
    bench = make_bench()
    bench.station.error = FULL
    bench.worker.process_frame()
    assert bench.shown[-1] == Fault(str(FULL))
    bench.station.error = None
    bench.worker.process_frame()
    assert bench.shown[-1] == Fault(str(FULL))
    card = CheckedIn(1, "Anna", Direction.IN, AT, face, None)
    bench.station.screen = card
    bench.worker.process_frame()
    assert bench.shown[-1] is card


def test_where_it_cannot_be_opened_it_is_tried_again(
    backstage: Backstage, make_bench: Callable[[], Bench]
) -> None:
    backstage.refusal = WeightsError("weights", "there are none", "Get them")
    bench = make_bench()
    assert bench.shown == [Fault("Expected weights, but there are none. Get them.")]
    bench.worker.process_frame()
    bench.worker.restart()
    bench.worker.not_me(Idle())
    assert bench.station.asked == []
    backstage.refusal = None
    bench.worker._fault.timeout.emit()
    bench.worker._fault.stop()
    bench.worker.tick()
    assert bench.shown[-1] == Idle()


def test_after_a_fault_of_our_own_all_is_opened_anew(
    backstage: Backstage, make_bench: Callable[[], Bench]
) -> None:
    bench = make_bench()
    bench.station.error = RuntimeError("a bug")
    with pytest.raises(RuntimeError):
        bench.worker.process_frame()
    bench.worker.begin_anew("A fault in the program.")
    assert bench.shown[-1] == Fault("A fault in the program.")
    assert (backstage.opened, backstage.closed) == (1, 1)
    bench.station.error = None
    bench.worker._fault.stop()
    bench.worker._fault.stop()
    bench.worker._try_again()
    assert bench.shown[-1] == Idle()
    assert backstage.opened == 2


def test_what_another_program_enrolled_is_taken_over(
    backstage: Backstage,
    make_bench: Callable[[], Bench],
    enrolled: Callable[..., list[Identity]],
) -> None:
    bench = make_bench()
    assert backstage.recognizer is not None
    assert len(backstage.recognizer.gallery) == 0
    enrolled(Anna=1)
    bench.worker.follow_gallery()
    assert len(backstage.recognizer.gallery) == 1


def test_a_new_station_is_told_that_the_camera_is_gone(
    make_bench: Callable[[], Bench], backstage: Backstage
) -> None:
    """Nobody is invited to look into a camera that is not there."""
    bench = make_bench()
    bench.worker.show_source(SourceStatus(SourceState.FAILED, Sentence("There is no camera 7.")))
    bench.worker.begin_anew("A fault in the program.")
    bench.worker._fault.stop()
    bench.worker._try_again()
    assert bench.shown[-1] == Fault("There is no camera 7.")
    bench.worker.show_source(SourceStatus(SourceState.LIVE, Sentence("")))
    assert bench.shown[-1] == Idle()
