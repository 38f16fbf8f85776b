"""deepface's vgg_face_weights.h5: numbers alone, in Keras 2's format, for a network known here.

It is made with fewer channels, in a process of its own where Keras runs; the real one has 580 MB.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

if not all(find_spec(package) for package in ("keras", "h5py")):
    pytest.skip("the extra [convert] is not installed", allow_module_level=True)

ROOT = Path(__file__).parents[4]

SCRIPT = """
import sys
from pathlib import Path
import numpy as np
from models.conversion.foreign import vgg_face
from models.conversion.foreign.keras_model import KerasNetwork, _import_keras
from common.errors import WeightsError
from models.engines.openvino import OpenVinoEngine

folder = Path(sys.argv[1])
_import_keras()
import h5py
assert [channels for channels, count in vgg_face._BLOCKS for _ in range(count)] == [
    *[64] * 2, *[128] * 2, *[256] * 3, *[512] * 6
]
assert (vgg_face._DIMENSION, vgg_face._IDENTITIES) == (4096, 2622)
vgg_face._BLOCKS = ((4, 2), (4, 2), (6, 3), (6, 3), (6, 3))
vgg_face._DIMENSION, vgg_face._IDENTITIES = 16, 5

whole, part = vgg_face.vgg_face()
random = np.random.default_rng(0)
with h5py.File(folder / "vgg_face_weights.h5", "w") as file:
    file.attrs["layer_names"] = [layer.name.encode() for layer in whole.layers]
    file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.4"
    for layer in whole.layers:
        group = file.create_group(layer.name)
        names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
        group.attrs["weight_names"] = [name.encode() for name in names]
        for name, weight in zip(names, layer.weights):
            numbers = random.normal(0, 0.3, weight.shape).astype("f4")
            weight.assign(numbers)
            group.create_dataset(name, data=numbers)

network = KerasNetwork(folder / "vgg_face_weights.h5", "vgg-face")
network.write(folder / "net.onnx")
pictures = random.uniform(0, 1, (2, 224, 224, 3)).astype("f4")
found = OpenVinoEngine(folder / "cache").load(folder / "net.onnx")(pictures)[0]
import keras
expected = keras.ops.convert_to_numpy(part(pictures, training=False))
assert found.shape == (2, 16), found.shape
assert expected.max() > 0
assert np.abs(found - expected).max() < 1e-4 * expected.max()
assert np.abs(network(pictures) - expected).max() < 1e-4 * expected.max()

try:
    vgg_face._DIMENSION = 8
    KerasNetwork(folder / "vgg_face_weights.h5", "vgg-face")
except WeightsError as error:
    assert "these are not VGG-Face's numbers" in str(error), error
else:
    raise AssertionError("another network's numbers were taken")
"""


def test_its_numbers_are_put_into_its_network(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], check=True, cwd=ROOT)
