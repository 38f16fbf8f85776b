from __future__ import annotations

import numpy as np
import pytest

from models.face import Face
from recognition.liveness.evidence import VETO, FindingKind, LivenessFinding
from recognition.liveness.network_veto import LOOKS, SMALLEST_PX, NetworkVeto
from recognition.liveness.observation import Observation


class Sure:
    """A liveness network that says what is written."""

    def __init__(self, *live: float) -> None:
        self.live_next = list(live)

    def live(self, image: np.ndarray, face: Face) -> float:
        return self.live_next.pop(0)


def shown(network: Sure, frames: int, height: float = 120.0) -> list[LivenessFinding]:
    cue = NetworkVeto(network)  # type: ignore[arg-type]
    box = np.array([0, 0, 90, height], np.float32)
    face = Face(box, 0.9, np.zeros((5, 2), np.float32))
    image = np.zeros((1, 1, 3), np.uint8)
    told = [cue.see(Observation(i * 0.11, 1, face, image)) for i in range(frames)]
    return [finding for finding in told if finding is not None]


def test_it_vetoes_what_it_mostly_takes_for_a_picture() -> None:
    (finding,) = shown(Sure(*[0.1, 0.9, 0.2, 0.3, 0.8, 0.1, 0.4]), LOOKS)
    assert (finding.kind, finding.strength) == (FindingKind.NETWORK, VETO)


def test_it_never_vouches() -> None:
    assert shown(Sure(*[0.99] * 20), 20) == []
    assert shown(Sure(*[0.1, 0.9, 0.2, 0.9, 0.9, 0.1, 0.6]), LOOKS) == []


@pytest.mark.parametrize(("height", "frames"), [(SMALLEST_PX - 1, 20), (120.0, LOOKS - 1)])
def test_small_faces_and_few_looks_are_not_judged(height: float, frames: int) -> None:
    assert shown(Sure(*[0.0] * 20), frames, height) == []
