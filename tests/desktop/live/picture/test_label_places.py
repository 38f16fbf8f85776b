from __future__ import annotations

import random
from itertools import combinations

from PyQt5.QtCore import QRectF, QSizeF

from desktop.live.picture.label_places import FACE_SHARE, LabelPlaces, PlacedLabel, WantedLabel

PICTURE = QRectF(0, 0, 640, 480)
FORMS = (QSizeF(170, 24), QSizeF(110, 24), QSizeF(60, 24))


def wanted(key: int, x: float, y: float, side: float = 80, is_first: bool = True) -> WantedLabel:
    return WantedLabel(key, QRectF(x, y, side, side * 1.2), FORMS, is_first)


def crowd(seed: int, count: int) -> list[WantedLabel]:
    """In rows, as in a picture of a class, each a little out of line."""
    rng = random.Random(seed)
    return [
        wanted(n, 20 + n % 8 * 76 + rng.uniform(-9, 9), 30 + n // 8 * 100 + rng.uniform(-9, 9), 44)
        for n in range(count)
    ]


def faces_of(people: list[WantedLabel]) -> list[QRectF]:
    return [
        one.box.adjusted(
            *(FACE_SHARE * length for length in (one.box.width(), one.box.height())),
            *(-FACE_SHARE * length for length in (one.box.width(), one.box.height())),
        )
        for one in people
    ]


def test_one_face_has_its_whole_label_above_it() -> None:
    placed = LabelPlaces().place([wanted(1, 200, 200)], PICTURE)[1]
    assert placed.form == 0
    assert placed.plate.bottom() < 200
    assert placed.plate.left() == 200


def test_at_the_upper_edge_it_is_under_the_face_and_never_outside() -> None:
    for x, y in ((200, 2), (600, 2), (2, 300), (600, 380)):
        placed = LabelPlaces().place([wanted(1, x, y, 38)], PICTURE)[1]
        assert PICTURE.contains(placed.plate)
        assert placed.form == 0


def test_no_label_covers_another_or_a_face_in_a_crowd() -> None:
    for seed in range(20):
        people = crowd(seed, 32)
        placed = LabelPlaces().place(people, PICTURE)
        plates = [label.plate for label in placed.values()]
        assert len(plates) >= 20  # and most have one
        assert not any(a.intersects(b) for a, b in combinations(plates, 2))
        assert not any(plate.intersects(face) for plate in plates for face in faces_of(people))
        assert all(PICTURE.contains(plate) for plate in plates)


def test_the_order_of_the_faces_does_not_matter() -> None:
    people = crowd(3, 24)
    assert LabelPlaces().place(people, PICTURE) == LabelPlaces().place(people[::-1], PICTURE)


def test_who_has_a_name_goes_first() -> None:
    narrow = QRectF(0, 0, 100, 160)
    known = WantedLabel(9, QRectF(5, 30, 40, 60), (QSizeF(90, 20),), True)
    stranger = WantedLabel(1, QRectF(55, 30, 40, 60), (QSizeF(90, 20),), False)
    placed = LabelPlaces().place([stranger, known], narrow)
    assert placed[9].plate.top() < placed[1].plate.top()


def sides(placed: dict[int, PlacedLabel]) -> dict[int, tuple[int, int]]:
    return {key: (label.form, label.side) for key, label in placed.items()}


def test_trembling_boxes_do_not_let_labels_jump() -> None:
    places, rng = LabelPlaces(), random.Random(1)
    still = crowd(5, 24)
    moves, before = 0, sides(dict(places.place(still, PICTURE)))
    for _ in range(100):
        shaken = [
            WantedLabel(
                one.key,
                one.box.translated(rng.gauss(0, 0.7), rng.gauss(0, 0.7)),
                one.sizes,
                one.is_first,
            )
            for one in still
        ]
        now = sides(dict(places.place(shaken, PICTURE)))
        moves += sum(now.get(key) != side for key, side in before.items())
        before = now
    assert moves <= 24 * 100 * 0.02


def test_a_label_returns_where_its_place_is_free_again() -> None:
    places = LabelPlaces()
    one = wanted(2, 200, 200)
    free = sides(dict(places.place([one], PICTURE)))[2]
    beside = wanted(1, 190, 110)
    assert sides(dict(places.place([one, beside], PICTURE)))[2] != free
    assert sides(dict(places.place([one], PICTURE)))[2] == free
