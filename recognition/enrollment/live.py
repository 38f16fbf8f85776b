"""Makes templates in the gallery from accepted frames or photos, and a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from capture.frame import Frame
from common.errors import EnrollmentError, FaceCountError
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.consents import Consent
from gallery.identity import Candidate, Identity, Template
from gallery.names import normalized_name
from models.detectors.protocol import Detector
from models.embedders.embedder import embed_face
from models.embedders.fusion import crop_model_id
from models.face import Face
from models.landmarks.attributes import FaceAttributes
from models.quality import Quality, measure
from recognition.enrollment.consent import consent_lacking
from recognition.enrollment.counting import EnrollmentCapture, FrameMeasure, FrameVerdict
from recognition.enrollment.flawed import refuse_flaws
from recognition.enrollment.portrait import portrait_score
from recognition.enrollment.poses import Pose
from recognition.enrollment.resemblance import Resemblance
from recognition.liveness.life_watch import LifeSign, LifeWatch, SeenLife
from recognition.recognizer import Recognition, Recognizer, pair_threshold
from recognition.turned import detect_upright
from recognition.views import face_view

TEMPLATES = 8
"""How many templates are kept of a live enrollment: more made no difference to rank-1, and each is
a row to search."""

LIFE_EVERY_S = 0.08
"""The face is watched for signs of life once in so many seconds."""

MOST_STRANGERS = 0.2
"""The largest share of the captured faces that may be somebody else's; with more the enrollment is
refused."""

CHOSEN, BELOW_CHOSEN = 1.0, 0.999
"""The quality of a template whose crop somebody chose as the portrait; the most of all others."""

SOON = 3
"""After so many accepted faces it is said whether this person is enrolled already: one alone may
be somebody who walked by."""


@dataclass(frozen=True)
class Progress:
    """What became of one frame of an enrollment, whether it was looked at or passed over.

    known: whom the faces accepted so far match, so that this person is enrolled already; None for
    nobody, and before SOON faces.
    """

    verdict: FrameVerdict
    done: bool
    known: Candidate | None = None


@dataclass(frozen=True, eq=False)
class Review:
    """A finished capture before anything is saved. It is frozen: the window shows it.

    portrait: (h, w, 3) uint8 RGB, the crop of the template of the best quality. same: people whom
    at least half of the templates match: this person is enrolled already. alike: other people whom
    one of the templates resembles, to be told apart. Both lists have the best match first. life:
    whether the face looked alive while it was captured; None where nobody looked. consent: what the
    person has agreed to.
    """

    name: str
    templates: tuple[Template, ...]
    portrait: RgbImage
    same: tuple[Candidate, ...]
    alike: tuple[Candidate, ...]
    life: SeenLife | None = None
    consent: Consent | None = None

    @property
    def is_doubtful(self) -> bool:
        """Whether the captured face may be a picture: it was watched, and not seen to be alive."""
        return self.life is not None and self.life.sign is not LifeSign.LIVE

    @property
    def best(self) -> int:
        """The index of the template that the portrait is of; of equal ones the first."""
        return max(range(len(self.templates)), key=lambda i: self.templates[i].quality)

    def with_portrait(self, index: int) -> Review:
        """Returns this review with the crop of a template as the portrait, because somebody chose
        it: its quality is then the highest that there is, and the others' are below."""
        templates = [
            replace(template, quality=min(template.quality, BELOW_CHOSEN))
            for template in self.templates
        ]
        templates[index] = replace(templates[index], quality=CHOSEN)
        return replace(self, templates=tuple(templates), portrait=templates[index].crop)


@dataclass(frozen=True, eq=False)
class _Capture:
    """An accepted frame's template, the direction that it shows, and which watch for signs of life
    it belongs to."""

    template: Template
    pose: Pose
    watch: int


class LiveEnrollment:
    """Collects one person's faces from a live picture. Nothing is saved before save().

    Raises GalleryError for a name that cannot stand. One thread, the recognizer's, uses it.
    """

    def __init__(self, recognizer: Recognizer, name: str, goal: int = 50) -> None:
        self.name = normalized_name(name)
        self._recognizer = recognizer
        self._analyzer = recognizer.analyzer
        self._capture = EnrollmentCapture(goal, has_angles=self._analyzer is not None)
        self._captured: list[_Capture] = []
        self._life = LifeWatch(self._analyzer, look_every_s=LIFE_EVERY_S)
        self._seen_lives: list[SeenLife] = []  # of each watch
        self._watched_track: int | None = None
        self._last_face: Face | None = None
        self._resemblance = Resemblance(recognizer)

    def offer(self, frame: Frame, recognition: Recognition) -> Progress:
        """Takes the frame's face, if it is good enough. `recognition` is of the same frame."""
        faces = [recognized.face for recognized in recognition.faces]
        largest = max(faces, key=lambda face: face.height, default=None)
        self._watch_life(frame, recognition, largest)
        if largest is None or not self._capture.looks_next:
            verdict = self._capture.offer(FrameMeasure(len(faces)))
        else:
            verdict = self._look_at(frame.image, largest, len(faces))
        if verdict.looked_at:
            self._last_face = largest
        return Progress(verdict, self._capture.done, self._known())

    def _known(self) -> Candidate | None:
        if len(self._captured) < min(SOON, self._capture.goal):
            return None
        return next(iter(self._resemblance.same), None)

    def _watch_life(self, frame: Frame, recognition: Recognition, largest: Face | None) -> None:
        enrolled = [each for each in recognition.faces if each.face is largest]
        for track_id, seen in self._life.see(frame, enrolled).items():
            if self._analyzer is None and seen.sign is LifeSign.NOT_CHECKED:
                continue  # without FaceMesh nothing could be seen
            before = self._seen_lives[-1].sign if self._seen_lives else None
            is_anew = seen.sign is LifeSign.NOT_CHECKED and before is not LifeSign.NOT_CHECKED
            if is_anew or not self._seen_lives or track_id != self._watched_track:
                self._seen_lives.append(seen)  # it may be somebody else's face
            self._seen_lives[-1], self._watched_track = seen, track_id

    def _life_of(self, captures: Sequence[_Capture]) -> SeenLife | None:
        """Returns what was seen of the captured faces: life only where it was in nearly all."""
        if not self._seen_lives:
            return None
        seen = [self._seen_lives[max(each.watch, 0)] for each in captures]
        doubted = [life for life in seen if life.sign is not LifeSign.LIVE]
        if len(doubted) <= MOST_STRANGERS * len(captures):
            return next(life for life in seen if life.sign is LifeSign.LIVE)
        return next((life for life in doubted if life.sign is LifeSign.LOOKS_FLAT), doubted[-1])

    def _look_at(self, image: RgbImage, face: Face, face_count: int) -> FrameVerdict:
        quality, attributes = measure(image, face), None
        if self._analyzer is not None:
            attributes = self._analyzer.analyze(image, face)
        verdict = self._capture.offer(
            FrameMeasure(
                face_count,
                quality,
                _shift(self._last_face, face),
                attributes.angles if attributes is not None else None,
            )
        )
        if verdict.pose is not None:
            template = _template(self._recognizer, image, face, quality, attributes)
            watch = len(self._seen_lives) - 1
            self._captured.append(_Capture(template, verdict.pose, watch))
            self._resemblance.see(template.embedding[np.newaxis])
        return verdict

    def review(self) -> Review:
        """Returns the templates, and whom they resemble. Raises EnrollmentError where the captured
        faces are not of one person."""
        embeddings = np.stack([captured.template.embedding for captured in self._captured])
        own = _of_one_person(embeddings, pair_threshold(self._recognizer.embedder))
        if len(own) < (1 - MOST_STRANGERS) * len(embeddings):
            raise EnrollmentError(
                "one person's face in all frames",
                Sentence(
                    "{} of {} frames show somebody else",
                    len(embeddings) - len(own),
                    len(embeddings),
                ),
                "Start again with one person in front of the camera",
            )
        captures = [self._captured[i] for i in own]
        chosen = _diverse(embeddings[own], _best_of_each_pose(captures), TEMPLATES)
        templates = [captures[i].template for i in chosen]
        review = reviewed(self._recognizer, self.name, templates)
        return replace(review, life=self._life_of(captures))


def photo_template(recognizer: Recognizer, photo: RgbImage) -> Template:
    """Returns the template of an (H, W, 3) uint8 RGB photo that shows one person. Raises
    FaceCountError for none or several, and EnrollmentError for a face that is not seen clearly."""
    photo, face = only_face(recognizer.detector, photo)
    quality = measure(photo, face)
    refuse_flaws(quality.flaws)
    analyzer = recognizer.analyzer
    attributes = analyzer.analyze(photo, face) if analyzer is not None else None
    return _template(recognizer, photo, face, quality, attributes)


def only_face(detector: Detector, photo: RgbImage) -> tuple[RgbImage, Face]:
    """Returns an (H, W, 3) uint8 RGB photo, turned where its face was not upright, and the one face
    in it. Raises FaceCountError for none or several."""
    upright = detect_upright(detector, photo)
    faces = upright.faces
    if len(faces) == 1:
        return upright.image, faces[0]
    if not faces:
        raise FaceCountError(
            "a face in the picture", "none was found", "Use a picture that shows the face larger"
        )
    raise FaceCountError(
        "one face in the picture",
        Sentence("there are {}", len(faces)),
        "Cut the picture so that it shows one person",
    )


def reviewed(recognizer: Recognizer, name: str, templates: Sequence[Template]) -> Review:
    """Returns the review of templates under a name: whom in the gallery they resemble."""
    resemblance = Resemblance(recognizer)
    resemblance.see(np.stack([template.embedding for template in templates]))
    best = max(templates, key=lambda template: template.quality)
    same, alike = resemblance.same, resemblance.alike
    return Review(normalized_name(name), tuple(templates), best.crop, same, alike)


def save(recognizer: Recognizer, review: Review, into: str | None = None) -> Identity:
    """Enrolls the reviewed person, or adds the templates to the identity with the id `into`.

    Raises EnrollmentError as enroll_or_add() does, and OutdatedReviewError where since the review
    another program has enrolled the same person, or removed the one to add to. Nothing is saved
    then.
    """
    gallery = recognizer.gallery
    with gallery.changing():
        now = reviewed(recognizer, review.name, review.templates)
        known, known_then = ({candidate.identity.id for candidate in r.same} for r in (now, review))
        is_gone = into is not None and all(into != other.id for other in gallery.identities)
        if is_gone or known - known_then:
            raise OutdatedReviewError(now)
        identity = enroll_or_add(recognizer, review.name, review.templates, into, review.consent)
    recognizer.gallery_changed()
    return identity


class OutdatedReviewError(EnrollmentError):
    """The gallery has changed since the review. review: a new one of the same templates and the
    gallery as it is now, to be decided on again."""

    def __init__(self, review: Review) -> None:
        super().__init__(
            Sentence("the people of the gallery as they were a moment ago"),
            Sentence("another program has enrolled or removed this person meanwhile"),
            Sentence("Look at whom the face resembles now, and save it again"),
        )
        self.review = review


def enroll_or_add(
    recognizer: Recognizer,
    name: str,
    templates: Sequence[Template],
    into: str | None,
    consent: Consent | None = None,
) -> Identity:
    """Enrolls a new identity with the templates, or adds them to the identity with the id
    `into`. All who are enrolled, from wherever, come through here.

    consent: what the person has agreed to; it is kept with either. Raises EnrollmentError where
    it is None for a new identity, and the settings ask for it.
    """
    if into is None:
        if recognizer.asks_consent and consent is None:
            raise consent_lacking(name)
        return recognizer.gallery.enroll(name, templates, consent=consent)
    with recognizer.gallery.changing():
        if consent is not None:
            recognizer.gallery.add_consent(into, consent)
        return recognizer.gallery.add_templates(into, templates)


def _template(
    recognizer: Recognizer,
    image: RgbImage,
    face: Face,
    quality: Quality,
    attributes: FaceAttributes | None,
) -> Template:
    embedder = recognizer.embedder
    crop, embedding = embed_face(embedder, image, face, thoroughly=True)
    return Template(
        embedding,
        crop,
        portrait_score(quality, attributes),
        embedder.model_id,
        crop_model_id(embedder),
        face_view(image, face),
    )


def _of_one_person(embeddings: NDArray[np.float32], threshold: float) -> NDArray[np.intp]:
    """Returns the indices of the rows that are similar to the central row: the one with the highest
    median similarity."""
    similarities = embeddings @ embeddings.T
    central = int(np.median(similarities, axis=1).argmax())
    return np.flatnonzero(similarities[central] >= threshold)


def _best_of_each_pose(captures: Sequence[_Capture]) -> list[int]:
    """Returns the index of the best portrait, and then of the best one of each other pose that
    there is."""
    ranking = sorted(range(len(captures)), key=lambda i: -captures[i].template.quality)
    best: dict[Pose, int] = {}
    for i in ranking:
        best.setdefault(captures[i].pose, i)
    return list(best.values())


def _diverse(embeddings: NDArray[np.float32], first: Sequence[int], count: int) -> list[int]:
    """Returns the indices of `count` rows that cover all: those of `first`, then each time the row
    farthest from those chosen (k-centre, Gonzalez 1985)."""
    chosen = list(first[:count])
    nearest = (embeddings @ embeddings[chosen].T).max(axis=1)
    while len(chosen) < min(count, len(embeddings)):
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, embeddings @ embeddings[chosen[-1]])
    return chosen


def _shift(before: Face | None, face: Face) -> float:
    """Returns how far the centre has moved, in face widths."""
    if before is None:
        return 0.0
    a, b = before.box_xyxy, face.box_xyxy
    return float(np.hypot(*((b[:2] + b[2:] - a[:2] - a[2:]) / 2)) / max(face.width, 1.0))
