"""Notices by measurement that an embedder reads its colours in the other order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from common.picture import RgbImage
from common.sentence import Sentence
from models.described.description import Colour, ModelDescription
from models.embedders.described import DescribedEmbedder
from models.engines.engine import Network

FEWEST_PEOPLE = 8
"""From this many people on it is measured, with two pictures of each at least."""

ERRORS = 3.0
"""The other order is clearly better where it is so by this many standard errors, over people.

On random choices of 12 people of Glint360K, five pictures of each, a wrong order was noticed in 99
of 100 with one model and in 42 with another, to which the order matters less; with two pictures in
67 and 22. With eight people and two pictures the right order was called wrong once in 100 or less,
with more never."""

STRANGERS_APART = 0.6
"""Strangers' mean similarity is far below it with any model whose pictures are scaled as it wants
them, and above it where they are not; see models/embedders/trial.py."""


@dataclass(frozen=True)
class OrderSeparation:
    """How an embedder tells people apart with one order of the colours.

    nonmated: mean cosine of pictures of different people. gaps: (people,) float64, by how much a
    person's pictures are more like each other than like others', in standard deviations of the
    latter.
    """

    nonmated: float
    gaps: NDArray[np.float64]


def colour_warning(
    network: Network, description: ModelDescription, people: Sequence[Sequence[RgbImage]]
) -> Sentence | None:
    """Return what is probably wrong with a description, by the faces of people; None for nothing.

    people: the crops of each, (h, w, 3) uint8 RGB, best such as the embedder reads; they are
    brought to its size. Of fewer than FEWEST_PEOPLE with two crops nothing is said.
    """
    enough = [crops for crops in people if len(crops) > 1]
    if len(enough) < FEWEST_PEOPLE:
        return None
    said = separation(network, description, enough)
    if said.nonmated > STRANGERS_APART:
        return Sentence(
            "Different people are alike to it, at a similarity of {} in the mean: mean, scale or "
            "crop are probably other ones.",
            f"{said.nonmated:.2f}",
        )
    swapped: Colour = "BGR" if description.colour == "RGB" else "RGB"
    other = separation(network, replace(description, colour=swapped), enough)
    better = other.gaps - said.gaps
    if better.mean() <= ERRORS * better.std(ddof=1) / np.sqrt(len(better)):
        return None
    return Sentence(
        "It tells these {} people apart better with the colours in the order {} than in {}: {} "
        "standard deviations, not {}. Add it again with --colour {}.",
        len(enough),
        swapped,
        description.colour,
        f"{other.gaps.mean():.1f}",
        f"{said.gaps.mean():.1f}",
        swapped,
    )


def separation(
    network: Network, description: ModelDescription, people: Sequence[Sequence[RgbImage]]
) -> OrderSeparation:
    """Measure how an embedder tells people apart, two crops of each at least."""
    plain = replace(description, metric="cosine", reach=0.0)
    embedder = DescribedEmbedder(network, plain)
    rows = embedder.embed([_fitted(crop, plain) for crops in people for crop in crops])
    owners = np.repeat(np.arange(len(people)), [len(crops) for crops in people])
    similarities = rows.astype(np.float64) @ rows.T
    spread = similarities[owners[:, np.newaxis] != owners].std()
    gaps = [_gap(similarities, owners == owner) / spread for owner in range(len(people))]
    nonmated = similarities[owners[:, np.newaxis] != owners].mean()
    return OrderSeparation(float(nonmated), np.array(gaps))


def _gap(similarities: NDArray[np.float64], own: NDArray[np.bool_]) -> float:
    """Return by how much the pictures of one person are more like each other than like others'."""
    count = int(own.sum())
    within = similarities[np.ix_(own, own)]
    mated = (within.sum() - within.trace()) / (count * (count - 1))
    return float(mated - similarities[np.ix_(own, ~own)].mean())


def _fitted(crop: RgbImage, description: ModelDescription) -> RgbImage:
    if crop.shape[1::-1] == description.input_size:
        return crop
    size = description.input_size
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)
