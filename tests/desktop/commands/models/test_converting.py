"""facedesk models convert and export, as a user runs them."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from models.conversion.facenet import FACENET_FILES

MADE = Path(__file__).parents[3] / "models" / "conversion" / "foreign" / "made_by_tensorflow"

NEEDS_KERAS = pytest.mark.skipif(
    not find_spec("keras") or not find_spec("h5py"), reason="the extra [convert] is not installed"
)


@pytest.fixture(scope="module")
def facenet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from facenet_pytorch import InceptionResnetV1

    torch.manual_seed(3)
    network = InceptionResnetV1(pretrained=None)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_mean, -0.1, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.05, 0.2)
    path = tmp_path_factory.mktemp("states") / "mạng.pt"
    torch.save(network.state_dict(), path)
    return path


def run_onnx(path: Path, *inputs: np.ndarray) -> list[Any]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    return list(session.run(None, dict(zip(names, inputs, strict=True))))


def test_a_frozen_graph(run, tmp_path: Path) -> None:
    out = tmp_path / "facenet.onnx"
    told = run("models", "convert", MADE / "facenet_like.pb", "-o", out)
    assert told.code == 0
    assert f"{out}: reads pictures of 48x48 (NHWC), gives 16 numbers" in told.out
    assert "On 10 pictures it gives the vectors of OpenVINO's own reader" in told.out
    assert f"Add it: facedesk models add {out} --as PRESET" in told.err
    assert [
        side.dim_value for side in onnx.load(str(out)).graph.input[0].type.tensor_type.shape.dim
    ]
    again = run("models", "convert", MADE / "facenet_like.pb", "-o", out)
    assert again.code == 2
    assert "is there already" in again.err
    told = run("models", "convert", MADE / "facenet_like.pb", "-o", out, "--force", "--json")
    (row,) = told.json
    assert (row["width"], row["height"], row["dimension"]) == (48, 48, 16)
    assert row["least_cosine"] > 0.99999
    assert row["largest_difference"] < 1e-5


@pytest.mark.parametrize("called", ["net.onnx", "net.TFLITE"])
def test_what_runs_as_it_is_needs_no_conversion(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, called: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(called).write_bytes(b"it is not read")
    told = run("models", "convert", called)
    assert (told.code, told.out) == (2, "")
    assert f"Add it as it is: facedesk models add {called}" in told.err
    assert Path(called).read_bytes() == b"it is not read"


def test_a_mistake_in_a_conversion_is_found_at_once(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.conversion.foreign.tensorflow_operators import OPERATORS

    monkeypatch.setitem(OPERATORS, "Relu", OPERATORS["LeakyRelu"])
    told = run("models", "convert", MADE / "facenet_like.pb", "-o", tmp_path / "net.onnx")
    assert told.code == 2
    assert "converted it gives other vectors (cosine 0." in told.err
    assert "Nothing was written." in told.err
    assert not list(tmp_path.glob("*.onnx"))


@NEEDS_KERAS
def test_a_network_of_keras(run, tmp_path: Path) -> None:
    out = tmp_path / "ghost.onnx"
    told = run("models", "convert", MADE / "keras_2.h5", "-o", out, "--as", "ghostfacenet")
    assert told.code == 0
    assert "On 10 pictures it gives the vectors of Keras" in told.out
    assert told.err == f"Add it: facedesk models add {out} --as ghostfacenet\n"


def test_where_keras_is_missing_one_line_installs_it(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import common.extras

    monkeypatch.setattr(common.extras, "find_spec", lambda package: None)
    told = run("models", "convert", MADE / "keras_2.h5", "-o", tmp_path / "net.onnx")
    assert told.code == 2
    assert "pip install" in told.err
    assert "[convert]" in told.err
    assert not list(tmp_path.glob("*.onnx"))


def test_a_state_dict_of_facenet(run, facenet: Path, tmp_path: Path) -> None:
    out = tmp_path / "net.onnx"
    told = run("models", "convert", facenet, "-o", out, "--as", "facenet-vggface2")
    assert told.code == 0
    assert "reads pictures of 160x160 (NHWC), gives 512 numbers" in told.out
    assert "it gives the vectors of facenet-pytorch" in told.out


def test_without_pytorch_it_is_said_that_nothing_was_compared(
    run, facenet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.conversion.foreign import conversion

    monkeypatch.setattr(conversion, "is_installed", lambda extra: False)
    told = run("models", "convert", facenet, "-o", tmp_path / "net.onnx", "--json")
    (row,) = told.json
    assert (row["compared_with"], row["largest_difference"]) == ("", None)
    assert (tmp_path / "net.onnx").is_file()


def other_state(folder: Path) -> Path:
    torch.save({"weight": torch.zeros(3)}, folder / "net.pt")
    return folder / "net.pt"


def whole_module(folder: Path) -> Path:
    torch.save(torch.nn.Linear(2, 2), folder / "net.pth")
    return folder / "net.pth"


def script(folder: Path) -> Path:
    """A TorchScript archive, by what tells it."""
    import zipfile

    with zipfile.ZipFile(folder / "net.pt", "w") as archive:
        archive.writestr("net/data.pkl", b"\x80\x02}.")
        archive.writestr("net/constants.pkl", b"\x80\x02).")
        archive.writestr("net/code/__torch__.py", b"class Net: pass")
    return folder / "net.pt"


def saved_model(folder: Path) -> Path:
    (folder / "saved").mkdir()
    (folder / "saved" / "saved_model.pb").write_bytes(b"\x08\x01")
    return folder / "saved"


def text(folder: Path) -> Path:
    (folder / "net.pb").write_text("hello, a text\n" * 20)
    return folder / "net.pb"


def already(folder: Path) -> Path:
    (folder / "ready.onnx").write_bytes(b"onnx")
    return folder / "ready.onnx"


def missing(folder: Path) -> Path:
    return folder / "gone.pb"


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (other_state, "is of another network. Export it where its code is: torch.onnx.export"),
        (whole_module, "torch.nn.modules.linear.Linear). Save its state dict where"),
        (script, "it is a TorchScript program). Save its state dict where it was made"),
        (saved_model, "is a SavedModel of TensorFlow, a folder of several. Save it as one"),
        (text, "it is damaged or holds something else"),
        (already, "ready.onnx needs no conversion. Add it as it is: facedesk models add"),
        (missing, "gone.pb, but it cannot be read (No such file or directory)"),
    ],
)
def test_a_wrong_file_gets_one_sentence(run, tmp_path: Path, make, found: str) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    told = run("models", "convert", make(folder), "-o", tmp_path / "out.onnx")
    assert told.code == 2
    assert found in told.err
    assert told.err.count("\n") == 1
    assert not (tmp_path / "out.onnx").exists()
    assert not list(tmp_path.glob(".facedesk-*"))


def test_wrong_options(run, tmp_path: Path) -> None:
    source = MADE / "facenet_like.pb"
    told = run("models", "convert", source, "-o", tmp_path / "out.h5")
    assert "out.h5 does not end in .onnx" in told.err
    told = run("models", "convert", source, "-o", tmp_path / "out.onnx", "--as", "nobody")
    assert "Expected one of ghostfacenet, arcface" in told.err
    assert not list(tmp_path.glob("out.*"))


@pytest.mark.parametrize("name", ["mtcnn-pnet", "mtcnn-rnet", "mtcnn-onet", "yunet", "sface"])
def test_our_own_networks(
    run, loaded_models, models_cache: Path, tmp_path: Path, name: str
) -> None:
    """They give in ONNX Runtime what the converted file gives, and say all shapes."""
    out = tmp_path / f"{name}.onnx"
    told = run("models", "export", name, "-o", out)
    assert told.code == 0
    assert told.out.startswith(f"{out}: reads ")
    model = onnx.load(str(out))
    onnx.checker.check_model(model, full_check=True)
    shaped = {value.name for value in (*model.graph.value_info, *model.graph.output)}
    assert {output for node in model.graph.node for output in node.output} <= shaped
    random = np.random.default_rng(0)
    sizes = {"height": 40, "width": 30, "height - 2": 38, "width - 2": 28, "n": 3}
    inputs = []
    for value in model.graph.input:
        sides = value.type.tensor_type.shape.dim
        shape = [sizes.get(side.dim_param, side.dim_value) for side in sides]
        inputs.append(random.uniform(-1, 1, shape).astype(np.float32))
    cached = run_onnx(models_cache / "models" / f"{name}.onnx", *inputs)
    for found, expected in zip(run_onnx(out, *inputs), cached, strict=True):
        assert found == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_facenet_is_exported_from_a_given_file(
    run, home: Path, facenet: Path, tmp_path: Path
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(f'embedder_weights = "{facenet}"', "utf-8")
    out = tmp_path / "net.onnx"
    told = run("models", "export", "facenet-vggface2", "-o", out)
    assert told.code == 0
    assert "gives embedding (n, 512)" in told.out
    crops = np.random.default_rng(0).uniform(-1, 1, (2, 160, 160, 3)).astype(np.float32)
    (rows,) = run_onnx(out, crops)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1], abs=1e-5)
    assert FACENET_FILES["vggface2"] not in told.err


def test_an_added_model_is_exported(run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.described.description import ModelDescription
    from models.described.installed import install

    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    source = tmp_path / "net.onnx"
    assert run("models", "convert", MADE / "facenet_like.pb", "-o", source).code == 0
    described = ModelDescription(
        *("mine", "compares faces", "other", source.name, "0" * 64, (48, 48), "NHWC", "RGB"),
        *((127.5,), (128.0,)),
        dimension=16,
    )
    install(source, described)
    told = run("models", "export", "mine", "-o", tmp_path / "out.onnx")
    assert told.code == 0
    assert "gives embedding (n, 16)" in told.out
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 48, 48, 3)).astype(np.float32)
    (found,), (expected,) = (run_onnx(path, pictures) for path in (tmp_path / "out.onnx", source))
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("mtcnn", "mtcnn is three networks"),
        ("facemesh", "facemesh is published in OpenVINO's format"),
        ("nobody", "nobody is none"),
    ],
)
def test_what_cannot_be_exported(run, tmp_path: Path, name: str, found: str) -> None:
    told = run("models", "export", name, "-o", tmp_path / "out.onnx")
    assert told.code == 2
    assert found in told.err
    assert not list(tmp_path.glob("*.onnx"))


def test_the_name_of_the_file_is_that_of_the_network(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(MADE / "facenet_like.pb", tmp_path / "mạng.pb")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert run("models", "convert", tmp_path / "mạng.pb").code == 0
    assert [path.name for path in Path().iterdir()] == ["mạng.onnx"]
