"""Classifiers for tests, whose answers are known."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gallery.gallery import Gallery
from recognition.learning.classifier import ClassifierRecipe, Method, Parameters, digests
from recognition.learning.labelled import LabelledRows
from recognition.learning.logistic import Logistic


def recipe_of_biases(gallery: Gallery, biases: Mapping[str, float]) -> ClassifierRecipe:
    """Machines that say the same of every face. biases: by identity id."""
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
        Logistic(1.0, 0.0),
        spread=0.5,
        usual=0.1,
    )
