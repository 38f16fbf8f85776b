"""Refuses pictures that nobody should be enrolled with, and says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from common.errors import EnrollmentError
from common.sentence import Sentence
from models.flaws import Flaw
from recognition.clarity import worst


class FlawRemedy(NamedTuple):
    """What is found, and the remedy."""

    found: Sentence
    remedy: Sentence


REFUSALS: Mapping[Flaw, FlawRemedy] = MappingProxyType(
    {
        Flaw.SMALL: FlawRemedy(
            Sentence("the face is too small"),
            Sentence("Use a picture in which it has 40 pixels and more, better 100"),
        ),
        Flaw.DARK: FlawRemedy(
            Sentence("the face is too dark"), Sentence("Use a picture with light on the face")
        ),
        Flaw.BLURRED: FlawRemedy(
            Sentence("the face is blurred"),
            Sentence("Use a picture for which camera and head were held still"),
        ),
        Flaw.NOISY: FlawRemedy(
            Sentence("the face is lost in grain"), Sentence("Use a picture taken in more light")
        ),
        Flaw.COMPRESSED: FlawRemedy(
            Sentence("it was saved too coarsely"),
            Sentence("Use the original, or save it with a higher JPEG quality"),
        ),
        Flaw.EYES_HIDDEN: FlawRemedy(
            Sentence("the eyes are hidden"), Sentence("Use a picture without sunglasses")
        ),
        Flaw.MOUTH_HIDDEN: FlawRemedy(
            Sentence("mouth or chin are hidden"), Sentence("Use a picture without a mask or scarf")
        ),
    }
)


def refuse_flaws(flaws: frozenset[Flaw]) -> None:
    """Raises EnrollmentError where a picture has a flaw: with it strangers would resemble it."""
    flaw = worst(flaws)
    if flaw is not None:
        found, remedy = REFUSALS[flaw]
        raise EnrollmentError("a clear picture of the face", found, remedy)
