"""The kinds of presentations that are rendered as films, and how one of each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.liveness.filmed.handling import Handling, Motion
from bench.liveness.filmed.optics import PhoneScreen, PrintedPaper, Sensor
from bench.liveness.filmed.scenes import HeldUp, Playing, RealPerson, RoomBehind, Scene, SheetMaker
from bench.liveness.filmed.sources import PresentedPerson, Shot, ShotReader
from bench.liveness.presentation import BONA_FIDE
from common.errors import SourceError


@dataclass(frozen=True)
class Species:
    """A kind of attack. motion: draws what is done with the sheet.

    on_paper: whether it is a print, else a phone. plays: whether the phone plays a film, else it
    shows a picture. blinks: whether the film is one in which the person blinks. obeys: whether the
    picture does what is asked for. lattice: whether the camera sees the screen's pixels, and a
    lamp in it.
    """

    name: str
    motion: Callable[[np.random.Generator], Motion]
    on_paper: bool = False
    plays: bool = False
    blinks: bool = False
    obeys: bool = False
    lattice: bool = False


def _held(random: np.random.Generator) -> Motion:
    return Motion(steady=float(random.choice([0.0, random.uniform(0.3, 1.5)])))


def _in_hand(random: np.random.Generator) -> Motion:
    return Motion(steady=random.uniform(0.4, 1.5))


def _on_stand(random: np.random.Generator) -> Motion:
    return Motion(steady=0.0)


def _moved(random: np.random.Generator) -> Motion:
    return Motion(shift=random.uniform(0.06, 0.25), lean=random.uniform(0, np.radians(8)))


def _tilted(random: np.random.Generator) -> Motion:
    return Motion(tilt=np.radians(random.uniform(8, 25)))


def _bent(random: np.random.Generator) -> Motion:
    return Motion(
        bend=random.uniform(0.15, 0.6), tilt=np.radians(random.uniform(0, 20)) * random.integers(2)
    )


SPECIES = (
    Species("print held", _held, on_paper=True),
    Species("print moved", _moved, on_paper=True),
    Species("print tilted", _tilted, on_paper=True),
    Species("print bent", _bent, on_paper=True),
    Species("screen held", _held),
    Species("screen moved", _moved),
    Species("screen tilted", _tilted),
    Species("screen with lattice and glare", _in_hand, lattice=True),
    Species("replay in the hand", _in_hand, plays=True),
    Species("replay on a stand", _on_stand, plays=True),
    Species("replay that blinks", _in_hand, plays=True, blinks=True),
    Species("replay with lattice and glare", _in_hand, plays=True, lattice=True),
    Species("picture animated to obey", _in_hand, obeys=True, blinks=True),
)
"""All kinds. A picture that is bent bends to a radius of one and a half faces at the least: the
curvature's highest value is some 2.5 times its standard deviation."""

STILL = tuple(s.name for s in SPECIES if not (s.plays or s.obeys))
"""The names of the kinds whose picture does not change."""

KINDS = (BONA_FIDE, *(s.name for s in SPECIES))


@dataclass(frozen=True)
class Order:
    """One presentation to be rendered. person: who is shown. path: on which film or picture.
    behind: the film whose room is behind an attack."""

    kind: str
    number: int
    person: PresentedPerson
    path: Path
    behind: Path

    @property
    def name(self) -> str:
        return f"{self.person.name} {self.path.stem} {self.number}"


def orders(
    people: Sequence[PresentedPerson], count: int, kinds: Sequence[str], seed: int
) -> list[Order]:
    """Return `count` presentations of each kind, people and their files in turns.

    Films play real people and replays; still pictures are prints and screens of pictures, and of
    frames of films, in turns.
    """
    filmed = [person for person in people if person.is_filmed]
    pictured = [person for person in people if not person.is_filmed]
    plays = {s.name for s in SPECIES if s.plays} | {BONA_FIDE}
    drawn = []
    for kind in kinds:
        random = np.random.default_rng([seed, KINDS.index(kind)])
        for number in range(count):
            among = filmed if kind in plays or number % 2 or not pictured else pictured
            person = among[(number // 2 if among is pictured else number) % len(among)]
            path = person.shown[int(random.integers(len(person.shown)))]
            others = [p for p in filmed if p is not person] or filmed
            other = others[int(random.integers(len(others)))]
            behind = other.shown[int(random.integers(len(other.shown)))]
            drawn.append(Order(kind, number, person, path, behind))
    return drawn


def scene(order: Order, reader: ShotReader, seed: int) -> Scene:
    """Return the scene of a presentation; the same seed gives the same. Raises SourceError."""
    random = np.random.default_rng([seed, KINDS.index(order.kind), order.number])
    shot = _shot(order, reader)
    sensor = Sensor.drawn(random)
    if order.kind == BONA_FIDE:
        seconds = len(shot.frames) / shot.fps
        playing = Playing(shot, reader, random, begin=random.uniform(0, 0.6) * seconds)
        return RealPerson(
            playing,
            shot,
            sensor,
            random,
            face_px=random.uniform(80, 190),
            mirrored=bool(random.integers(2)),
        )
    species = next(s for s in SPECIES if s.name == order.kind)
    if not species.plays:
        frame = shot.frames[int(random.integers(len(shot.frames)))]
        points = reader.points(frame, shot.face)
        shot = Shot([frame], 1.0, shot.face if points is None else points[1], shot.place)
    begin = random.uniform(0, 0.6) * len(shot.frames) / shot.fps
    playing = Playing(shot, reader, random, begin=begin, blinks=species.blinks)
    return HeldUp(
        playing,
        RoomBehind(reader.read(order.behind, True), random),
        _sheet(shot, species, random),
        _surface(species, random),
        Handling(species.motion(random), random),
        sensor,
        random,
        obeys=species.obeys,
    )


def _shot(order: Order, reader: ShotReader) -> Shot:
    """Read what is shown; where no face is found in it, the next file of the person. Raises
    SourceError where all have none."""
    shown = order.person.shown
    first = shown.index(order.path)
    for path in (*shown[first:], *shown[:first]):
        try:
            return reader.read(path, order.person.is_filmed)
        except SourceError as error:
            refused = error
    raise refused


def _sheet(shot: Shot, species: Species, random: np.random.Generator) -> SheetMaker:
    room = (random.uniform(0.75, 1.6), random.uniform(0.85, 1.5), random.uniform(0.9, 2.2))
    if species.on_paper:
        margin = float(random.choice([0.0, random.uniform(0.05, 0.3)]))
        return SheetMaker(shot, room=room, frame=(margin, margin), grey=245)
    frame = (random.uniform(0.03, 0.1), random.uniform(0.08, 0.4))
    return SheetMaker(shot, room=room, frame=frame, grey=int(random.integers(10, 40)))


def _surface(species: Species, random: np.random.Generator) -> PhoneScreen | PrintedPaper:
    if species.on_paper:
        return PrintedPaper(
            random.uniform(0.7, 1.0), random.uniform(0, 30), random.uniform(0.1, 0.5)
        )
    fine = PhoneScreen(gamma=random.uniform(0.8, 1.2), blue=random.uniform(-0.02, 0.12))
    if not species.lattice:
        return fine
    return PhoneScreen(
        pitch=random.uniform(0.006, 0.014),
        lattice=random.uniform(0.5, 1.0),
        gamma=fine.gamma,
        blue=fine.blue,
        glare=float(random.choice([0.0, random.uniform(0.3, 0.9)])),
        glare_at=(random.uniform(-0.5, 0.5), random.uniform(-0.6, 0.4)),
    )
