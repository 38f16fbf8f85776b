"""Measures what it costs to bring a classifier in step instead of training it anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.labelled_probes import ProbedPeople
from recognition.learning.classifier import Classifier, ClassifierRecipe, Method
from recognition.learning.labelled import LabelledRows
from recognition.learning.training import train, update

ENROLLED = 5

METHODS = (Method.SVM_LINEAR, Method.SVM_RBF)


@dataclass(frozen=True)
class UpdateFigures:
    """One kind of change, made to each person in turn.

    updated_errors, full_errors: probes that are taken for somebody else, of `probes`, after an
    update and after a full training. agree: share of probes that both say the same of. ratio: how
    many times as long the full training took, with its choice of parameters.
    """

    change: str
    updated_errors: int
    full_errors: int
    probes: int
    agree: float
    ratio: float


def measure_updates(people: ProbedPeople, progress: Callable[[], None]) -> list[UpdateFigures]:
    """Measure one person more, one correction and one person less.

    Of each person the first five pictures are enrolled, and the rest are probes, degraded, since of
    plain ones no way errs. progress: is called for each person.
    """
    enrolled = [(name, rows[:ENROLLED]) for name, rows in _seen(people, "plain")]
    probes = [(name, rows[ENROLLED:]) for name, rows in _seen(people, "degraded")]
    whole = LabelledRows.of(enrolled)
    began = time.perf_counter()
    full = train(whole, people.model_id, METHODS).recipe
    full_s = time.perf_counter() - began
    runs: dict[str, list[_Run]] = {"one person more": [], "one correction": [], "one less": []}
    for place in range(len(enrolled)):
        others = [one for number, one in enumerate(enrolled) if number != place]
        rest = LabelledRows.of(others)
        without = train(rest, people.model_id, METHODS).recipe
        runs["one person more"].append(_updated(without, whole, full, full_s, probes))
        mistaken = LabelledRows(whole.people, whole.rows, whole.owners.copy())
        mistaken.owners[np.flatnonzero(whole.owners == place)[0]] = (place + 1) % len(enrolled)
        wrong = train(mistaken, people.model_id, METHODS).recipe
        runs["one correction"].append(_updated(wrong, whole, full, full_s, probes))
        left = [one for number, one in enumerate(probes) if number != place]
        runs["one less"].append(_updated(full, rest, without, full_s, left))
        progress()
    return [_summed(change, of_one) for change, of_one in runs.items()]


@dataclass(frozen=True)
class _Run:
    updated: NDArray[np.bool_]
    full: NDArray[np.bool_]
    same: NDArray[np.bool_]
    ratio: float


def _updated(
    before: ClassifierRecipe,
    known: LabelledRows,
    full: ClassifierRecipe,
    full_s: float,
    probes: Sequence[tuple[str, NDArray[np.float32]]],
) -> _Run:
    began = time.perf_counter()
    after = update(before, known).recipe
    ratio = full_s / (time.perf_counter() - began)
    updated, trained = Classifier(after, known), Classifier(full, known)
    rows = np.concatenate([rows for _, rows in probes])
    owners = np.repeat(
        [known.people.index(name) for name, _ in probes], [len(r) for _, r in probes]
    )
    one, other = (each.decisions(rows).argmax(axis=1) for each in (updated, trained))
    return _Run(one != owners, other != owners, one == other, ratio)


def _summed(change: str, runs: Sequence[_Run]) -> UpdateFigures:
    return UpdateFigures(
        change,
        int(sum(run.updated.sum() for run in runs)),
        int(sum(run.full.sum() for run in runs)),
        sum(len(run.full) for run in runs),
        float(np.concatenate([run.same for run in runs]).mean()),
        float(np.median([run.ratio for run in runs])),
    )


def _seen(people: ProbedPeople, kind: str) -> list[tuple[str, NDArray[np.float32]]]:
    return [
        (name, rows[~np.isnan(rows[:, 0])])
        for name, rows in zip(people.names, people.probes[kind], strict=True)
    ]
