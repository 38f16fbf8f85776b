"""The worker's slots, called in this thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PyQt5.QtCore import QThread, pyqtBoundSignal
from pytestqt.qtbot import QtBot

from capture.frame import Frame
from common.errors import FacedeskError, WeightsError
from desktop.home import Home
from desktop.live.people import people_worker
from desktop.live.people.summaries import AddedPhotos, MergeChoice, PersonSummary
from desktop.live.worker import Worker
from gallery.identity import Candidate, Identity, Match
from gallery.likeness.look_alike_list import LookAlikeList
from gallery.likeness.raised_bars import RaisedBars
from gallery.store import OtherModelError
from models.embedders.sface import FIGURES
from recognition.enrollment.live import Review
from recognition.liveness.life_watch import LifeSign, SeenLife
from recognition.recognizer import Recognition, Recognizer
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.secrets.codes import Codes
from tests.desktop.conftest import (
    ANNA,
    BERTA,
    GOAL,
    FullDiskGallery,
    RedEmbedder,
    never_reembed,
    picture,
    template_of,
)

Enrolled = Callable[..., list[Identity]]


def make_worker(
    load: Callable[[], Recognizer], take: Callable[[], Frame | None], home: Home
) -> Worker:
    return Worker(load, take, home, never_reembed, station_name="Entrance", enrollment_frames=GOAL)


class Bench:
    """A started worker, the frames it takes, and all that it told."""

    def __init__(self, load: Callable[[], Recognizer], home: Home) -> None:
        self.frames: list[Frame] = []
        self.shown = 0
        self.people: tuple[PersonSummary, ...] = ()
        self.recognized: list[Recognition] = []
        self.failures: list[str] = []
        self.worker = make_worker(self._load_with(load), self._take, home)
        self.worker.people_changed.connect(self._keep_people)
        self.worker.recognized.connect(self.recognized.append)
        self.worker.failed.connect(self.failures.append)
        self.worker.start()

    def close(self) -> None:
        """As its thread ends, in a thread of its own."""
        thread = QThread()
        self.worker.moveToThread(thread)
        thread.started.connect(self.worker.finish)
        thread.start()
        assert thread.wait(10_000)

    @property
    def gallery(self) -> FullDiskGallery:
        gallery = self.recognizer.gallery
        assert isinstance(gallery, FullDiskGallery)
        return gallery

    @property
    def names(self) -> list[str]:
        return [person.identity.name for person in self.people]

    def show(self, *people: int, times: int = 1) -> None:
        for _ in range(times):
            self.frames.append(Frame(picture(*people), self.shown, self.shown / 30))
            self.shown += 1
            self.worker.process_frame()

    def named(self) -> list[str | None]:
        return [f.match.identity.name if f.match else None for f in self.recognized[-1].faces]

    def capture(self, name: str, person: int) -> Review:
        reviews = told(self.worker.reviewed)
        self.worker.start_enrollment(name)
        for _ in range(200):
            self.show(person)
            if reviews:
                return reviews[0]
        raise AssertionError("the capture did not end")

    def _load_with(self, load: Callable[[], Recognizer]) -> Callable[[], Recognizer]:
        def make() -> Recognizer:
            self.recognizer = load()
            return self.recognizer

        return make

    def _take(self) -> Frame | None:
        return self.frames.pop(0) if self.frames else None

    def _keep_people(self, people: tuple[PersonSummary, ...]) -> None:
        self.people = people


def told(signal: pyqtBoundSignal) -> list:
    """What the signal brings from now on."""
    arrived: list = []
    signal.connect(arrived.append)
    return arrived


@pytest.fixture
def make_bench(
    load: Callable[[], Recognizer], home: Home, qapp: object
) -> Iterator[Callable[[], Bench]]:
    benches: list[Bench] = []

    def make() -> Bench:
        benches.append(Bench(load, home))
        return benches[-1]

    yield make
    for bench in benches:
        bench.worker._gallery_checks.stop()
        bench.gallery.close()


def test_look_alikes_are_told_with_the_enrollment_and_kept(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home
) -> None:
    enrolled(Anna=ANNA)
    bench = make_bench()
    found = told(bench.worker.look_alikes_found)
    bench.worker.save(bench.capture("Berta", BERTA), None)
    assert found == []
    bench.worker.save(bench.capture("Twin", ANNA), None)
    (sentence,) = found
    assert sentence.startswith("Twin and Anna are look-alikes: a picture of one passes")
    listed = LookAlikeList(home.impostors, bench.gallery)
    listed.complete(bench.recognizer.threshold)  # Anna, who was there before
    (pair,) = listed.pairs(bench.recognizer.threshold)
    assert {pair.one.name, pair.other.name} == {"Anna", "Twin"}


def test_all_look_alikes_are_found_little_by_little(
    make_bench: Callable[[], Bench],
    enrolled: Enrolled,
    monkeypatch: pytest.MonkeyPatch,
    qtbot: QtBot,
) -> None:
    monkeypatch.setattr(people_worker, "COMPARED_AT_ONCE", 1)
    enrolled(Anna=ANNA, Berta=BERTA, Twin=ANNA)
    bench = make_bench()
    found = told(bench.worker.people.look_alikes_found)
    bench.worker.people.find_look_alikes()
    assert len(found) == 1
    qtbot.waitUntil(lambda: len(found) == 3)
    (pair,) = found[-1]
    assert {pair.one.name, pair.other.name} == {"Anna", "Twin"}


def test_a_rejected_name_goes_at_once_and_comes_back_with_undo(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home
) -> None:
    enrolled(Anna=ANNA, Berta=BERTA)
    with closing(Ledger(home.checkins)):
        pass
    bench = make_bench()
    told_of, again = told(bench.worker.name_rejected), told(bench.worker.reconsidered)
    bench.show(ANNA, BERTA, times=40)
    assert bench.named() == ["Anna", "Berta"]
    bench.worker.reject_name(bench.recognized[-1].faces[0])
    (rejected,) = told_of
    assert [face.match is None for face in again[-1].faces] == [True, False]
    assert again[-1].faces[0].reason == "Somebody said that this is not Anna"
    assert rejected.kept.bar.capped  # a square is as like Anna as her own pictures
    assert rejected.kept.other is None
    bench.show(ANNA, BERTA, times=60)
    assert bench.named() == [None, "Berta"]
    bench.worker.accept_name(rejected)
    assert [face.match is None for face in again[-1].faces] == [False, False]
    assert bench.recognizer.bars is not None
    assert bench.recognizer.bars.all(0.3) == []
    with closing(Ledger(home.checkins)) as ledger:
        notes = [entry.event.note for entry in ledger.entries()]
    assert [note for note in notes if "theirs" in note] == [
        "a face was said not to be theirs",
        "a face was theirs after all",
    ]


def test_a_rejected_name_of_a_still_picture_goes_at_once(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    enrolled(Anna=ANNA)
    bench = make_bench()
    again = told(bench.worker.reconsidered)
    bench.frames.append(Frame(picture(ANNA), 0, 0.0, still=True))
    bench.worker.process_frame()
    assert bench.named() == ["Anna"]
    bench.worker.reject_name(bench.recognized[-1].faces[0])
    assert again[-1].faces[0].match is None


def test_a_bar_raised_in_the_other_program_holds_within_the_next_check(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    bench = make_bench()
    again = told(bench.worker.reconsidered)
    bench.show(ANNA, times=40)
    needed = bench.recognized[-1].faces[0].decision.threshold
    station = RaisedBars(home.impostors, bench.gallery, 0.1)
    station.add(Match(anna, 0.99, 0.4, None), bench.recognizer.threshold)
    bench.worker.follow_gallery()
    assert again[-1].faces[0].decision.threshold == pytest.approx(needed + 0.1)


def test_where_it_cannot_be_kept_the_name_stays_and_it_is_told(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home
) -> None:
    enrolled(Anna=ANNA)
    bench = make_bench()
    bench.show(ANNA, times=40)
    home.impostors.mkdir()
    bench.worker.reject_name(bench.recognized[-1].faces[0])
    bench.show(ANNA)
    assert bench.named() == ["Anna"]
    assert len(bench.failures) == 1


def test_it_tells_who_is_enrolled_once_it_is_loaded(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    anna, berta = enrolled(Anna=ANNA, Berta=BERTA)
    bench = make_bench()
    assert [person.identity for person in bench.people] == [anna, berta]
    assert bench.people[0].template_count == 1
    portraits = told(bench.worker.portraits_read)
    bench.worker.read_portraits([anna.id, "0" * 32])
    ((of_anna, of_nobody),) = portraits
    assert of_anna[0] == anna.id
    assert (of_anna[1] == template_of(ANNA).crop).all()
    assert of_nobody == ("0" * 32, None)
    assert bench.failures == []


def test_before_it_is_loaded_requests_are_passed_over(qapp: object, home: Home) -> None:
    def load() -> Recognizer:
        raise WeightsError("weights", "there are none", "Get them")

    worker = make_worker(load, lambda: None, home)
    reasons = told(worker.unavailable)
    worker.start()
    assert reasons == ["Expected weights, but there are none. Get them."]
    worker.process_frame()
    worker.rename("0", "Anna")


def test_frames_become_names(make_bench: Callable[[], Bench], enrolled: Enrolled) -> None:
    enrolled(Anna=ANNA)
    bench = make_bench()
    bench.show(ANNA, BERTA, times=10)
    assert bench.named() == ["Anna", None]


def test_a_frame_that_is_gone_already_is_nothing(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    bench.worker.process_frame()
    assert bench.recognized == []


def test_enrollment_ends_in_a_review_that_is_saved(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    progress = told(bench.worker.progressed)
    saved = told(bench.worker.saved)
    review = bench.capture("Anna", ANNA)
    assert progress[-1].verdict.accepted_count == GOAL
    assert (review.name, review.same) == ("Anna", ())
    assert bench.named() == [None]
    bench.worker.save(review, None)
    assert [identity.name for identity in saved] == bench.names == ["Anna"]
    bench.show(ANNA, times=3)
    assert bench.named() == ["Anna"]


def test_a_cancelled_enrollment_leaves_no_trace(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    progress = told(bench.worker.progressed)
    bench.worker.start_enrollment("Anna")
    bench.show(ANNA, times=3)
    bench.worker.cancel_enrollment()
    bench.show(ANNA, times=100)
    assert len(progress) == 3
    assert len(bench.gallery) == 0


def test_someone_enrolled_already_can_be_added_to(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    bench = make_bench()
    review = bench.capture("Ann", ANNA)
    assert [candidate.identity for candidate in review.same] == [anna]
    bench.worker.save(review, anna.id)
    assert bench.names == ["Anna"]
    assert bench.people[0].template_count == 1 + len(review.templates)


def test_two_people_in_turn_are_no_enrollment(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    reasons = told(bench.worker.enrollment_failed)
    bench.worker.start_enrollment("Anna")
    for _ in range(200):
        bench.show(ANNA, times=2)
        bench.show(BERTA, times=2)
        if reasons:
            break
    assert "somebody else" in reasons[0]
    assert len(bench.gallery) == 0


def test_what_could_not_be_saved_can_be_saved_again(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    review = bench.capture("Anna", ANNA)
    reasons = told(bench.worker.save_failed)
    bench.gallery.is_full = True
    bench.worker.save(review, None)
    assert reasons == ["Expected room on the disk, but it is full. Free some space."]
    assert bench.names == []
    bench.gallery.is_full = False
    bench.worker.save(review, None)
    assert bench.names == ["Anna"]


def test_people_are_renamed_merged_removed_and_restored(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    anna, berta = enrolled(Anna=ANNA, Berta=BERTA)
    bench = make_bench()
    bench.show(ANNA, times=3)
    removed = told(bench.worker.removed)
    bench.worker.rename(anna.id, "Zoë")
    assert bench.names == ["Berta", "Zoë"]
    bench.show(ANNA)
    assert bench.named() == ["Zoë"]
    bench.worker.remove(anna.id)
    assert bench.names == ["Berta"]
    assert [identity.name for identity in removed] == ["Zoë"]
    bench.show(ANNA)
    assert bench.named() == [None]
    bench.worker.restore(anna.id)
    assert bench.names == ["Berta", "Zoë"]
    bench.worker.merge(berta.id, anna.id, True)
    assert bench.names == ["Berta"]
    assert bench.people[0].template_count == 2


def test_what_the_gallery_refuses_is_told(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    bench = make_bench()
    refused: list[tuple[str, ...]] = []
    bench.worker.rename_failed.connect(lambda *told: refused.append(told))
    bench.worker.rename(anna.id, "")
    bench.worker.restore("0" * 32)
    assert bench.names == ["Anna"]
    assert len(bench.failures) == 1
    (told,) = refused
    assert told[:2] == (anna.id, "")
    assert told[2].startswith("Expected a name, but it is empty.")


def test_our_own_mistakes_are_not_swallowed(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    with pytest.raises(AttributeError):
        bench.worker.save(None, None)


def test_photos_are_added_or_skipped_with_a_reason(
    make_bench: Callable[[], Bench], enrolled: Enrolled, tmp_path: Path
) -> None:
    anna, _ = enrolled(Anna=ANNA, Berta=BERTA)
    photos = []
    for name, faces in {"stranger": [3], "nobody": [], "both": [ANNA, BERTA]}.items():
        photos.append(tmp_path / f"{name}.png")
        Image.fromarray(picture(*faces)).save(photos[-1])
    photos.append(tmp_path / "missing.png")
    bench = make_bench()
    reports: list[AddedPhotos] = told(bench.worker.photos_added)
    bench.worker.add_photos(anna.id, photos)
    assert (reports[0].identity, reports[0].added) == (anna, 1)
    assert [skipped.path for skipped in reports[0].skipped] == photos[1:]
    assert bench.people[0].template_count == 2


def test_a_photo_of_somebody_else_is_skipped(
    make_bench: Callable[[], Bench],
    enrolled: Enrolled,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "recognition.enrollment.photos.SAME_PHOTO", 1.1
    )  # embeddings here are all alike
    anna, _ = enrolled(Anna=ANNA, Berta=BERTA)
    photo = tmp_path / "b.png"
    Image.fromarray(picture(BERTA)).save(photo)
    bench = make_bench()
    reports: list[AddedPhotos] = told(bench.worker.photos_added)
    bench.worker.add_photos(anna.id, [photo])
    assert reports[0].added == 0
    assert reports[0].skipped[0].reason == "It shows Berta."


def test_what_another_program_changed_is_taken_over_without_a_frame(
    make_bench: Callable[[], Bench], load: Callable[[], Recognizer], enrolled: Enrolled
) -> None:
    bench = make_bench()
    again = told(bench.worker.reconsidered)
    bench.show(ANNA, times=3)
    assert bench.named() == [None]
    (anna,) = enrolled(Anna=ANNA)
    bench.worker.follow_gallery()
    assert bench.names == ["Anna"]
    assert again[-1].frame_index == bench.recognized[-1].frame_index
    assert [face.match.identity for face in again[-1].faces] == [anna]
    with closing(load().gallery) as other:
        other.remove(anna.id)
    bench.worker.follow_gallery()
    assert bench.names == []
    assert [(face.match, face.nearest) for face in again[-1].faces] == [(None, None)]
    assert len(again) == 2
    bench.worker.follow_gallery()
    assert len(again) == 2


@pytest.mark.parametrize(
    "slot", ["rename", "remove", "merge", "merge into", "add", "offer", "save"]
)
def test_who_was_removed_a_moment_ago_is_told_and_no_longer_listed(
    make_bench: Callable[[], Bench],
    load: Callable[[], Recognizer],
    enrolled: Enrolled,
    tmp_path: Path,
    slot: str,
) -> None:
    anna, berta = enrolled(Anna=ANNA, Berta=BERTA)
    bench = make_bench()
    review = bench.capture("Ann", ANNA)
    reasons: list[str] = []
    bench.worker.save_failed.connect(reasons.append)
    bench.worker.rename_failed.connect(lambda identity_id, name, why: reasons.append(why))
    photo = tmp_path / "a.png"
    Image.fromarray(picture(3)).save(photo)
    with closing(load().gallery) as other:
        other.remove(anna.id)
    worker = bench.worker
    {
        "rename": lambda: worker.rename(anna.id, "Zoë"),
        "remove": lambda: worker.remove(anna.id),
        "merge": lambda: worker.merge(berta.id, anna.id, True),
        "merge into": lambda: worker.merge(anna.id, berta.id, True),
        "add": lambda: worker.add_photos(anna.id, [photo]),
        "offer": lambda: (worker.follow_gallery(), worker.offer_merge(anna.id)),
        "save": lambda: worker.save(review, anna.id),
    }[slot]()
    assert len(bench.failures + reasons) == 1
    assert bench.names == ["Berta"]
    assert bench.people[0].template_count == 1


def test_who_was_enrolled_meanwhile_is_reviewed_again(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    bench = make_bench()
    review = bench.capture("Anna", ANNA)
    (anna,) = enrolled(Anna=ANNA)
    reviews, reasons = told(bench.worker.reviewed), told(bench.worker.save_failed)
    bench.worker.save(review, None)
    assert [same.identity for same in reviews[0].same] == [anna]
    assert "another program has enrolled" in reasons[0]
    assert bench.names == ["Anna"]
    bench.worker.save(reviews[0], anna.id)
    assert bench.people[0].template_count == 1 + len(review.templates)


def test_a_merge_needs_people_who_look_alike_or_a_second_yes(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    anna, berta, ann = enrolled(Anna=ANNA, Berta=BERTA, Ann=ANNA)
    bench = make_bench()
    offers: list[MergeChoice] = told(bench.worker.merge_offered)
    bench.worker.offer_merge(anna.id)
    assert offers[0].person == anna
    assert offers[0].others == (Candidate(ann, 1.0), Candidate(berta, 0.0))
    assert offers[0].one_person == FIGURES.one_person
    bench.worker.merge(berta.id, anna.id, False)
    assert "they do not look alike" in bench.failures[0]
    assert bench.names == ["Ann", "Anna", "Berta"]
    bench.worker.merge(ann.id, anna.id, False)
    assert bench.names == ["Ann", "Berta"]


def test_a_merge_asks_for_the_embedders_own_likeness(
    make_bench: Callable[[], Bench], enrolled: Enrolled, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, ann = enrolled(Anna=ANNA, Ann=ANNA)
    monkeypatch.setattr(RedEmbedder, "figures", replace(FIGURES, one_person=1.1))
    bench = make_bench()
    offers: list[MergeChoice] = told(bench.worker.merge_offered)
    bench.worker.offer_merge(anna.id)
    assert offers[0].one_person == 1.1
    bench.worker.merge(ann.id, anna.id, False)
    assert "they do not look alike" in bench.failures[0]


def test_another_source_begins_without_tracks(make_bench: Callable[[], Bench]) -> None:
    bench = make_bench()
    bench.show(ANNA, times=3)
    bench.worker.restart()
    bench.show(ANNA)
    tracks = [recognition.faces[0].track_id for recognition in bench.recognized]
    assert tracks[0] == tracks[2] != tracks[3]


def notes(home: Home) -> list[tuple[str, str]]:
    """Each act in the ledger, with the name of whom it is about."""
    with closing(Ledger(home.checkins)) as ledger:
        return [(entry.event.note, entry.event.name) for entry in ledger.entries()]


def test_where_there_is_a_ledger_each_act_is_a_row(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home, tmp_path: Path
) -> None:
    Ledger(home.checkins).close()
    anna, berta = enrolled(Anna=ANNA, Berta=BERTA)
    photo = tmp_path / "c.png"
    Image.fromarray(picture(3)).save(photo)
    bench = make_bench()
    bench.worker.save(bench.capture("Carla", 4), None)
    bench.worker.save(bench.capture("Carla", 4), anna.id)
    bench.worker.add_photos(anna.id, [photo])
    bench.worker.rename(anna.id, "Zoë")
    bench.worker.rename(anna.id, "")
    bench.worker.remove(anna.id)
    bench.worker.restore(anna.id)
    bench.worker.merge(berta.id, anna.id, True)
    assert notes(home) == [
        ("enrolled", "Carla"),
        ("photos added", "Anna"),
        ("photos added", "Anna"),
        ("renamed from Anna", "Zoë"),
        ("removed", "Zoë"),
        ("restored", "Zoë"),
        ("merged with Zoë", "Berta"),
    ]


def test_who_was_not_seen_to_be_alive_is_enrolled_on_purpose_and_recorded(
    make_bench: Callable[[], Bench], home: Home
) -> None:
    Ledger(home.checkins).close()
    bench = make_bench()
    review = replace(bench.capture("Carla", 4), life=SeenLife(LifeSign.LOOKS_FLAT))
    bench.worker.save(review, None)
    assert notes(home) == [("enrolled, though it was not seen to be alive", "Carla")]


def test_each_name_is_told_with_a_sign_of_life(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    enrolled(Anna=ANNA)
    bench = make_bench()
    seen: list[Mapping[int, SeenLife]] = told(bench.worker.life_seen)
    bench.show(ANNA, times=30)
    bench.show(BERTA, times=30)  # a stranger
    assert [life.sign for life in seen[0].values()] == [LifeSign.NOT_CHECKED]
    assert seen[-1] == {}


def test_no_sign_of_life_where_none_is_wanted(
    make_bench: Callable[[], Bench], enrolled: Enrolled
) -> None:
    enrolled(Anna=ANNA)
    bench = make_bench()
    seen = told(bench.worker.life_seen)
    bench.worker._watches_life = False
    bench.show(ANNA, times=30)
    assert seen == []


def test_without_a_station_no_ledger_is_made(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    make_bench().worker.rename(anna.id, "Zoë")
    assert not home.checkins.exists()


def test_an_act_that_the_ledger_does_not_take_stands_and_is_told(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home
) -> None:
    (anna,) = enrolled(Anna=ANNA)
    home.checkins.write_bytes(b"something else" * 1000)
    bench = make_bench()
    bench.worker.rename(anna.id, "Zoë")
    assert bench.names == ["Zoë"]
    assert "the ledger does not have it" in bench.failures[0]


@pytest.mark.parametrize("act", ["removed", "merged"])
def test_nothing_of_the_station_is_kept_of_who_is_gone(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home, qapp: object, act: str
) -> None:
    anna, berta = enrolled(Anna=ANNA, Berta=BERTA)
    with closing(Ledger(home.checkins)) as ledger:
        for person in (anna, berta):
            ledger.append(Event(Kind.CHECK_IN, "Door", person.id, person.name, picture=b"a face"))
    codes = Codes(home.codes)
    for person, code in ((anna, "471147"), (berta, "081508")):
        codes.set(person.id, code)
    bench = make_bench()
    if act == "removed":
        bench.worker.remove(anna.id)
        assert codes.has(anna.id)
    else:
        bench.worker.merge(berta.id, anna.id, True)
    bench.close()
    assert not codes.has(anna.id)
    assert codes.has(berta.id)
    with closing(Ledger(home.checkins)) as ledger:
        assert [ledger.picture(number) for number in (1, 2)] == [None, b"a face"]
        assert ledger.verify().damage is None


def test_a_merge_is_undone_with_id_name_templates_and_code(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home, qapp: object
) -> None:
    anna, ann, berta = enrolled(Anna=ANNA, Ann=ANNA, Berta=BERTA)
    Codes(home.codes).set(anna.id, "471147")
    bench = make_bench()
    merged: list[tuple[Identity, Identity]] = []
    bench.worker.merged.connect(lambda *two: merged.append(two))
    bench.worker.merge(ann.id, anna.id, False)
    assert merged == [(anna, ann)]
    assert [(p.identity, p.template_count) for p in bench.people] == [(ann, 2), (berta, 1)]
    bench.worker.restore(anna.id)
    assert [(p.identity, p.template_count) for p in bench.people] == [
        (ann, 1),
        (anna, 1),
        (berta, 1),
    ]
    assert Codes(home.codes).find("471147") == anna.id
    bench.worker.merge(ann.id, anna.id, False)
    bench.close()
    assert not Codes(home.codes).has(anna.id)


def test_what_a_merge_could_not_erase_is_erased_at_the_next_start(
    make_bench: Callable[[], Bench], enrolled: Enrolled, home: Home, qapp: object
) -> None:
    anna, berta = enrolled(Anna=ANNA, Berta=BERTA)
    Codes(home.codes).set(anna.id, "471147")
    bench = make_bench()
    bench.worker.merge(berta.id, anna.id, True)
    whole = home.codes.read_bytes()
    home.codes.write_bytes(b"something else" * 1000)
    bench.close()
    home.codes.write_bytes(whole)
    assert Codes(home.codes).has(anna.id)
    assert make_bench().names == ["Berta"]
    assert not Codes(home.codes).has(anna.id)


def test_who_is_erased_is_no_longer_offered_to_be_brought_back(
    make_bench: Callable[[], Bench], load: Callable[[], Recognizer], enrolled: Enrolled
) -> None:
    anna, berta = enrolled(Anna=ANNA, Berta=BERTA)
    bench = make_bench()
    bench.worker.merge(berta.id, anna.id, True)
    with closing(load().gallery) as other:  # what Anna's pictures have become, and so Anna
        other.remove(berta.id)
        other.erase(other.due_erasures(own=True))
    gone = told(bench.worker.not_restorable)
    bench.worker.restore(anna.id)
    assert gone == [anna.id]
    assert len(bench.failures) == 1
    assert bench.names == []


@pytest.mark.parametrize(
    "error",
    [WeightsError("weights", "none", "Fetch them"), OtherModelError(Path("gallery.db"), "a", "b")],
)
def test_why_there_is_no_threshold_is_said_whenever_it_is_asked(
    error: FacedeskError, home: Home
) -> None:
    """The page is opened long after the start."""

    def refuse() -> Recognizer:
        raise error

    worker = make_worker(refuse, lambda: None, home)
    worker.start()
    reasons = told(worker.calibration_failed)
    worker.calibrate(None)
    assert reasons == [error.sentence]
