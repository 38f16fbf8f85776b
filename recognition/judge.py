"""Asks the gallery what the looks at a face say, and decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from common.errors import UnknownIdentityError
from common.sentence import Sentence
from gallery.gallery import Gallery
from gallery.identity import Candidate
from gallery.likeness.raised_bars import RaisedBars
from gallery.likeness.stranger_scores import StrangerScore
from models.embedders.embedder import Embedder
from models.embedders.figures import EmbedderFigures
from models.flaws import Flaw
from recognition.clarity import demanding, explained
from recognition.decision import Decision, Findings, Policy, decide
from recognition.evidence import Evidence, Look
from recognition.learning.ordering import ClassifierOrder
from recognition.sameness import Sameness, SamenessLimits
from recognition.threshold_in_use import ThresholdInUse
from recognition.tracks import Track

LIVE_LOOKS = 2
"""The number of looks that must agree before a live face is named."""

SURE = 1.5
"""How far above the threshold a quick look at a still picture is believed, in standard deviations
of non-mated similarities. At a threshold for one stranger in a thousand, one in 400,000 gets so
far, so that the two looks name no more strangers than the thorough one alone."""


class Judge:
    """Decides on looks with one gallery. The thread that owns the gallery uses it.

    embedder: the one that the gallery's templates are of. fpir: the share of strangers who may get
    a name. order: a trained classifier that says who is meant of those whom a face resembles; None
    for the gallery's own order. Whoever comes first has to pass the threshold either way.
    adjustment, strangers: see ThresholdInUse. bars: what some people's names need besides; None for
    nobody's.
    """

    def __init__(
        self,
        gallery: Gallery,
        embedder: Embedder,
        fpir: float,
        order: ClassifierOrder | None = None,
        adjustment: float | None = None,
        bars: RaisedBars | None = None,
        strangers: Sequence[StrangerScore] = (),
    ) -> None:
        self._bars = bars
        self._gallery = gallery
        self._embedder = embedder
        self._order = order
        self._threshold = ThresholdInUse(gallery, fpir, adjustment, strangers)

    @property
    def threshold(self) -> float:
        """The similarity that one picture's name needs now: it grows with the gallery."""
        return self._threshold.of(self._figures)

    def follow(self, fpir: float, adjustment: float | None) -> None:
        """Uses another wish, and another calibration, from now on."""
        self._threshold.follow(fpir, adjustment)

    def of_look(self, look: Look, rejected: frozenset[str] = frozenset()) -> Decision:
        """Decides on one look at a still picture. rejected: see Track."""
        return _without(self._decided(Evidence((look,)), 1), rejected)

    def is_named_with_ease(self, decision: Decision) -> bool:
        """Returns whether a decision on a quick look at a still picture needs no thorough one."""
        match, (_, spread) = decision.match, self._figures.nonmated
        return match is not None and match.similarity >= decision.threshold + SURE * spread

    def of_track(self, track: Track) -> Decision:
        """Decides on all looks at a live face, of which there is one at least."""
        decision = self._decided(track.evidence, LIVE_LOOKS, track.name)
        return _without(decision, track.rejected)

    def sameness(self, track: Track, look: Look) -> Sameness:
        """Returns whether a look shows the person of a track. Where it does, and the track was in
        doubt, its name is confirmed."""
        found = SamenessLimits.of(self._figures).compare(track, look)
        if found is Sameness.SAME and track.doubtful and not self._agrees(look, track):
            return Sameness.UNSURE
        return found

    def former(self, tracks: Iterable[Track], look: Look) -> Track | None:
        """Returns which of some tracks a look belongs to; None for none of them."""
        former = SamenessLimits.of(self._figures).former(tracks, look)
        return former if former is not None and self._agrees(look, former) else None

    @property
    def _figures(self) -> EmbedderFigures:
        return self._embedder.figures

    def _agrees(self, look: Look, track: Track) -> bool:
        """Returns whether a look may confirm a track's name, if it has one."""
        if track.name is None:
            return True
        try:
            similarity = self._gallery.similarity(track.name, look.embedding)
        except UnknownIdentityError:  # removed a moment ago
            return False
        return similarity >= self._policy(LIVE_LOOKS).agrees

    def _decided(self, evidence: Evidence, looks: int, named: str | None = None) -> Decision:
        findings = self._findings(evidence)
        policy = self._for_nearest(self._policy(looks, evidence.flaws), findings)
        decision = decide(findings, policy, named)
        return explained(decision, evidence.flaws, self.threshold)

    def _policy(self, looks: int, flaws: frozenset[Flaw] = frozenset()) -> Policy:
        figures = self._figures
        return demanding(Policy(self.threshold, figures.margin, looks), flaws, figures)

    def _for_nearest(self, policy: Policy, findings: Findings) -> Policy:
        """Returns the policy with the bar of the person whom a face resembles most."""
        if self._bars is None or not findings.ranking:
            return policy
        bar = self._bars.wanted(findings.ranking[0].identity.id, self.threshold)
        return replace(policy, bar=bar, bar_at_most=self._bars.raised_at_most)

    def _findings(self, evidence: Evidence) -> Findings:
        ranking, classified = self._ranking(evidence)
        similarities = tuple(
            tuple(self._similarity(ranking, look) for look in moment) for moment in evidence.moments
        )
        return Findings(ranking, similarities, evidence.independent, classified)

    def _ranking(self, evidence: Evidence) -> tuple[tuple[Candidate, ...], float | None]:
        """Returns the first two people, and Findings.classified."""
        if self._order is None:
            return tuple(self._gallery.search(evidence.template[np.newaxis], k=2)[0]), None
        return self._order.first_two(evidence.template, self._figures.nonmated[1])

    def _similarity(self, ranking: Sequence[Candidate], look: Look) -> float:
        """Returns the similarity of a look to the first of a ranking; 0 where that is empty."""
        return self._gallery.similarity(ranking[0].identity.id, look.embedding) if ranking else 0.0


def _without(decision: Decision, rejected: frozenset[str]) -> Decision:
    """Returns the decision, with no name where it would be one of the rejected people's."""
    match = decision.match
    if match is None or match.identity.id not in rejected:
        return decision
    reason = Sentence("Somebody said that this is not {}", match.identity.name)
    return replace(decision, match=None, reason=reason)
