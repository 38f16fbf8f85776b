"""Turns similarities into a name, or into "unknown", and says why.

Unsure means unknown: a name needs a similarity above the threshold, a runner-up that is
clearly behind, and votes that agree. Ties and thin evidence give no name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from common.sentence import Sentence
from gallery.identity import Candidate, Match
from models.flaws import Flaw

AGREEMENT = 0.6
"""The least share of a face's votes that must be for the same identity."""


@dataclass(frozen=True)
class Policy:
    """What a name needs.

    threshold: cosine. margin: how far the runner-up must be behind, in cosine. votes: the least
    number of votes.
    """

    threshold: float
    margin: float
    votes: int = 1
    agreement: float = AGREEMENT


@dataclass(frozen=True, eq=False)
class Vote:
    """One look at a face: its embedding, (d,) float32 of unit length, and the identities that it
    resembles.

    ranking: the most similar identities of the gallery, best first; empty if the gallery is empty.
    flaws: what was wrong with the picture.
    """

    embedding: NDArray[np.float32]
    ranking: tuple[Candidate, ...]
    flaws: frozenset[Flaw] = frozenset()


@dataclass(frozen=True)
class Decision:
    """Who a face is, and why.

    match: None for an unknown face; nearest and runner_up still tell whom it resembles.
    agreeing, votes: how many of how many votes are for the named (or nearest) person.
    reason: one sentence for the person who asks why.
    """

    match: Match | None
    nearest: Candidate | None
    runner_up: Candidate | None
    threshold: float
    agreeing: int
    votes: int
    reason: Sentence


def choice(vote: Vote, policy: Policy) -> Candidate | None:
    """Returns the identity that one look is for: the best candidate, if it passes and nobody is
    close behind; else None."""
    if not vote.ranking or vote.ranking[0].similarity < policy.threshold:
        return None
    if _gap(vote.ranking) < policy.margin:
        return None
    return vote.ranking[0]


def decide(votes: Sequence[Vote], policy: Policy) -> Decision:
    """Decides over all looks at one face, the newest last. Needs at least one look."""
    choices = [choice(vote, policy) for vote in votes]
    counts = Counter(c.identity.id for c in choices if c is not None)
    leading = counts.most_common(2)
    if not leading or (len(leading) == 2 and leading[0][1] == leading[1][1]):
        return _undecided(votes, policy, _why_unknown(votes, policy, tie=len(leading) == 2))

    identity_id, agreeing = leading[0]
    spoken = [
        vote.ranking
        for vote, chosen in zip(votes, choices, strict=True)
        if chosen is not None and chosen.identity.id == identity_id
    ]
    similarity = float(np.mean([ranking[0].similarity for ranking in spoken]))
    newest = spoken[-1]
    nearest = Candidate(newest[0].identity, similarity)
    runner_up = newest[1] if len(newest) > 1 else None
    if agreeing < policy.votes or agreeing < policy.agreement * len(votes):
        needed = max(policy.votes, int(np.ceil(policy.agreement * len(votes))))
        reason = Sentence("Only {} of {} looks agree; {} are needed", agreeing, len(votes), needed)
        return Decision(None, nearest, runner_up, policy.threshold, agreeing, len(votes), reason)
    return Decision(
        Match(nearest.identity, similarity, policy.threshold, runner_up),
        nearest,
        runner_up,
        policy.threshold,
        agreeing,
        len(votes),
        _why_known(nearest, runner_up, policy, agreeing, len(votes)),
    )


def _undecided(votes: Sequence[Vote], policy: Policy, reason: Sentence) -> Decision:
    ranking = votes[-1].ranking
    nearest = ranking[0] if ranking else None
    runner_up = ranking[1] if len(ranking) > 1 else None
    return Decision(None, nearest, runner_up, policy.threshold, 0, len(votes), reason)


def _gap(ranking: Sequence[Candidate]) -> float:
    return ranking[0].similarity - ranking[1].similarity if len(ranking) > 1 else np.inf


def _why_known(
    nearest: Candidate, runner_up: Candidate | None, policy: Policy, agreeing: int, votes: int
) -> Sentence:
    behind = ""
    if runner_up is not None:
        behind = Sentence(
            "; the next, {}, is at {}", runner_up.identity.name, f"{runner_up.similarity:.2f}"
        )
    return Sentence(
        "Similarity {} passes {}{}; {} of {} looks agree",
        f"{nearest.similarity:.2f}",
        f"{policy.threshold:.2f}",
        behind,
        agreeing,
        votes,
    )


def _why_unknown(votes: Sequence[Vote], policy: Policy, tie: bool) -> Sentence:
    ranking = votes[-1].ranking
    if not ranking:
        return Sentence("The gallery is empty")
    best = ranking[0]
    if tie:
        return Sentence("As many looks are for one person as for another")
    if best.similarity < policy.threshold:
        return Sentence(
            "The nearest, {}, is at {}, below {}",
            best.identity.name,
            f"{best.similarity:.2f}",
            f"{policy.threshold:.2f}",
        )
    return Sentence(
        "{} at {} and {} at {} are too close together",
        best.identity.name,
        f"{best.similarity:.2f}",
        ranking[1].identity.name,
        f"{ranking[1].similarity:.2f}",
    )
