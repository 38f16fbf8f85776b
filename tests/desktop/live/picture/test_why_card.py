from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PyQt5.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from capture.frame import Frame
from common.sentence import Sentence
from desktop.live.picture.video_view import VideoView
from desktop.live.picture.why_card import GONE_S, WhyCard
from gallery.identity import Candidate, Identity, Match
from models.face import Face
from recognition.decision import Decision
from recognition.liveness.life_watch import LifeSign, SeenLife
from recognition.recognizer import Recognition, RecognizedFace, StageTimes

LONG = "Bartholomäus-Maximilian von Hohenzollern-Sigmaringen zu Österreich-Ungarn der Siebente"


def seen(
    name: str, track: int | None = 1, box: tuple[int, int, int, int] = (100, 100, 200, 220)
) -> RecognizedFace:
    nearest = Candidate(Identity("0" * 32, name, datetime(2026, 3, 4, tzinfo=UTC)), 0.83)
    match = Match(nearest.identity, 0.83, 0.4, None)
    reason = f"Similarity 0.83 passes 0.40; the next, {name}, is at 0.31; 2 of 2 good looks agree"
    decision = Decision(match, nearest, nearest, 0.4, 2, 2, 2, reason)
    found = Face(np.array(box, np.float32), 0.9, np.zeros((5, 2), np.float32))
    return RecognizedFace(found, None, track, decision)


def recognition(*faces: RecognizedFace, at: float = 0.0) -> Recognition:
    return Recognition(0, at, faces, StageTimes(1, 1, 1))


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[VideoView]:
    frame = Frame(np.zeros((600, 900, 3), np.uint8), 0, 0.0)
    made = VideoView(lambda: frame)
    qtbot.addWidget(made)
    made.resize(1080, 600)
    made.show()
    made.refresh()
    yield made
    made.close()


@pytest.fixture
def card(view: VideoView) -> WhyCard:
    return WhyCard(view)


def test_it_tells_what_is_now_known_of_its_track(card: WhyCard) -> None:
    card.explain(seen("Anna"))
    card.follow(recognition(seen("Berta", track=2), seen("Zoë"), at=1.0))
    assert card.title.text() == "Zoë"
    assert "Anna" not in card.text
    assert "Berta" not in card.text


def test_it_tells_how_many_looks_agree_how_like_who_is_next_and_what_is_needed(
    card: WhyCard,
) -> None:
    card.explain(seen("Anna"))
    assert "Good looks that agree\n2 of 2, at 2 different moments" in card.text
    assert "Needed\n0.40" in card.text
    for caption in ("Most like", "Next"):
        assert f"{caption}\n0.83" in card.text


def test_it_says_that_a_face_is_not_the_one_who_is_named(card: WhyCard) -> None:
    rejected: list[RecognizedFace] = []
    card.rejected.connect(rejected.append)
    face = seen("Anna & Berta")
    card.explain(face)
    assert card.reject.isVisible()
    assert "Anna && Berta" in card.reject.text()
    card.reject.click()
    assert rejected == [face]
    unknown = replace(face.decision, match=None) if face.decision else None
    card.follow(recognition(replace(face, decision=unknown)))
    assert card.isVisible()
    assert not card.reject.isVisible()


def test_it_closes_once_its_face_is_gone_for_a_while(card: WhyCard) -> None:
    card.explain(seen("Anna"))
    card.follow(recognition(seen("Anna"), at=1.0))
    card.follow(recognition(seen("Berta", track=2), at=1.0 + GONE_S))
    assert card.isVisible()
    card.follow(recognition(at=1.1 + GONE_S))
    assert not card.isVisible()


def test_it_closes_when_a_face_is_never_seen_again(card: WhyCard) -> None:
    card.explain(seen("Anna"))
    card.follow(recognition(at=7.0))
    assert card.isVisible()
    card.follow(recognition(at=7.1 + GONE_S))
    assert not card.isVisible()


def test_a_still_pictures_card_goes_with_the_picture(card: WhyCard) -> None:
    card.explain(seen("Anna", track=None))
    card.follow(recognition(seen("Berta", track=None)))
    assert not card.isVisible()


@pytest.mark.parametrize("left", [0, 100, 400, 780])
@pytest.mark.parametrize("name", ["Anna", LONG, "A" * 100])
def test_it_lies_beside_the_face_and_follows_it(
    card: WhyCard, view: VideoView, left: int, name: str
) -> None:
    card.explain(seen(name))
    moved = seen(name, box=(left, 200, left + 120, 350))
    card.follow(recognition(moved, at=1.0))
    assert view.rect().contains(card.geometry())
    assert not card.geometry().intersects(view.box_of(moved.face).toAlignedRect())


@pytest.mark.parametrize("name", [LONG, "A" * 100, "王" * 60])
def test_a_long_name_is_cut_with_an_ellipsis_and_the_reason_wraps(card: WhyCard, name: str) -> None:
    card.explain(seen(name))
    assert card.title.shown_text.endswith("…")
    card.grab()
    assert card.title.toolTip() == name
    reason: QLabel = card.reason
    assert reason.height() >= reason.heightForWidth(reason.width())
    assert reason.minimumSizeHint().width() <= reason.width()


def test_it_stays_in_a_view_that_shrinks(card: WhyCard, view: VideoView) -> None:
    card.explain(seen("Anna", box=(700, 300, 880, 560)))
    view.resize(500, 420)
    assert view.rect().contains(card.geometry())


def test_it_tells_whether_the_face_looks_alive_and_why(card: WhyCard, view: VideoView) -> None:
    card.explain(seen("Anna"))
    assert "Alive?" not in card.text
    life = SeenLife(LifeSign.LOOKS_FLAT, Sentence("A lattice lies over the face."))
    view.show_life({1: life, 2: SeenLife(LifeSign.LIVE)})
    card.follow(recognition(seen("Anna"), at=0.1))
    assert "Alive?\nlooks flat. A lattice lies over the face." in card.text
