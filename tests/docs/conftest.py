"""A reader of the documentation: a folder of their own, a home of their own, models that are there
already."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.conversion.weights import weights_folder
from tools.documentation.running import Reader


@pytest.fixture
def reader(tmp_path: Path, models_cache: Path, loaded_models: object) -> Reader:
    """Once the models are loaded, they are converted: what a first start says is on no page."""
    return Reader.beside(tmp_path, models_cache, weights_folder())
