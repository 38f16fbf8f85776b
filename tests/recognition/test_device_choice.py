"""Which device is picked, with detectors that take as long as the test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from common.errors import EngineError
from common.picture import RgbImage
from models.embedders.sface import FIGURES
from models.engines.engine import FloatArray
from models.face import Face
from recognition import device_choice
from recognition.device_choice import Pick, Trial, measure, pick_device


class FakeClock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class FakeModels:
    """A detector and an embedder whose every use takes `ms` of the fake clock."""

    name = model_id = "fake"
    dimension = 2
    figures = FIGURES

    def __init__(
        self, clock: FakeClock, ms: float, *, shift: float = 0, angle: float = 0, faces: int = 1
    ) -> None:
        self._clock, self._ms, self._faces = clock, ms, faces
        box = np.array([100, 100, 200, 200], np.float32) + np.float32(shift)
        self._face = Face(box, 0.9, np.zeros((5, 2), np.float32))
        self._row = np.array([np.cos(angle), np.sin(angle)], np.float32)

    def _use(self) -> None:
        self._clock.seconds += self._ms / 1000

    def detect(self, image: RgbImage) -> list[Face]:
        assert image.shape == (480, 640, 3)
        self._use()
        return self._faces * [self._face]

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        assert part == 0
        return self.follow(image, boxes)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        assert boxes.shape == (5, 4)
        self._use()
        return []

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return image[:8, :8]

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        return self.embed(crops)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        self._use()
        return np.repeat(self._row[np.newaxis], len(crops), axis=0)


Load = Callable[[str], tuple[FakeModels, FakeModels]]
There = Callable[..., Load]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> FakeClock:
    clock = FakeClock()
    monkeypatch.setattr(device_choice, "perf_counter", clock)
    return clock


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> There:
    """there(a=models, b="why not"): these devices are there; returns what loads their models."""

    def there(**models: FakeModels | str) -> Load:
        by_device = {name.replace("_", ":"): found for name, found in models.items()}
        monkeypatch.setattr(device_choice, "available_devices", lambda: list(by_device))

        def load(device: str) -> tuple[FakeModels, FakeModels]:
            found = by_device[device]
            if isinstance(found, str):
                raise EngineError("the device to work", found, "Mend it")
            return found, found

        return load

    return there


def _refuse(device: str) -> tuple[FakeModels, FakeModels]:
    raise AssertionError(f"{device} must not be loaded")


def test_the_quickest_is_picked(there: There, clock: FakeClock, tmp_path: Path) -> None:
    load = there(
        openvino_CPU=FakeModels(clock, 10),
        onnxruntime_CPU=FakeModels(clock, 20),
        torch_cuda=FakeModels(clock, 2),
    )
    pick = pick_device(tmp_path / "record.json", load)
    assert pick.device == "torch:cuda"
    assert [trial.device for trial in pick.trials] == [
        "openvino:CPU",
        "onnxruntime:CPU",
        "torch:cuda",
    ]
    # Three uses a round.
    assert [trial.ms for trial in pick.trials] == pytest.approx([30, 60, 6])


def test_a_little_quicker_is_not_enough(there: There, clock: FakeClock, tmp_path: Path) -> None:
    load = there(openvino_CPU=FakeModels(clock, 10), openvino_GPU=FakeModels(clock, 9.5))
    assert pick_device(tmp_path / "record.json", load).device == "openvino:CPU"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"shift": 2}, "its results are not those of openvino:CPU"),
        ({"angle": 0.1}, "its results are not those of openvino:CPU"),
        ({"angle": float("nan")}, "its results are not those of openvino:CPU"),
        ({"faces": 0}, "0 were found"),
        ({"faces": 2}, "2 were found"),
    ],
)
def test_a_quick_device_with_other_results_is_refused(
    there: There, clock: FakeClock, wrong: dict[str, float], said: str
) -> None:
    load = there(openvino_CPU=FakeModels(clock, 10), openvino_NPU=FakeModels(clock, 1, **wrong))
    pick = measure(["openvino:CPU", "openvino:NPU"], load)
    assert pick.device == "openvino:CPU"
    assert pick.trials[1] == Trial("openvino:NPU", None, said)


def test_a_device_that_does_not_work_is_passed_over(
    there: There, clock: FakeClock, tmp_path: Path
) -> None:
    load = there(openvino_CPU=FakeModels(clock, 10), torch_cuda="torch finds no GPU")
    pick = pick_device(tmp_path / "record.json", load)
    assert pick.device == "openvino:CPU"
    assert pick.trials[1] == Trial("torch:cuda", None, "torch finds no GPU")


def test_where_nothing_works_it_is_said(there: There, tmp_path: Path) -> None:
    load = there(openvino_CPU="broken", onnxruntime_CPU="broken too")
    with pytest.raises(EngineError, match="broken"):
        pick_device(tmp_path / "record.json", load)


def test_the_only_device_is_not_measured(there: There, tmp_path: Path) -> None:
    there(openvino_CPU="never loaded")
    assert pick_device(tmp_path / "record.json", _refuse) == Pick("openvino:CPU")
    assert not list(tmp_path.iterdir())


@pytest.fixture
def remembered(there: There, clock: FakeClock, tmp_path: Path) -> tuple[Path, Pick]:
    load = there(openvino_CPU=FakeModels(clock, 10), onnxruntime_CPU=FakeModels(clock, 4))
    record = tmp_path / "devices" / "record.json"
    return record, pick_device(record, load)


def test_a_pick_is_remembered(remembered: tuple[Path, Pick]) -> None:
    record, pick = remembered
    assert pick_device(record, _refuse) == pick
    assert list(record.parent.iterdir()) == [record]


@pytest.mark.parametrize(
    "changed", [{"openvino": "2099.1"}, {"processor": "64 x Another"}, {"nvidia driver": "999"}]
)
def test_a_change_of_the_computer_is_measured_anew(
    remembered: tuple[Path, Pick],
    there: There,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, str],
) -> None:
    record, _ = remembered
    load = there(openvino_CPU=FakeModels(clock, 3), onnxruntime_CPU=FakeModels(clock, 4))
    now = {**device_choice.surroundings(), **changed}
    monkeypatch.setattr(device_choice, "surroundings", lambda: now)
    pick = pick_device(record, load)
    assert pick.device == "openvino:CPU"
    assert pick_device(record, _refuse) == pick


def _with_another_format(text: str) -> str:
    content = json.loads(text)
    content["surroundings"]["format"] += 1
    return json.dumps(content)


@pytest.mark.parametrize(
    "damage",
    [
        _with_another_format,
        lambda text: text[:-9],
        lambda text: "[]",
        lambda text: "",
        lambda text: text.replace('"device"', '"gadget"'),
    ],
)
def test_a_damaged_record_is_measured_anew(
    remembered: tuple[Path, Pick], there: There, clock: FakeClock, damage: Callable[[str], str]
) -> None:
    record, _ = remembered
    record.write_text(damage(record.read_text("utf-8")), "utf-8")
    load = there(openvino_CPU=FakeModels(clock, 3), onnxruntime_CPU=FakeModels(clock, 4))
    pick = pick_device(record, load)
    assert pick.device == "openvino:CPU"
    assert pick_device(record, _refuse) == pick


def test_what_cannot_be_remembered_is_still_used(
    there: There, clock: FakeClock, tmp_path: Path
) -> None:
    (tmp_path / "devices").write_text("no folder")
    load = there(openvino_CPU=FakeModels(clock, 10), onnxruntime_CPU=FakeModels(clock, 4))
    assert pick_device(tmp_path / "devices" / "record.json", load).device == "onnxruntime:CPU"
