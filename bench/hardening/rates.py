"""Measures whom bad pictures name: enrolled people and strangers with the same defect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bench.accuracy import ENROLLED
from gallery.search.identity_rows import IdentityRows
from gallery.threshold import ImpostorScores, threshold_for_fpir
from models.embedders.figures import EmbedderFigures
from models.flaws import Flaw
from recognition.clarity import demanding
from recognition.decision import Policy


@dataclass(frozen=True, eq=False)
class SeenFace:
    """What is known of a face in a picture: (d,) float32 of unit length, and its flaws."""

    embedding: NDArray[np.float32]
    flaws: frozenset[Flaw]


Seen = Mapping[str, Sequence[SeenFace | None]]
"""By the person's name: each picture's largest face, None where none is found."""


@dataclass(frozen=True)
class StrangerRates:
    """What becomes of probes. enrolled: people who are, of `people` that could be.

    fnir: share of the enrolled people's probes that get no name or a wrong one; None where nobody
    is enrolled. fpir: share of the strangers' probes that get a name; None without strangers.
    """

    people: int
    enrolled: int
    fnir: float | None
    fpir: float | None


@dataclass(frozen=True)
class Hardness:
    """The figures of one defect.

    set_apart: share of the pictures to enroll that are refused. same: enrolled and probed with the
    defect. clean: enrolled as they are, probed with it. without: as `same`, if no picture were
    refused, and no probe needed more for its flaws.
    """

    defect: str
    set_apart: float
    same: StrangerRates
    clean: StrangerRates
    without: StrangerRates


def hardness(
    defect: str,
    degraded: Seen,
    clean: Seen,
    figures: EmbedderFigures,
    fpir: float,
    enroll: int = ENROLLED,
) -> Hardness:
    """Compute the rates of one defect. fpir: as the settings have it.

    The first pictures of each person are enrolled, `enroll` of them, of a person with fewer all but
    one; the rest are probes. Every second person, by name, is a stranger, and then the others are;
    the shares are of both together.
    """
    counts = {name: min(enroll, len(faces) - 1) for name, faces in degraded.items()}
    to_enroll = [face for name, faces in degraded.items() for face in faces[: counts[name]]]
    refused = sum(face is None or bool(face.flaws) for face in to_enroll)
    indifferent = replace(figures, unclear_rise=0.0, unclear_margin=0.0)
    return Hardness(
        defect,
        refused / len(to_enroll) if to_enroll else 1.0,
        _rates(_clear(degraded), degraded, figures, fpir, counts),
        _rates(_clear(clean), degraded, figures, fpir, counts),
        _rates(degraded, degraded, indifferent, fpir, counts),
    )


def _clear(seen: Seen) -> Seen:
    """Leave out what is refused at enrollment."""
    return {
        name: [None if face is None or face.flaws else face for face in faces]
        for name, faces in seen.items()
    }


def _rates(
    enrolled: Seen,
    probed: Seen,
    figures: EmbedderFigures,
    fpir: float,
    counts: Mapping[str, int],
) -> StrangerRates:
    names = sorted(probed)
    lost = own = named = strangers = people = 0
    for known in (names[::2], names[1::2]):
        gallery = IdentityRows(1 if not names else _dimension(enrolled, probed))
        inside = set()
        for name in known:
            rows = [face.embedding for face in enrolled[name][: counts[name]] if face is not None]
            if rows:
                gallery.put(name, np.stack(rows))
                inside.add(name)
        people += len(inside)
        impostors = ImpostorScores(*figures.nonmated)
        threshold = threshold_for_fpir(impostors, fpir, len(inside), figures.threshold_floor)
        policy = Policy(threshold, figures.margin)
        for name in names:
            found = [_name(face, gallery, policy, figures) for face in probed[name][counts[name] :]]
            if name in inside:
                own += len(found)
                lost += sum(other != name for other in found)
            elif name not in known:
                strangers += len(found)
                named += sum(other is not None for other in found)
    return StrangerRates(
        len(names),
        people,
        lost / own if own else None,
        named / strangers if strangers else None,
    )


def _dimension(*seen: Seen) -> int:
    faces = (face for each in seen for some in each.values() for face in some)
    return next((len(face.embedding) for face in faces if face is not None), 1)


def _name(
    face: SeenFace | None, gallery: IdentityRows, policy: Policy, figures: EmbedderFigures
) -> str | None:
    ranking = gallery.best(face.embedding, 2) if face is not None else []
    if face is None or not ranking:
        return None
    needed = demanding(policy, face.flaws, figures)
    behind = ranking[0][1] - ranking[1][1] if len(ranking) > 1 else np.inf
    return ranking[0][0] if ranking[0][1] >= needed.threshold and behind >= needed.margin else None
