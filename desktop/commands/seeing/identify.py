"""facedesk identify (1:N), facedesk verify (1:1): say who is on a photo."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import FacedeskError, GalleryError
from desktop.commands.session import (
    Session,
    classifier_option,
    json_option,
    note,
    print_json,
)

if TYPE_CHECKING:
    from recognition.recognizer import RecognizedFace

SUREST = 0.999
"""The highest probability that is told in words."""


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@classifier_option
@json_option
@click.pass_context
def identify(
    context: click.Context, photos: tuple[Path, ...], classifier: str | None, as_json: bool
) -> None:
    """Say who is on each photo. Exit code 1 where nobody is known."""
    from capture.stills import read_still
    from desktop.shared.answers import face_json

    session: Session = context.obj
    known = failed = False
    with session.recognizer(20, classifier) as recognizer:
        if not len(recognizer.gallery):
            raise GalleryError(
                "somebody in the gallery",
                "it is empty",
                "Enroll somebody first: facedesk enroll NAME PHOTO",
            )
        for path in photos:
            started = time.perf_counter()
            try:
                still = read_still(path)
            except FacedeskError as error:
                note(f"{path}: {error}")
                if as_json:
                    print_json({"path": str(path), "faces": [], "error": str(error)})
                failed = True
                continue
            faces = [
                replace(seen, face=seen.face.scaled(*still.pixel_size))
                for seen in recognizer.identify(still.image).faces
            ]
            known |= any(face.match for face in faces)
            if as_json:
                print_json(
                    {
                        "path": str(path),
                        "faces": [face_json(face, recognizer.threshold) for face in faces],
                        "elapsed_ms": round((time.perf_counter() - started) * 1e3, 2),
                    }
                )
            else:
                _tell(path, faces)
    context.exit(2 if failed else 0 if known else 1)


@click.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def verify(context: click.Context, first: Path, second: Path, as_json: bool) -> None:
    """Say whether photos A and B show the same person. Exit code 1 where they do not.

    The probability is for a pair that is as likely of one person as of two. facedesk train pairs
    measures it on your own pictures.
    """
    from capture.stills import read_picture
    from models.flaws import Flaw
    from recognition.assembly import load_models
    from recognition.clarity import UNSURE
    from recognition.learning.pairs import pair_curve
    from recognition.verification import verified

    session: Session = context.obj
    detector, embedder = load_models(
        session.recognizer_spec(20), session.home.cache, session.preparation
    )
    photos = ((path, read_picture(path)) for path in (first, second))
    found = verified(detector, embedder, photos)
    curve = pair_curve(embedder.model_id, session.home.pairs)
    probability = None
    if curve is not None and not found.flaws:  # it was measured on clear pictures
        probability = curve.probability(found.similarity)
    if as_json:
        print_json(
            {
                "same": found.same,
                "similarity": round(found.similarity, 4),
                "threshold": round(found.threshold, 4),
                "probability": None if probability is None else round(probability, 6),
                "flaws": [flaw.value for flaw in Flaw if flaw in found.flaws],
            }
        )
    else:
        if found.deciding_flaw is None:
            verdict = "The same person" if found.same else "Not the same person"
        else:
            verdict = f"Perhaps the same person, {UNSURE[found.deciding_flaw]}"
        chance = "" if probability is None else f", probability {_percent(probability)}"
        similarity, threshold = f"{found.similarity:.2f}", f"{found.threshold:.2f}"
        click.echo(f"{verdict}: similarity {similarity}, threshold {threshold}{chance}.")
    context.exit(0 if found.same else 1)


def _percent(probability: float) -> str:
    """Return it without claiming more than was measured: some thousand pairs."""
    if probability > SUREST:
        return f"over {SUREST:.1%}"
    if probability < 1 - SUREST:
        return f"under {1 - SUREST:.1%}"
    return f"{probability:.1%}"


def _tell(path: Path, faces: Sequence[RecognizedFace]) -> None:
    """Print who is on a photo; where it has several faces, a line for each, from left to right."""
    if len(faces) < 2:
        click.echo(f"{path}: {_in_words(faces[0]) if faces else 'no face'}")
        return
    click.echo(f"{path}: {len(faces)} faces, from left to right")
    for face in sorted(faces, key=lambda face: float(face.face.box_xyxy[0])):
        x, y = (float(v) for v in (face.face.box_xyxy[:2] + face.face.box_xyxy[2:]) / 2)
        click.echo(f"  at {x:.0f},{y:.0f}: {_in_words(face)}")


def _in_words(face: RecognizedFace) -> str:
    if face.match:
        return f"{face.match.identity.name} ({face.match.similarity:.2f})"
    return f"Unknown ({face.reason})"
