"""Enrollment from photos: one is enough, two or more are better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from capture.stills import read_picture
from facedesk_errors import FacedeskError
from gallery.identity import Identity, Template
from recognition.enroller import photo_template
from recognition.recognizer import Recognizer

SAME_PHOTO = 0.9999
"""Similarity from which a photo is one that is enrolled already, to rounding."""


UNLIKE = 0.2
"""Cosine below which a photo shows somebody else than another: of SFace's mated pairs one in a
hundred scores less, of its non-mated pairs nine in ten."""


@dataclass(frozen=True)
class Skipped:
    """A photo that gave no template, and the reason as a sentence.

    enrolled_as: the identity that has this very photo already.
    """

    path: Path
    reason: str
    enrolled_as: Identity | None = None


def photo_templates(
    recognizer: Recognizer,
    photos: Sequence[Path],
    progress: Callable[[Path], None] = lambda path: None,
) -> tuple[list[Template], list[Skipped]]:
    """A template for each photo that shows the one person; the others with the reason.

    Skipped are photos without exactly one face, those that the gallery holds already, so that
    an import can be repeated, and those that show somebody else than all the others.
    progress: told of each photo once it is done.
    """
    taken: list[tuple[Path, Template]] = []
    skipped: list[Skipped] = []
    for path in photos:
        try:
            template = photo_template(recognizer, read_picture(path))
            holders = recognizer.gallery.mates(template.embedding[np.newaxis], SAME_PHOTO)
            if holders:
                holder = holders[0].identity
                reason = f"The same picture is enrolled already, as {holder.name}."
                skipped.append(Skipped(path, reason, holder))
            elif any(template.embedding @ t.embedding > SAME_PHOTO for _, t in taken):
                skipped.append(Skipped(path, "The same picture was given twice."))
            else:
                taken.append((path, template))
        except FacedeskError as error:
            skipped.append(Skipped(path, str(error)))
        progress(path)
    others = _unlike_the_rest([template for _, template in taken])
    reason = "It shows somebody else than the other pictures."
    skipped += [Skipped(taken[i][0], reason) for i in others]
    return [template for i, (_, template) in enumerate(taken) if i not in others], skipped


def _unlike_the_rest(templates: Sequence[Template]) -> list[int]:
    """Indices of the templates that resemble no other one; of two that differ, both."""
    if len(templates) < 2:
        return []
    rows = np.stack([template.embedding for template in templates])
    similarities = rows @ rows.T
    np.fill_diagonal(similarities, -1)
    return [int(i) for i in np.flatnonzero(similarities.max(axis=1) < UNLIKE)]
