"""What the measurements on real people share: their pictures are embedded once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.evaluation.embedding import SeenPictures, embed_pictures
from bench.evaluation.pictures import PictureSet, people_set
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from recognition.assembly import RecognizerSpec, load_side_by_side


@pytest.fixture(scope="session")
def evaluated_models(models_cache: Path) -> list[tuple[Detector, Embedder]]:
    """MTCNN for faces of 20 pixels and more, and SFace, as `facedesk evaluate` loads them."""
    return load_side_by_side(RecognizerSpec(smallest_face_px=20), models_cache)


@pytest.fixture(scope="session")
def glint_people(
    shared_data: Path, evaluated_models: list[tuple[Detector, Embedder]]
) -> tuple[PictureSet, SeenPictures]:
    """The 12 people of Glint360K with 24 pictures each, as `facedesk evaluate` sees them."""
    pictures = people_set(shared_data / "faces" / "people")
    paths = [picture.path for picture in pictures.pictures]
    return pictures, embed_pictures(paths, evaluated_models, lambda: None)
