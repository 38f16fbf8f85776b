"""Files of Keras 3, made here, and one that Keras 2 has made; Keras runs in its own process."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from common.errors import WeightsError
from models.engines.engine import Engine
from models.torch_process.process import TorchProcess

if not all(find_spec(package) for package in ("keras", "h5py")):
    pytest.skip("the extra [convert] is not installed", allow_module_level=True)

HERE = Path(__file__).parent
MADE = HERE / "made_by_tensorflow"
PICTURES = (np.arange(4 * 48 * 48 * 3) * 7919 % 251 / 125 - 1).reshape(4, 48, 48, 3)
PICTURES = PICTURES.astype(np.float32)
LIMIT_S = 120.0

BLOCKED = "import sys; sys.modules['openvino.tools.ovc'] = None; import runpy; "


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mạng của Keras")
    home = {"KERAS_BACKEND": "openvino", "KERAS_HOME": str(folder / "home")}
    maker = HERE / "make_keras.py"
    script = f"{BLOCKED}sys.argv = ['', {str(folder)!r}]; runpy.run_path({str(maker)!r}, run_name="
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"{script}'__main__')"],
        env={**os.environ, **home},
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def process() -> Iterator[TorchProcess]:
    started = TorchProcess()
    yield started
    started.close()


def converted(process: TorchProcess, file: Path, target: Path) -> Any:
    size = process.call("load_keras", file, None, limit_s=LIMIT_S)
    process.call("write_keras", target, limit_s=LIMIT_S)
    model = onnx.load(str(target))
    onnx.checker.check_model(model, full_check=True)
    return size


@pytest.mark.parametrize("name", ["ghost", "sequential", "half"])
def test_it_gives_kerass_vectors(
    process: TorchProcess, files: Path, engine: Engine, tmp_path: Path, name: str
) -> None:
    size = converted(process, files / f"{name}.keras", tmp_path / "net.onnx")
    random = np.random.default_rng(0)
    pictures = random.uniform(-1, 1, (10, size.height, size.width, 3)).astype(np.float32)
    expected = process.call("run_keras", pictures, limit_s=LIMIT_S)
    assert np.ptp(expected, axis=0).max() > 0.02, "all pictures look alike to it"
    (found,) = engine.load(tmp_path / "net.onnx")(pictures)
    assert found == pytest.approx(expected, abs=1e-5)


def test_what_keras_2_has_saved_means_what_it_meant(
    process: TorchProcess, engine: Engine, tmp_path: Path
) -> None:
    """Keras 3 cannot read its depthwise convolutions and models in models, and has another hard
    sigmoid."""
    converted(process, MADE / "keras_2.h5", tmp_path / "net.onnx")
    vectors = np.load(MADE / "keras_2.npy")
    scale = np.abs(vectors).max()
    (found,) = engine.load(tmp_path / "net.onnx")(PICTURES)
    assert np.abs(found - vectors).max() < 1e-5 * scale
    in_keras = process.call("run_keras", PICTURES, limit_s=LIMIT_S)
    assert np.abs(in_keras - vectors).max() < 1e-5 * scale


def test_half_precision_of_keras_2_is_made_whole(
    process: TorchProcess, engine: Engine, tmp_path: Path
) -> None:
    """As networks say it that were trained with mixed_float16."""
    import h5py

    def set_policies(part: Any) -> None:
        if isinstance(part, dict):
            if "dtype" in part:
                part["dtype"] = {"class_name": "Policy", "config": {"name": "mixed_float16"}}
            for inner in list(part.values()):
                set_policies(inner)
        elif isinstance(part, list):
            for inner in part:
                set_policies(inner)

    content = io.BytesIO((MADE / "keras_2.h5").read_bytes())
    with h5py.File(content, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        set_policies(config["config"]["layers"])
        file.attrs["model_config"] = json.dumps(config)
    (tmp_path / "net.h5").write_bytes(content.getvalue())
    converted(process, tmp_path / "net.h5", tmp_path / "net.onnx")
    vectors = np.load(MADE / "keras_2.npy")
    (found,) = engine.load(tmp_path / "net.onnx")(PICTURES)
    assert np.abs(found - vectors).max() < 1e-5 * np.abs(vectors).max()
    in_keras = process.call("run_keras", PICTURES, limit_s=LIMIT_S)
    assert np.abs(in_keras - vectors).max() < 1e-5 * np.abs(vectors).max()


def test_batch_norms_are_folded(process: TorchProcess, files: Path, tmp_path: Path) -> None:
    converted(process, files / "ghost.keras", tmp_path / "net.onnx")
    graph = onnx.load(str(tmp_path / "net.onnx")).graph
    assert [node.op_type for node in graph.node].count("BatchNormalization") == 1  # after Dense
    assert [side.dim_value for side in graph.output[0].type.tensor_type.shape.dim][1] == 16


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("nan.keras", "not everything in its .*kernel is a number"),
        ("two_heads.keras", "it does not read one picture and give one vector"),
        ("any_size.keras", r"it reads \(None, None, None, 3\), not pictures of one size"),
        ("grouped.keras", "it has GroupNormalization, which is not converted here"),
        ("gelu.keras", "it has the activation gelu, which is not converted here"),
        ("lambda.keras", "its layer Lambda holds Python code, which is not run from a file"),
        ("channels.keras", "BatchNormalization of another axis than the last"),
        ("numbers.weights.h5", "it holds numbers alone, and not the network"),
    ],
)
def test_what_is_not_converted_is_named(
    process: TorchProcess, files: Path, tmp_path: Path, name: str, found: str
) -> None:
    with pytest.raises(WeightsError, match=found):
        converted(process, files / name, tmp_path / "net.onnx")
    assert not list(tmp_path.iterdir())


def changed(source: Path, target: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target


def named_another(name: str, module: str) -> Callable[[dict[str, bytes]], None]:
    def change(members: dict[str, bytes]) -> None:
        config = json.loads(members["config.json"])
        layer = config["config"]["layers"][1]
        layer |= {"module": module, "class_name": name, "registered_name": name}
        members["config.json"] = json.dumps(config).encode()

    return change


def without_numbers(members: dict[str, bytes]) -> None:
    del members["model.weights.h5"]


def with_broken_numbers(members: dict[str, bytes]) -> None:
    members["model.weights.h5"] = members["model.weights.h5"][:500]


def too_deep(members: dict[str, bytes]) -> None:
    members["config.json"] = b'{"a":' * 5000 + b"1" + b"}" * 5000


def by_keras_2(members: dict[str, bytes]) -> None:
    members["metadata.json"] = b'{"keras_version": "2.15.0"}'


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (named_another("system", "os"), "it has system, which is not converted here"),
        (named_another("Popen", "subprocess"), "it has Popen, which is not converted here"),
        (named_another("get_file", "keras.utils"), "it has get_file, which is not converted"),
        (without_numbers, "it is damaged or holds something else"),
        (with_broken_numbers, "Keras cannot read it"),
        (too_deep, "it is damaged or holds something else|it holds no Sequential"),
        (by_keras_2, r"Keras 2\.15\.0 wrote it as \.keras.*Save it there as \.h5"),
    ],
)
def test_a_changed_archive_is_refused(
    process: TorchProcess,
    files: Path,
    tmp_path: Path,
    change: Callable[[dict[str, bytes]], None],
    found: str,
) -> None:
    path = changed(files / "sequential.keras", tmp_path / "net.keras", change)
    with pytest.raises(WeightsError, match=found):
        converted(process, path, tmp_path / "net.onnx")
    assert not (tmp_path / "net.onnx").exists()


def test_a_zip_bomb_is_not_unpacked(process: TorchProcess, tmp_path: Path, files: Path) -> None:
    def blow_up(members: dict[str, bytes]) -> None:
        members["config.json"] = b" " * (65 << 20)

    path = changed(files / "sequential.keras", tmp_path / "net.keras", blow_up)
    assert path.stat().st_size < 1 << 20
    with pytest.raises(WeightsError, match="its description is larger than a network's"):
        converted(process, path, tmp_path / "net.onnx")


@pytest.mark.parametrize("content", [b"", b"hello, a text", b"PK\x03\x04 an archive"])
@pytest.mark.parametrize("ending", [".h5", ".keras"])
def test_a_file_of_another_kind_is_refused(
    process: TorchProcess, tmp_path: Path, content: bytes, ending: str
) -> None:
    path = tmp_path / f"net{ending}"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"neither of Keras's formats|is damaged or holds"):
        converted(process, path, tmp_path / "net.onnx")


def with_external_numbers(file: Any) -> None:
    """Keras would read another file of this computer."""
    file.create_dataset("stolen", (8,), "u1", external=[("/etc/passwd", 0, 8)])


def with_a_link_outside(file: Any) -> None:
    import h5py

    file["stolen"] = h5py.ExternalLink("/etc/hostname.h5", "/")


def with_a_circle(file: Any) -> None:
    file["model_weights/again"] = file["/"]


def of_a_terabyte(file: Any) -> None:
    file.create_dataset("bomb", (1 << 38,), "f4", chunks=True, compression="gzip")


def with_lambda(file: Any) -> None:
    config = json.loads(file.attrs["model_config"])
    config["config"]["layers"][1] |= {"class_name": "Lambda"}
    file.attrs["model_config"] = json.dumps(config)


def with_an_operation(file: Any) -> None:
    config = json.loads(file.attrs["model_config"])
    config["config"]["layers"][1] |= {"class_name": "TFOpLambda"}
    file.attrs["model_config"] = json.dumps(config)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (with_external_numbers, "it leads to something outside itself"),
        (with_a_link_outside, "it leads to something outside itself"),
        (with_a_circle, "its groups lie in each other"),
        (of_a_terabyte, "unpacked it would be more than"),
        (with_lambda, "its layer Lambda holds Python code"),
        (with_an_operation, "it has TFOpLambda, which is not converted here"),
    ],
)
def test_a_changed_hdf5_file_is_refused(
    process: TorchProcess, tmp_path: Path, change: Callable[[Any], None], found: str
) -> None:
    import h5py

    content = io.BytesIO((MADE / "keras_2.h5").read_bytes())
    with h5py.File(content, "r+") as file:
        change(file)
    (tmp_path / "net.h5").write_bytes(content.getvalue())
    with pytest.raises(WeightsError, match=found):
        converted(process, tmp_path / "net.h5", tmp_path / "net.onnx")
    assert [path.name for path in tmp_path.iterdir()] == ["net.h5"]


def test_a_file_that_is_cut_short_is_refused(process: TorchProcess, tmp_path: Path) -> None:
    content = (MADE / "keras_2.h5").read_bytes()
    for share in (0.1, 0.5, 0.99):
        (tmp_path / "net.h5").write_bytes(content[: int(share * len(content))])
        with pytest.raises(WeightsError, match="is damaged or holds something else"):
            converted(process, tmp_path / "net.h5", tmp_path / "net.onnx")
