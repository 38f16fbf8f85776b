"""facedesk evaluate on films: people who are enrolled, and strangers, before the live loop."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.evaluation.trials import SEED
from bench.live.films import PersonFilm, film_paths
from bench.live.outcomes import FrameOutcome, outcome_of
from bench.live.visits import FilmFigures, FilmWatched, by_group, figures_of, film_warnings
from bench.live.watching import best_seen, left_out_of
from capture.folders import pictures_below
from capture.stills import people_folders, picture_paths
from capture.video import VideoFileSource
from common.errors import EnrollmentError, FacedeskError, SourceError
from common.sentence import Sentence
from gallery.identity import Identity
from recognition.enrollment.photos import read_photos
from recognition.recognizer import Recognizer


@dataclass
class EnrolledBeside:
    """Who was enrolled for a measurement, and what is to be known of it.

    probes: the films that are left to be watched.
    """

    identities: dict[str, tuple[Identity, ...]] = field(default_factory=dict)
    probes: tuple[PersonFilm, ...] = ()
    notes: list[Sentence] = field(default_factory=list)


@dataclass(frozen=True)
class FilmEvaluation:
    """What was found on films. figures: None where nobody who is enrolled is in one.

    enrolled: how many people were, the most at a time. watched: each film, more than once where its
    person was a stranger, too. unreadable: why, by the film's name. groups: the one that loses the
    most visits first.
    """

    enrolled: int
    watched: tuple[FilmWatched, ...]
    figures: FilmFigures | None
    groups: tuple[tuple[str, FilmFigures], ...]
    unreadable: Mapping[str, Sentence]
    notes: tuple[Sentence, ...]
    warnings: tuple[Sentence, ...]


def person_films(folder: Path) -> tuple[PersonFilm, ...]:
    """Return the films of a folder. The person is the name up to the last hyphen, or all of it.

    Raises SourceError where the folder cannot be read.
    """
    return tuple(PersonFilm(path, _person(path)) for path in film_paths(folder))


def enroll_beside(
    recognizer: Recognizer, folder: Path, films: Sequence[PersonFilm], enroll: int
) -> EnrolledBeside:
    """Enroll people from what lies beside their films, in a gallery that is empty.

    Each subfolder has pictures of the person whose name it has, and pictures may lie beside the
    films, named as they are; `enroll` of each person are taken. Where there is no picture at all,
    everybody who has two films or more is enrolled from the first one by name (see best_seen()),
    which is not watched then. Raises PictureError for a folder that cannot be read.
    """
    found = EnrolledBeside(probes=tuple(films))
    pictures = {
        unicodedata.normalize("NFC", person.name): pictures_below(person)
        for person in people_folders(folder)
    }
    for path in picture_paths(folder):
        pictures.setdefault(_person(path), []).append(path)
    if any(pictures.values()):
        for person, paths in pictures.items():
            _from_pictures(recognizer, found, person, paths[:enroll])
    else:
        _from_films(recognizer, found, films)
    recognizer.gallery_changed()
    return found


def evaluate_films(
    recognizer: Recognizer,
    enrolled: EnrolledBeside,
    strangers: Sequence[PersonFilm],
    share: float | None,
    groups: Mapping[str, str],
    progress: Callable[[], None],
) -> FilmEvaluation:
    """Watch films with everybody enrolled; then leave people out, who are strangers.

    strangers: films of people who are never enrolled, besides those of `enrolled` whose person is
    not. share: of the enrolled people who are left out where no other stranger is in any film: with
    0.5 every second one, by name, and then the others; None where nobody may be left out.
    progress: called after each film. Raises SourceError where a stranger has an enrolled name.
    """
    for film in strangers:
        if film.person in enrolled.identities:
            raise SourceError(
                "strangers who are none of the people",
                Sentence("{} is named like somebody who is enrolled", film.path),
                "Rename it, or take it out of the strangers' folder",
            )
    ids = {name: frozenset(i.id for i in own) for name, own in enrolled.identities.items()}
    unreadable: dict[str, Sentence] = {}
    notes = list(enrolled.notes)

    def watch(
        films: Sequence[PersonFilm], known: Mapping[str, frozenset[str]]
    ) -> Iterator[FilmWatched]:
        for film in films:
            yield _watched(recognizer, film, known, unreadable, notes)
            progress()

    watched = list(watch((*enrolled.probes, *strangers), ids))
    notes += _unknown_names(enrolled, {film.path.name for film in strangers})
    if share is not None and not any(film.is_stranger for film in watched):
        for left_out in left_outs(sorted(ids), share):
            who = [identity for name in left_out for identity in enrolled.identities[name]]
            theirs = [film for film in enrolled.probes if film.person in left_out]
            with left_out_of(recognizer, who):
                watched += watch(theirs, {n: own for n, own in ids.items() if n not in left_out})
    figures = figures_of(watched)
    return FilmEvaluation(
        len(ids),
        tuple(watched),
        figures,
        by_group(watched, groups),
        unreadable,
        tuple(notes),
        film_warnings(figures),
    )


def left_outs(names: Sequence[str], share: float) -> list[tuple[str, ...]]:
    """Return who is left out in each round, so that somebody is enrolled and somebody is not."""
    if len(names) < 2:
        return []
    if share == 0.5:
        return [tuple(names[1::2]), tuple(names[::2])]
    count = max(1, min(len(names) - 1, round(share * len(names))))
    chosen = np.random.default_rng(SEED).permutation(len(names))[:count]
    return [tuple(names[place] for place in sorted(chosen.tolist()))]


def films_to_watch(enrolled: EnrolledBeside, strangers: int, share: float | None) -> int:
    """Return how many films evaluate_films() watches, each time counted."""
    names = set(enrolled.identities)
    known = [film for film in enrolled.probes if film.person in names]
    total = len(enrolled.probes) + strangers
    if share is None or strangers or len(known) < len(enrolled.probes):
        return total
    rounds = left_outs(sorted(names), share)
    return total + sum(film.person in left_out for left_out in rounds for film in known)


def _person(path: Path) -> str:
    # As names are kept: some file systems take letters apart from their accents.
    stem = unicodedata.normalize("NFC", path.stem)
    person, _, word = stem.rpartition("-")
    return person if person and word else stem


def _watched(
    recognizer: Recognizer,
    film: PersonFilm,
    known: Mapping[str, frozenset[str]],
    unreadable: dict[str, Sentence],
    notes: list[Sentence],
) -> FilmWatched:
    person = film.person or ""
    own = known.get(person, frozenset())
    recognizer.restart()
    outcomes: list[FrameOutcome] = []
    seconds: list[float] = []
    try:
        with VideoFileSource(film.path) as source:
            for frame in iter(source.read, None):
                outcomes.append(outcome_of(recognizer.recognize(frame).faces, own))
                seconds.append(frame.captured_at)
            told = [Sentence("{}: {}", film.path.name, note) for note in source.notes]
            notes += [note for note in told if note not in notes]
    except SourceError as error:
        unreadable[film.path.name] = error.sentence
    return FilmWatched(film.path.name, person, not own, tuple(outcomes), tuple(seconds))


def _unknown_names(enrolled: EnrolledBeside, strangers: set[str]) -> list[Sentence]:
    names = dict.fromkeys(
        film.person or "" for film in enrolled.probes if film.path.name not in strangers
    )
    return [
        Sentence("{} is nobody who is enrolled: the films of that name are a stranger's.", name)
        for name in names
        if name not in enrolled.identities
    ]


def _from_pictures(
    recognizer: Recognizer, found: EnrolledBeside, person: str, paths: Sequence[Path]
) -> None:
    try:
        photos, skipped = read_photos(recognizer, paths)
    except EnrollmentError as error:
        found.notes.append(Sentence("{} cannot be enrolled: {}", person, error.sentence))
        return
    found.notes += [Sentence("{}: {}", f"{person}/{s.path.name}", s.reason) for s in skipped]
    if photos:
        identity = recognizer.gallery.enroll(person, [photo.template for photo in photos])
        found.identities[person] = (identity,)


def _from_films(recognizer: Recognizer, found: EnrolledBeside, films: Sequence[PersonFilm]) -> None:
    for person in dict.fromkeys(film.person or "" for film in films):
        own = [film for film in films if film.person == person]
        if len(own) < 2:
            continue
        try:
            frame, template = best_seen(recognizer, own[0])
        except FacedeskError as error:
            found.notes.append(Sentence("{} cannot be enrolled: {}", person, error.sentence))
            continue
        found.identities[person] = (recognizer.gallery.enroll(person, [template]),)
        found.probes = tuple(film for film in found.probes if film != own[0])
        found.notes.append(
            Sentence("{} is enrolled from frame {} of {}.", person, frame.index, own[0].path.name)
        )
