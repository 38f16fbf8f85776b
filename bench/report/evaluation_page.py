"""Writes an evaluation as one HTML page that needs no other file, and prints well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from bench.drawing.evaluation_diagrams import diagrams
from bench.evaluation.evaluation import Evaluation, GroupFigures
from bench.evaluation.mistakes import Mistake
from bench.evaluation.rows import (
    FigureRow,
    behind,
    identification_rows,
    verification_rows,
)
from bench.report.html import figure_of, heading, page_of, paragraph, picture, table
from capture.stills import read_picture
from common.errors import PictureError
from common.sentence import ENGLISH, Language, Sentence

_MOST_TOLD = 50


def page(
    found: Evaluation,
    settings: Mapping[str, str],
    at: str,
    with_pictures: bool,
    language: Language = ENGLISH,
) -> str:
    """Return the HTML page. at: when it was measured, in words.

    with_pictures: whether the worst mistakes are shown, or only named.
    """
    title = Sentence("How well people are told apart")
    measured = Sentence("Measured {}. {}", at, behind(found))
    parts = [
        f"<h1>{escape(language.say(title))}</h1>{paragraph(measured, language)}",
        *(paragraph(warning, language, "mind") for warning in found.warnings),
        figures_table(
            Sentence("Verification, 1:1"), verification_rows(found.verification), language
        ),
    ]
    if found.identification is not None:
        rows = identification_rows(found.identification)
        parts.append(figures_table(Sentence("Identification, 1:N"), rows, language))
    for one in found.groups:
        title = _group_title(one, one is found.groups[0] and len(found.groups) > 1)
        parts.append(figures_table(title, verification_rows(one.figures), language))
    parts += [figure_of(diagram, language) for diagram in diagrams(found).values()]
    confused = [(c.person, c.taken_for, str(c.count)) for c in found.confusions[:_MOST_TOLD]]
    matches, misses = Sentence("The worst false matches"), Sentence("The worst misses")
    unseen = Sentence("Pictures that show no face, or cannot be read")
    parts += [
        heading(Sentence("Who is taken for whom"), language),
        paragraph(
            Sentence("Probes whose nearest person is another, with everyone enrolled."), language
        ),
        table((Sentence("person"), Sentence("taken for"), Sentence("probes")), confused, language),
        heading(matches, language) + _mistakes(found, found.matches, with_pictures, language),
        heading(misses, language) + _mistakes(found, found.misses, with_pictures, language),
        heading(unseen, language),
        table((Sentence("picture"), Sentence("why")), _left_out(found), language),
        heading(Sentence("Settings"), language),
        table((Sentence("setting"), Sentence("value")), list(settings.items()), language),
        heading(Sentence("How it was measured"), language),
        paragraph(_METHOD, language),
    ]
    return page_of(Sentence("Evaluation"), parts, language)


def _group_title(one: GroupFigures, is_worst: bool) -> Sentence:
    if is_worst:
        return Sentence("Group {}, {} people: the worst", one.group, one.people)
    return Sentence("Group {}, {} people", one.group, one.people)


def figures_table(title: Sentence, rows: Sequence[FigureRow], language: Language) -> str:
    """Return figures with their intervals under a heading."""
    headings = Sentence("figure"), Sentence("value"), Sentence("95 % interval"), Sentence("of")
    told = [(row.name, row.value, row.interval, row.of) for row in rows]
    return heading(title, language) + table(headings, told, language)


def _mistakes(
    found: Evaluation, several: Sequence[Mistake], with_pictures: bool, language: Language
) -> str:
    rows = []
    for one in several:
        shown = found.pictures.pictures[one.picture].path
        other = found.pictures.pictures[one.other].path if one.other >= 0 else None
        images = _image(shown) + "<td>" + (_image(other) if other else "") + "<td>"
        files = Sentence("{} and {}", _short(shown), _short(other)) if other else _short(shown)
        who = Sentence("{} with {}: {}", one.person, one.claimed, f"{one.similarity:.3f}")
        rows.append(
            "<tr>"
            + (f"<td>{images}" if with_pictures else "<td>")
            + f"{escape(language.say(who))}<br>{escape(language.say(one.reason))}<br>"
            + f"<small>{escape(language.say(files))}</small>"
        )
    if not rows:
        return paragraph(Sentence("None."), language)
    return f'<table class="pairs">{"".join(rows)}</table>'


def _image(path: Path) -> str:
    try:
        return picture(read_picture(path), path.name)
    except PictureError:  # it was there a moment ago
        return ""


def _left_out(found: Evaluation) -> list[tuple[str, str]]:
    paths = [picture.path for picture in found.pictures.pictures]
    told: list[tuple[str, str]] = [
        (_short(paths[i]), why) for i, why in found.seen.unreadable.items()
    ]
    no_face = Sentence("no face was found")
    told += [(_short(paths[index]), no_face) for index in found.without_face]
    return told[:_MOST_TOLD]


def _short(path: Path) -> str:
    return "/".join(path.parts[-2:])


_METHOD = Sentence(
    "In the terms of ISO/IEC 19795-1. A probe on which no face was found is an error; a picture"
    " that cannot be read is one, too. Accuracy is the mean of the shares of right answers among"
    " comparisons of one person and of two. Intervals are of 95 %, by bootstrap over people:"
    " whoever is drawn brings all their pictures. Where no error was seen, they reach as far as"
    " the rule of three."
)
