from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from urllib.error import URLError

import pytest

from common.errors import WeightsError
from models.conversion import weights
from models.conversion.weights import (
    PackagedWeights,
    download_facenet,
    facenet_weights,
    locate,
    sha256,
)

PUBLISHED = (
    weights.SFACE,
    weights.YUNET,
    weights.MTCNN_PNET,
    weights.MTCNN_RNET,
    weights.MTCNN_ONET,
)


def package_with(folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes) -> PackagedWeights:
    """SFace's weights, as a package of another name carries them. Importing it would fail."""
    package = folder / "carrier"
    file = package / weights.SFACE.file
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    (package / "__init__.py").write_text("raise AssertionError('imported')")
    monkeypatch.syspath_prepend(folder)
    return replace(weights.SFACE, package="carrier")


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda p: Path(p.file).name)
def test_published_weights_are_found_and_verified(published: PackagedWeights) -> None:
    path = locate(published)
    assert path.is_file()
    assert sha256(path) == published.sha256


def test_the_carrier_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = locate(weights.SFACE).read_bytes()
    carried = package_with(tmp_path, monkeypatch, content)
    assert locate(carried).read_bytes() == content


def test_one_changed_byte_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(locate(weights.SFACE).read_bytes())
    content[len(content) // 2] ^= 1
    tampered = package_with(tmp_path, monkeypatch, bytes(content))
    with pytest.raises(WeightsError) as caught:
        locate(tampered)
    message = str(caught.value)
    assert "damaged or was replaced" in message
    assert "Install the package carrier again." in message


@pytest.mark.parametrize(
    "missing",
    [
        replace(weights.SFACE, package="no_such_package"),
        replace(weights.SFACE, file="models/no_such_file.onnx"),
        replace(weights.SFACE, package="facedesk_errors"),  # a module without a folder
    ],
)
def test_missing_weights_say_what_to_do(missing: PackagedWeights) -> None:
    with pytest.raises(WeightsError, match=r"it is not installed. Install Facedesk again"):
        locate(missing)


def test_given_facenet_weights_are_used(tmp_path: Path) -> None:
    given = tmp_path / "trọng số.pt"
    given.write_bytes(b"weights")
    assert facenet_weights("vggface2", given) == given
    with pytest.raises(WeightsError, match=r"there is no file .*20180402-114759-vggface2\.pt"):
        facenet_weights("vggface2", tmp_path / "elsewhere.pt")


@pytest.mark.parametrize("variable", ["TORCH_HOME", "XDG_CACHE_HOME"])
def test_downloaded_facenet_weights_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """Where facenet-pytorch looks for them, too."""
    from facenet_pytorch.models.inception_resnet_v1 import get_torch_home

    monkeypatch.delenv("TORCH_HOME", raising=False)
    monkeypatch.setenv(variable, str(tmp_path))
    path = Path(get_torch_home()) / "checkpoints" / weights.FACENET_FILES["casia-webface"]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    assert facenet_weights("casia-webface") == path


@pytest.mark.parametrize("trained_on", weights.FACENET_FILES)
def test_a_failed_download_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_on: str
) -> None:
    file = weights.FACENET_FILES[trained_on]

    def fail(url: str, path: str) -> None:
        assert url.endswith(file)
        Path(path).write_bytes(b"the first half")
        raise URLError("no network")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("facenet_pytorch.models.inception_resnet_v1.download_url_to_file", fail)
    with pytest.raises(WeightsError) as caught:
        download_facenet(trained_on)
    message = str(caught.value)
    assert "no network" in message
    assert f"Download {file} from facenet-pytorch's releases" in message
    assert "set embedder_weights to its path." in message
    assert not list((tmp_path / "checkpoints").iterdir())
