"""Turns the evidence of a face into a name, or into "unknown", and says why.

Unsure means unknown: a name needs a joint template above the threshold, a runner-up that is
clearly behind, and looks that agree. Ties and thin evidence give no name.
"""

from __future__ import annotations

from dataclasses import dataclass

from common.sentence import Sentence
from gallery.identity import Candidate, Match

AGREEING = 2.0
"""So many margins below the threshold a single look still agrees with the name that all looks
together give: one picture varies more than their joint template."""


@dataclass(frozen=True)
class Policy:
    """What a name needs.

    threshold: cosine, for one picture. margin: how far the runner-up must be behind a clear face,
    in cosine; clearance: how much further behind one that is not seen clearly. looks: the least
    number of looks that agree. bar: what the nearest person needs besides, since others were taken
    for them; it counts up to bar_at_most above all else. See gallery/likeness/raised_bars.py.
    """

    threshold: float
    margin: float
    looks: int = 1
    clearance: float = 0.0
    bar: float = -1.0
    bar_at_most: float = 0.0

    def needed(self, independent: float, *, named: bool = False) -> float:
        """Returns the least similarity that a joint template needs for a name.

        A face that is watched gives a stranger many chances: over visits of twelve looks at
        pictures of 12 people the share of strangers who are ever above the threshold for one
        picture is that of one look at a threshold 0.05 to 0.06 higher. So a name needs a margin
        more to be given, and a margin more for each independent look that is missing to `looks`;
        the right person's joint template gains three times that with the second look.

        independent: see Evidence.independent. named: whether the face has this name already; then
        it keeps it down to the threshold.
        """
        if named or self.looks == 1:
            return self.threshold
        return self.threshold + self.margin * (1 + max(0.0, self.looks - independent))

    def raised(self, needed: float) -> float:
        """Returns what the nearest person's name needs, where it is `needed` for everybody's."""
        return max(needed, min(self.bar, needed + self.bar_at_most))

    @property
    def behind(self) -> float:
        """How far the runner-up must be behind, in cosine."""
        return self.margin + self.clearance

    @property
    def agrees(self) -> float:
        """The similarity from which a single look agrees with the name that all give together."""
        return self.threshold - (AGREEING * self.margin if self.looks > 1 else 0.0)


@dataclass(frozen=True)
class Findings:
    """What the gallery says to a face's evidence.

    ranking: the identities that the joint template resembles most, best first; empty where the
    gallery is. similarities: of each look to the first of them, moment by moment. independent: see
    Evidence. classified: how far a trained classifier sees the second behind the first, in units
    of cosine; None where none has ordered them.
    """

    ranking: tuple[Candidate, ...]
    similarities: tuple[tuple[float, ...], ...]
    independent: float = 1.0
    classified: float | None = None

    @property
    def lead(self) -> float:
        """How far the second is behind the first, in cosine or as much as in cosine."""
        if len(self.ranking) < 2:
            return float("inf")
        if self.classified is not None:
            return self.classified
        return self.ranking[0].similarity - self.ranking[1].similarity

    @property
    def looks(self) -> int:
        return sum(map(len, self.similarities))


@dataclass(frozen=True)
class Decision:
    """Who a face is, and why.

    match: None for an unknown face; nearest and runner_up still tell whom it resembles.
    threshold: the similarity that a name needs, after so much evidence.
    agreeing, looks: how many of how many looks are for the named (or nearest) person. moments: at
    how many moments one was; looks of one moment see the same picture.
    reason: one sentence for the person who asks why.
    """

    match: Match | None
    nearest: Candidate | None
    runner_up: Candidate | None
    threshold: float
    agreeing: int
    looks: int
    moments: int
    reason: Sentence


def decide(findings: Findings, policy: Policy, named: str | None = None) -> Decision:
    """Decides over all looks at one face. named: the id of the person whose name it has."""
    ranking = findings.ranking
    nearest = ranking[0] if ranking else None
    runner_up = ranking[1] if len(ranking) > 1 else None
    keeps = nearest is not None and nearest.identity.id == named
    usual = policy.needed(findings.independent, named=keeps)
    needed = policy.raised(usual)
    agreeing = [sum(one >= policy.agrees for one in moment) for moment in findings.similarities]
    match = None
    if nearest is None:
        reason = Sentence("The gallery is empty")
    elif usual <= nearest.similarity < needed:
        reason = Sentence(
            "Perhaps {}, at {}; somebody else was taken for this person, so that {} is needed",
            nearest.identity.name,
            _shown(nearest.similarity),
            _shown(needed),
        )
    elif nearest.similarity < needed:
        reason = _why_too_unlike(nearest, needed, findings, policy)
    elif runner_up is not None and findings.lead < policy.behind:
        reason = _why_too_close(nearest, runner_up, findings.classified is not None)
    elif sum(agreeing) < policy.looks:
        reason = Sentence(
            "Perhaps {}, at {}; {} of {} good looks agree, {} are needed",
            nearest.identity.name,
            _shown(nearest.similarity),
            sum(agreeing),
            findings.looks,
            policy.looks,
        )
    else:
        match = Match(nearest.identity, nearest.similarity, needed, runner_up)
        reason = _why_known(nearest, runner_up, needed, sum(agreeing), findings.looks)
    return Decision(
        match,
        nearest,
        runner_up,
        needed,
        sum(agreeing),
        findings.looks,
        sum(count > 0 for count in agreeing),
        reason,
    )


def _why_known(
    nearest: Candidate, runner_up: Candidate | None, needed: float, agreeing: int, looks: int
) -> Sentence:
    behind = ""
    if runner_up is not None:
        behind = Sentence(
            "; the next, {}, is at {}", runner_up.identity.name, _shown(runner_up.similarity)
        )
    return Sentence(
        "Similarity {} passes {}{}; {} of {} good looks agree",
        _shown(nearest.similarity),
        _shown(needed),
        behind,
        agreeing,
        looks,
    )


def _why_too_unlike(
    nearest: Candidate, needed: float, findings: Findings, policy: Policy
) -> Sentence:
    likeness = (nearest.identity.name, _shown(nearest.similarity), _shown(needed))
    if nearest.similarity < policy.needed(policy.looks):
        return Sentence("The nearest, {}, is at {}, below {}", *likeness)
    if len(findings.similarities) < policy.looks:
        return Sentence("Perhaps {}, at {}; {} or a look at another moment is needed", *likeness)
    return Sentence("Perhaps {}, at {}; {} or a clearer look is needed", *likeness)


def _why_too_close(nearest: Candidate, runner_up: Candidate, is_classified: bool) -> Sentence:
    both = (
        nearest.identity.name,
        _shown(nearest.similarity),
        runner_up.identity.name,
        _shown(runner_up.similarity),
    )
    if is_classified:
        return Sentence("The classifier does not tell {}, at {}, from {}, at {}", *both)
    return Sentence("{} at {} and {} at {} are too close together", *both)


def _shown(similarity: float) -> str:
    return f"{similarity:.2f}"
