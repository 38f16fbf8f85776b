"""Enrollment from photos: one is enough, two or more are better."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from capture.stills import read_picture
from facedesk_errors import FacedeskError
from gallery.identity import Template
from recognition.enroller import photo_template
from recognition.recognizer import Recognizer

SAME_PHOTO = 0.9999
"""Similarity from which a photo is one that is enrolled already, to rounding."""


@dataclass(frozen=True)
class Skipped:
    """A photo that gave no template, and the reason as a sentence."""

    path: Path
    reason: str


def photo_templates(
    recognizer: Recognizer,
    photos: Sequence[Path],
    progress: Callable[[Path], None] = lambda path: None,
) -> tuple[list[Template], list[Skipped]]:
    """A template for each photo that shows one person; the others with the reason.

    A photo that the gallery holds already is skipped, so that an import can be repeated.
    progress: told of each photo once it is done.
    """
    templates: list[Template] = []
    skipped: list[Skipped] = []
    for path in photos:
        try:
            template = photo_template(recognizer, read_picture(path))
            holder = recognizer.gallery.mates(template.embedding[None], SAME_PHOTO)
            if holder:
                name = holder[0].identity.name
                skipped.append(Skipped(path, f"The same picture is enrolled already, as {name}."))
            else:
                templates.append(template)
        except FacedeskError as error:
            skipped.append(Skipped(path, str(error)))
        progress(path)
    return templates, skipped
