"""The command line, run in this process, on a home and pictures with awkward names."""

from __future__ import annotations

import copy
import functools
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

# Some of these tests compare with PyTorch in this process. Its Triton has to be loaded before the
# LLVM that Qt's xcb plugin loads through Mesa.
with suppress(ImportError):
    import facenet_pytorch  # noqa: F401

from capture.demo import DemoSource
from desktop.main import main
from gallery.gallery import Gallery
from gallery.identity import Identity, Template
from gallery.store import Store
from models.embedders.sface import SfaceEmbedder
from recognition import assembly
from tools.schemas.schemas import command_in, misfit

_load = functools.cache(assembly.load_models)


def _load_once(choice: assembly.RecognizerSpec, cache: Path, preparation: object) -> object:
    # Paths of a home would load the models anew for each test.
    models = replace(choice, adopted=None, calibrations=None, classifier="")
    detector, embedder = _load(models, cache)
    own = copy.copy(embedder)  # so that no test's figures stay with the next one
    assembly.adopt(own, choice.adopted)
    return detector, own


def _load_once_for_all(choice: assembly.RecognizerSpec, cache: Path, preparation: object) -> object:
    return [_load_once(choice, cache, preparation)]  # two threads may not share one


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        """Of every line of stdout: nothing else may be there."""
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Outcome]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "nhà của tôi – 家 😀"


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """run("people", "list"): `facedesk --home HOME people list`, its models loaded once for all."""
    monkeypatch.setattr(assembly, "load_models", _load_once)
    monkeypatch.setattr(assembly, "load_side_by_side", _load_once_for_all)

    def run(*arguments: object) -> Outcome:
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main(["--home", str(home), *map(str, arguments)])
        captured = capfd.readouterr()
        assert "Traceback" not in captured.err
        assert isinstance(end.value.code, int)
        if "--json" in arguments:
            _compare_with_schema(tuple(map(str, arguments)), captured.out)
        return Outcome(end.value.code, captured.out, captured.err)

    return run


def _compare_with_schema(arguments: tuple[str, ...], out: str) -> None:
    """docs/json says of every line what it is."""
    command = command_in(arguments)
    assert command is not None
    for line in out.splitlines():
        assert misfit(command, json.loads(line)) == ""


@pytest.fixture(scope="session")
def photos(astronaut: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """portrait, brighter, turned and mirrored show the astronaut; couple shows her twice; no
    face is on coffee; the rest is bad input."""
    folder = tmp_path_factory.mktemp("photos") / "Ảnh của tôi – 写真"
    folder.mkdir()
    size = astronaut.shape[:2][::-1]
    turned = cv2.warpAffine(astronaut, cv2.getRotationMatrix2D((225, 128), 12, 1.1), size)
    pictures = {
        "portrait ảnh.jpg": astronaut,
        "brighter.jpg": cv2.convertScaleAbs(astronaut, alpha=1.2, beta=10),
        "turned.png": turned,
        "mirrored.png": astronaut[:, ::-1],
        "couple.png": np.hstack([astronaut, astronaut[:, ::-1]]),
        "coffee.png": cv2.resize(astronaut[300:, :100], (300, 200)),
    }
    for name, picture in pictures.items():
        Image.fromarray(np.ascontiguousarray(picture)).save(folder / name)
    whole = (folder / "portrait ảnh.jpg").read_bytes()
    (folder / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.jpg").touch()
    (folder / "text.jpg").write_text("Not a picture.", "utf-8")
    Image.new("1", (20_000, 20_000)).save(folder / "huge.png")
    (folder / "subfolder.jpg").mkdir()
    return folder


@pytest.fixture
def portrait(photos: Path) -> Path:
    return photos / "portrait ảnh.jpg"


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 frames of the astronaut, moving, at 30 fps."""
    path = tmp_path_factory.mktemp("film") / "phim của tôi 映画.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (640, 480))
    with DemoSource(frames=12) as demo:
        for frame in iter(demo.read, None):
            writer.write(cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


BAD_PICTURES = {
    "missing.jpg": "there is nothing",
    "subfolder.jpg": "is a folder",
    "empty.jpg": "is empty",
    "text.jpg": "is none of these",
    "truncated.jpg": "is damaged or cut short",
    "huge.png": "megapixels",
}
"""Of the folder `photos`: the name, and what the message about it says."""


@pytest.fixture(params=BAD_PICTURES.items(), ids=BAD_PICTURES)
def bad_picture(request: pytest.FixtureRequest, photos: Path) -> tuple[Path, str]:
    name, found = request.param
    return photos / name, found


@pytest.fixture
def open_gallery(home: Path) -> Iterator[Callable[[], Gallery]]:
    """Opens the home's gallery beside the commands, as its model's embedder would."""
    opened: list[Gallery] = []

    def open_gallery() -> Gallery:
        store = Store(home / "gallery.db", busy_timeout_s=0.05)
        opened.append(Gallery(store, SfaceEmbedder.model_id, SfaceEmbedder.dimension))
        return opened[-1]

    yield open_gallery
    for gallery in opened:
        gallery.close()


Seed = Callable[..., Identity]


@pytest.fixture
def seed(open_gallery: Callable[[], Gallery]) -> Seed:
    """seed(name): enrolls somebody who looks like nobody else; returns the identity."""
    rng = np.random.default_rng(7)

    def seed(name: str, templates: int = 1) -> Identity:
        vectors = rng.normal(size=(templates, SfaceEmbedder.dimension)).astype(np.float32)
        crops = rng.integers(0, 256, (templates, 112, 112, 3), dtype=np.uint8)
        gallery = open_gallery()
        identity = gallery.enroll(
            name,
            [
                Template(vector / np.linalg.norm(vector), crop, 0.5, SfaceEmbedder.model_id)
                for vector, crop in zip(vectors, crops, strict=True)
            ],
        )
        gallery.close()
        return identity

    return seed
