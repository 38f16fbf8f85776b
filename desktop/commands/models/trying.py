"""Tries an embedder that is added: on the demo's portrait, and on the people who are enrolled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from desktop.commands.session import Session

if TYPE_CHECKING:
    from common.picture import RgbImage
    from common.sentence import Sentence
    from models.described.description import ModelDescription
    from models.described.installed import InstalledModel
    from models.engines.engine import Network

_BOX = (180.3, 60.7, 268.4, 172.2)
_LANDMARKS = ((205.4, 101.5), (246.9, 103.1), (225.1, 129.2), (201.2, 139.6), (245.1, 141.1))
"""The face on capture/portrait.py's picture, as MTCNN finds it: no detector is loaded for it."""

_SAME_FACE = 0.4
"""The least overlap of a detector's box with MTCNN's; families draw their boxes differently."""

MOST_PEOPLE, MOST_CROPS = 24, 5
"""How many people's colours are looked at, and how many crops of each: enough, by
models/embedders/colour_order.py, and some seconds with a large model."""


def tried_embedder(
    session: Session, file: Path, description: ModelDescription
) -> tuple[ModelDescription, list[Sentence]]:
    """Return the description with what only a trial tells, and warnings.

    Raises WeightsError, in one sentence, where the model cannot be used.
    """
    from models.embedders.trial import tried, wrong_scale

    network = _network(session, file)
    face = _portrait_crop(description)
    known = tried(network, description, face)
    warning = wrong_scale(network, known, face)
    return known, [warning] if warning is not None else []


def tried_detector(
    session: Session, file: Path, description: ModelDescription
) -> tuple[ModelDescription, list[Sentence]]:
    """Return the description with what only a trial tells, and warnings.

    Raises WeightsError, in one sentence, where the model cannot be used.
    """
    from capture.portrait import PORTRAIT
    from capture.stills import read_picture
    from common.sentence import Sentence
    from models.detectors.checking import overlap_on, tried
    from models.engines.devices import DEFAULT, open_engine

    engine = open_engine(DEFAULT, session.home.cache / "openvino")
    with tried(description, file, engine) as (network, known):
        if overlap_on(network, known, read_picture(PORTRAIT), _BOX) >= _SAME_FACE:
            return known, []
    return known, [
        Sentence(
            "It does not find the face on the demo's portrait: the order of its colours, or its "
            "mean and scale, may be others, or it is of another family."
        )
    ]


def colours_told(session: Session, model: InstalledModel) -> Sentence | None:
    """Return what is probably wrong with an added model by the enrolled people, if they are enough.

    Nothing is said of a gallery that cannot be read: other commands will.
    """
    from common.errors import GalleryError
    from models.embedders.colour_order import colour_warning

    try:
        people = _enrolled_crops(session)
    except GalleryError:
        return None
    if not people:
        return None
    return colour_warning(_network(session, model.path), model.description, people)


def _enrolled_crops(session: Session) -> list[list[RgbImage]]:
    if not session.home.gallery.is_file():
        return []
    with session.gallery() as gallery:
        crops = [gallery.crops(identity.id)[:MOST_CROPS] for identity in gallery.identities]
    return [several for several in crops if len(several) > 1][:MOST_PEOPLE]


def _network(session: Session, file: Path) -> Network:
    from models.engines.devices import DEFAULT, open_engine

    return open_engine(DEFAULT, session.home.cache / "openvino").load(file)


def _portrait_crop(description: ModelDescription) -> RgbImage:
    import numpy as np

    from capture.portrait import PORTRAIT
    from capture.stills import read_picture
    from models.embedders.described import described_crop
    from models.face import Face

    face = Face(np.array(_BOX, np.float32), 1.0, np.array(_LANDMARKS, np.float32))
    return described_crop(description, read_picture(PORTRAIT), face)
