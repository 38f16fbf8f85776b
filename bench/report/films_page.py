"""Writes an evaluation on films as one HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

from bench.evaluation.rows import film_rows
from bench.live.evaluated_films import FilmEvaluation
from bench.live.outcomes import FrameOutcome
from bench.live.visits import FilmWatched, VisitOutcome
from bench.report.evaluation_page import figures_table
from bench.report.html import heading, page_of, paragraph, table
from common.sentence import ENGLISH, Language, Sentence


def films_page(
    found: FilmEvaluation, settings: Mapping[str, str], at: str, language: Language = ENGLISH
) -> str:
    """Return the HTML page. at: when it was measured, in words."""
    title = Sentence("How well people are named in films")
    behind = Sentence("{} people enrolled, {} films watched.", found.enrolled, len(found.watched))
    parts = [
        f"<h1>{escape(language.say(title))}</h1>",
        paragraph(Sentence("Measured {}. {}", at, behind), language),
        *(paragraph(warning, language, "mind") for warning in found.warnings),
    ]
    if found.figures is not None:
        parts.append(figures_table(Sentence("Films"), film_rows(found.figures), language))
    for place, (group, figures) in enumerate(found.groups):
        is_worst = not place and len(found.groups) > 1
        told = Sentence("Group {}, {} people", group, figures.people)
        of_worst = Sentence("Group {}, {} people: the worst", group, figures.people)
        parts.append(figures_table(of_worst if is_worst else told, film_rows(figures), language))
    headings = (
        *(Sentence("film"), Sentence("person"), Sentence("right name"), Sentence("wrong name")),
        *(Sentence("unknown"), Sentence("no face"), Sentence("visits")),
    )
    notes = [(one,) for one in (*found.notes, *found.unreadable.values())]
    parts += [
        heading(Sentence("Each film, in frames"), language),
        table(headings, [_row(film, language) for film in found.watched], language),
        heading(Sentence("What was noticed"), language),
        table((Sentence("what"),), notes, language),
        heading(Sentence("Settings"), language),
        table((Sentence("setting"), Sentence("value")), list(settings.items()), language),
        heading(Sentence("How it was measured"), language),
        paragraph(_METHOD, language),
    ]
    return page_of(title, parts, language)


def _row(film: FilmWatched, language: Language) -> tuple[str, ...]:
    person = Sentence("{}, a stranger", film.person) if film.is_stranger else film.person
    counts = (str(film.outcomes.count(outcome)) for outcome in FrameOutcome)
    visits = Counter(visit.outcome for visit in film.visits)
    told = ", ".join(
        language.say(Sentence("{}: {}", _OUTCOMES[outcome], visits[outcome]))
        for outcome in VisitOutcome
        if visits[outcome]
    )
    return film.film, person, *counts, told


_OUTCOMES = {
    VisitOutcome.RIGHT: Sentence("right name"),
    VisitOutcome.WRONG: Sentence("wrong name"),
    VisitOutcome.NOBODY: Sentence("nobody named"),
}

_METHOD = Sentence(
    "Each film went frame by frame, at its own times, through the recognizer that the window uses."
    " A visit is a stretch of a film in which a face is in view; a second without one ends it. It"
    " has a wrong name if one stood in a single frame. A film that cannot be opened is a visit"
    " without a name, a film of somebody who is not enrolled a stranger's. Intervals are of 95 %,"
    " by bootstrap over people; where no error was seen, they reach as far as the rule of three."
)
