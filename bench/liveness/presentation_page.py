"""Writes the report on presentation attacks as one HTML page that needs no other file."""

from __future__ import annotations

from html import escape

from bench.liveness.presentation import CONFIDENCE, ErrorRate, PresentationReport

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem;
  color: #1b1b1b; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { text-align: left; padding: .3rem .8rem; border-bottom: 1px solid #ccc; }
.bar { position: relative; height: .8rem; min-width: 10rem; background: #eee; }
.bar i { position: absolute; height: 100%; background: #0072b2; min-width: 2px; }
"""


def page(report: PresentationReport, mode: str, at: str) -> str:
    """Return the report's HTML page. at: when it was measured, in words."""
    rates = [("APCER", rate) for rate in report.apcer]
    rates += [("BPCER", report.bpcer)] if report.bpcer else []
    rows = "".join(_row(name, rate) for name, rate in rates)
    each = "".join(
        f"<tr><td>{escape(p.kind)}<td>{escape(p.name)}<td>{_answer(p.passed)}<td>{escape(p.why)}"
        for p in report.presentations
    )
    return f"""<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>Presentation attacks</title><style>{STYLE}</style>
<h1>Presentation-attack detection</h1>
<p>Measured {escape(at)}, liveness {escape(mode)}. In the terms of ISO/IEC 30107-3: APCER is the
share of the presentations of an attack that were taken for a live person, worst first; BPCER is
the share of live people who were refused. Intervals are exact binomial ones (Clopper-Pearson) of
{CONFIDENCE:.0%}. A presentation without a response counts in neither.</p>
<table><tr><th>Rate<th>Presented<th>Errors<th>Share<th>Interval<th><th>No response{rows}</table>
<h2>Each presentation</h2>
<table><tr><th>Kind<th>Name<th>Answer<th>Why{each}</table>
</html>
"""


def in_words(rate: ErrorRate) -> tuple[str, str]:
    """Return the rate and its interval as texts, such as "0.0 %" and "0.0 to 3.6 %"."""
    share = "none" if rate.rate is None else f"{100 * rate.rate:.1f} %"
    return share, f"{100 * rate.low:.1f} to {100 * rate.high:.1f} %"


def _row(name: str, rate: ErrorRate) -> str:
    share, interval = in_words(rate)
    low, wide = 100 * rate.low, 100 * (rate.high - rate.low)
    return (
        f"<tr><td>{name}, {escape(rate.kind)}<td>{rate.presentations}<td>{rate.errors}<td>{share}"
        f'<td>{interval}<td><div class="bar">'
        f'<i style="left:{low:.1f}%;width:{wide:.1f}%"></i></div>'
        f"<td>{rate.no_response}"
    )


def _answer(passed: bool | None) -> str:
    return "no response" if passed is None else "taken for live" if passed else "refused"
