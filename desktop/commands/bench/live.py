"""facedesk bench live: measures whom the live loop names in films of people at a webcam."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop.commands.output import check_plots, force_option, save_plot
from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from bench.live.watching import EnrolledFrame, LiveWatch
    from recognition.assembly import RecognizerSpec
    from recognition.recognizer import Recognizer

ALL_VARIANTS = "all"


detector_option = click.option(
    "--detector", metavar="NAME", help="Measure with this one, whatever the settings name."
)


def detector_spec(session: Session, detector: str | None) -> RecognizerSpec:
    """Return the recognizer that the settings ask for, with that detector where one is given."""
    spec = session.recognizer_spec()
    return spec if detector is None else replace(spec, detector=detector)


class _Variant(click.ParamType[str]):
    """One of the variants by name, or all of them; the names are read only when they are needed."""

    name = "NAME"

    def convert(self, value: Any, param: Any, context: Any) -> str:
        from bench.live.films import VARIANTS

        if value not in (*VARIANTS, ALL_VARIANTS):
            known = ", ".join(map(repr, VARIANTS))
            self.fail(f"{value!r} is none of {known} and {ALL_VARIANTS!r}", param, context)
        return str(value)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--variant",
    "names",
    type=_Variant(),
    multiple=True,
    help="Show the films so: as filmed (the default), 2 fps, 5 fps, 15 fps, mirrored, darkened, "
    "half size; or all. It may be given several times.",
)
@click.option(
    "--cut",
    "cuts",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="FILM",
    help="Also join the films with a second of this one after each: strangers whom nobody may "
    "name. With several they take turns.",
)
@detector_option
@click.option("--plots", type=click.Path(path_type=Path), metavar="DIR", help="Draw strips there.")
@force_option
@json_option
@click.pass_obj
def live(
    session: Session,
    folder: Path,
    names: tuple[str, ...],
    cuts: tuple[Path, ...],
    detector: str | None,
    plots: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Measure whom the live loop names in a FOLDER of films.

    They are of people at a webcam, and named PERSON-word.mkv. Each person is enrolled, in a
    gallery made for it, from one frame of the first film by name: the first frame that shows one
    face well. The other films are watched frame by frame, at their own times, by the recognizer
    that the window uses: one by one, and joined, people taking turns, so that another person
    stands in the same place from one frame to the next. Then both again, with every second person
    left out of the gallery: strangers.

    ENROLLED PEOPLE's films have so many FRAMES. RIGHT: the person is named, and nobody else.
    WRONG: another name stands in the picture, or the same one twice. MISSING: nobody is named; in
    so many of them NO FACE was found.

    UNTIL NAMED: how many frames of a film pass before the first one that is right: the MEDIAN of
    the films, the MOST, and the number of films in which it NEVER comes.

    A WRONG NAME STANDS so many frames on end: the LONGEST, and the MEAN. LATER: the wrong frames
    that are not the first of a film, in which the person may just have changed. Names that
    strangers are given count in all three.

    STRANGERS' FRAMES: of people who are not enrolled, those of --cut too; NAMED: those in which
    anybody has a name.
    """
    from bench.drawing.strip_diagram import STRIPS_PLOT, strips_diagram
    from bench.live.films import AS_FILMED, VARIANTS
    from bench.live.watching import enroll_everyone, film_set, watch_films

    check_plots(plots, [STRIPS_PLOT], force)
    films = film_set(folder, cuts)
    for told in films.notes:
        note(told)
    chosen = VARIANTS if ALL_VARIANTS in names else dict.fromkeys(names or [AS_FILMED.name])
    variants = [VARIANTS[name] for name in chosen]
    watches = []
    with recognizer_of_its_own(session, detector) as recognizer:
        identities, enrolled = enroll_everyone(recognizer, films)
        if as_json:
            print_json({"enrolled": [asdict(frame) for frame in enrolled]})
        else:
            _print_head(enrolled, len(films.others))
        for watch in watch_films(recognizer, films, identities, variants, note):
            watches.append(watch)
            if as_json:
                print_json(_as_json(watch))
            else:
                _print_row(watch)
    if plots is not None:
        save_plot(strips_diagram(watches), plots / STRIPS_PLOT, force, session.language)
        note(f"Drawn: {plots / STRIPS_PLOT}")


@contextmanager
def recognizer_of_its_own(session: Session, detector: str | None = None) -> Iterator[Recognizer]:
    """Give the user's recognizer with an empty gallery of its own, which is gone at the end."""
    from common.sealing.key_ring import begin_briefly
    from recognition.assembly import load_recognizer

    with tempfile.TemporaryDirectory() as folder:
        begin_briefly(Path(folder))
        gallery = Path(folder) / "gallery.db"
        recognizer = load_recognizer(
            detector_spec(session, detector), session.home.cache, gallery, session.preparation
        )
        try:
            yield recognizer
        finally:
            recognizer.gallery.close()


def _print_head(enrolled: Sequence[EnrolledFrame], others: int) -> None:
    for frame in enrolled:
        click.echo(f"{frame.person} is enrolled from frame {frame.frame} of {frame.film}.")
    click.echo(f"{counted(others, 'other film')}, watched:\n")
    click.echo(
        f"{'':33}{'enrolled people':^38} {'until named':^20} {'a wrong name stands':^21}"
        f"{'strangers':>14}"
    )
    click.echo(
        f"{'films':11}{'watched':11}{'gallery':11}{'frames':>7}{'right':>7}{'wrong':>7}"
        f"{'missing':>8}{'no face':>9}{'median':>8}{'most':>6}{'never':>6} "
        f"{'longest':>8}{'mean':>6}{'later':>7}{'frames':>8}{'named':>6}"
    )


def _print_row(watch: LiveWatch) -> None:
    of = watch.figures
    median = "" if of.median_until_named is None else f"{of.median_until_named:.1f}"
    most = "" if of.most_until_named is None else of.most_until_named
    gallery = "every 2nd" if watch.strangers else "everyone"
    click.echo(
        f"{watch.variant:11}{watch.joining.value:11}{gallery:11}{of.frames:7}{of.right:7}"
        f"{of.wrong:7}{of.missing:8}{of.no_face:9}{median:>8}{most:>6}{of.never_named:6} "
        f"{of.longest_wrong:8}{of.mean_wrong:6.1f}{of.wrong_later:7}"
        f"{of.stranger_frames:8}{of.strangers_named:6}"
    )


def _as_json(watch: LiveWatch) -> dict[str, Any]:
    from bench.live.outcomes import FrameOutcome

    of = watch.figures
    return {
        "variant": watch.variant,
        "watched": watch.joining.value,
        "strangers": watch.strangers,
        **asdict(of),
        "never_named": of.never_named,
        "median_until_named": of.median_until_named,
        "longest_wrong": of.longest_wrong,
        "mean_wrong": round(of.mean_wrong, 2),
        "films": [
            {
                "film": film.name,
                "stranger": film.is_stranger,
                **{outcome.value: film.count(outcome) for outcome in FrameOutcome},
                "until_named": film.until_named,
            }
            for film in watch.watched
        ],
    }
