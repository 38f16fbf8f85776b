"""What each device gets done is measured, and compared with the first one."""

from __future__ import annotations

import numpy as np
import pytest

from bench import devices
from bench.devices import DeviceSpeed, RefusedDevice, crowd_frames, measure_devices
from common.errors import EngineError
from common.picture import RgbImage
from models.detectors.protocol import Detector
from models.embedders.embedder import Embedder
from models.engines.engine import FloatArray
from models.face import Face


@pytest.mark.parametrize("faces", [1, 10, 50])
def test_a_crowd_has_so_many_faces(faces: int, detector: Detector) -> None:
    frames = crowd_frames(faces, 2)
    assert all(frame.shape == (720, 1280, 3) for frame in frames)
    assert (frames[0] != frames[1]).any()
    assert len(detector.detect(frames[0])) == faces


class _Shifted:
    """A detector whose boxes lie half a pixel to the right, and that misses the last of several."""

    name = "shifted"

    def __init__(self, detector: Detector) -> None:
        self._detector = detector

    def detect(self, image: RgbImage) -> list[Face]:
        faces = self._detector.detect(image)
        kept = faces[:-1] if len(faces) > 1 else faces
        return [
            Face(face.box_xyxy + np.float32([0.5, 0, 0.5, 0]), face.score, face.landmarks)
            for face in kept
        ]

    def parts(self, image: RgbImage) -> int:
        return self._detector.parts(image)

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self._detector.detect_part(image, part, boxes)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        return self._detector.follow(image, boxes)


def test_each_device_is_compared_with_the_first(
    detector: Detector, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CROWDS": (1, 2), "FRAMES": 4, "PEOPLE": 1, "PICTURES": 6}.items():
        monkeypatch.setattr(devices, name, value)

    def load(device: str) -> tuple[Detector, Embedder]:
        if device == "broken":
            raise EngineError("a device", "it is broken", "Mend it")
        return (_Shifted(detector) if device == "shifted" else detector), embedder

    first, broken, shifted = measure_devices(["first", "broken", "shifted"], load, _silent)
    assert isinstance(first, DeviceSpeed)
    assert [crowd.found for crowd in first.crowds] == [1, 2]
    assert (first.box_px, first.embedding, first.missed) == (0, 0, 0)
    assert first.cosine == pytest.approx(1)
    rates = [first.imported, first.evaluated, *(crowd.live for crowd in first.crowds)]
    assert min(rates) > 0
    assert broken == RefusedDevice("broken", "it is broken")
    assert isinstance(shifted, DeviceSpeed)
    assert shifted.box_px == pytest.approx(0.5, abs=1e-4)
    assert shifted.missed == 1


def test_a_first_device_that_is_broken_is_an_error() -> None:
    def load(device: str) -> tuple[Detector, Embedder]:
        raise EngineError("a device", "it is broken", "Mend it")

    with pytest.raises(EngineError):
        list(measure_devices(["broken"], load, _silent))


def _silent(_: str) -> None:
    """Nobody reads what runs now."""
