"""Embeds a gallery again for another embedder, from what is stored of its pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from common.errors import EnrollmentError
from common.picture import RgbImage
from common.sentence import Sentence
from gallery.embedding_sets import StoredPicture
from gallery.store import Store
from models.crop import ALIGNED_SIDE
from models.embedders.embedder import Embedder
from models.embedders.fusion import FusedEmbedder, joined_crop
from models.embedders.realignment import ALIGNED_FACE
from models.embedders.sface import SfaceEmbedder
from models.engines.engine import FloatArray
from models.face import Face, largest_face
from recognition.views import face_of

SMALLEST_PX = 20.0
"""Height of a face in its stored picture; below it no embedder is of any use."""

ALIGNED_SHAPE = (ALIGNED_SIDE, ALIGNED_SIDE)

BOX_ASPECT = 0.75
"""Width of a face's box by its height: the median of MTCNN's, see ALIGNED_FACE."""

AT_ONCE = 16
"""Templates that are put on the disk together: so many at most are lost where it is killed."""

FindFaces = Callable[[RgbImage], Sequence[Face]]
"""Finds the faces on a crop that was kept without saying where its face is."""


@dataclass(frozen=True)
class Shortfall:
    """Somebody of whom the embedder can make less than was stored.

    pictures: how many cannot be used. reason: why the first of them cannot. is_left_out: whether no
    other is left, so that this embedder does not recognize them.
    """

    name: str
    pictures: int
    reason: Sentence
    is_left_out: bool


@dataclass(frozen=True)
class Reembedded:
    """What came of it.

    is_done: whether the gallery is of the new model now; otherwise it is of the one before.
    templates: how many were embedded this time. shortfalls: in the order of enrollment.
    """

    is_done: bool
    templates: int
    shortfalls: tuple[Shortfall, ...]

    @property
    def left_out(self) -> tuple[Shortfall, ...]:
        return tuple(one for one in self.shortfalls if one.is_left_out)


def reembed(
    store: Store,
    embedder: Embedder,
    find_faces: FindFaces,
    *,
    anyway: bool = False,
    told: Callable[[int, int], None] = lambda done, total: None,
    is_stopped: Callable[[], bool] = lambda: False,
) -> Reembedded:
    """Makes the gallery one of this embedder's, in one step, once everybody is embedded.

    Until then it is as it was, for every program, and whatever happens. What is done is kept:
    where it is stopped, killed, or fails, the next call goes on.
    anyway: also where it leaves people out. told: how many templates are done, and of how many.
    Raises GalleryError where file, disk or another program is at fault.
    """
    if store.is_empty:
        store.adopt_model(embedder.model_id, embedder.dimension)
        return Reembedded(True, 0, ())
    sets = store.sets
    made = sets.begin(embedder.model_id, embedder.dimension)
    total = sets.count_without(made)
    unusable: dict[str, list[tuple[str, Sentence]]] = {}
    done = last = embedded = 0
    while not is_stopped():
        told(done, max(total, done))
        pictures = sets.pictures_without(made, last, AT_ONCE)
        if not pictures:
            activation = sets.activate(made, anyway=anyway)
            if activation.missing:  # enrolled since the last pictures were read
                continue
            return Reembedded(
                activation.is_active, embedded, _shortfalls(unusable, activation.without)
            )
        rows = [
            _embedded(embedder, picture, find_faces, unusable)
            for picture in pictures
            if not is_stopped()
        ]
        sets.put(made, rows)
        done += len(rows)
        embedded += sum(embedding is not None for _, embedding in rows)
        last = pictures[-1].template_id
    return Reembedded(False, embedded, ())


def crop_for(embedder: Embedder, picture: StoredPicture, find_faces: FindFaces) -> RgbImage:
    """Returns what the embedder wants to see of a stored picture: (h, w, 3) uint8 RGB.

    The crop itself, where it was made for this embedder; else what can be cut out of the view; else
    out of the crop, whose face is at a known place if it was made for SFace, and is looked for if
    not. Raises EnrollmentError where none of these serves.
    """
    if isinstance(embedder, FusedEmbedder):
        return joined_crop([crop_for(part, picture, find_faces) for part in embedder.parts])
    crop, view = picture.crop, picture.view
    if crop is not None and crop.size and picture.crop_model_id == embedder.model_id:
        return crop
    if view is not None:
        return _cut(embedder, view.picture, face_of(view))
    if crop is None:
        raise _not_enough(Sentence("it cannot be read"))
    if not crop.size:
        raise _not_enough(Sentence("the embedding came without a picture"))
    if picture.crop_model_id == SfaceEmbedder.model_id and crop.shape[:2] == ALIGNED_SHAPE:
        return _cut(embedder, crop, ALIGNED_FACE)
    upright = _unstretched(crop)
    face = largest_face(find_faces(upright))
    if face is None:
        raise _not_enough(Sentence("no face is found in it"))
    return _cut(embedder, upright, face)


def _unstretched(crop: RgbImage) -> RgbImage:
    """Returns a margin crop, to whose square a face's box was stretched, in a box's proportions."""
    height = crop.shape[0]
    size = max(round(height * BOX_ASPECT), 1), height
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), np.uint8)


def _cut(embedder: Embedder, image: RgbImage, face: Face) -> RgbImage:
    if face.height < SMALLEST_PX:
        raise _not_enough(Sentence("its face is {} pixels high", round(face.height)))
    try:
        return embedder.crop(image, face)
    except ValueError as error:  # landmarks that coincide, a box that lies outside
        raise _not_enough(Sentence("its face cannot be cut out of it")) from error


def _not_enough(found: Sentence) -> EnrollmentError:
    return EnrollmentError(
        "a stored picture that another embedder can use", found, "Enroll the person again"
    )


def _embedded(
    embedder: Embedder,
    picture: StoredPicture,
    find_faces: FindFaces,
    unusable: dict[str, list[tuple[str, Sentence]]],
) -> tuple[int, FloatArray | None]:
    """Returns the template's id and embedding; where there is none, notes whose and why."""
    try:
        crop = crop_for(embedder, picture, find_faces)
    except EnrollmentError as error:
        _note(unusable, picture, error.found)
        return picture.template_id, None
    embedding = embedder.embed_thoroughly([crop])[0]
    if not np.isfinite(embedding).all():  # of a picture without any contrast, for example
        _note(unusable, picture, Sentence("{} gives no numbers for it", embedder.model_id))
        return picture.template_id, None
    return picture.template_id, embedding


def _note(
    unusable: dict[str, list[tuple[str, Sentence]]], picture: StoredPicture, why: Sentence
) -> None:
    if picture.name:
        unusable.setdefault(picture.identity_id, []).append((picture.name, why))


def _shortfalls(
    unusable: Mapping[str, Sequence[tuple[str, Sentence]]], left_out: Mapping[str, str]
) -> tuple[Shortfall, ...]:
    return tuple(
        Shortfall(pictures[0][0], len(pictures), pictures[0][1], who in left_out)
        for who, pictures in unusable.items()
    )
