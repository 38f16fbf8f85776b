"""Puts real people, and pictures and films of them that somebody holds up, before the camera."""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np

from bench.liveness.filmed.acting import Act, Actor, blink
from bench.liveness.filmed.animation import blinked, turned
from bench.liveness.filmed.handling import Handling
from bench.liveness.filmed.optics import PhoneScreen, PrintedPaper, Sensor
from bench.liveness.filmed.sheet import Sheet, framed, look_at
from bench.liveness.filmed.sources import Shot, ShotReader
from bench.liveness.heads import Camera
from common.picture import RgbImage

WIDTH, HEIGHT = 640, 480

MOST_PIXELS = 420
"""A picture on a sheet is no larger, in pixels: the camera sees no more of it."""

BLINKS_S = (1.0, 4.0)
"""The least and the longest time between two blinks."""


class Scene(Protocol):
    """What the camera sees, moment by moment."""

    def see(self, at: float, asked: str | None) -> RgbImage:
        """Return the picture, (HEIGHT, WIDTH, 3) uint8, at so many seconds; moments come in order.

        asked: the name of the movement that the station asks for.
        """


class Playing:
    """A shot that plays on and on, forwards and backwards, whose face can be made to move.

    speed: of the film. begin: where in it to begin, in seconds. blinks: whether the person is made
    to blink now and then.
    """

    def __init__(
        self,
        shot: Shot,
        reader: ShotReader,
        random: np.random.Generator,
        *,
        begin: float = 0.0,
        blinks: bool = False,
    ) -> None:
        self._shot, self._reader, self._random = shot, reader, random
        self._begin = begin
        self._near = shot.face
        self._blink_at = random.uniform(0.4, 1.5) if blinks else np.inf
        self._angle = np.radians(random.uniform(20, 30))

    def image(self, at: float, act: Act) -> RgbImage:
        """Return the frame at so many seconds, its face moved."""
        image = self._frame(at)
        if at - self._blink_at > 1.0:
            self._blink_at = at + self._random.uniform(*BLINKS_S)
        closed = max(act.blink, blink(at - self._blink_at))
        if not (closed or act.turn or act.nod):
            return image
        found = self._reader.points(image, self._near)
        if found is None:
            return image
        points, self._near = found
        image = blinked(image, points, closed)
        yaw, pitch = act.turn * self._angle, act.nod * 0.8 * self._angle
        return turned(image, points, yaw, pitch, self._shot.place[2])

    def _frame(self, at: float) -> RgbImage:
        last = len(self._shot.frames) - 1
        if not last:
            return self._shot.frames[0]
        place = int((self._begin + at) * self._shot.fps) % (2 * last)
        return self._shot.frames[min(place, 2 * last - place)]


class RealPerson:
    """A film of a person as the camera itself might have taken it.

    face_px: the height of the face. mirrored: left for right. shift: where the face is off the
    middle, in shares of the picture's width and height.
    """

    def __init__(
        self,
        playing: Playing,
        shot: Shot,
        sensor: Sensor,
        random: np.random.Generator,
        *,
        face_px: float,
        mirrored: bool,
        answers: bool = True,
    ) -> None:
        self._playing, self._sensor, self._random = playing, sensor, random
        self._actor = Actor(random) if answers else None
        self._mirrored = mirrored
        self._place = shot.place
        self._face_px = face_px
        self._middle = (random.uniform(0.4, 0.6), random.uniform(0.35, 0.5))

    def see(self, at: float, asked: str | None) -> RgbImage:
        act = self._actor.act(at, _other_side(asked, self._mirrored)) if self._actor else Act()
        image = self._playing.image(at, act)
        scale = self._face_px / self._place[2] * (1 + 0.5 * act.closer)
        across, down = self._middle
        x, y = self._place[:2]
        matrix = np.array(
            [[scale, 0, across * WIDTH - scale * x], [0, scale, down * HEIGHT - scale * y]]
        )
        seen_now = cv2.warpAffine(
            image,
            matrix,
            (WIDTH, HEIGHT),
            flags=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA,
            borderMode=cv2.BORDER_REFLECT,
        )
        picture = np.asarray(seen_now[:, ::-1] if self._mirrored else seen_now, np.uint8)
        return self._sensor.take(np.ascontiguousarray(picture), self._random)


def _other_side(asked: str | None, mirrored: bool) -> str | None:
    """Return the action that looks like the asked one once the picture is mirrored."""
    if asked is None or not mirrored:
        return asked
    swapped = {"LEFT": "RIGHT", "RIGHT": "LEFT"}
    return "_".join(swapped.get(word, word) for word in asked.split("_"))


class HeldUp:
    """A picture or a film on paper or on a phone, before somebody else's body or a room.

    background: what moves behind it. obeys: whether the picture itself does what is asked for;
    else the sheet is moved, as far as that can look like it.
    """

    def __init__(
        self,
        playing: Playing,
        background: RoomBehind,
        sheet: SheetMaker,
        surface: PhoneScreen | PrintedPaper,
        handling: Handling,
        sensor: Sensor,
        random: np.random.Generator,
        *,
        obeys: bool = False,
    ) -> None:
        self._playing, self._background = playing, background
        self._sheet, self._surface = sheet, surface
        self._handling, self._sensor, self._random = handling, sensor, random
        self._actor, self._obeys = Actor(random), obeys
        self._camera = Camera(WIDTH, HEIGHT, handling.focal_px)

    def see(self, at: float, asked: str | None) -> RgbImage:
        act = self._actor.act(at, asked)
        by_hand = Act(closer=act.closer) if self._obeys else act
        pose = self._handling.pose(at, by_hand)
        sheet = self._sheet.showing(self._playing.image(at, act if self._obeys else Act()))
        picture = self._background.image(at)
        where = look_at(self._camera, pose, sheet.extent)
        if where is not None:
            colours, inside = sheet.look(where)
            light = self._surface.shine(colours, where, pose.z / self._camera.focal_px)
            behind = picture[where.rows, where.columns]
            light, share = light[: len(behind)], cv2.merge([inside] * 3)[: len(behind)]
            picture[where.rows, where.columns] = np.clip(
                behind + share * (light - behind), 0, 255
            ).astype(np.uint8)
        return self._sensor.take(picture, self._random)


class RoomBehind:
    """A film whose person's head is painted over, or a still room.

    scale: how much larger the film is shown, its middle in the middle.
    """

    def __init__(self, shot: Shot, random: np.random.Generator) -> None:
        self._shot = shot
        self._begin = int(random.integers(len(shot.frames)))
        x, y, height = shot.place
        first = shot.frames[0]
        mask = np.zeros(first.shape[:2], np.uint8)
        cv2.ellipse(
            mask, (int(x), int(y)), (int(0.75 * height), int(0.95 * height)), 0, 0, 360, 255, -1
        )
        small = cv2.resize(first, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
        hole = cv2.resize(mask, (small.shape[1], small.shape[0]))
        filled = cv2.inpaint(small, (hole > 0).astype(np.uint8), 5, cv2.INPAINT_TELEA)
        wall = cv2.resize(filled, (first.shape[1], first.shape[0])).astype(np.float32)
        soft = (cv2.GaussianBlur(mask, (0, 0), 4).astype(np.float32) / 255)[..., np.newaxis]
        left, top, across, down = cv2.boundingRect((soft[..., 0] > 0).astype(np.uint8))
        self._part = slice(top, top + down), slice(left, left + across)
        self._wall, self._hole = wall[self._part], soft[self._part]

    def image(self, at: float) -> RgbImage:
        """Return the picture of it, (HEIGHT, WIDTH, 3) uint8, at so many seconds; it may be written
        to."""
        last = max(len(self._shot.frames) - 1, 1)
        place = (self._begin + int(at * self._shot.fps)) % (2 * last)
        shown = self._shot.frames[min(place, 2 * last - place, len(self._shot.frames) - 1)].copy()
        part = shown[self._part]
        shown[self._part] = (part + self._hole * (self._wall - part)).astype(np.uint8)
        if shown.shape[:2] == (HEIGHT, WIDTH):
            return shown
        return np.asarray(
            cv2.resize(shown, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8
        )


class SheetMaker:
    """Cuts a shot for a sheet.

    room: how much there is of the picture around the face: across, above and below its middle, in
    heights of the face; less where the shot ends. frame: the margin or the phone's frame across
    and down, in heights of the face. grey: its colour.
    """

    def __init__(
        self,
        shot: Shot,
        *,
        room: tuple[float, float, float],
        frame: tuple[float, float],
        grey: int,
    ) -> None:
        x, y, height = shot.place
        rows, columns = shot.frames[0].shape[:2]
        across, above, below = (part * height for part in room)
        self._left, self._right = int(max(x - across, 0)), int(min(x + across, columns))
        self._top, self._bottom = int(max(y - above, 0)), int(min(y + below, rows))
        largest = max(self._right - self._left, self._bottom - self._top)
        self._scale = min(MOST_PIXELS / largest, 1.0)
        self._face = tuple(self._scale * value for value in (x - self._left, y - self._top, height))
        self._frame = tuple(int(part * self._face[2]) for part in frame)
        self._grey = grey

    def showing(self, image: RgbImage) -> Sheet:
        """Return the sheet with a frame of the shot on it."""
        part = image[self._top : self._bottom, self._left : self._right]
        if self._scale < 1:
            size = round(part.shape[1] * self._scale), round(part.shape[0] * self._scale)
            part = np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
        x, y, height = self._face
        return framed(part, (x, y, height), (self._frame[0], self._frame[1]), self._grey)
