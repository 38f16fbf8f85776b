"""The cues that work: what each has found out about a face, nobody having been asked.

docs/liveness.md has what each is worth. One more was tried and left out, glare as a saturated spot:
of 288 real pictures 5 in 100 have one larger than a hundredth of the face, 1 in 100 larger than
nine hundredths, as a screen that reflects a lamp may have.
"""

from __future__ import annotations

from models.liveness_network import LivenessNetwork
from recognition.liveness.blinks import NaturalBlink
from recognition.liveness.evidence import EvidenceCue
from recognition.liveness.frozen import FrozenCamera
from recognition.liveness.moire import Moire
from recognition.liveness.network_veto import NetworkVeto
from recognition.liveness.rectangle import RectangleAround
from recognition.liveness.small_movements import OwnMovement, SmallTurns


def cues_of_a_camera(
    camera: FrozenCamera | None = None, network: LivenessNetwork | None = None
) -> tuple[EvidenceCue, ...]:
    """Returns the cues for one attempt. camera: kept over all attempts, so that a loop longer than
    one attempt is noticed. network: may veto as well."""
    cues = (camera or FrozenCamera(), *cues_of_a_face())
    return cues if network is None else (*cues, NetworkVeto(network))


def cues_of_a_face() -> tuple[EvidenceCue, ...]:
    """Returns the cues for one face, whatever camera shows it."""
    return Moire(), RectangleAround(), NaturalBlink(), SmallTurns(), OwnMovement()
