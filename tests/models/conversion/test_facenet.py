"""Where FaceNet's weights are. tests/models/embedders/test_facenet.py compares what it computes."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.error import URLError

import pytest

from common.errors import WeightsError
from models.conversion import facenet
from models.conversion.facenet import download_facenet, facenet_weights


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
    path = Path(get_torch_home()) / "checkpoints" / facenet.FACENET_FILES["casia-webface"]
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    assert facenet_weights("casia-webface") == path


@pytest.mark.parametrize("trained_on", facenet.FACENET_FILES)
def test_a_failed_download_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_on: str
) -> None:
    file = facenet.FACENET_FILES[trained_on]

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


@pytest.mark.parametrize("package", ["torch", "torchvision", "facenet_pytorch"])
def test_where_a_package_is_missing_one_line_installs_it(
    monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(WeightsError, match=rf"{package}.*pip install .*\[torch\]"):
        download_facenet("vggface2")
