"""Tells which pictures of a folder show one person, and which somebody else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Groups = list[list[int]]
"""Indices of pictures, the largest group first, each in ascending order."""


def groups_of_people(embeddings: NDArray[np.float32], least: float) -> Groups:
    """Returns the pictures put together by who is on them.

    The two most similar groups become one, as long as their pictures are similar by `least` in the
    mean: average linkage (Sokal and Michener 1958). Whoever came to a group by its like, and is not
    like the others in the mean, leaves it again. So each picture is compared with all the others
    together, not with the nearest of many: one of fifteen often resembles a stranger's.
    On 12 people of Glint360K, six to choose and six to check, with one stranger's picture among 5,
    8, 10 and 15 clear ones: at 0.24 of SFace 0.3 to 1.3 % and 0.3 to 1.5 % of them went unnoticed
    (28 to 48 % when the nearest counted), for 0 and 0 to 0.2 % of own pictures left out. Of folders
    with half of another person's pictures none was taken for one person's.

    embeddings: (n, d) unit rows. least: EmbedderFigures.unlike_photo, cosine.
    """
    groups, similarities = _linked(embeddings, least, fewest=1)
    parted = [part for group in groups for part in _without_strangers(group, similarities, least)]
    return sorted(map(sorted, parted), key=len, reverse=True)


def two_groups(embeddings: NDArray[np.float32]) -> Groups:
    """Returns the pictures of what is thought to be one person as two groups, by the same linkage.

    Of one to ten pictures of one person among two to fifteen of another (Glint360K, 12 people, 150
    mixtures each) 99 to 100 % were parted without a mistake. It parts one person's pictures, too.

    embeddings: (n, d) unit rows, n at least 2.
    """
    groups, _ = _linked(embeddings, -np.inf, fewest=2)
    return sorted(map(sorted, groups), key=len, reverse=True)


def _linked(
    embeddings: NDArray[np.float32], least: float, fewest: int
) -> tuple[Groups, NDArray[np.float64]]:
    """Returns groups that are not joined any more, and the similarities of all to all.

    least: the mean similarity of two groups that become one. fewest: so many groups stay.
    """
    groups: Groups = [[i] for i in range(len(embeddings))]
    similarities = (embeddings @ embeddings.T).astype(np.float64)
    sums = similarities.copy()
    sizes = np.ones(len(groups))
    while len(groups) > fewest:
        means = sums / np.outer(sizes, sizes)
        np.fill_diagonal(means, -np.inf)
        one, other = sorted(divmod(int(means.argmax()), len(groups)))
        if means[one, other] < least:
            break
        groups[one] += groups.pop(other)
        sums[one] += sums[other]
        sums[:, one] += sums[:, other]
        sizes[one] += sizes[other]
        sums = np.delete(np.delete(sums, other, 0), other, 1)
        sizes = np.delete(sizes, other)
    return groups, similarities


def _without_strangers(
    group: list[int], similarities: NDArray[np.float64], least: float
) -> Iterator[list[int]]:
    """Yields those who are like the others of the group in the mean, and each of the rest."""
    own = list(group)
    while len(own) > 1:
        among = similarities[np.ix_(own, own)]
        means = (among.sum(axis=1) - np.diag(among)) / (len(own) - 1)
        if means.min() >= least:
            break
        yield [own.pop(int(means.argmin()))]
    yield own


def is_anybodys_guess(groups: Groups) -> bool:
    """Returns whether nobody can say who is meant: the largest group is not clearly that.

    It holds half of the pictures or fewer, or another one of several pictures is half as large.
    """
    if len(groups) < 2:
        return False
    first, second = len(groups[0]), len(groups[1])
    return 2 * first <= sum(map(len, groups)) or (second > 1 and 2 * second >= first)
