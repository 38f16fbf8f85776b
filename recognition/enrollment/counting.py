"""Counts the frames of an enrollment: decides which faces are good enough, and what to tell the
person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType

from models.flaws import Flaw
from models.landmarks.head_pose import HeadAngles
from models.quality import Quality
from recognition.enrollment.poses import Pose, PoseSorter


@dataclass(frozen=True)
class FrameMeasure:
    """What was measured of one frame and its largest face.

    face_count: how many faces are in the frame. quality: of the largest face, None where there is
    none.
    motion: how far its centre has moved since the last frame that was looked at, in face widths.
    angles: how the head is held; None where FaceMesh is missing or did not see the face.
    """

    face_count: int
    quality: Quality | None = None
    motion: float = 0.0
    angles: HeadAngles | None = None


@dataclass(frozen=True)
class EnrollmentLimits:
    """The limits for a face to be enrolled, in the units of Quality: what is measured on the
    aligned crop was chosen on aligned crops of 288 faces of Glint360K, half for choosing, half for
    checking.

    min_face_height_px: a smaller box is enlarged more than 1.4 times to fill a 112 px crop.
    min_sharpness: from here down blur costs a face 0.08 and more of its similarity to the other
        pictures of its person (0.55 on average), from 12 down 0.17. Of the faces used for checking,
        1 % have less as they are, 58 % where blurred with a sigma of 2 px of their 112, and 97 %
        with 3 px. Of the faces of this size on ordinary webcams' films 1 % have less.
    min_brightness, max_brightness, min_contrast: all but 1 % of the faces have 73..181 and a
        contrast over 23; the limits are wider, since light alone is no reason to send someone away.
    max_yaw: a nose stands out about half an eye distance, so yaw is near tan(angle) / 2: 35°. It
        is asked where no angle is known; a nod moves it too.
    max_yaw_deg: the same as an angle.
    max_roll_deg: more than people tilt their heads; alignment undoes a smaller roll.
    max_motion: at 15 looked-at frames a second and 1/60 s of exposure, the blur of such a
        shift is 3 px of a crop of 112.
    """

    min_face_height_px: float = 80.0
    min_sharpness: float = 20.0
    min_brightness: float = 60.0
    max_brightness: float = 200.0
    min_contrast: float = 18.0
    max_yaw: float = 0.35
    max_yaw_deg: float = 35.0
    max_roll_deg: float = 25.0
    max_motion: float = 0.10


class RefusalReason(Enum):
    NO_FACE = "no face"
    SEVERAL_FACES = "several faces"
    CUT_OFF = "cut off"
    TOO_SMALL = "too small"
    TOO_DARK = "too dark"
    TOO_BRIGHT = "too bright"
    FLAT = "too little contrast"
    TURNED_TOO_FAR = "turned too far"
    TILTED = "tilted"
    MOVING = "moving"
    BLURRED = "blurred"
    NOISY = "grainy"
    COMPRESSED = "coarsely sent"
    EYES_HIDDEN = "eyes hidden"
    MOUTH_HIDDEN = "mouth hidden"
    ENOUGH_OF_POSE = "enough of this pose"


GUIDANCE: Mapping[RefusalReason, str] = MappingProxyType(
    {
        RefusalReason.NO_FACE: "Look at the camera",
        RefusalReason.SEVERAL_FACES: "One person only, please",
        RefusalReason.CUT_OFF: "Move to the middle of the picture",
        RefusalReason.TOO_SMALL: "Come closer",
        RefusalReason.TOO_DARK: "More light, please",
        RefusalReason.TOO_BRIGHT: "Less light, please",
        RefusalReason.FLAT: "Light your face from the front, and wipe the lens",
        RefusalReason.TURNED_TOO_FAR: "Turn back towards the camera",
        RefusalReason.TILTED: "Hold your head straight",
        RefusalReason.MOVING: "Hold still",
        RefusalReason.BLURRED: "Hold still, or wipe the lens",
        RefusalReason.NOISY: "More light, please",
        RefusalReason.COMPRESSED: "Choose a better picture in the camera's settings",
        RefusalReason.EYES_HIDDEN: "Take off your sunglasses, please",
        RefusalReason.MOUTH_HIDDEN: "Uncover your mouth and chin, please",
    }
)
"""What the person should do about each refusal; for ENOUGH_OF_POSE it is the guidance of the wanted
pose."""

FLAWED: Mapping[Flaw, RefusalReason] = MappingProxyType(
    {
        Flaw.SMALL: RefusalReason.TOO_SMALL,
        Flaw.DARK: RefusalReason.TOO_DARK,
        Flaw.BLURRED: RefusalReason.BLURRED,
        Flaw.NOISY: RefusalReason.NOISY,
        Flaw.COMPRESSED: RefusalReason.COMPRESSED,
        Flaw.EYES_HIDDEN: RefusalReason.EYES_HIDDEN,
        Flaw.MOUTH_HIDDEN: RefusalReason.MOUTH_HIDDEN,
    }
)
"""Why a face with a flaw is refused, wherever no limit above has refused it already."""

POSE_GUIDANCE: Mapping[Pose, str] = MappingProxyType(
    {
        Pose.FRONTAL: "Look straight at the camera",
        Pose.LEFT: "Turn a little to your left",
        Pose.RIGHT: "Turn a little to your right",
        Pose.UP: "Raise your chin a little",
        Pose.DOWN: "Lower your chin a little",
    }
)

DONE_GUIDANCE = "Done"

SIDE_SHARE = 0.2
"""The share of the goal for each side: enough that a face seen from there finds a template like it,
while most templates stay frontal, as most probes are."""

NOD_SHARE = 0.06
"""The share of the goal for each of up and down, where angles are known. More nodded faces count as
frontal ones, so that nobody is refused for a nod."""

PATIENCE = 30
"""After so many frames in a row that were looked at and refused for their pose (two seconds at 30
fps), any pose is accepted: nobody who cannot or will not turn is kept waiting."""


@dataclass(frozen=True)
class FrameVerdict:
    """What became of a frame that was offered. Where `looked_at` is false, the frame was passed
    over.

    pose: of an accepted frame; None for others. coverage: for each pose that is asked for, how much
    of what is wanted of it was accepted, 0..1. wanted: the pose that is asked for now, or None.
    """

    looked_at: bool
    accepted: bool
    reason: RefusalReason | None
    guidance: str
    accepted_count: int
    goal: int
    pose: Pose | None = None
    coverage: Mapping[Pose, float] = field(default_factory=lambda: MappingProxyType({}))
    wanted: Pose | None = None


class EnrollmentCapture:
    """Counts accepted frames of one person up to `goal`, some of them turned to either side and,
    where angles are known, raised and lowered.

    every: only one frame in so many is looked at, since neighbours are nearly the same picture.
    The first frame is looked at; the ones passed over are neither accepted nor refused.
    has_angles: whether the frames' measures come with angles.
    """

    def __init__(
        self,
        goal: int = 50,
        every: int = 2,
        limits: EnrollmentLimits | None = None,
        *,
        has_angles: bool = False,
    ) -> None:
        if goal < 1 or every < 1:
            raise ValueError(f"goal {goal} and every {every} must be at least 1")
        self.goal = goal
        self._every = every
        self._limits = limits or EnrollmentLimits()
        self._quota = _quota(goal, has_angles)
        self._sorter = PoseSorter()
        self._accepted: Counter[Pose] = Counter()
        self._refusals: Counter[RefusalReason] = Counter()
        self._offered = 0
        self._refused_for_pose = 0
        self._any_pose = False
        self._guidance = POSE_GUIDANCE[Pose.FRONTAL]

    @property
    def accepted_count(self) -> int:
        return self._accepted.total()

    @property
    def done(self) -> bool:
        return self.accepted_count >= self.goal

    @property
    def refusals(self) -> Mapping[RefusalReason, int]:
        return MappingProxyType(dict(self._refusals))

    @property
    def looks_next(self) -> bool:
        """Whether the next frame that is offered will be looked at."""
        return self._offered % self._every == 0 and not self.done

    def offer(self, measure: FrameMeasure) -> FrameVerdict:
        """Decides on the next frame. Once `done`, frames are passed over."""
        looked_at = self.looks_next
        self._offered += 1
        if not looked_at:
            return self._verdict(looked_at=False)
        reason, pose = self._flaw_of(measure), None
        if reason is None and measure.quality is not None:
            pose = self._sorter.pose(measure.quality, measure.angles)
            if not self._take(pose, measure.angles):
                reason, pose = RefusalReason.ENOUGH_OF_POSE, None
        if reason is not None:
            self._refusals[reason] += 1
        if reason is None or reason is RefusalReason.ENOUGH_OF_POSE:
            self._guidance = DONE_GUIDANCE if self.done else POSE_GUIDANCE[self._next_pose()]
        else:
            self._guidance = GUIDANCE[reason]
        return self._verdict(looked_at=True, reason=reason, pose=pose)

    def _verdict(
        self, *, looked_at: bool, reason: RefusalReason | None = None, pose: Pose | None = None
    ) -> FrameVerdict:
        asks = not self.done and not self._any_pose
        return FrameVerdict(
            looked_at=looked_at,
            accepted=pose is not None,
            reason=reason,
            guidance=self._guidance,
            accepted_count=self.accepted_count,
            goal=self.goal,
            pose=pose,
            coverage=MappingProxyType(
                {p: min(self._accepted[p] / n, 1.0) for p, n in self._quota.items() if n}
            ),
            wanted=self._next_pose() if asks else None,
        )

    def _flaw_of(self, measure: FrameMeasure) -> RefusalReason | None:
        """Returns the first thing that is wrong, in the order in which a person can put it right;
        None where nothing is."""
        limits, quality = self._limits, measure.quality
        if quality is None:
            return RefusalReason.NO_FACE
        if measure.angles is None:
            is_profile = abs(quality.yaw) > limits.max_yaw
        else:
            is_profile = abs(measure.angles.yaw_deg) > limits.max_yaw_deg
        checks = (
            (measure.face_count > 1, RefusalReason.SEVERAL_FACES),
            (quality.cut_off, RefusalReason.CUT_OFF),
            (quality.face_height_px < limits.min_face_height_px, RefusalReason.TOO_SMALL),
            (quality.brightness < limits.min_brightness, RefusalReason.TOO_DARK),
            (quality.brightness > limits.max_brightness, RefusalReason.TOO_BRIGHT),
            (quality.contrast < limits.min_contrast, RefusalReason.FLAT),
            (is_profile, RefusalReason.TURNED_TOO_FAR),
            (abs(quality.roll_deg) > limits.max_roll_deg, RefusalReason.TILTED),
            (measure.motion > limits.max_motion, RefusalReason.MOVING),
            (quality.sharpness < limits.min_sharpness, RefusalReason.BLURRED),
            *((flaw in quality.flaws, reason) for flaw, reason in FLAWED.items()),
        )
        return next((reason for flawed, reason in checks if flawed), None)

    def _take(self, pose: Pose, angles: HeadAngles | None) -> bool:
        """Counts a good frame of that pose; returns whether there is room for it."""
        counted = Pose.FRONTAL if pose in (Pose.UP, Pose.DOWN) and self._is_full(pose) else pose
        if self._is_full(counted) and not self._any_pose:
            self._refused_for_pose += 1
            self._any_pose = self._refused_for_pose >= PATIENCE
            return False
        self._accepted[counted] += 1
        self._sorter.take(pose, angles)
        self._refused_for_pose = 0
        return True

    def _is_full(self, pose: Pose) -> bool:
        return self._accepted[pose] >= self._quota[pose]

    def _next_pose(self) -> Pose:
        """Returns the pose to ask for."""
        missing = (pose for pose in self._quota if not self._is_full(pose))
        return Pose.FRONTAL if self._any_pose else next(missing, Pose.FRONTAL)


def _quota(goal: int, has_angles: bool) -> dict[Pose, int]:
    """Returns how many frames of each pose are wanted, in the order in which they are asked for."""
    side, nod = int(goal * SIDE_SHARE), int(goal * NOD_SHARE) if has_angles else 0
    return {
        Pose.FRONTAL: goal - 2 * side - 2 * nod,
        Pose.LEFT: side,
        Pose.RIGHT: side,
        Pose.UP: nod,
        Pose.DOWN: nod,
    }
