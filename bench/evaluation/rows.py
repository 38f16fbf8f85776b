"""An evaluation's figures in words, as the terminal and the report show them."""

from __future__ import annotations

from dataclasses import dataclass

from bench.evaluation.evaluation import Evaluation
from bench.evaluation.figures import IdentificationFigures, VerificationFigures
from bench.evaluation.intervals import Estimate
from bench.evaluation.sorted_scores import FMRS, FPIRS
from bench.live.visits import FilmFigures
from common.sentence import Sentence


@dataclass(frozen=True)
class FigureRow:
    """One figure. of: the number of comparisons or probes; empty where it is no share of any."""

    name: Sentence
    value: str
    interval: Sentence
    of: str


def verification_rows(one: VerificationFigures) -> list[FigureRow]:
    """Return the 1:1 figures."""
    rows = [
        _share(
            Sentence("accuracy at the threshold in use, {}", f"{one.threshold:.3f}"), one.accuracy
        ),
        _share(
            Sentence("accuracy at the best, {}", f"{one.best_threshold:.3f}"), one.best_accuracy
        ),
        FigureRow(
            Sentence("AUC"),
            f"{one.auc.value:.5f}",
            Sentence("{} to {}", f"{one.auc.low:.5f}", f"{one.auc.high:.5f}"),
            "",
        ),
        _share(Sentence("EER"), one.eer),
        _share(Sentence("FMR at the threshold in use"), one.fmr),
        _share(Sentence("FNMR at the threshold in use"), one.fnmr),
    ]
    for rate, tpr, threshold in zip(FMRS, one.tpr, one.thresholds, strict=True):
        name = Sentence("TPR at FPR {}, {}", f"{100 * rate:g} %", f"{threshold:.3f}")
        rows.append(_share(name, tpr))
    return rows


def identification_rows(many: IdentificationFigures) -> list[FigureRow]:
    """Return the 1:N figures."""
    rows = [_share(Sentence("rank-1, everyone enrolled"), many.rank1)]
    if many.fnir is not None and many.fpir_in_use is not None and many.fnir_in_use is not None:
        rows += [
            _share(Sentence("FNIR at FPIR {}", f"{100 * rate:g} %"), fnir)
            for rate, fnir in zip(FPIRS, many.fnir, strict=True)
        ]
        rows.append(_share(Sentence("FNIR at the threshold in use"), many.fnir_in_use))
        rows.append(_share(Sentence("FPIR at the threshold in use"), many.fpir_in_use))
    return rows


def film_rows(found: FilmFigures) -> list[FigureRow]:
    """Return the figures of films: of enrolled people, and of strangers where there are any."""
    rows = [
        _share(Sentence("frames with the right name"), found.right),
        _share(Sentence("frames with a wrong name"), found.wrong),
        _share(Sentence("frames with an unknown face"), found.unknown),
        _share(Sentence("frames in which no face was found"), found.not_found),
        _share(Sentence("visits with the right name"), found.right_visits),
        _share(Sentence("visits with a wrong name (ever)"), found.wrong_visits),
        _share(Sentence("visits without a name"), found.unnamed_visits),
    ]
    if found.until_named is not None:
        one = found.until_named
        rows += [
            FigureRow(
                Sentence("seconds until the right name"),
                f"{one.value:.2f}",
                Sentence("{} to {}", f"{one.low:.2f}", f"{one.high:.2f}"),
                str(one.of),
            ),
            FigureRow(Sentence("the most seconds"), f"{found.longest:.2f}", Sentence(""), ""),
        ]
    if found.named is not None and found.named_visits is not None:
        rows.append(_share(Sentence("strangers' frames with a name"), found.named))
        rows.append(_share(Sentence("strangers' visits with a name (FPIR)"), found.named_visits))
    return rows


def behind(found: Evaluation) -> Sentence:
    """Return what the figures rest on, as a sentence."""
    one, many = found.verification, found.identification
    told = Sentence(
        "{} people, {} pictures; {} mated and {} non-mated comparisons",
        *(found.people, len(found.pictures.pictures), one.mated, one.nonmated),
    )
    if many is not None and many.fnir is not None:
        return Sentence(
            "{}; {} people enrolled, {} strangers at a time.", told, many.known, many.strangers
        )
    return Sentence("{}.", told)


def percent(share: float) -> str:
    """Return a share as text."""
    return f"{100 * share:.2f} %"


def interval(low: float, high: float) -> Sentence:
    """Return the ends of a share's interval as text."""
    return Sentence("{} to {}", percent(low), percent(high))


def _share(name: Sentence, found: Estimate) -> FigureRow:
    return FigureRow(
        name,
        percent(found.value),
        interval(found.low, found.high),
        str(found.of) if found.of else "",
    )
