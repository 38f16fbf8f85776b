"""Trains classifiers of the gallery's people, chosen by cross-validation, and updates them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from common.errors import LearningError
from common.extras import needing
from common.sentence import Sentence
from recognition.learning.classifier import (
    ClassifierRecipe,
    Method,
    Parameters,
    digests,
    kernel,
    votes,
)
from recognition.learning.labelled import LabelledRows
from recognition.learning.logistic import Logistic, fit_logistic

PENALTIES = (1.0, 10.0, 100.0)
"""The values of an SVM's C that are tried. With less a machine does not reach its margin, and its
decision values are on a scale of its own, which no machine that is added later shares."""

WIDTHS = (0.25, 1.0, 4.0)
"""The values of the RBF kernel's gamma that are tried. Squared distances of different people's
embeddings are about 1.7."""

NEIGHBOURS = (1, 3, 5, 9)

FOLDS = 5

CHOSEN_ON = 50
"""The most people on whom parameters are chosen: their number hardly moves the choice, and the
time grows with its square."""

MOST_COMPARED = 2000
"""About so many templates tell how alike two people's are."""

SEED = 5


@dataclass(frozen=True)
class LeftOutTrial:
    """What cross-validation found of one choice of parameters.

    errors: of `probes` templates, each left out in its turn, those that were taken for somebody
    else. loss: the mean logarithmic loss of the calibrated probabilities.
    """

    parameters: Parameters
    errors: int
    probes: int
    loss: float


@dataclass(frozen=True, eq=False)
class Training:
    """A trained classifier, and how it was chosen.

    trials: the best first. machines: how many people's machines were trained; 0 for a kNN.
    """

    recipe: ClassifierRecipe
    trials: tuple[LeftOutTrial, ...]
    machines: int


def train(
    known: LabelledRows,
    model_id: str,
    methods: Sequence[Method],
    progress: Callable[[], None] = lambda: None,
) -> Training:
    """Train the best of some methods on templates.

    The fewest errors of cross-validation win, then the least loss.

    methods: either SVMs or the kNN. model_id: the embedder that the templates are of. progress:
    called for each choice that was tried. Raises LearningError where scikit-learn is missing that
    SVMs are trained with, or where there are fewer than two people with two templates.
    """
    if sum(known.counts >= 2) < 2:
        raise LearningError(
            "at least two people with two pictures or more, to choose and to calibrate by",
            Sentence("there are {}", int(sum(known.counts >= 2))),
            "Enroll more pictures: facedesk enroll NAME PHOTO adds to a person",
        )
    chosen_on = _some_of(known)
    found = []
    for method, parameters in _choices(methods):
        values, owners = _out_of_fold(chosen_on, method, parameters)
        found.append((method, *_judged(parameters, values, owners)))
        progress()
    found.sort(key=lambda each: (each[1].errors, each[1].loss))
    method, best, curve, spread = found[0]
    everyone = np.arange(len(known.people))
    coefficients, biases = machines(known, method, best.parameters, everyone)
    recipe = ClassifierRecipe(
        method,
        best.parameters,
        model_id,
        known.people,
        digests(known.rows),
        known.owners,
        coefficients,
        biases,
        curve,
        spread,
        _usual(known, method, best.parameters),
    )
    trials = tuple(trial for _, trial, *_ in found)
    return Training(recipe, trials, 0 if method is Method.KNN else len(everyone))


def update(recipe: ClassifierRecipe, known: LabelledRows) -> Training:
    """Bring a classifier in step with the templates, without training it anew.

    Only the machines of people who are new, or whose templates have changed, are trained, with the
    parameters that were chosen. For the others, templates that are gone count no more, and new
    ones not yet. A kNN is as after a full training, but for the choice of its parameters.

    Raises LearningError where scikit-learn is missing and a machine is to be trained.
    """
    now = digests(known.rows)
    fresh = [
        place
        for place, one in enumerate(known.people)
        if {now[i] for i in np.flatnonzero(known.owners == place)} != recipe.digests_of(one)
    ]
    is_svm = recipe.method is not Method.KNN
    coefficients = np.zeros((len(known.people), len(now) if is_svm else 0), np.float32)
    biases = np.zeros(len(known.people), np.float32)
    before = {one: place for place, one in enumerate(recipe.people)}
    column = {t: i for i, t in enumerate(recipe.templates)}
    shared = [(i, column[t]) for i, t in enumerate(now) if t in column]
    left = np.isin(np.arange(len(recipe.templates)), [there for _, there in shared])
    kept_biases = recipe.biases_without(left[: recipe.coefficients.shape[1]])
    if is_svm:
        for place, one in enumerate(known.people):
            if one in before and shared:
                here, there = map(list, zip(*shared, strict=True))
                coefficients[place, here] = recipe.coefficients[before[one], there]
                biases[place] = kept_biases[before[one]]
        trained = np.array(fresh, np.intp)
        coefficients[trained], biases[trained] = machines(
            known, recipe.method, recipe.parameters, trained
        )
    updated = replace(
        recipe,
        people=known.people,
        templates=now,
        owners=known.owners,
        coefficients=coefficients,
        biases=biases,
    )
    return Training(updated, (), len(fresh) if is_svm else 0)


def _usual(known: LabelledRows, method: Method, parameters: Parameters) -> float:
    if method is Method.KNN:
        return 0.0
    some = known.rows[:: max(1, len(known.rows) // MOST_COMPARED)]
    owners = known.owners[:: max(1, len(known.rows) // MOST_COMPARED)]
    compared = kernel(method, parameters.width, some, some)
    return float(compared[owners[:, np.newaxis] != owners].mean())


def _choices(methods: Sequence[Method]) -> Iterator[tuple[Method, Parameters]]:
    for method in methods:
        if method is Method.KNN:
            yield from ((method, Parameters(neighbours=count)) for count in NEIGHBOURS)
        elif method is Method.SVM_LINEAR:
            yield from ((method, Parameters(penalty=c)) for c in PENALTIES)
        else:
            for c, width in product(PENALTIES, WIDTHS):
                yield method, Parameters(penalty=c, width=width)


def choices_of(methods: Sequence[Method]) -> int:
    """How many choices a training tries."""
    return len(list(_choices(methods)))


def _some_of(known: LabelledRows) -> LabelledRows:
    """Leave some people out where there are very many; those with one template go first."""
    if len(known.people) <= CHOSEN_ON:
        return known
    order = np.random.default_rng(SEED).permutation(len(known.people))
    order = order[np.argsort(known.counts[order] < 2, kind="stable")]
    return known.of_people(np.sort(order[:CHOSEN_ON]))


def _out_of_fold(
    known: LabelledRows, method: Method, parameters: Parameters
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the decision values of each template that can be left out, and whose it is.

    A person's only template stays in every fold.
    """
    rank = np.concatenate([np.arange(count) for count in known.counts])
    folds = np.where(known.counts[known.owners] > 1, rank % FOLDS, -1)
    values, owners = [], []
    everyone = np.arange(len(known.people))
    for fold in range(int(folds.max()) + 1):
        left_out = folds == fold
        rest = LabelledRows(known.people, known.rows[~left_out], known.owners[~left_out])
        probes = known.rows[left_out]
        if method is Method.KNN:
            cosines = probes @ rest.rows.T
            found = votes(cosines, rest.owners, len(everyone), parameters.neighbours)
        else:
            coefficients, biases = machines(rest, method, parameters, everyone)
            compared = kernel(method, parameters.width, rest.rows, probes)
            found = compared @ coefficients.T + biases
        values.append(found)
        owners.append(known.owners[left_out])
    return np.concatenate(values), np.concatenate(owners)


def _judged(
    parameters: Parameters, values: NDArray[np.float32], owners: NDArray[np.int32]
) -> tuple[LeftOutTrial, Logistic, float]:
    """Return the errors and the loss, the curve that calibrates, and its spread over others."""
    own = owners[:, np.newaxis] == np.arange(values.shape[1])
    curve = fit_logistic(values.ravel(), own.ravel())
    logits = curve.logits(values)
    loss = float(np.logaddexp(0, np.where(own, -logits, logits)).mean())
    errors = int((values.argmax(axis=1) != owners).sum())
    spread = max(float(logits[~own].std()), 1e-3)
    return LeftOutTrial(parameters, errors, len(owners), loss), curve, spread


def machines(
    known: LabelledRows, method: Method, parameters: Parameters, people: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Train the machines of some people, each against everybody else.

    One machine for each person, and not for each pair, so that one can be trained by itself.
    Returns coefficients, (people, n), and biases, (people,).
    """
    if method is Method.KNN:
        return np.zeros((len(people), 0), np.float32), np.zeros(len(people), np.float32)
    coefficients = np.zeros((len(people), len(known.rows)), np.float32)
    biases = np.zeros(len(people), np.float32)
    if not len(people):
        return coefficients, biases
    with needing("learn", Sentence("which trains SVMs"), LearningError):
        from sklearn.svm import SVC
    for place, person in enumerate(people):
        own = known.owners == person
        if own.all():
            raise LearningError(
                "at least two people to tell apart",
                "there is one",
                "Enroll somebody else, or remove the classifier",
            )
        machine = SVC(
            C=parameters.penalty,
            kernel="linear" if method is Method.SVM_LINEAR else "rbf",
            gamma=parameters.width or 1.0,
            class_weight="balanced",
            random_state=SEED,
        )
        machine.fit(known.rows, own)
        coefficients[place, machine.support_] = machine.dual_coef_[0]
        biases[place] = machine.intercept_[0]
    return coefficients, biases
