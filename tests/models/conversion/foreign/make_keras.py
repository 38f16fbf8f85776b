"""Writes files of Keras, in a process of its own: Keras stays out of the tests'.

python make_keras.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers


def spread(model: Any) -> Any:
    """Give a model numbers as a trained one has them."""
    random = np.random.default_rng(3)
    for weight in model.weights:
        if "variance" in weight.path:
            numbers = random.uniform(0.05, 0.5, weight.shape)
        elif "alpha" in weight.path:
            numbers = random.uniform(0.1, 0.4, weight.shape)
        else:
            numbers = random.normal(0, 0.25, weight.shape)
        weight.assign(numbers.astype(np.float32))
    return model


def ghost() -> Any:
    """Depthwise convolutions, PReLU, batch norms, squeeze and excitation, a model in the model."""
    pictures = layers.Input((32, 24, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(pictures)
    x = layers.PReLU(shared_axes=[1, 2])(layers.BatchNormalization()(x))
    y = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)
    y = layers.ReLU(6.0)(layers.BatchNormalization(center=False)(y))
    x = layers.Concatenate()([x, y])
    excited = layers.GlobalAveragePooling2D(keepdims=True)(x)
    excited = layers.Conv2D(24, 1, activation="hard_sigmoid")(excited)
    x = layers.Multiply()([x, excited])
    x = layers.Add()([x, layers.Multiply()([x, layers.GlobalMaxPooling2D()(x)])])
    inner = layers.Input((16, 12, 24))
    z = layers.SeparableConv2D(24, 3, padding="same", dilation_rate=2)(inner)
    x = keras.Model(inner, layers.Subtract()([inner, z]))(x)
    x = keras.Sequential([layers.Conv2D(8, 1, activation="silu"), layers.PReLU()])(x)
    x = layers.Minimum()([layers.ELU(0.7)(x), layers.Add()([x, layers.Softmax()(x)])])
    x = layers.ZeroPadding2D(((0, 1), (1, 0)))(x)
    x = layers.AveragePooling2D(2, padding="same")(layers.MaxPooling2D(3, 2)(x))
    x = layers.Reshape((-1, 8))(x)
    x = layers.Dense(8, activation="tanh")(layers.LeakyReLU(negative_slope=0.2)(x))
    x = layers.Dense(16)(layers.Dropout(0.4)(layers.Flatten()(x)))
    x = layers.Rescaling(0.5, 0.1)(layers.BatchNormalization(axis=-1)(x))
    return spread(keras.Model(pictures, layers.UnitNormalization()(x)))


def plain(*more: Any, side: int | None = 8) -> Any:
    begun = [layers.Input((side, side, 3)), layers.Conv2D(4, 3)]
    return spread(keras.Sequential([*begun, *more, layers.GlobalAveragePooling2D()]))


def half_precise() -> Any:
    keras.config.set_dtype_policy("mixed_float16")
    model = plain(layers.Dense(8, activation="hard_sigmoid"))
    keras.config.set_dtype_policy("float32")
    return model


def with_nan() -> Any:
    model = plain()
    numbers = np.ones(model.weights[0].shape, np.float32)
    numbers[1, 1] = np.nan
    model.weights[0].assign(numbers)
    return model


def two_headed() -> Any:
    pictures = layers.Input((8, 8, 3))
    return keras.Model(pictures, [layers.Flatten()(pictures), layers.Flatten()(pictures)])


def main(folder: Path) -> None:
    models = {
        "ghost": ghost(),
        "sequential": plain(),
        "half": half_precise(),
        "nan": with_nan(),
        "two_heads": two_headed(),
        "any_size": plain(side=None),
        "grouped": plain(layers.GroupNormalization(2)),
        "gelu": plain(layers.Activation("gelu")),
        "lambda": plain(layers.Lambda(lambda x: x * 2)),
        "channels": plain(layers.BatchNormalization(axis=1)),
    }
    for name, model in models.items():
        model.save(folder / f"{name}.keras")
    plain().save_weights(folder / "numbers.weights.h5")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
