"""Writes the figures of degraded copies as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from bench.evaluation.intervals import Estimate
from bench.evaluation.rows import interval, percent
from bench.hardening.hardening import DegradedFigures, worst
from bench.report.html import heading, page_of, paragraph, table
from common.sentence import ENGLISH, Language, Sentence

_NONE = ""


def degraded_page(
    found: Sequence[DegradedFigures],
    settings: Mapping[str, str],
    at: str,
    language: Language = ENGLISH,
) -> str:
    """Return the HTML page. found: the figures of the pictures as they are first.

    at: when it was measured, in words.
    """
    title = Sentence("How well people are told apart on degraded pictures")
    lost = Sentence("Measured {}. The defect that loses the most: {}.", at, worst(found).defect)
    parts = [
        f"<h1>{escape(language.say(title))}</h1>",
        paragraph(lost, language),
        *(paragraph(warning, language, "mind") for warning in found[0].warnings),
        heading(Sentence("Enrolled as they are, probed with the defect"), language),
        table(
            (
                *(Sentence("defect"), Sentence("accuracy"), Sentence("TPR at FPR 1 %")),
                *(Sentence("FNIR at FPIR 1 %"), Sentence("faces not found")),
            ),
            [
                (row.defect, *map(_estimate, (row.accuracy, row.tpr, row.fnir, row.not_found)))
                for row in found
            ],
            language,
        ),
    ]
    if any(row.groups for row in found):
        parts += [
            heading(Sentence("The group that loses the most"), language),
            table(
                (Sentence("defect"), Sentence("group"), Sentence("TPR at FPR 1 %")),
                [
                    (row.defect, row.groups[0].group, _estimate(row.groups[0].figures.tpr[0]))
                    for row in found
                    if row.groups
                ],
                language,
            ),
        ]
    parts += [
        heading(Sentence("At the default settings"), language),
        paragraph(_DEFAULTS, language),
        table(
            (
                *(Sentence("defect"), Sentence("refused"), Sentence("FNIR"), Sentence("FPIR")),
                Sentence("FPIR without the limits"),
                *(Sentence("FNIR, enrolled clear"), Sentence("FPIR, enrolled clear")),
            ),
            [_rates(row) for row in found],
            language,
        ),
        heading(Sentence("Settings"), language),
        table((Sentence("setting"), Sentence("value")), list(settings.items()), language),
    ]
    return page_of(title, parts, language)


def _rates(row: DegradedFigures) -> tuple[str, ...]:
    rates = row.rates
    shares = (
        *(rates.set_apart, rates.same.fnir, rates.same.fpir, rates.without.fpir),
        *(rates.clean.fnir, rates.clean.fpir),
    )
    return row.defect, *(_NONE if one is None else percent(one) for one in shares)


def _estimate(one: Estimate | None) -> str:
    if one is None:
        return _NONE
    return Sentence("{} ({})", percent(one.value), interval(one.low, one.high))


_DEFAULTS = Sentence(
    "Unclear pictures are not enrolled, and unclear probes need more. The first columns are of"
    " people who are enrolled with the same defect; the last two of people who are enrolled as they"
    " are. FNIR is the share of the enrolled people's probes without their name, FPIR that of the"
    " strangers' probes with one."
)
