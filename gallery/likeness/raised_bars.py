"""What somebody's name needs once others were taken for them, and how far that may go.

A person of whom the operator or a visitor has said that a face is not theirs needs more from then
on than that face had. Nothing else of the gallery is touched, and nobody's name gets easier.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gallery.gallery import Gallery
from gallery.identity import Identity, Match
from gallery.likeness.impostors import Impostor, Impostors

ABOVE = 0.01
"""A face needs a similarity higher by this much than the impostor's, in cosine."""

_ROUNDING = 1e-5
"""A picture of the person herself must not fail by the last digit of a 32-bit number."""


@dataclass(frozen=True)
class RaisedBar:
    """What one person's name needs besides the threshold.

    examples: of the faces that were taken for them, the most similar first. at: the similarity
    (cosine) that is needed. capped: whether the most similar example would still pass it: more
    would keep the person out in their own pictures, or out of reach of an ordinary look.
    """

    identity: Identity
    examples: tuple[Impostor, ...]
    at: float
    capped: bool


@dataclass(frozen=True)
class NotThem:
    """What came of "this is not her".

    example: is what take_back() takes. bar: as it is now. other: the enrolled person whom the face
    resembles enough for a name, too; None for none.
    """

    example: Impostor
    bar: RaisedBar
    other: Identity | None

    @property
    def are_look_alikes(self) -> bool:
        """Whether the two are listed as look-alikes, since the bar cannot part them."""
        return self.bar.capped and self.other is not None


class RaisedBars:
    """The bars of the people in a gallery. The thread that owns the gallery uses it.

    The file is read when there is a new one, and opened only for as long as it is read or written;
    where it cannot be read, the bars stay as they are and GalleryError is raised.

    path: of the examples; there need be no file. raised_at_most: the embedder's figure, in cosine.
    Raises GalleryError for a damaged file.
    """

    def __init__(self, path: Path, gallery: Gallery, raised_at_most: float) -> None:
        self._path = path
        self._gallery = gallery
        self.raised_at_most = raised_at_most
        """The most by which it raises what a name needs otherwise, in cosine: the person
        themselves, or a joker, may have said "not me" at a similarity that only this person
        reaches, and that must keep nobody out."""
        self._examples: dict[str, tuple[Impostor, ...]] = {}
        self._followed: dict[str, tuple[Impostor, ...]] = {}
        self._own: dict[str, NDArray[np.float32]] = {}
        self._revision = -1
        self._read_mark: object = None
        self.catch_up()

    def wanted(self, identity_id: str, threshold: float) -> float:
        """Return the similarity that a face needs so as to be given this identity, -1 for no more
        than others: above the examples, but not above the person's own pictures.

        threshold: what one picture's name needs. Reads no file.
        """
        examples = self._of(identity_id)
        if not examples:
            return -1.0
        now = self._own_limit(identity_id, threshold)
        # As far as the pictures of then allow, too: a poor one that is added since lowers no bar.
        return max(min(one.similarity + ABOVE, max(now, one.own_limit)) for one in examples)

    def bar(self, identity_id: str, threshold: float) -> RaisedBar | None:
        """Return a person's bar; None without one. Raises UnknownIdentityError."""
        identity, examples = self._gallery.identity(identity_id), self._of(identity_id)
        if not examples:
            return None
        wanted = self.wanted(identity_id, threshold)
        at = max(threshold, min(wanted, threshold + self.raised_at_most))
        return RaisedBar(identity, examples, at, capped=at <= examples[0].similarity)

    def all(self, threshold: float) -> list[RaisedBar]:
        """Return the bars of everybody who has one, by name."""
        known = self._gallery.identities
        bars = (self.bar(one.id, threshold) for one in known if self._of(one.id))
        return [bar for bar in bars if bar is not None]

    def confused(self, threshold: float) -> list[tuple[RaisedBar, Identity, float]]:
        """Return whom no bar can part: a bar at its limit, the other person, and the similarity to
        the first of the face that resembled both."""
        return [
            (bar, self._gallery.identity(example.other_id), example.similarity)
            for bar in self.all(threshold)
            for example in bar.examples
            if example.similarity >= bar.at and self._gallery.knows(example.other_id)
        ]

    def add(self, match: Match, threshold: float) -> NotThem:
        """Keep that somebody was taken for `match` and is not this person; raise the bar.

        threshold: what one picture's name needs. Raises UnknownIdentityError where the person is
        gone, and GalleryError where the file or the disk are at fault.
        """
        second = match.runner_up
        other = second.identity if second and second.similarity >= threshold else None
        # portrait() reads the gallery's file: nothing is kept of who was removed a moment ago.
        self._gallery.portrait(match.identity.id)
        with closing(Impostors(self._path, self._gallery.model_id)) as kept:
            limit = min(self._own_limit(match.identity.id, threshold), 1.0)
            example = kept.add(match, other.id if other is not None else "", limit)
        self._read()
        bar = self.bar(match.identity.id, threshold)
        assert bar is not None
        return NotThem(example, bar, other)

    def take_back(self, example: Impostor) -> bool:
        """Undo `add`. Returns whether the example was there still."""
        if not self._path.exists():
            return False
        with closing(Impostors(self._path, self._gallery.model_id)) as kept:
            was_there = kept.take_back(example)
        self._read()
        return was_there

    def remove(self, identity_id: str) -> int:
        """Take a person's bar away; return how many examples there were."""
        if not self._path.exists():
            return 0
        with closing(Impostors(self._path, self._gallery.model_id)) as kept:
            count = sum(kept.take_back(example) for example in kept.examples(identity_id))
        self._read()
        return count

    def catch_up(self) -> bool:
        """Take over what another program has written; return whether there was anything."""
        if self._mark() == self._read_mark:
            return False
        before = self._examples
        self._read()
        return self._examples != before

    def _read(self) -> None:
        mark = self._mark()
        if mark is None:  # gone, or never there: whoever has run with bars keeps them
            return
        with closing(Impostors(self._path, self._gallery.model_id)) as kept:
            found = kept.examples()
        model_id = self._gallery.model_id
        examples: dict[str, list[Impostor]] = {}
        for one in found:
            if one.model_id == model_id:
                examples.setdefault(one.identity_id, []).append(one)
        self._examples = {who: _sorted(rows) for who, rows in examples.items()}
        self._read_mark, self._revision = mark, -1

    def _mark(self) -> tuple[tuple[int, int, int], ...] | None:
        """Return what changes whenever the file does; None without one."""
        marks = []
        for path in (self._path, self._path.with_name(f"{self._path.name}-wal")):
            try:
                found = path.stat()
            except OSError:
                continue
            if path == self._path or found.st_size:
                marks.append((found.st_ino, found.st_mtime_ns, found.st_size))
        return tuple(marks) or None

    def _of(self, identity_id: str) -> tuple[Impostor, ...]:
        """Return the examples of a person and of whoever was merged into them."""
        if self._revision != self._gallery.revision:
            self._follow_gallery()
        return self._followed.get(identity_id, ())

    def _follow_gallery(self) -> None:
        self._own.clear()
        self._followed = dict(self._examples)
        if self._examples:
            for item in self._gallery.pending_erasures():
                if item.merged_into:
                    self._join(item.identity_id, item.merged_into)
        self._revision = self._gallery.revision

    def _join(self, gone: str, into: str) -> None:
        """Give the examples of somebody who was merged to the other, as `Impostors.forget` does."""
        both = (*self._followed.pop(gone, ()), *self._followed.pop(into, ()))
        kept = [one for one in both if one.other_id not in (gone, into)]
        if kept:
            self._followed[into] = _sorted(kept)

    def _own_limit(self, identity_id: str, threshold: float) -> float:
        """Return the similarity that each of a person's own pictures has to the others of hers, of
        those that pass the threshold at all; infinity where there are none."""
        own = self._own.get(identity_id)
        if own is None:
            own = self._own[identity_id] = own_similarities(self._gallery.embeddings(identity_id))
        passing = own[own >= threshold]
        return float(passing.min()) - _ROUNDING if len(passing) else float("inf")


def own_similarities(templates: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the similarity of each template to the person as the others alone describe them.

    That is by the rule of IdentityRows: the most similar of the others, or their mean. templates:
    (n, d) float32 unit rows. Returns (n,) float32, (0,) where there are no others.
    """
    if len(templates) < 2:
        return np.empty(0, np.float32)
    cosines = templates @ templates.T
    np.fill_diagonal(cosines, -1)
    means = templates.sum(axis=0) - templates
    lengths = np.maximum(np.linalg.norm(means, axis=1), 1e-6)
    to_mean = np.einsum("ij,ij->i", templates, means) / lengths
    return np.asarray(np.maximum(cosines.max(axis=1), to_mean), np.float32)


def _sorted(examples: Sequence[Impostor]) -> tuple[Impostor, ...]:
    return tuple(sorted(examples, key=lambda one: -one.similarity))
