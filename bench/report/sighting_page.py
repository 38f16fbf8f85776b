"""Writes what a live run has seen as one HTML page that needs no other file, and prints well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape

from bench.drawing.sighting_diagrams import quality, similarities, speed, timeline, unknown_name
from bench.drawing.time_axis import TimeAxis
from bench.report.html import figure_of, heading, page_of, paragraph, picture, table
from bench.sightings.log import MOST_PEOPLE, SightingLog
from bench.sightings.unknowns import MOST_CLUSTERS, UnknownFace
from common.sentence import ENGLISH, Language, Sentence

_MOST_UNKNOWN = 60


def sighting_page(
    log: SightingLog,
    settings: Mapping[str, str],
    began: datetime,
    dropped: int,
    language: Language = ENGLISH,
) -> str:
    """Return the HTML page of a run that has ended.

    settings: what it was watched with, in words. began: when, an aware datetime. dropped: how many
    frames there was no time for.
    """
    when = TimeAxis(log.axis, began, log.seconds)
    people = sorted(log.people.values(), key=lambda one: one.presence.frames, reverse=True)
    unknown = log.unknown_faces()
    title = Sentence("Who was seen")
    told = Sentence(
        "Begun {}. Frames: {}. People with a name: {}, unknown: {}.",
        *(f"{began:%Y-%m-%d %H:%M}", log.frames, len(people), len(unknown)),
    )
    parts = [f"<h1>{escape(language.say(title))}</h1>", paragraph(told, language)]
    parts += [paragraph(limit, language, "mind") for limit in _limits(log)]
    if people or unknown:
        parts.append(figure_of(timeline(people, unknown, when), language))
    if people:
        parts.append(figure_of(similarities(people, log.threshold, when), language))
    parts.append(_unknown_faces(unknown, when, language))
    if log.faces:
        parts.append(figure_of(quality(log), language))
    if log.frames:
        parts.append(figure_of(speed(log, dropped, when), language))
    parts += [
        heading(Sentence("Settings"), language),
        table((Sentence("setting"), Sentence("value")), list(settings.items()), language),
    ]
    return page_of(title, parts, language)


def _limits(log: SightingLog) -> list[Sentence]:
    told = []
    if len(log.people) > MOST_PEOPLE:
        told.append(
            Sentence(
                "The similarities over time are those of the first {} people who were seen.",
                MOST_PEOPLE,
            )
        )
    if log.let_go:
        told.append(
            Sentence(
                "More than {} unknown faces: {} that were seen the least are left out.",
                *(MOST_CLUSTERS, log.let_go),
            )
        )
    return told


def _unknown_faces(unknown: Sequence[UnknownFace], when: TimeAxis, language: Language) -> str:
    about = Sentence(
        "Faces that look alike count as one person; one person may still stand here twice. A face"
        " that got a name later, while it was followed, is not among them."
    )
    headings = [
        *(Sentence("who"), Sentence("first seen"), Sentence("last seen"), Sentence("times")),
        *(Sentence("frames"), Sentence("best quality"), Sentence("most like")),
    ]
    rows = [
        (
            unknown_name(place),
            when.told(one.presence.first),
            when.told(one.presence.last),
            str(one.presence.visits),
            str(one.presence.frames),
            f"{one.best:.2f}",
            _nearest(one),
        )
        for place, one in enumerate(unknown[:_MOST_UNKNOWN])
    ]
    found = heading(Sentence("Unknown faces"), language) + paragraph(about, language)
    found += table(headings, rows, language)
    crops = [
        f"<figure>{picture(one.crop, language.say(unknown_name(place)))}"
        f"<figcaption>{escape(language.say(unknown_name(place)))}</figcaption></figure>"
        for place, one in enumerate(unknown[:_MOST_UNKNOWN])
        if one.crop is not None
    ]
    return found + (f'<div class="faces">{"".join(crops)}</div>' if crops else "")


def _nearest(one: UnknownFace) -> str:
    if one.nearest is None:
        return ""
    return f"{one.nearest.identity.name}, {one.nearest.similarity:.2f}"
