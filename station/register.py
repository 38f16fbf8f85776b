"""Writes check-ins and their undoing to the ledger, and makes the cards that show them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from common.picture import RgbImage
from gallery.identity import Identity, Match
from models.crop import margin_crop
from models.face import Face
from recognition.liveness.progress import Passed
from station.ledger.entry import Entry, Event, Kind, Liveness, Means
from station.rules import Plan, Rules, direction_of
from station.screen import CheckedIn, Direction, Refusal

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from station.ledger.ledger import Ledger


PICTURE_SIZE = (224, 224)
PICTURE_MARGIN = 0.25

JPEG_QUALITY = 90

_KINDS = {Direction.IN: Kind.CHECK_IN, Direction.OUT: Kind.CHECK_OUT}


@dataclass(frozen=True, eq=False)
class Booking:
    """The result of a check-in: its card, and the entry that was written; None where an earlier
    entry is enough."""

    card: CheckedIn
    entry: Entry | None


class Register:
    """Writes check-ins. Each method writes one row or none; a FacedeskError means that none was
    written.

    station_name: stands in each row. keep_pictures: whether the live picture is kept with the
    check-in of a face.
    """

    def __init__(
        self,
        rules: Rules,
        people: Gallery,
        ledger: Ledger,
        *,
        station_name: str,
        keep_pictures: bool,
    ) -> None:
        self._rules = rules
        self._people = people
        self._ledger = ledger
        self._station_name = station_name
        self._keep_pictures = keep_pictures

    def check_face(
        self,
        match: Match,
        plan: Plan,
        live: RgbImage,
        passed: Passed | None,
        *,
        with_code: bool = False,
    ) -> Booking | Refusal:
        """Checks a recognized person in or out. plan: the plan for which liveness was, or was not,
        asked; by now another plan may be due. passed: what liveness found out of the face; None
        where it was not asked. with_code: whether the person has typed their code, too."""
        found = passed.found if passed is not None else ""
        event = Event(
            Kind.CHECK_IN,
            self._station_name,
            match.identity.id,
            match.identity.name,
            Means.FACE,
            match.similarity,
            match.threshold,
            Liveness.NOT_ASKED if passed is None else Liveness.PASSED,
            note="; ".join(filter(None, (found, "with the code" if with_code else ""))),
            picture=_jpeg(live) if self._keep_pictures else None,
        )
        return self._check(event, plan, live)

    def check_code(self, identity: Identity) -> Booking | Refusal:
        event = Event(Kind.CHECK_IN, self._station_name, identity.id, identity.name, Means.CODE)
        return self._check(event, self._rules.plan(identity.id), None)

    def undo(self, entry: Entry) -> Entry:
        event = Event(
            Kind.UNDONE,
            self._station_name,
            entry.event.identity_id,
            entry.event.name,
            entry.event.means,
            refers_to=entry.number,
            note="Not me",
        )
        return self._ledger.append(event)

    def _check(self, event: Event, plan: Plan, live: RgbImage | None) -> Booking | Refusal:
        if isinstance(plan, Refusal):
            return plan
        enrolled = self._people.portrait(event.identity_id)
        if isinstance(plan, Entry):
            return Booking(self._card(plan, event.name, enrolled, live, already=True), None)
        entry = self._ledger.append(replace(event, kind=_KINDS[plan]))
        self._rules.written(entry)
        return Booking(self._card(entry, event.name, enrolled, live, already=False), entry)

    def _card(
        self, entry: Entry, name: str, enrolled: RgbImage, live: RgbImage | None, *, already: bool
    ) -> CheckedIn:
        return CheckedIn(
            entry.number,
            name,
            direction_of(entry),
            entry.happened_at,
            enrolled,
            live,
            already,
        )


def live_picture(image: RgbImage, face: Face) -> RgbImage:
    """Returns (224, 224, 3) uint8 RGB: the face with room around it, not stretched.

    image: (H, W, 3) uint8 RGB.
    """
    centre = (face.box_xyxy[:2] + face.box_xyxy[2:]) / 2
    half = max(face.width, face.height) / 2
    square = np.concatenate([centre - half, centre + half]).astype(np.float32)
    return margin_crop(image, replace(face, box_xyxy=square), PICTURE_SIZE, PICTURE_MARGIN)


def _jpeg(picture: RgbImage) -> bytes:
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    done, coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError(f"cannot be coded: {picture.shape} {picture.dtype}")
    return coded.tobytes()
