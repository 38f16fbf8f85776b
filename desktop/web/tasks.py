"""What `facedesk web` does for a request, in the recognizer's thread."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from capture.stills import Still, still_in
from common.errors import EnrollmentError, GalleryError
from common.picture import RgbImage
from common.sentence import Sentence
from desktop.shared.answers import FaceAnswer, PersonAnswer, face_answer, person_answer
from gallery.consents import Consent, ConsentWay
from gallery.crops import to_png
from gallery.look_alikes import told as look_alikes_told
from gallery.names import normalized_name
from models.flaws import Flaw
from recognition.enrollment.consent import consent_forms
from recognition.enrollment.photos import Skipped, enrolled_already, read_photos, save_photos
from recognition.recognizer import Recognizer
from recognition.verification import verified
from station.ledger.audit import Audit


@dataclass(frozen=True)
class Upload:
    """A picture that was sent. name: of the file; only messages use it."""

    name: str
    content: bytes

    def still(self) -> Still:
        """Return the picture. Raises PictureError."""
        return still_in(io.BytesIO(self.content), Path(self.name))


@dataclass(frozen=True)
class IdentifyAnswer:
    """Who is on a picture. width, height: of the picture, in pixels; boxes are in these.
    faces: the largest one first."""

    width: int
    height: int
    faces: list[FaceAnswer]


@dataclass(frozen=True)
class VerifyAnswer:
    """Whether two pictures show the same person. similarity: cosine. threshold: what it has to
    reach. flaws: why a face is not seen clearly, which raises the threshold."""

    same: bool
    similarity: float
    threshold: float
    flaws: list[str]


@dataclass(frozen=True)
class SkippedAnswer:
    """A picture that gave no template, and why."""

    picture: str
    reason: str


@dataclass(frozen=True)
class EnrollAnswer:
    """What became of somebody's pictures. added: how many templates the person got from them.
    is_new: whether the person was enrolled by them. look_alikes: a sentence on those who are so
    alike that one may be named for the other; null without any."""

    person: PersonAnswer
    added: int
    is_new: bool
    skipped: list[SkippedAnswer]
    look_alikes: str | None


@dataclass(frozen=True)
class ConsentAnswer:
    """A text that people agree to before they register. language: such as "vi"; empty where there
    is one for all. sha256: of the text; whoever agrees sends it."""

    language: str
    text: str
    sha256: str


def consent_texts(path: str | None) -> list[ConsentAnswer]:
    """List the texts to choose from; none where no consent is asked for.

    path: of the text, as the settings have it; None for no consent. Raises EnrollmentError.
    """
    forms = consent_forms(path) if path is not None else ()
    return [ConsentAnswer(form.language, form.text, form.sha256) for form in forms]


def agreed(path: str | None, sha256: str) -> Consent | None:
    """Return the consent to the text with this digest; None where none is asked for.

    Raises EnrollmentError where it is not one of the texts, be it that these have changed since.
    """
    if path is None:
        return None
    for form in consent_forms(path):
        if form.sha256 == sha256:
            return form.agreed(ConsentWay.PAGE)
    raise EnrollmentError(
        "the consent of whoever registers to a text of this Facedesk",
        "none came, or to another text",
        "Let them read the text and agree; the JSON is at /consent",
    )


def identify(recognizer: Recognizer, upload: Upload) -> IdentifyAnswer:
    """Say who is on a picture. Raises PictureError, and GalleryError where nobody is enrolled."""
    if not len(recognizer.gallery):
        raise GalleryError(
            "somebody in the gallery", "it is empty", "Register somebody first, from two pictures"
        )
    still = upload.still()
    faces = [
        replace(seen, face=seen.face.scaled(*still.pixel_size))
        for seen in recognizer.identify(still.image).faces
    ]
    faces.sort(key=lambda seen: -seen.face.width * seen.face.height)
    threshold = recognizer.threshold
    return IdentifyAnswer(
        still.width, still.height, [face_answer(face, threshold) for face in faces]
    )


def verify(recognizer: Recognizer, first: Upload, second: Upload) -> VerifyAnswer:
    """Compare two pictures, with nobody of the gallery. Raises PictureError, FaceCountError."""
    photos = ((Path(upload.name), upload.still().image) for upload in (first, second))
    found = verified(recognizer.detector, recognizer.embedder, photos)
    return VerifyAnswer(
        found.same,
        round(found.similarity, 4),
        round(found.threshold, 4),
        [flaw.value for flaw in Flaw if flaw in found.flaws],
    )


def enroll(
    recognizer: Recognizer,
    audit: Audit,
    name: str,
    uploads: Sequence[Upload],
    consent: Consent | None = None,
) -> EnrollAnswer:
    """Enroll somebody, or add to the same person of that name.

    Raises EnrollmentError where no picture can be used, where they show different people, and for
    a face that is enrolled under another name; GalleryError for a name that cannot stand.

    consent: what the person has agreed to; without it EnrollmentError is raised where the settings
    ask for one.
    """
    name = normalized_name(name)
    # The number keeps apart two files of one name; a file's own name may be anything.
    by_path = {Path(f"{i} {upload.name}"): upload for i, upload in enumerate(uploads, start=1)}

    def read(path: Path) -> RgbImage:
        return by_path[path].still().image

    photos, skipped = read_photos(recognizer, list(by_path), read=read)
    saved = save_photos(
        recognizer, name, photos, lambda review, _: enrolled_already(review), consent
    )
    skipped += saved.skipped
    if saved.identity is None:
        raise EnrollmentError(
            "at least one picture to enroll",
            _why_none(skipped) if skipped else Sentence("none was sent"),
            "Each must be new, and show one face, large and sharp",
        )
    audit.note("enrolled" if saved.is_new else "photos added", saved.identity)
    person = person_answer(saved.identity, recognizer.gallery.template_count(saved.identity.id))
    told = [SkippedAnswer(by_path[photo.path].name, photo.reason) for photo in skipped]
    alike = recognizer.enrolled(saved.identity.id)
    look_alikes = look_alikes_told(saved.identity.name, alike) if alike else None
    return EnrollAnswer(person, saved.added, saved.is_new, told, look_alikes)


def _why_none(skipped: Sequence[Skipped]) -> Sentence:
    return Sentence("none could be used ({})", " ".join(photo.reason for photo in skipped))


def people(recognizer: Recognizer) -> list[PersonAnswer]:
    """List everyone enrolled, by name."""
    gallery = recognizer.gallery
    return [
        person_answer(identity, gallery.template_count(identity.id))
        for identity in gallery.identities
    ]


def picture(recognizer: Recognizer, identity_id: str, number: int) -> bytes | None:
    """Return one enrolled picture of somebody as PNG; None where there are not so many.

    number: from 0, the oldest. Raises UnknownIdentityError.
    """
    crops = recognizer.gallery.crops(identity_id)
    return to_png(crops[number]) if number < len(crops) else None
