"""How much a station asks of a face before it is taken for a live one."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, get_args

from common.sentence import Sentence

LivenessMode = Literal["off", "when unsure", "always"]

LIVENESS_MODES: tuple[LivenessMode, ...] = get_args(LivenessMode)
"""From the least guard to the most."""

LIVENESS_SAYS: Mapping[LivenessMode, Sentence] = MappingProxyType(
    {
        "off": Sentence("off: pictures of people are let in"),
        "when unsure": Sentence(
            "when unsure: something small is asked of a face that may be a picture"
        ),
        "always": Sentence("always: two movements are asked of everybody"),
    }
)
"""What each mode does, in a few words."""

FORMER_LIVENESS: Mapping[str, LivenessMode] = MappingProxyType(
    {"on": "when unsure", "required": "always"}
)
"""What files of earlier releases say, and the mode that guards no less."""
