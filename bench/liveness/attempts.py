"""Renders attempts at the station, of people and of attackers.

People do what is asked; attackers move a picture as cleverly as the action asks for.

Only landmarks are rendered, at the noise that MTCNN has; what moves and how is drawn anew for
each attempt: the person, the distance, the camera, the frame rate, the speed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.liveness.heads import (
    HEAD,
    NECK,
    NOSE_DEPTH,
    VIEW_BIAS,
    VIEW_BIAS_NOD,
    Camera,
    Points,
    bent,
    detected,
    trembled,
    turns,
)
from bench.liveness.presentation import BONA_FIDE, Presentation
from common.picture import RgbImage
from models.embedders.sface import FIGURES
from recognition.liveness.challenge import Action
from recognition.liveness.check import LivenessCheck, Mode
from recognition.liveness.observation import Observation
from recognition.liveness.progress import Failed, Passed, Pending, Progress

ATTACKS = ("held still", "tilted", "bent", "tilted and bent", "exchanged")
"""What is done to a picture; "exchanged" is two pictures, of which the second one shows the
person doing what is asked for."""

NO_IMAGE: RgbImage = np.zeros((1, 1, 3), np.uint8)

MOST_TRIES = 3
"""How often a person, or an attacker, moves farther where nothing happens."""


@dataclass(frozen=True)
class HeadPose:
    """A pose: angles in radians, place before the camera in eye distances, bend in widths."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    x: float = 0.0
    y: float = 0.0
    z: float = 10.0
    sagitta: float = 0.0

    def towards(self, **changes: float) -> HeadPose:
        return HeadPose(**{**self.__dict__, **changes})


class Subject:
    """A person or a picture in front of the camera, which moves from pose to pose."""

    def __init__(self, random: np.random.Generator) -> None:
        self.random = random
        self.fps = random.uniform(10, 30)
        width, height = ((640, 480), (1280, 720))[random.integers(2)]
        half_view = np.radians(random.uniform(50, 80) / 2)
        self.camera = Camera(width, height, width / 2 / np.tan(half_view))
        # Faces at the station are at least 100 pixels high, 2.8 eye distances.
        eye_px = random.uniform(100, min(260, height / 2.2)) / 2.8
        z = self.camera.focal_px / eye_px
        offset = 0.15 * z * width / self.camera.focal_px
        x, y = random.uniform(-offset, offset, 2)
        # It faces the camera, more or less.
        facing = np.array([-np.arctan2(x, z), -np.arctan2(y, z), 0.0])
        yaw, pitch, roll = facing + np.radians(random.normal(0, 3, 3))
        self.start = HeadPose(yaw, pitch, roll, x, y, z)
        self.pose = self.start
        self.bias = random.normal((0, 0), VIEW_BIAS[1])

    def points(self, poses: Points) -> Points:
        """Return the landmarks at (n, 7) poses: (n, 5, 3), in the camera's coordinates."""
        raise NotImplementedError

    def moved(self, seconds: float, target: HeadPose) -> tuple[Points, Points]:
        """Return the (n, 5, 2) landmarks on the way to a pose, and the frontal eye distances.

        Both are in pixels.
        """
        n = max(int(seconds * self.fps), 1)
        eased = (1 - np.cos(np.pi * np.arange(1, n + 1) / n)) / 2
        before, after = (np.array(list(p.__dict__.values())) for p in (self.pose, target))
        poses = before + eased[:, np.newaxis] * (after - before)
        self.pose = target
        phase = self.random.uniform(0, 2 * np.pi, 3)
        sway = np.sin(np.arange(n)[:, np.newaxis] / self.fps * np.array([2.1, 1.7, 2.7]) + phase)
        poses[:, :3] += np.radians(1.5) * sway
        pixels = self.camera.see(self.points(poses))
        eye_px = self.camera.focal_px / poses[:, 5]
        pixels[:, 2] += np.sin(poses[:, :2]) * self.bias * eye_px[:, np.newaxis]
        return trembled(pixels, eye_px, self.random), eye_px

    def target(self, action: Action | None, tried: int) -> HeadPose:
        """Return the pose that answers an action; it goes farther with each try."""
        raise NotImplementedError


class LiveHead(Subject):
    """A live head."""

    def __init__(self, random: np.random.Generator) -> None:
        super().__init__(random)
        mean, deviation, least, most = NOSE_DEPTH
        self._head = HEAD * random.normal(1, 0.05, (1, 3)) + random.normal(0, 0.02, HEAD.shape)
        self._head[2, 2] = -np.clip(random.normal(mean, deviation), least, most)
        self._turn = np.radians(random.uniform(30, 50))
        self._nod = np.radians(random.uniform(18, 30))
        self._closer = random.uniform(0.6, 0.72)

    def points(self, poses: Points) -> Points:
        # An expression: the mouth's corners part and sink a little.
        n = len(poses)
        mood = np.cumsum(self.random.normal(0, 0.3 / np.sqrt(n), (n, 2)), axis=0).clip(-1, 1)
        head = np.repeat(self._head[np.newaxis], n, axis=0)
        head[:, 3:, 0] *= 1 + 0.12 * mood[:, :1]
        head[:, 3:, 1] += 0.06 * mood[:, 1:]
        turned = (head - NECK) @ turns(*poses[:, :3].T).transpose(0, 2, 1) + NECK
        return np.asarray(turned + poses[:, np.newaxis, 3:6])

    def target(self, action: Action | None, tried: int) -> HeadPose:
        start, more = self.start, np.radians(8) * tried
        side = np.radians(self.random.normal(0, 3, 2))
        match action:
            case Action.TURN_LEFT:
                return start.towards(yaw=start.yaw + self._turn + more, pitch=start.pitch + side[0])
            case Action.TURN_RIGHT:
                return start.towards(yaw=start.yaw - self._turn - more, pitch=start.pitch + side[0])
            case Action.NOD:
                return start.towards(pitch=start.pitch + self._nod + more, yaw=start.yaw + side[0])
            case Action.COME_CLOSER:
                return start.towards(z=start.z * self._closer * 0.92**tried)
            case Action.BLINK_TWICE | Action.SLIGHTLY_LEFT | Action.SLIGHTLY_RIGHT:
                raise ValueError(f"no five points show {action}")
            case None:
                # Without an action people look ahead from where they are: nobody steps back untold.
                return start.towards(
                    yaw=start.yaw + side[0], pitch=start.pitch + side[1], z=self.pose.z
                )


class Picture(Subject):
    """A flat or bent picture of a face that somebody moves before the camera."""

    def __init__(self, random: np.random.Generator, kind: str, landmarks: Points) -> None:
        """landmarks: (5, 2), those of the face on the picture, in any unit."""
        super().__init__(random)
        self._kind = kind
        self._ahead = self._shown = _in_eyes(landmarks)
        self._width = random.uniform(2.2, 8)
        self._place = random.uniform(-0.5, 0.5, 2) * max(self._width - 2.2, 0)
        self._axis = float(random.choice([0, np.pi / 2, random.uniform(0, np.pi)]))
        self._angle = np.radians(random.uniform(20, 50))
        # With a sheet, MTCNN sees a part of a head's parallax in the mean, too.
        self.bias = self.bias + np.array([VIEW_BIAS[0], VIEW_BIAS_NOD])

    def points(self, poses: Points) -> Points:
        solid = bent(self._shown + self._place, poses[:, 6], self._width, self._axis)
        solid[..., :2] -= self._place
        tilted = solid @ turns(*poses[:, :3].T).transpose(0, 2, 1)
        return np.asarray(tilted + poses[:, np.newaxis, 3:6])

    def target(self, action: Action | None, tried: int) -> HeadPose:
        start = self.start
        angle = (self._angle + np.radians(5) * tried) * ("tilted" in self._kind)
        bend = self.random.uniform(-0.1, 0.1) if "bent" in self._kind else 0.0
        if self._kind == "exchanged":
            self._shown = self._ahead if action is None else self._doing(action)
        match action:
            case Action.TURN_LEFT:
                return start.towards(yaw=start.yaw + angle, sagitta=bend)
            case Action.TURN_RIGHT:
                return start.towards(yaw=start.yaw - angle, sagitta=bend)
            case Action.NOD:
                return start.towards(pitch=start.pitch + angle, sagitta=bend)
            case Action.COME_CLOSER:
                return start.towards(z=start.z * 0.65, sagitta=bend)
            case Action.BLINK_TWICE | Action.SLIGHTLY_LEFT | Action.SLIGHTLY_RIGHT:
                raise ValueError(f"no five points show {action}")
            case None:
                return start.towards(z=self.pose.z)

    def _doing(self, action: Action) -> Points:
        """Return the landmarks of another picture, on which the person does the action."""
        yaw = {Action.TURN_LEFT: self._angle, Action.TURN_RIGHT: -self._angle}.get(action, 0.0)
        pitch = np.radians(25) if action is Action.NOD else 0.0
        angles = (np.array([angle]) for angle in (yaw, pitch, 0.0))
        head = HEAD.copy()
        head[:, :2] += self._ahead - HEAD[:, :2]
        seen = head @ turns(*angles)[0].T
        return np.asarray(seen[:, :2] - seen[[0, 1, 3, 4], :2].mean(axis=0))


def _in_eyes(landmarks: Points) -> Points:
    """Return the landmarks turned upright and centred, in eye distances."""
    middle = landmarks[[0, 1, 3, 4]].mean(axis=0)
    return np.asarray((landmarks - middle) / np.linalg.norm(landmarks[1] - landmarks[0]))


def attempt(check: LivenessCheck, subject: Subject, similarity: Callable[[], float]) -> Progress:
    """Run one attempt; return what the check says at its end.

    similarity: called for each frame; gives its similarity to the named identity.
    """
    random, at, asked, tried = subject.random, 0.0, None, 0
    progress: Progress = Pending(None, 0, 0, 1.0)
    while isinstance(progress, Pending):
        tried = tried + 1 if progress.action is asked else 0
        asked = progress.action
        before, target = subject.pose, subject.target(asked, min(tried, MOST_TRIES))
        for pose, least, most in ((before, 0.3, 0.7), (target, 0.8, 1.8), (target, 0.3, 0.6)):
            for face in detected(*subject.moved(random.uniform(least, most), pose)):
                at += 1 / subject.fps
                progress = check.see(Observation(at, 1, face, NO_IMAGE, similarity()))
    return progress


def rendered_presentations(
    count: int,
    seed: int,
    mode: Mode,
    pictures: Points | None = None,
    kinds: Sequence[str] = ATTACKS,
) -> list[Presentation]:
    """Render `count` attempts of each kind; BONA_FIDE stands for live heads.

    pictures: (n, 5, 2) landmarks of the faces on the attackers' pictures. Where it is None, the
    pictures show rendered heads from the front.
    """
    presented = []
    for kind in kinds:
        for number in range(count):
            random = np.random.default_rng([seed, number, len(kind)])
            subject: Subject
            if kind == BONA_FIDE:
                subject = LiveHead(random)
            else:
                shown = _ahead(random) if pictures is None else random.choice(pictures)
                subject = Picture(random, kind, shown)
            end = attempt(LivenessCheck(mode, random, FIGURES), subject, _similarities(random))
            why = end.detail if isinstance(end, Failed) else ""
            presented.append(Presentation(kind, str(number), isinstance(end, Passed), why))
    return presented


def _ahead(random: np.random.Generator) -> Points:
    return HEAD[:, :2] * random.normal(1, 0.05, 2) + random.normal(0, 0.02, (5, 2))


def _similarities(random: np.random.Generator) -> Callable[[], float]:
    """Return a function that draws similarities like SFace's of mated probes.

    Of the mated probes in ../shared the median is 0.72, and one in a hundred has 0.47.
    """
    return lambda: float(random.normal(0.72, 0.08))
