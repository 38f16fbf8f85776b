"""Lets a network refuse what it takes for a picture; what it takes for live counts for nothing."""

from __future__ import annotations

from collections import deque

import numpy as np

from common.sentence import Sentence
from models.liveness_network import LivenessNetwork
from recognition.liveness.evidence import VETO, FindingKind, LivenessFinding
from recognition.liveness.observation import Observation

EVERY_S = 0.1
"""A look takes 1.5 ms."""

LOOKS = 7
"""The median of so many looks counts."""

LEAST_LIVE = 0.5

SMALLEST_PX = 100.0
"""The height of a face below which the network is often wrong."""


class NetworkVeto:
    """Shows one face to the network."""

    def __init__(self, network: LivenessNetwork) -> None:
        self._network = network
        self._live: deque[float] = deque(maxlen=LOOKS)
        self._next_at = -np.inf

    def see(self, observation: Observation) -> LivenessFinding | None:
        """Takes in a frame; see EvidenceCue."""
        if observation.at < self._next_at or observation.face.height < SMALLEST_PX:
            return None
        self._next_at = observation.at + EVERY_S
        self._live.append(self._network.live(observation.image, observation.face))
        if len(self._live) < LOOKS or np.median(self._live) >= LEAST_LIVE:
            return None
        text = Sentence("The network named by liveness_network takes the face for a picture.")
        return LivenessFinding(FindingKind.NETWORK, VETO, text)
