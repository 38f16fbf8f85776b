from __future__ import annotations

import re

import pytest
from scipy.stats import beta

from bench.liveness.presentation import Presentation, clopper_pearson, report
from bench.liveness.presentation_page import page


def presented(kind: str, *answers: bool | None) -> list[Presentation]:
    return [Presentation(kind, f"{kind} {i}", answer) for i, answer in enumerate(answers)]


@pytest.mark.parametrize(
    ("errors", "count"),
    [(0, 10), (1, 10), (5, 10), (10, 10), (3, 1000), (2500, 5000), (0, 1), (1, 1)],
)
def test_the_interval_is_the_exact_one(errors: int, count: int) -> None:
    low = beta.ppf(0.025, errors, count - errors + 1) if errors else 0.0
    high = beta.ppf(0.975, errors + 1, count - errors) if errors < count else 1.0
    assert clopper_pearson(errors, count) == pytest.approx((low, high), abs=1e-9)


def test_nothing_presented_tells_nothing() -> None:
    assert clopper_pearson(0, 0) == (0.0, 1.0)
    assert report([]).apcer == ()
    assert report([]).bpcer is None


def test_attacks_worst_first_and_people_apart() -> None:
    told = report(
        [
            *presented("print", False, False, False),
            *presented("phone", True, False, None),
            *presented("tablet", False),
            *presented("bona-fide", True, True, False, None),
        ]
    )
    assert [(r.kind, r.errors, r.presentations) for r in told.apcer] == [
        ("phone", 1, 2),
        ("tablet", 0, 1),
        ("print", 0, 3),
    ]
    assert told.apcer[0].no_response == 1
    assert told.bpcer is not None
    assert (told.bpcer.errors, told.bpcer.presentations, told.bpcer.no_response) == (1, 3, 1)
    assert told.bpcer.rate == pytest.approx(1 / 3)


def test_without_a_response_there_is_no_rate() -> None:
    (rate,) = report(presented("print", None)).apcer
    assert rate.rate is None
    assert "none" in page(report(presented("print", None)), "when unsure", "now")


def test_the_page_escapes_names_and_needs_nothing_else() -> None:
    hostile = Presentation("print", "<script>alert(1)</script>.mp4", True, 'a "reason" & <b>')
    text = page(report([hostile]), "when unsure", "2025-01-01")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "&amp; &lt;b&gt;" in text
    assert not re.search(r"(src|href)=|https?:|url\(|@import", text)
    assert "100.0 %" in text
