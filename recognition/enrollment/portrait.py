"""Which of a person's pictures is shown for them: frontal, with open eyes and nothing before it."""

from __future__ import annotations

from models.landmarks.attributes import UNHIDDEN, FaceAttributes
from models.quality import Quality

OPEN_EYES = 0.25
"""The eye opening from which more does not count. Nine in ten pictures have more; a blink halves
it, whatever the eyes are like."""

HIDDEN_COUNTS = 0.5
"""What a picture counts in which something may be before the face."""

AWAY_YAW_DEG, AWAY_PITCH_DEG = 45.0, 60.0
"""Where nothing is left of a picture's score. Pitch is the wider, since cameras stand higher or
lower than eyes."""


def portrait_score(quality: Quality, attributes: FaceAttributes | None) -> float:
    """Return how well a picture serves as a portrait, 0..1.

    It is the quality's score, multiplied, where FaceMesh has seen the face, by what frontality,
    open eyes, a mouth that is not wide open and an unhidden face count.
    """
    if attributes is None:
        return quality.score
    angles = attributes.angles
    frontal = (1 - min(abs(angles.yaw_deg) / AWAY_YAW_DEG, 1)) * (
        1 - min(abs(angles.pitch_deg) / AWAY_PITCH_DEG, 1)
    )
    eyes = min(attributes.eye_opening / OPEN_EYES, 1)
    mouth = 1 - min(attributes.mouth_opening, 1) / 2
    unhidden = 1 if attributes.presence >= UNHIDDEN else HIDDEN_COUNTS
    return quality.score * frontal * eyes * mouth * unhidden
