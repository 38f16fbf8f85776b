"""Lets a trained classifier say who is meant, of the people whom a face resembles."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from common.errors import LearningError
from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.identity import Candidate
from recognition.learning.classifier import Classifier, ClassifierRecipe, Staleness, staleness
from recognition.learning.labelled import LabelledRows

SHORTLIST = 20
"""So many people, those whom the face resembles most, are ordered."""


class ClassifierOrder:
    """Orders the gallery's nearest people by a classifier. The gallery's thread uses it.

    A stranger passes no more often than without it: whoever is put first has to pass the same
    threshold, and nobody is more similar than the gallery's own first.

    Raises LearningError for a classifier of another embedder's templates, or of another gallery.
    """

    def __init__(self, recipe: ClassifierRecipe, gallery: Gallery) -> None:
        if recipe.model_id != gallery.model_id:
            raise LearningError(
                Sentence("a classifier of the model {}", gallery.model_id),
                Sentence("it was trained with the model {}", recipe.model_id),
                "Train it again with facedesk train, or choose none",
            )
        if len(gallery) and not any(gallery.knows(one) for one in recipe.people):
            raise LearningError(
                "a classifier of the people in this gallery",
                "it knows nobody who is enrolled here",
                "Train it again with facedesk train, or choose none",
            )
        self._recipe = recipe
        self._gallery = gallery
        self._revision = -1
        self._bound: Classifier | None = None

    @property
    def staleness(self) -> Staleness:
        """In what it and the gallery differ now."""
        return staleness(self._recipe, self._gallery)

    def first_two(
        self, probe: NDArray[np.float32], cosine_spread: float
    ) -> tuple[tuple[Candidate, ...], float | None]:
        """Return the first two people for a probe, and how far the second is behind.

        That is told as much as in cosine: in standard deviations of the classifier's odds over
        other people, times `cosine_spread`, the same of the gallery's similarities. Against people
        whom the classifier does not know, the cosine itself counts; where such a person is the
        gallery's first, the classifier is not asked and None is returned.

        probe: (d,) float32, unit length. The second is whoever is least behind.
        """
        nearest = self._gallery.search(probe[np.newaxis], k=SHORTLIST)[0]
        odds = self._classifier().odds(probe)
        if not nearest or nearest[0].identity.id not in odds:
            return tuple(nearest[:2]), None
        first = max(
            (c for c in nearest if c.identity.id in odds), key=lambda c: odds[c.identity.id]
        )
        scale = cosine_spread / self._recipe.spread

        def behind(other: Candidate) -> float:
            if other.identity.id not in odds:
                return first.similarity - other.similarity
            return scale * (odds[first.identity.id] - odds[other.identity.id])

        others = [candidate for candidate in nearest if candidate is not first]
        if not others:
            return (first,), None
        second = min(others, key=behind)
        return (first, second), behind(second)

    def _classifier(self) -> Classifier:
        if self._bound is None or self._revision != self._gallery.revision:
            known = (one for one in self._recipe.people if self._gallery.knows(one))
            rows = ((one, self._gallery.embeddings(one)) for one in known)
            enrolled = LabelledRows.of((one, found) for one, found in rows if len(found))
            self._bound = Classifier(self._recipe, enrolled)
            self._revision = self._gallery.revision
        return self._bound
