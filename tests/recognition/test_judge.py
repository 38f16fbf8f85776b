"""A trained classifier in the judge: it says who is meant, and lets nobody pass more easily."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gallery.identity import Identity, Template
from recognition.evidence import Look
from recognition.judge import Judge
from recognition.learning.classifier import ClassifierRecipe, Method, Parameters, digests
from recognition.learning.labelled import LabelledRows
from recognition.learning.logistic import Logistic
from recognition.learning.ordering import ClassifierOrder

if TYPE_CHECKING:
    from tests.recognition.conftest import World

FPIR = 0.001


def enroll(world: World, *people: str) -> list[Identity]:
    """With one template each."""
    gallery = world.recognizer.gallery
    return [gallery.enroll(name.title(), world.templates(name, 1)) for name in people]


def recipe_for(world: World, biases: dict[str, float]) -> ClassifierRecipe:
    """Machines that say the same of every face. biases: by identity id."""
    gallery = world.recognizer.gallery
    known = LabelledRows.of((one, gallery.embeddings(one)) for one in biases)
    return ClassifierRecipe(
        Method.SVM_LINEAR,
        Parameters(penalty=1),
        gallery.model_id,
        known.people,
        digests(known.rows),
        known.owners,
        np.zeros((len(biases), len(known.rows)), np.float32),
        np.array(list(biases.values()), np.float32),
        Logistic(1, 0),
        1.0,
        0.1,
    )


def judge(world: World, **biases: float) -> Judge:
    gallery = world.recognizer.gallery
    named = {i.name.casefold(): i.id for i in gallery.identities}
    recipe = recipe_for(world, {named[name]: bias for name, bias in biases.items()})
    order = ClassifierOrder(recipe, gallery)
    return Judge(gallery, world.recognizer.embedder, FPIR, order)


def between(world: World, *names: str) -> Look:
    """A face that resembles each of some people equally."""
    gallery = world.recognizer.gallery
    enrolled = {identity.name.casefold(): identity.id for identity in gallery.identities}
    joint = np.sum([gallery.embeddings(enrolled[name])[0] for name in names], axis=0)
    return Look((joint / np.linalg.norm(joint)).astype(np.float32))


def test_of_two_who_are_as_alike_the_classifier_tells_which(world: World) -> None:
    _, binh, _ = enroll(world, "an", "binh", "chi")
    look = between(world, "an", "binh")
    plain = Judge(world.recognizer.gallery, world.recognizer.embedder, FPIR).of_look(look)
    assert plain.match is None
    assert "too close together" in plain.reason
    decision = judge(world, an=0, binh=3, chi=0).of_look(look)
    assert decision.match is not None
    assert decision.match.identity == binh
    assert decision.match.similarity >= decision.threshold


def test_a_knn_names_nobody_of_two_who_are_as_alike(world: World) -> None:
    """The nearest has all of its votes, however close the next one is."""
    an, binh, chi = enroll(world, "an", "binh", "chi")
    gallery = world.recognizer.gallery
    recipe = replace(
        recipe_for(world, {an.id: 0, binh.id: 0, chi.id: 0}),
        method=Method.KNN,
        parameters=Parameters(neighbours=1),
        coefficients=np.zeros((3, 0), np.float32),
        spread=0.01,
    )
    judged = Judge(gallery, world.recognizer.embedder, FPIR, ClassifierOrder(recipe, gallery))
    decision = judged.of_look(between(world, "an", "binh"))
    assert decision.match is None
    assert "does not tell" in decision.reason
    sure = judged.of_look(between(world, "an"))
    assert sure.match is not None
    assert sure.match.identity == an


def test_where_the_classifier_cannot_tell_there_is_no_name(world: World) -> None:
    enroll(world, "an", "binh", "chi")
    decision = judge(world, an=2.9, binh=3, chi=0).of_look(between(world, "an", "binh"))
    assert decision.match is None
    assert decision.reason.startswith("The classifier does not tell Binh, at 0.")


def test_whom_the_classifier_is_sure_of_has_to_pass_the_threshold(world: World) -> None:
    enroll(world, "an", "binh", "chi")
    look = between(world, "an")
    decision = judge(world, an=0, binh=0, chi=50).of_look(look)
    assert decision.match is None
    assert decision.nearest is not None
    assert decision.nearest.identity.name == "Chi"
    assert decision.reason.startswith("The nearest, Chi, is at")


def test_no_stranger_passes_who_would_not_without_it(world: World) -> None:
    enroll(world, "an", "binh", "chi", "dung")
    rng = np.random.default_rng(0)
    plain = Judge(world.recognizer.gallery, world.recognizer.embedder, 0.05)
    classified = replace_fpir(judge(world, an=1, binh=2, chi=3, dung=4), 0.05)
    passed = 0
    for _ in range(400):
        row = rng.normal(size=16)
        look = Look((row / np.linalg.norm(row)).astype(np.float32))
        ranking = world.recognizer.gallery.search(look.embedding[np.newaxis], 1)[0]
        if classified.of_look(look).match is not None:
            passed += 1
            assert ranking[0].similarity >= plain.threshold
    assert passed > 0


def replace_fpir(judged: Judge, fpir: float) -> Judge:
    return Judge(judged._gallery, judged._embedder, fpir, judged._order)


def test_a_track_is_named_by_the_classifier_too(world: World) -> None:
    enroll(world, "an", "binh", "chi")
    world.recognizer._judge = judge(world, an=3, binh=0, chi=0)
    for _ in range(12):
        recognition = world.recognizer.recognize(world.frame(an=(200, 100)))
    (face,) = recognition.faces
    assert face.match is not None
    assert face.match.identity.name == "An"


def test_a_template_more_changes_what_it_knows_at_once(world: World) -> None:
    an, _, _ = enroll(world, "an", "binh", "chi")
    judged = judge(world, an=1, binh=4, chi=0)
    look = between(world, "an", "binh")
    judged.of_look(look)
    gallery = world.recognizer.gallery
    own = look.embedding
    template = world.templates("an", 1)[0]
    gallery.add_templates(an.id, [replace_embedding(template, own)])
    decision = judged.of_look(look)
    assert decision.match is not None  # the machines are the old ones still
    assert decision.match.identity.name == "Binh"
    gallery.remove(gallery.find("Binh")[0].id)
    decision = judged.of_look(look)
    assert decision.match is not None
    assert decision.match.identity == an


def replace_embedding(template: Template, embedding: np.ndarray) -> Template:
    return replace(template, embedding=embedding)
