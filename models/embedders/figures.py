"""The numbers that depend on the embedder: what its similarities mean."""

from __future__ import annotations

from dataclasses import dataclass

Normal = tuple[float, float]
"""Mean and standard deviation."""


@dataclass(frozen=True)
class EmbedderFigures:
    """What one embedder's similarities (cosine) say; another's numbers are no use with it.

    nonmated: mean and standard deviation of the normal law that the upper tail of non-mated
        similarities follows, a probe against an enrolled identity (see gallery/threshold.py).
    nonmated_pairs: the same for one picture against one other.
    threshold_floor: no name below it, whatever the rates say.
    margin: how far the runner-up must be behind the one who is named.
    unlike_photo: below it, in the mean over the others, a photo shows somebody else than they.
    unclear_rise, unclear_margin: by so much more must a face that is not seen clearly pass the
        threshold, and leave the runner-up behind.
    look_alike: so far below the threshold somebody is still worth a warning at an enrollment.
    same_face: below it twice running, a followed face is not the named person's.
    other_face: below it once is enough for that.
    raised_at_most: the most by which "not me" raises what a name needs.
    one_person: mean similarity of the templates of one person enrolled twice, at least.
    represented: similarity of a template to the mean of its identity's from which a large
        gallery's sketch takes the mean for both (see gallery/search/identity_rows.py).
    is_measured: False where they are estimated, see estimated_for().
    """

    nonmated: Normal
    nonmated_pairs: Normal
    threshold_floor: float
    margin: float
    unlike_photo: float
    unclear_rise: float
    unclear_margin: float
    look_alike: float
    same_face: float
    other_face: float
    raised_at_most: float
    one_person: float
    represented: float
    is_measured: bool = True

    def estimated_for(self, nonmated: Normal, nonmated_pairs: Normal) -> EmbedderFigures:
        """Figures of another embedder, of which only the non-mated laws are known.

        Each is as many standard deviations from that law's mean, or as many wide, as it is
        here: as many different people as here then pass it. How many looks at the right
        person pass, nobody knows before it is measured. A mean is not taken for any template:
        how like it one person's templates are is not known either.
        """

        def probe(level: float) -> float:
            return _moved(level, self.nonmated, nonmated)

        def pair(level: float) -> float:
            return _moved(level, self.nonmated_pairs, nonmated_pairs)

        wider = nonmated[1] / self.nonmated[1]
        return EmbedderFigures(
            nonmated,
            nonmated_pairs,
            threshold_floor=probe(self.threshold_floor),
            margin=self.margin * wider,
            unlike_photo=pair(self.unlike_photo),
            unclear_rise=self.unclear_rise * wider,
            unclear_margin=self.unclear_margin * wider,
            look_alike=self.look_alike * wider,
            same_face=probe(self.same_face),
            other_face=probe(self.other_face),
            raised_at_most=self.raised_at_most * wider,
            one_person=pair(self.one_person),
            represented=1.0,
            is_measured=False,
        )


def _moved(level: float, law: Normal, to: Normal) -> float:
    return to[0] + (level - law[0]) / law[1] * to[1]
