from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from bench.liveness.heads import Points
from common.sentence import Sentence
from models.embedders.sface import FIGURES
from recognition.liveness.evidence import FindingKind, LivenessFinding, Reason, Standing
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed
from recognition.liveness.watched import WatchedFace

from .conftest import seen


@pytest.mark.parametrize("has_relief", [False, True])
def test_five_points_only_doubt_a_face_whose_relief_was_seen(
    flat_head: Points, observe: Callable[..., Observation], has_relief: bool
) -> None:
    face = WatchedFace(FIGURES, ())
    if has_relief:
        text = Sentence("The head turned a little, and its nearer parts moved farther.")
        face.evidence.add(LivenessFinding(FindingKind.PARALLAX, 1.5, text))
    turned = np.concatenate([np.zeros(10), np.arange(0, 45, 3), np.full(8, 45.0)])
    ends = [
        face.see(observe(i * 0.05, seen(flat_head, yaw=float(yaw)))) for i, yaw in enumerate(turned)
    ]
    failed = [end for end in ends if end is not None]
    if has_relief:
        assert failed == []
        assert face.evidence.standing is Standing.SUSPICIOUS
    else:
        assert isinstance(failed[0], Failed)
        assert failed[0].reason is Reason.LOOKS_FLAT
