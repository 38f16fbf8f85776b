"""Measures whom the live loop names in films, as the window would, without waiting in real time.

The frames go with their own times through a Recognizer, the one of the window and the station; its
gallery is made for the measurement, and the user's own is not opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from bench.live.films import FilmVariant, PersonFilm, Stretch, films_of_people, in_turns, played
from bench.live.outcomes import FrameOutcome, LiveFigures, WatchedFilm, figures, outcome_of
from capture.frame import Frame
from capture.video import VideoFileSource
from common.errors import EnrollmentError, FacedeskError, SourceError
from common.sentence import Sentence
from gallery.identity import Identity, Template
from recognition.enrollment.live import photo_template
from recognition.recognizer import Recognizer

WELL_SEEN = 0.04
"""The least Template.quality of the frame that is enrolled: faces of 65 to 85 pixels at ordinary
webcams have 0.05 to 0.3, and less as they turn away or move."""

CUT_S = 1.0
"""How many seconds of a film with strangers are shown between two others: twice as long as the
loop keeps a face that it does not see."""


class Joining(Enum):
    """How films are watched.

    ALONE: one by one, all that was seen forgotten in between. JOINED: one after another, so that
    another person stands in the same place from one frame to the next. CUTS: the same, with a
    second of a film of strangers after each.
    """

    ALONE = "one by one"
    JOINED = "joined"
    CUTS = "with cuts"


@dataclass(frozen=True)
class EnrolledFrame:
    """From which frame of which film a person was enrolled. quality: as Template.quality."""

    person: str
    film: str
    frame: int
    quality: float


@dataclass(frozen=True)
class LiveWatch:
    """One watching of all films.

    strangers: whether every second person was left out of the gallery. watched: in the order in
    which they were shown.
    """

    variant: str
    joining: Joining
    strangers: bool
    watched: tuple[WatchedFilm, ...]

    @property
    def figures(self) -> LiveFigures:
        return figures(self.watched, are_joined=self.joining is not Joining.ALONE)


@dataclass(frozen=True)
class FilmSet:
    """The films of a measurement.

    first: of each person, by name, the film to enroll from. others: all the others, in the order
    in which they are joined: people take turns. cuts: films of people none of whom is enrolled.
    notes: what is to be known about them, such as that one was cut short.
    """

    first: tuple[PersonFilm, ...]
    others: tuple[PersonFilm, ...]
    cuts: tuple[PersonFilm, ...]
    notes: tuple[Sentence, ...] = ()


def film_set(folder: Path, cuts: Sequence[Path]) -> FilmSet:
    """Return the films of a folder, and those to cut to, once all have been read through.

    Raises SourceError where these are too few, are not named as they must be, or cannot be read.
    """
    people = list(films_of_people(folder).values())
    first, others = [films[0] for films in people], in_turns([films[1:] for films in people])
    watched = len({film.person for film in others})
    if watched < 2:
        raise SourceError(
            "two or more films each of at least two people",
            Sentence("{} of the {} people in {} have so many", watched, len(people), folder),
            "Add films, named PERSON-word.mkv: each person is enrolled from the first by name, "
            "and watched in the others",
        )
    between = [PersonFilm(path, None) for path in cuts]
    notes: list[Sentence] = []
    for film in (*first, *others, *between):
        with VideoFileSource(film.path) as source:
            while source.read():
                pass
            notes += [Sentence("{}: {}", film.path.name, told) for told in source.notes]
    return FilmSet(tuple(first), tuple(others), tuple(between), tuple(notes))


def enroll_everyone(
    recognizer: Recognizer, films: FilmSet
) -> tuple[dict[str, Identity], list[EnrolledFrame]]:
    """Enroll each person from one frame of the first film, as from a photo; see best_seen().

    Returns the identities by the person's name, and the frames.

    Raises EnrollmentError where no frame can be enrolled.
    """
    identities: dict[str, Identity] = {}
    enrolled = []
    for film in films.first:
        frame, template = best_seen(recognizer, film)
        person = film.person or ""
        identities[person] = recognizer.gallery.enroll(person, [template])
        enrolled.append(EnrolledFrame(person, film.path.name, frame.index, template.quality))
    recognizer.gallery_changed()
    return identities, enrolled


def watch_films(
    recognizer: Recognizer,
    films: FilmSet,
    identities: dict[str, Identity],
    variants: Sequence[FilmVariant],
    progress: Callable[[str], None],
) -> Iterator[LiveWatch]:
    """Watch the films in each variant and way, with everyone enrolled, and with strangers.

    With films to cut to there are three ways, else two; see Joining. Strangers are every second
    person by name: they are taken out of the gallery meanwhile. progress: called with what is
    watched now.

    Raises SourceError for a film that cannot be read.
    """
    ways = Joining if films.cuts else (Joining.ALONE, Joining.JOINED)
    for variant in variants:
        for left_out in ((), sorted(identities)[1::2]):
            known = {name: who for name, who in identities.items() if name not in left_out}
            with left_out_of(recognizer, [identities[name] for name in left_out]):
                for joining in ways:
                    who = "every second person a stranger" if left_out else "everyone enrolled"
                    progress(f"{variant.name}, {joining.value}, {who}")
                    watched = tuple(
                        film
                        for sitting in _sittings(films, joining)
                        for film in _watch(recognizer, sitting, variant, known)
                    )
                    yield LiveWatch(variant.name, joining, bool(left_out), watched)


@contextmanager
def left_out_of(recognizer: Recognizer, left_out: Sequence[Identity]) -> Iterator[None]:
    """Take people out of the gallery for the length of the block."""
    for identity in left_out:
        recognizer.gallery.remove(identity.id)
    recognizer.gallery_changed()
    try:
        yield
    finally:
        for identity in left_out:
            recognizer.gallery.restore(identity.id)
        recognizer.gallery_changed()


def _sittings(films: FilmSet, joining: Joining) -> list[list[Stretch]]:
    """Return what is watched without a break, one sitting after another."""
    if joining is Joining.ALONE:
        return [[Stretch(film)] for film in films.others]
    if joining is Joining.JOINED:
        return [[Stretch(film) for film in films.others]]
    cut = [Stretch(film, CUT_S) for film in films.cuts]
    return [
        [
            stretch
            for place, film in enumerate(films.others)
            for stretch in (Stretch(film), cut[place % len(cut)])
        ]
    ]


def _watch(
    recognizer: Recognizer,
    sitting: Sequence[Stretch],
    variant: FilmVariant,
    known: dict[str, Identity],
) -> list[WatchedFilm]:
    recognizer.restart()
    identities = [known.get(stretch.film.person or "") for stretch in sitting]
    outcomes: list[list[FrameOutcome]] = [[] for _ in sitting]
    for place, frame in played(sitting, variant):
        identity = identities[place]
        faces = recognizer.recognize(frame).faces
        outcomes[place].append(outcome_of(faces, [identity.id] if identity else []))
    return [
        WatchedFilm(stretch.film.path.stem, identity is None, tuple(of_film))
        for stretch, identity, of_film in zip(sitting, identities, outcomes, strict=True)
    ]


def best_seen(recognizer: Recognizer, film: PersonFilm) -> tuple[Frame, Template]:
    """Return the frame from which a person is enrolled, and its template.

    It is the first frame that shows exactly one face, and shows it well (WELL_SEEN); where none
    does, the one that shows it best. Raises SourceError for a film that cannot be read, and
    EnrollmentError where no frame can be enrolled.
    """
    best: tuple[Frame, Template] | None = None
    why_not = Sentence("it has none")
    with VideoFileSource(film.path) as source:
        for frame in iter(source.read, None):
            try:
                template = photo_template(recognizer, frame.image)
            except FacedeskError as error:
                why_not = error.found
                continue
            if best is None or template.quality > best[1].quality:
                best = frame, template
            if template.quality >= WELL_SEEN:
                break
    if best is None:
        raise EnrollmentError(
            Sentence("a frame of {} from which {} can be enrolled", film.path, film.person),
            Sentence("none shows one face that will do; of the last it is said: {}", why_not),
            "Let another film of this person be the first by name: one in which the face is "
            "large, sharp and alone",
        )
    return best
