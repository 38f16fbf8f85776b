"""An evaluation's figures in words, as the terminal and the report show them."""

from __future__ import annotations

from dataclasses import dataclass

from bench.evaluation.evaluation import Evaluation
from bench.evaluation.figures import IdentificationFigures, VerificationFigures
from bench.evaluation.intervals import Estimate
from bench.evaluation.sorted_scores import FMRS, FPIRS
from bench.live.visits import FilmFigures


@dataclass(frozen=True)
class FigureRow:
    """One figure. of: the number of comparisons or probes; empty where it is no share of any."""

    name: str
    value: str
    interval: str
    of: str


def verification_rows(one: VerificationFigures) -> list[FigureRow]:
    """Return the 1:1 figures."""
    rows = [
        _share(f"accuracy at the threshold in use, {one.threshold:.3f}", one.accuracy),
        _share(f"accuracy at the best, {one.best_threshold:.3f}", one.best_accuracy),
        FigureRow("AUC", f"{one.auc.value:.5f}", f"{one.auc.low:.5f} to {one.auc.high:.5f}", ""),
        _share("EER", one.eer),
        _share("FMR at the threshold in use", one.fmr),
        _share("FNMR at the threshold in use", one.fnmr),
    ]
    for rate, tpr, threshold in zip(FMRS, one.tpr, one.thresholds, strict=True):
        rows.append(_share(f"TPR at FPR {100 * rate:g} %, {threshold:.3f}", tpr))
    return rows


def identification_rows(many: IdentificationFigures) -> list[FigureRow]:
    """Return the 1:N figures."""
    rows = [_share("rank-1, everyone enrolled", many.rank1)]
    if many.fnir is not None and many.fpir_in_use is not None and many.fnir_in_use is not None:
        rows += [
            _share(f"FNIR at FPIR {100 * rate:g} %", fnir)
            for rate, fnir in zip(FPIRS, many.fnir, strict=True)
        ]
        rows.append(_share("FNIR at the threshold in use", many.fnir_in_use))
        rows.append(_share("FPIR at the threshold in use", many.fpir_in_use))
    return rows


def film_rows(found: FilmFigures) -> list[FigureRow]:
    """Return the figures of films: of enrolled people, and of strangers where there are any."""
    rows = [
        _share("frames with the right name", found.right),
        _share("frames with a wrong name", found.wrong),
        _share("frames with an unknown face", found.unknown),
        _share("frames in which no face was found", found.not_found),
        _share("visits with the right name", found.right_visits),
        _share("visits with a wrong name (ever)", found.wrong_visits),
        _share("visits without a name", found.unnamed_visits),
    ]
    if found.until_named is not None:
        one = found.until_named
        value, low, high = (f"{seconds:.2f}" for seconds in (one.value, one.low, one.high))
        rows.append(
            FigureRow(
                "seconds until the right name, median", value, f"{low} to {high}", str(one.of)
            )
        )
        rows.append(FigureRow("the most", f"{found.longest:.2f}", "", ""))
    if found.named is not None and found.named_visits is not None:
        rows.append(_share("strangers' frames with a name", found.named))
        rows.append(_share("strangers' visits with a name (FPIR)", found.named_visits))
    return rows


def behind(found: Evaluation) -> str:
    """Return what the figures rest on, as a sentence."""
    one, many = found.verification, found.identification
    told = (
        f"{found.people} people, {len(found.pictures.pictures)} pictures;"
        f" {one.mated} mated and {one.nonmated} non-mated comparisons"
    )
    if many is not None and many.fnir is not None:
        told += f"; {many.known} people enrolled, {many.strangers} strangers at a time"
    return told + "."


def percent(share: float) -> str:
    """Return a share as text."""
    return f"{100 * share:.2f} %"


def _share(name: str, found: Estimate) -> FigureRow:
    return FigureRow(
        name,
        percent(found.value),
        f"{percent(found.low)} to {percent(found.high)}",
        str(found.of) if found.of else "",
    )
