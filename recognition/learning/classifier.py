"""Classifiers of the gallery's people: what was learned, and how a face is scored with it.

What is kept of a classifier is a recipe: how much each template of the gallery counts for each
person. It has no embedding in it, and is of no use without the gallery. So whoever is erased from
the gallery is erased from what is computed here as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gallery.gallery import Gallery
from recognition.learning.labelled import LabelledRows
from recognition.learning.logistic import Logistic

DIGEST_BYTES = 16


class Method(Enum):
    """How a classifier decides. Its value is the name in commands and files."""

    SVM_LINEAR = "svm-linear"
    SVM_RBF = "svm-rbf"
    KNN = "knn"


@dataclass(frozen=True)
class Parameters:
    """What a training chooses by cross-validation.

    penalty: an SVM's C. width: the RBF kernel's gamma, per squared distance of unit vectors.
    neighbours: the number of templates that a kNN asks. What a method does not use is 0.
    """

    penalty: float = 0.0
    width: float = 0.0
    neighbours: int = 0


@dataclass(frozen=True, eq=False)
class ClassifierRecipe:
    """A trained classifier, but for the embeddings.

    model_id: the embedder that the templates are of. people: (k,) identity ids. templates: (n,)
    digests of the templates, see digest(). owners: (n,) int32, each template's place in `people`.
    coefficients: (k, n) float32, how much each template counts for each person, 0 rows wide for a
    kNN. biases: (k,) float32. curve: from a decision value to the odds that it is this person.
    spread: standard deviation of the logarithm of these odds over other people, out of fold.
    usual: an SVM's mean kernel of two people's templates. It stands for a template that is gone:
    left out altogether, it would shift each machine by another amount.
    """

    method: Method
    parameters: Parameters
    model_id: str
    people: tuple[str, ...]
    templates: tuple[bytes, ...]
    owners: NDArray[np.int32]
    coefficients: NDArray[np.float32]
    biases: NDArray[np.float32]
    curve: Logistic
    spread: float
    usual: float

    def without(self, identity_id: str) -> ClassifierRecipe:
        """Return it as if this person's templates had never counted for anybody."""
        stays = np.array([one != identity_id for one in self.people], bool)
        kept = stays[self.owners]
        places = np.cumsum(stays) - 1
        columns = kept[: self.coefficients.shape[1]]
        return replace(
            self,
            people=tuple(one for one in self.people if one != identity_id),
            templates=tuple(t for t, keep in zip(self.templates, kept, strict=True) if keep),
            owners=places[self.owners[kept]].astype(np.int32),
            coefficients=self.coefficients[stays][:, columns],
            biases=self.biases_without(columns)[stays],
        )

    def biases_without(self, columns: NDArray[np.bool_]) -> NDArray[np.float32]:
        """The biases where only some templates' columns are left. columns: (n,), True for those."""
        gone = self.coefficients[:, ~columns].sum(axis=1)
        return np.asarray(self.biases + self.usual * gone, np.float32)

    def digests_of(self, identity_id: str) -> set[bytes]:
        """The digests of the templates that it knows of a person."""
        if identity_id not in self.people:
            return set()
        place = self.people.index(identity_id)
        return {t for t, o in zip(self.templates, self.owners.tolist(), strict=True) if o == place}


def digest(embedding: NDArray[np.float32]) -> bytes:
    """Return what tells a template, (d,) float32, from any other."""
    return hashlib.sha256(embedding.astype("<f4").tobytes()).digest()[:DIGEST_BYTES]


def digests(rows: NDArray[np.float32]) -> tuple[bytes, ...]:
    return tuple(digest(row) for row in rows)


def kernel(
    method: Method, width: float, rows: NDArray[np.float32], probes: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The similarity by which an SVM of that method compares: (probes, n) float32.

    rows, probes: (n, d) and (probes, d) float32, unit rows.
    """
    cosines = probes @ rows.T
    if method is Method.SVM_LINEAR:
        return cosines
    return np.asarray(np.exp(2 * width * (cosines - 1)), np.float32)


def votes(
    cosines: NDArray[np.float32], owners: NDArray[np.int32], people: int, neighbours: int
) -> NDArray[np.float32]:
    """Each person's share of the votes of the nearest templates, each weighted by its cosine.

    cosines: (probes, n). The result is (probes, people) float32, 0 to 1.
    """
    count = min(neighbours, cosines.shape[1])
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    weights = np.maximum(np.take_along_axis(cosines, nearest, axis=1), 1e-6)
    shares = np.zeros((len(cosines), people), np.float32)
    np.add.at(shares, (np.arange(len(cosines))[:, np.newaxis], owners[nearest]), weights)
    return np.asarray(shares / weights.sum(axis=1, keepdims=True), np.float32)


class Classifier:
    """A recipe with the embeddings that it is for. It never changes, so threads may share it."""

    def __init__(self, recipe: ClassifierRecipe, known: LabelledRows) -> None:
        """known: whoever is enrolled now. For templates of the recipe that are not there stands the
        usual one. People of whose templates none is there are not scored."""
        places = {each: place for place, each in enumerate(digests(known.rows))}
        enrolled = set(known.people)
        is_there = np.array([t in places for t in recipe.templates], bool)
        counts = np.bincount(recipe.owners[is_there], minlength=len(recipe.people))
        people = np.array([one in enrolled for one in recipe.people], bool) & (counts > 0)
        here = people[recipe.owners] & is_there
        found = [places[t] for t, kept in zip(recipe.templates, here, strict=True) if kept]
        self.people = tuple(p for p, kept in zip(recipe.people, people, strict=True) if kept)
        self._rows = known.rows[found]
        self._owners = (np.cumsum(people) - 1)[recipe.owners[here]].astype(np.int32)
        columns = here[: recipe.coefficients.shape[1]]
        self._coefficients = recipe.coefficients[people][:, columns]
        self._biases = recipe.biases_without(columns)[people]
        self._recipe = recipe

    def decisions(self, probes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Each person's decision value, (probes, people) float32. probes: (n, d), unit rows."""
        recipe = self._recipe
        if recipe.method is Method.KNN:
            cosines = probes @ self._rows.T
            return votes(cosines, self._owners, len(self.people), recipe.parameters.neighbours)
        if recipe.method is Method.SVM_LINEAR:
            return np.asarray(probes @ self._directions.T + self._biases, np.float32)
        compared = kernel(recipe.method, recipe.parameters.width, self._rows, probes)
        return np.asarray(compared @ self._coefficients.T + self._biases, np.float32)

    def odds(self, probe: NDArray[np.float32]) -> Mapping[str, float]:
        """The logarithm of the odds that a probe, (d,) float32, shows each person, by their id.

        A kNN knows nothing of people who get no vote: not how far behind they are.
        """
        if not self.people or not len(self._rows):
            return {}
        values = self.decisions(probe[np.newaxis])[0]
        told = values > 0 if self._recipe.method is Method.KNN else np.ones(len(values), bool)
        found = self._recipe.curve.logits(values)
        return {
            one: odds
            for one, odds, is_told in zip(self.people, found.tolist(), told, strict=True)
            if is_told
        }

    @cached_property
    def _directions(self) -> NDArray[np.float32]:
        """(people, d): a linear machine is one direction for each person."""
        return np.asarray(self._coefficients @ self._rows, np.float32)


@dataclass(frozen=True)
class Staleness:
    """In what a classifier and the gallery differ, in people.

    unknown: enrolled since it was trained. changed: other pictures than it was trained on. gone:
    not enrolled any more.
    """

    unknown: int
    changed: int
    gone: int

    def __bool__(self) -> bool:
        return bool(self.unknown or self.changed or self.gone)


def staleness(recipe: ClassifierRecipe, gallery: Gallery) -> Staleness:
    """Compare a recipe with the gallery as it is now."""
    enrolled = {identity.id for identity in gallery.identities}
    known = set(recipe.people)
    changed = sum(
        set(digests(gallery.embeddings(one))) != recipe.digests_of(one) for one in enrolled & known
    )
    return Staleness(len(enrolled - known), changed, len(known - enrolled))
