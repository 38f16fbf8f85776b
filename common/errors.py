"""The one family of errors for what the world did wrong.

A `FacedeskError` is shown to the person in front of the program as it is: what was
expected, what came instead, and what to do now. Whatever is our own mistake stays an
ordinary exception and is never caught.
"""

from __future__ import annotations

from common.sentence import Sentence, as_sentence


class FacedeskError(Exception):
    """Something outside the program is not as it must be.

    `expected`, `found` and `remedy` are each one plain clause or sentence without a
    final full stop: a text as it stands in the source, or a Sentence where values are in it.
    `sentence` joins them into the message that the user reads; `str(error)` is it.
    """

    def __init__(self, expected: str, found: str, remedy: str) -> None:
        self.expected, self.found, self.remedy = map(as_sentence, (expected, found, remedy))
        self.sentence = Sentence("Expected {}, but {}. {}.", self.expected, self.found, self.remedy)
        super().__init__(self.sentence)


class SourceError(FacedeskError):
    """A camera, stream, video file or demo source cannot be opened or read."""


class PictureError(FacedeskError):
    """A still picture cannot be used: unreadable, truncated, huge, or not a picture."""


class FaceCountError(FacedeskError):
    """A picture holds no face, or several where exactly one is asked for."""


class WeightsError(FacedeskError):
    """Model weights are missing, damaged, or not the ones that were asked for."""


class EngineError(FacedeskError):
    """An inference runtime is missing or cannot use the asked-for device."""


class GalleryError(FacedeskError):
    """The gallery cannot be opened, read or written."""


class UnknownIdentityError(GalleryError):
    """Nobody in the gallery has this id (any more): another program may have removed them."""


class EnrollmentError(FacedeskError):
    """An enrollment cannot be completed with what was captured."""


class FormatError(FacedeskError):
    """A file of people that came from elsewhere, or an archive, is not as its format asks."""


class SettingsError(FacedeskError):
    """A setting, or the file it stands in, is not valid."""


class LedgerError(FacedeskError):
    """The check-in ledger cannot be opened, read, added to as asked, or exported."""


class StationError(FacedeskError):
    """A file of the check-in station, or a PIN or code for it, is not as it must be."""


class SealingError(FacedeskError):
    """The key of what is sealed is missing or another one, or a sealed record was changed."""


class BackupError(FacedeskError):
    """A backup cannot be made, read or restored."""


class LearningError(FacedeskError):
    """There is not enough to learn from, or what was learned is missing, damaged or another's."""
