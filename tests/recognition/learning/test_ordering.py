from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from common.errors import LearningError
from gallery.gallery import Gallery
from gallery.identity import Template
from recognition.learning.classifier import (
    ClassifierRecipe,
    Method,
    Parameters,
    Staleness,
    digests,
)
from recognition.learning.labelled import LabelledRows
from recognition.learning.logistic import Logistic
from recognition.learning.ordering import ClassifierOrder

SPREAD = 0.1
CROP = np.zeros((4, 4, 3), np.uint8)


def recipe_for(gallery: Gallery, **biases: float) -> ClassifierRecipe:
    """A machine for each person of that name, whose decision is the same for every face."""
    named = {i.name: i.id for i in gallery.identities}
    known = LabelledRows.of((named[name], gallery.embeddings(named[name])) for name in biases)
    return ClassifierRecipe(
        Method.SVM_LINEAR,
        Parameters(penalty=1),
        gallery.model_id,
        known.people,
        digests(known.rows),
        known.owners,
        np.zeros((len(biases), len(known.rows)), np.float32),
        np.array(list(biases.values()), np.float32),
        Logistic(1.0, 0.0),
        spread=0.5,
        usual=0.1,
    )


@pytest.fixture
def three(gallery, enroll) -> Gallery:
    for axis, name in enumerate(("an", "binh", "chi")):
        enroll(name, axis)
    return gallery


def names(ranking) -> list[str]:
    return [candidate.identity.name for candidate in ranking]


def test_the_classifier_says_who_is_first(three, make_rows) -> None:
    probe = make_rows(0, 1, seed=5)[0]
    order = ClassifierOrder(recipe_for(three, an=1.0, binh=3.0, chi=2.5), three)
    ranking, behind = order.first_two(probe, SPREAD)
    assert names(ranking) == ["binh", "chi"]
    similarities = {c.identity.name: c.similarity for c in three.search(probe[np.newaxis], 3)[0]}
    assert ranking[0].similarity == similarities["binh"]
    assert behind == pytest.approx((3.0 - 2.5) / 0.5 * SPREAD)


def test_whom_it_does_not_know_the_cosine_keeps(three, make_rows) -> None:
    order = ClassifierOrder(recipe_for(three, an=1.0, chi=9.0), three)
    near_binh = make_rows(1, 1, seed=5)[0]
    ranking, behind = order.first_two(near_binh, SPREAD)
    assert names(ranking)[0] == "binh"
    assert behind is None
    near_an = make_rows(0, 1, seed=5)[0]
    ranking, behind = order.first_two(near_an, SPREAD)
    similarities = {c.identity.name: c.similarity for c in three.search(near_an[np.newaxis], 3)[0]}
    assert names(ranking) == ["chi", "binh"]
    assert behind == pytest.approx(similarities["chi"] - similarities["binh"], abs=1e-6)


def test_a_removed_person_is_out_of_it_at_once(three, make_rows) -> None:
    order = ClassifierOrder(recipe_for(three, an=1.0, binh=3.0, chi=2.5), three)
    probe = make_rows(0, 1, seed=5)[0]
    order.first_two(probe, SPREAD)
    (binh,) = three.find("binh")
    three.remove(binh.id)
    assert names(order.first_two(probe, SPREAD)[0]) == ["chi", "an"]
    assert order.staleness == Staleness(unknown=0, changed=0, gone=1)
    three.restore(binh.id)
    assert names(order.first_two(probe, SPREAD)[0]) == ["binh", "chi"]
    assert not order.staleness


def test_what_has_changed_is_told(three, enroll, make_rows) -> None:
    order = ClassifierOrder(recipe_for(three, an=1.0, binh=3.0, chi=2.5), three)
    enroll("dung", 3)
    (an,) = three.find("an")
    three.add_templates(an.id, [Template(make_rows(0, 1, 7)[0], CROP, 1.0, "toy-16")])
    assert order.staleness == Staleness(unknown=1, changed=1, gone=0)


def test_whose_pictures_are_all_others_is_compared_by_the_gallery_alone(three, make_rows) -> None:
    """As after an embedder's weights have changed: nothing of the recipe fits."""
    recipe = recipe_for(three, an=1.0, binh=3.0, chi=2.5)
    other = replace(recipe, templates=tuple(bytes(16 - 1) + bytes([i]) for i in range(12)))
    order = ClassifierOrder(other, three)
    ranking, behind = order.first_two(make_rows(0, 1, seed=5)[0], SPREAD)
    assert (names(ranking)[0], behind) == ("an", None)
    assert order.staleness == Staleness(unknown=0, changed=3, gone=0)


def test_alone_or_with_nobody(gallery, enroll, make_rows) -> None:
    enroll("an", 0)
    order = ClassifierOrder(recipe_for(gallery, an=1.0), gallery)
    ranking, behind = order.first_two(make_rows(0, 1)[0], SPREAD)
    assert (names(ranking), behind) == (["an"], None)
    gallery.remove(gallery.identities[0].id)
    assert order.first_two(make_rows(0, 1)[0], SPREAD) == ((), None)


def test_another_models_classifier_is_refused(three) -> None:
    other = replace(recipe_for(three, an=1.0), model_id="other-512")
    with pytest.raises(LearningError, match=r"of the model toy-16.*with the model other-512"):
        ClassifierOrder(other, three)


def test_another_gallerys_classifier_is_refused(three) -> None:
    other = replace(recipe_for(three, an=1.0), people=("f" * 32,))
    with pytest.raises(LearningError, match="knows nobody who is enrolled here"):
        ClassifierOrder(other, three)
