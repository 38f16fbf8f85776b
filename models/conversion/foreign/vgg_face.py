"""VGG-Face (Parkhi et al. 2015) in Keras, as deepface builds it for its vgg_face_weights.h5.

The file holds numbers alone. This is called in PyTorch's own process, where Keras runs, too.
"""

from __future__ import annotations

from typing import Any

_BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
"""For each block its channels, and how many convolutions it has."""

_DIMENSION = 4096

_IDENTITIES = 2622


def vgg_face() -> tuple[Any, Any]:
    """Return the whole network, which names whom it was trained with, and its part for embeddings.

    That part reads (n, 224, 224, 3), BGR from 0 to 1, and gives (n, 4096).
    """
    from keras import Model, Sequential, layers

    whole = Sequential([layers.Input((224, 224, 3))])
    for channels, count in _BLOCKS:
        for _ in range(count):
            whole.add(layers.ZeroPadding2D(1))
            whole.add(layers.Conv2D(channels, 3, activation="relu"))
        whole.add(layers.MaxPooling2D(2, 2))
    whole.add(layers.Conv2D(_DIMENSION, 7, activation="relu"))
    whole.add(layers.Dropout(0.5))
    whole.add(layers.Conv2D(_DIMENSION, 1, activation="relu"))
    described = whole.layers[-1].output
    whole.add(layers.Dropout(0.5))
    whole.add(layers.Conv2D(_IDENTITIES, 1))
    return whole, Model(whole.inputs, layers.Flatten()(described))
