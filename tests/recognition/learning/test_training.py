from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from common.errors import LearningError
from common.extras import is_installed
from recognition.learning.classifier import Classifier, Method, Parameters, kernel
from recognition.learning.labelled import LabelledRows
from recognition.learning.training import choices_of, train, update

SVMS = (Method.SVM_LINEAR, Method.SVM_RBF)

needs_sklearn = pytest.mark.skipif(not is_installed("learn"), reason="no scikit-learn")


@needs_sklearn
@pytest.mark.parametrize("method", Method)
def test_everybody_is_told_apart(six_people, make_rows, method: Method) -> None:
    told = []
    training = train(six_people, "toy", [method], lambda: told.append(1))
    assert len(told) == choices_of([method])
    classifier = Classifier(training.recipe, six_people)
    probes = np.concatenate([make_rows(axis, 10, seed=1) for axis in range(6)])
    assert classifier.people == tuple("abcdef")
    assert (classifier.decisions(probes).argmax(axis=1) == np.repeat(np.arange(6), 10)).all()
    assert training.trials[0].errors == 0
    assert training.trials[0].probes == 24
    odds = classifier.odds(make_rows(2, 1, seed=9)[0])
    assert max(odds, key=odds.__getitem__) == "c"
    assert odds.pop("c") > 0 > max(odds.values(), default=-1)
    assert method is Method.KNN or len(odds) == 5  # a kNN tells of whom it asks alone


@needs_sklearn
@pytest.mark.parametrize("method", SVMS)
def test_decisions_are_scikit_learns(six_people, make_rows, method: Method) -> None:
    from sklearn.svm import SVC

    recipe = train(six_people, "toy", [method]).recipe
    probes = make_rows(3, 5, seed=2)
    found = Classifier(recipe, six_people).decisions(probes)
    for place in range(6):
        svc = SVC(
            C=recipe.parameters.penalty,
            kernel="linear" if method is Method.SVM_LINEAR else "rbf",
            gamma=recipe.parameters.width or 1.0,
            class_weight="balanced",
        ).fit(six_people.rows, six_people.owners == place)
        assert found[:, place] == pytest.approx(svc.decision_function(probes), abs=1e-4)


def test_the_rbf_kernel_is_of_the_distance(make_rows) -> None:
    rows, probes = make_rows(0, 3), make_rows(1, 2)
    distances = ((probes[:, np.newaxis] - rows) ** 2).sum(axis=2)
    assert kernel(Method.SVM_RBF, 0.7, rows, probes) == pytest.approx(np.exp(-0.7 * distances))


@needs_sklearn
def test_curved_borders_are_the_rbf_kernels(make_rows) -> None:
    """One person is on both sides of the other: no plane parts them."""
    both = np.concatenate([make_rows(0, 20), -make_rows(0, 20, seed=1)])
    known = LabelledRows.of([("both", both), ("between", make_rows(1, 20))])
    training = train(known, "toy", SVMS)
    assert training.recipe.method is Method.SVM_RBF
    assert training.trials[0].errors == 0
    assert training.trials[-1].errors > 0


@needs_sklearn
def test_one_person_more_needs_one_machine(six_people, make_rows) -> None:
    five = six_people.of_people(np.arange(5))
    before = train(five, "toy", SVMS).recipe
    after = update(before, six_people)
    assert after.machines == 1
    assert after.recipe.people == six_people.people
    assert after.recipe.parameters == before.parameters
    assert (after.recipe.coefficients[:5, 20:] == 0).all()
    assert (after.recipe.coefficients[:5, :20] == before.coefficients).all()
    probes = np.concatenate([make_rows(axis, 10, seed=1) for axis in range(6)])
    found = Classifier(after.recipe, six_people).decisions(probes).argmax(axis=1)
    assert (found == np.repeat(np.arange(6), 10)).all()


@needs_sklearn
def test_a_correction_needs_two_machines(six_people) -> None:
    """A picture that was enrolled as a's is b's."""
    wrong = replace(six_people, owners=six_people.owners.copy())
    wrong.owners[4] = 0
    before = train(wrong, "toy", SVMS).recipe
    after = update(before, six_people)
    assert after.machines == 2
    assert (after.recipe.coefficients[2:] == before.coefficients[2:]).all()
    assert (Classifier(after.recipe, six_people).decisions(six_people.rows[4:5]).argmax()) == 1


@needs_sklearn
@pytest.mark.parametrize("method", SVMS)
def test_whoever_goes_leaves_the_others_as_they_are(make_rows, method: Method) -> None:
    """All faces have something in common, so that a template left out would shift every machine."""
    common = np.full(16, 0.3, np.float32)

    def alike(axis: int, count: int, seed: int = 0) -> np.ndarray:
        rows = make_rows(axis, count, seed) + common
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    known = LabelledRows.of((name, alike(axis, 4)) for axis, name in enumerate("abcdef"))
    recipe = train(known, "toy", [method]).recipe
    probes = np.concatenate([alike(axis, 10, 1) for axis in range(5)])
    before = Classifier(recipe, known).decisions(probes)[:, :5]
    five = known.of_people(np.arange(5))
    bare = Classifier(replace(recipe, usual=0.0), five)
    shifted = abs(bare.decisions(probes) - before).mean()
    for after in (
        Classifier(recipe, five),
        Classifier(recipe.without("f"), five),
        Classifier(update(recipe, five).recipe, five),
    ):
        assert abs(after.decisions(probes) - before).mean() < 0.3 * shifted


@needs_sklearn
def test_nothing_new_trains_nothing(six_people) -> None:
    before = train(six_people, "toy", SVMS).recipe
    after = update(before, six_people)
    assert after.machines == 0
    assert (after.recipe.coefficients == before.coefficients).all()


def test_a_knn_is_up_to_date_without_training(six_people, make_rows) -> None:
    five = six_people.of_people(np.arange(5))
    after = update(train(five, "toy", [Method.KNN]).recipe, six_people)
    assert after.machines == 0
    classifier = Classifier(after.recipe, six_people)
    assert classifier.decisions(make_rows(5, 1, seed=3)).argmax() == 5


def test_a_knn_asks_its_neighbours() -> None:
    """Two of the three nearest are b's, though the nearest is a's."""
    angles = np.radians([0, 5, 6, 90, 91])
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    known = LabelledRows(("a", "b"), rows, np.array([0, 1, 1, 0, 0], np.int32))
    recipe = train(known, "toy", [Method.KNN]).recipe
    asked = {
        count: Classifier(replace(recipe, parameters=Parameters(neighbours=count)), known)
        for count in (1, 3)
    }
    probe = np.array([[1, 0]], np.float32)
    assert asked[1].decisions(probe).argmax() == 0
    assert asked[3].decisions(probe).argmax() == 1
    assert asked[3].decisions(probe).sum() == pytest.approx(1)


@pytest.mark.parametrize("method", Method)
def test_too_little_to_learn_from(make_rows, method: Method) -> None:
    known = LabelledRows.of([("a", make_rows(0, 3)), ("b", make_rows(1, 1))])
    with pytest.raises(LearningError, match=r"two people with two pictures or more.*there are 1"):
        train(known, "toy", [method])


def test_without_scikit_learn_it_says_what_to_install(six_people, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(LearningError, match=r"extra \[learn\], which trains SVMs"):
        train(six_people, "toy", SVMS)


@needs_sklearn
def test_parameters_are_chosen_on_some_where_there_are_many(make_rows) -> None:
    """People with a single picture take no part in the choice where there are enough others."""
    rng = np.random.default_rng(0)
    people = []
    for number in range(60):
        rows = rng.normal(size=(1 if number < 5 else 2, 16))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        people.append((f"person {number}", rows.astype(np.float32)))
    training = train(LabelledRows.of(people), "toy", [Method.KNN])
    assert training.trials[0].probes == 100
    assert len(training.recipe.people) == 60
