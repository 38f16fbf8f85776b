"""Presentation-attack detection for one attempt of one person; it joins all checks.

One camera can notice a picture that is held up; it cannot notice everything. It does not notice a
film of the person that happens to show what is asked, nor a mask with a nose.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import numpy as np

from models.embedders.figures import EmbedderFigures
from recognition.liveness.evidence import EvidenceCue
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed, Passed, Pending, Progress
from recognition.liveness.two_movements import TwoMovements
from recognition.liveness.unsure import AskedIfUnsure
from recognition.liveness.watched import WatchedFace

Mode = Literal["when unsure", "always"]


class Asking(Protocol):
    """What is asked of a face, and when it has passed."""

    def progress(self, observation: Observation, face: WatchedFace, *, may_ask: bool) -> Progress:
        """Returns the progress after a frame that the face has taken in. may_ask: whether something
        may be asked for now; what was asked for before goes on."""

    def decline(self) -> None:
        """Notes that the person cannot do what is asked now."""


class LivenessCheck:
    """One attempt on one track, from the moment a person is named. One thread uses it.

    In the mode "when unsure" something small is asked for where the evidence does not convince. In
    the mode "always" two random movements are asked for (or one), and the face must have shown that
    it is not flat.
    """

    def __init__(
        self,
        mode: Mode,
        random: np.random.Generator,
        figures: EmbedderFigures,
        cues: Sequence[EvidenceCue] = (),
        actions: int = 2,
    ) -> None:
        """Begins an attempt.

        figures: of the embedder in use. actions: how many are asked for in the mode "always".
        """
        self._face = WatchedFace(figures, cues)
        self._asking: Asking = (
            TwoMovements(random, actions) if mode == "always" else AskedIfUnsure(random)
        )
        self._end: Passed | Failed | None = None

    def see(self, observation: Observation, *, may_ask: bool = True) -> Progress:
        """Takes in the next frame and returns the progress. Once passed or failed, it stays so.

        may_ask: whether the person would see it if something were asked for now.
        """
        if self._end is None:
            progress = self._face.see(observation) or self._asking.progress(
                observation, self._face, may_ask=may_ask
            )
            if isinstance(progress, Pending):
                return progress
            self._end = progress
        return self._end

    def decline(self) -> None:
        """Notes that the person cannot do what is asked now: in the mode "when unsure" they are
        asked for something else, or for nothing more."""
        self._asking.decline()
