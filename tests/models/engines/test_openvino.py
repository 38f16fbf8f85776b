from __future__ import annotations

import sys
from pathlib import Path

import pytest

from facedesk_errors import EngineError
from models.engines.engine import Engine
from models.engines.openvino import OpenVinoEngine


def test_it_says_its_name(engine: Engine) -> None:
    assert engine.name == "openvino:CPU"


def test_the_processor_is_a_device() -> None:
    assert "CPU" in OpenVinoEngine.devices()


def test_an_unknown_device_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        EngineError, match=r"named TPU for OpenVINO, but this computer offers .*CPU"
    ):
        OpenVinoEngine(tmp_path, "TPU")


def test_a_cache_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(EngineError, match="let FACEDESK_CACHE name a folder"):
        OpenVinoEngine(tmp_path / "file" / "openvino")


def test_nothing_is_sent_to_its_maker(engine: Engine) -> None:
    """The part of OpenVINO that reports usage can no longer be imported."""
    assert sys.modules["openvino.tools.ovc"] is None
    assert not [n for n, m in sys.modules.items() if "telemetry" in n and m is not None]
