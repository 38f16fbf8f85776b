"""The station's settings: the table [station] of the settings file."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from station.liveness_modes import LivenessMode


class StationSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an administrator may choose for the check-in station."""

    name: Annotated[
        str, Meta(title="Station", description="Its name in the ledger", min_length=1)
    ] = "Entrance"
    direction: Annotated[
        Literal["in", "in/out"],
        Meta(title="Direction", description="Check in only, or in and out by turns"),
    ] = "in/out"
    once_minutes: Annotated[
        float,
        Meta(
            title="Once in",
            description="Minutes in which a person is checked only once",
            ge=0,
            le=10080,
        ),
    ] = 5.0
    opening_hours: Annotated[
        str,
        Meta(
            title="Opening hours",
            description="Such as Mon-Fri 07:00-19:00; Sat 08:00-12:00. Empty: always",
        ),
    ] = ""
    confirm: Annotated[
        bool, Meta(title="Confirm", description="A touch is needed before anything is written")
    ] = False
    smallest_face: Annotated[
        float,
        Meta(
            title="Smallest face",
            description="Height in pixels, from which a face is in front "
            "of the station and not behind it",
            ge=40,
            le=1000,
        ),
    ] = 100.0
    card_seconds: Annotated[
        float,
        Meta(title="Card", description="Seconds that a card stays on the screen", ge=1, le=60),
    ] = 4.0
    liveness: Annotated[
        LivenessMode,
        Meta(
            title="Liveness",
            description="when unsure asks for something small, such as to blink twice, where a "
            "face may be a picture; always asks everyone for two movements; off lets pictures in",
        ),
    ] = "when unsure"
    liveness_network: Annotated[
        str,
        Meta(
            title="Liveness network",
            description="Path of fr_liveness.onnx, which may refuse a face, and never vouches for "
            "one; empty: none",
        ),
    ] = ""
    look_alikes_code: Annotated[
        bool,
        Meta(
            title="Look-alikes",
            description="People who are so alike that one may be named for the other type a code "
            "besides showing their face",
        ),
    ] = True
    keep_pictures: Annotated[
        bool, Meta(title="Pictures", description="Keep the live picture with each check-in")
    ] = False
    unknown_inbox: Annotated[
        bool, Meta(title="Unknown inbox", description="Keep pictures of unknown people for a time")
    ] = False
    unknown_hours: Annotated[
        float,
        Meta(title="Inbox kept", description="Hours until such pictures are erased", gt=0, le=8760),
    ] = 24.0
    stranger_scores: Annotated[
        bool,
        Meta(
            title="Strangers' scores",
            description="Keep of each unknown person how like somebody here they are, one number "
            "and no face, for facedesk calibrate",
        ),
    ] = False
    enroll_strangers: Annotated[
        bool,
        Meta(title="Enroll here", description="Offer unknown people to be enrolled, after the PIN"),
    ] = False
    sounds: Annotated[bool, Meta(title="Sounds", description="A sound with each card")] = True
    speech: Annotated[
        bool, Meta(title="Spoken lines", description="Say each line where the system can speak")
    ] = True
    webhook: Annotated[
        str, Meta(title="Webhook", description="Address that is told of each check-in; empty: none")
    ] = ""
    webhook_secret: Annotated[
        str, Meta(title="Webhook secret", description="Signs what is sent, with HMAC-SHA256")
    ] = ""
    command: Annotated[
        str, Meta(title="Command", description="Run on each check-in, to open a door; empty: none")
    ] = ""
    health_port: Annotated[
        int,
        Meta(
            title="Health port",
            description="Where this computer alone may ask how the station is; 0: nowhere",
            ge=0,
            le=65535,
        ),
    ] = 0
