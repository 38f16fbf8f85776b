from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from common.errors import WeightsError
from models.conversion import weights
from models.conversion.compiled import compiled
from models.conversion.preparation import Conversion, Preparation, PreparationProgress

ROOT = Path(__file__).parents[3]


@pytest.fixture
def yunet() -> Conversion:
    """The model that is converted quickest."""
    return Conversion("yunet", weights.YUNET.sha256, weights.YUNET)


@pytest.fixture
def patch_pnet() -> Conversion:
    return Conversion("mtcnn-pnet-patch", weights.MTCNN_PNET.sha256, weights.MTCNN_PNET)


def test_it_tells_how_far_it_is_and_only_where_there_is_anything_to_do(
    tmp_path: Path, yunet: Conversion, patch_pnet: Conversion
) -> None:
    told: list[tuple[int, int]] = []
    first, second = (Preparation(lambda p: told.append((p.number, p.total))) for _ in range(2))
    files = first.convert(tmp_path, [yunet, patch_pnet])
    assert told == [(1, 2), (2, 2), (2, 2)]  # at last that they are compiled
    assert [file.name for file in files] == ["yunet.onnx", "mtcnn-pnet-patch.onnx"]
    assert second.convert(tmp_path, [yunet, patch_pnet]) == files
    files[0].write_bytes(b"damaged")
    second.convert(tmp_path, [yunet, patch_pnet])
    assert told[3:] == [(1, 1), (1, 1)]
    assert files[0].stat().st_size > 100_000


def test_whoever_converts_imports_no_torch(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from models.conversion import weights
from models.conversion.preparation import Conversion, Preparation
pnet = weights.MTCNN_PNET
Preparation().convert(Path(sys.argv[1]), [Conversion("mtcnn-pnet-patch", pnet.sha256, pnet)])
assert not {"torch", "facenet_pytorch"} & sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, cwd=ROOT)
    assert (tmp_path / "mtcnn-pnet-patch.onnx").is_file()


def test_it_can_be_stopped_from_another_thread(tmp_path: Path, yunet: Conversion) -> None:
    def stop(progress: PreparationProgress) -> None:
        stopping = threading.Thread(target=preparation.stop)
        stopping.start()
        stopping.join()

    preparation = Preparation(stop)
    with pytest.raises(WeightsError, match=r"closed before they were\. Start it again"):
        preparation.convert(tmp_path, [yunet])
    with pytest.raises(WeightsError, match="closed before they were"):
        preparation.convert(tmp_path, [yunet])
    assert not (tmp_path / "yunet.onnx").exists()
    assert Preparation().convert(tmp_path, [yunet])[0].is_file()
    assert not list(tmp_path.glob("tmp*"))


def test_two_programs_at_once_do_the_work_once(tmp_path: Path, yunet: Conversion) -> None:
    """The second one finds what the first one has made."""
    results: list[Path] = []

    def convert() -> None:
        results.extend(Preparation().convert(tmp_path, [yunet]))

    threads = [threading.Thread(target=convert) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [tmp_path / "yunet.onnx"] * 2
    assert compiled(tmp_path, "yunet", yunet.source, _never) == results[0]


def _never(target: Path) -> None:
    raise AssertionError("it is ready")


def test_where_onnx_is_missing_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patch_pnet: Conversion
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(WeightsError, match=r"package onnx.* Install Facedesk again"):
        Preparation().convert(tmp_path / "models", [patch_pnet])


def test_models_that_are_ready_need_no_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, yunet: Conversion
) -> None:
    files = Preparation().convert(tmp_path / "models", [yunet])
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "none"))
    gone = replace(yunet, published=replace(weights.YUNET, file="no_such_package/yunet.onnx"))
    assert Preparation().convert(tmp_path / "models", [gone]) == files


FULL_DISK = """
import resource, sys
from pathlib import Path
from common.errors import WeightsError
from models.conversion import weights
from models.conversion.preparation import Conversion, Preparation
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
names = {"yunet": weights.YUNET, "mtcnn-pnet-patch": weights.MTCNN_PNET}
for name, published in names.items():
    try:
        Preparation().convert(Path(sys.argv[1]), [Conversion(name, "v1", published)])
    except WeightsError as error:
        print(error)
"""


def test_a_disk_that_is_full_half_way_is_told(tmp_path: Path) -> None:
    """A limit on the size of files stands for it: writing fails in the middle of one."""
    result = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
    )
    assert result.returncode == 0, result.stderr
    assert len(result.stdout.splitlines()) == 2
    for line in result.stdout.splitlines():
        assert "writing failed (File too large). Free some space, or let FACEDESK_CACHE" in line
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]
