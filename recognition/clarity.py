"""Says what a face that is not seen clearly needs for a name, and why it has none.

Faces with the same flaw resemble each other: of strangers in the same blur as the enrolled, half
pass the threshold. Three other ways of telling them were measured on enrolled people and strangers
with the same flaw, on twelve people: the similarity less what the probe has in common with
everybody else (Z-norm), or with degraded copies of other people's pictures (a cohort), and
embeddings without the directions that flaws add (nuisance attribute projection). Each left 2 to
36 % of the strangers a name with some flaw. Limits on what is measured of the picture
(models/flaws.py), with nobody enrolled from a flawed one and more asked of a flawed probe, leave
0.9 % at most, most of all since such pictures are not enrolled. Where an earlier release has
enrolled flawed pictures, up to 3.4 % remain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from common.sentence import Sentence
from models.embedders.figures import EmbedderFigures
from models.flaws import Flaw
from recognition.decision import Decision, Policy

UNSURE: Mapping[Flaw, Sentence] = MappingProxyType(
    {
        Flaw.SMALL: Sentence("too small to be sure"),
        Flaw.DARK: Sentence("too dark to be sure"),
        Flaw.BLURRED: Sentence("too blurred to be sure"),
        Flaw.NOISY: Sentence("too grainy to be sure"),
        Flaw.COMPRESSED: Sentence("too coarsely saved to be sure"),
        Flaw.EYES_HIDDEN: Sentence("the eyes are hidden, so that nobody can be sure"),
        Flaw.MOUTH_HIDDEN: Sentence("the mouth is hidden, so that nobody can be sure"),
    }
)


def worst(flaws: Iterable[Flaw]) -> Flaw | None:
    """Returns the flaw that is told where there are several: the first in the order of Flaw."""
    found = set(flaws)
    return next((flaw for flaw in Flaw if flaw in found), None)


def shared(flaws: Iterable[frozenset[Flaw]]) -> frozenset[Flaw]:
    """Returns the flaws that all looks at a face have: a single good look is enough."""
    every = list(flaws)
    return frozenset.intersection(*every) if every else frozenset()


def required(threshold: float, flaws: frozenset[Flaw], figures: EmbedderFigures) -> float:
    """Returns the similarity (cosine) that a face with such flaws needs, for a clear one's."""
    return threshold + (figures.unclear_rise if flaws else 0.0)


def demanding(policy: Policy, flaws: frozenset[Flaw], figures: EmbedderFigures) -> Policy:
    """Returns the policy for a face with such flaws, the same one where there are none."""
    if not flaws:
        return policy
    return replace(
        policy,
        threshold=required(policy.threshold, flaws, figures),
        margin=policy.margin + figures.unclear_margin,
    )


def explained(decision: Decision, flaws: frozenset[Flaw], threshold: float) -> Decision:
    """Returns the decision with the flaw as the reason, where a clear face would have the name.

    threshold: what a clear face needs, cosine.
    """
    flaw = worst(flaws)
    nearest = decision.nearest
    if flaw is None or decision.match or nearest is None or nearest.similarity < threshold:
        return decision
    reason = Sentence(
        "Perhaps {}, at {}; {}", nearest.identity.name, f"{nearest.similarity:.2f}", UNSURE[flaw]
    )
    return replace(decision, reason=reason)
