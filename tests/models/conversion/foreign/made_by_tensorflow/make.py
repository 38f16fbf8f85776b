"""Makes the files of this folder, by hand, with tensorflow-cpu and tf_keras 2.21, tf_slim 1.1.

    python make.py facenet   writes facenet_like.pb, facenet_like_plain.pb, and .npy of both
    python make.py keras     writes keras_2.h5 and keras_2.npy

facenet_like.pb is a small network as davidsandberg's facenet builds it (tf_slim's layers and
arguments, a queue before "input", the condition "phase_train" in each batch norm) and as its
freeze_graph.py freezes it. keras_2.h5 is of Keras 2, with what GhostFaceNet has. The .npy files
hold what TensorFlow gives for PICTURES.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
PICTURES = (np.arange(4 * 48 * 48 * 3) * 7919 % 251 / 125 - 1).reshape(4, 48, 48, 3)
PICTURES = PICTURES.astype(np.float32)


def spread(name: str, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    """Numbers as a trained network has them: no layer is an identity."""
    if "variance" in name:
        return random.uniform(0.05, 0.5, shape)
    if "gamma" in name:
        return random.uniform(0.5, 1.5, shape)
    if "alpha" in name:
        return random.uniform(0.1, 0.4, shape)
    return random.normal(0, 0.25, shape)


def facenet_like() -> None:
    import tensorflow.compat.v1 as tf
    from tensorflow.python.framework import ops, tensor
    from tensorflow.python.ops import cond, control_flow_ops

    tf.disable_eager_execution()
    tf.disable_control_flow_v2()
    tf.disable_resource_variables()
    ops.Tensor = tensor.Tensor  # tf_slim is of an older TensorFlow
    control_flow_ops.cond = cond.cond
    import tf_slim as slim

    def block35(net, scale):
        with tf.variable_scope(None, "Block35", [net]):
            with tf.variable_scope("Branch_0"):
                first = slim.conv2d(net, 4, 1, scope="Conv2d_1x1")
            with tf.variable_scope("Branch_1"):
                second = slim.conv2d(net, 4, 1, scope="Conv2d_0a_1x1")
                second = slim.conv2d(second, 4, 3, scope="Conv2d_0b_3x3")
            mixed = tf.concat([first, second], 3)
            up = slim.conv2d(
                mixed, net.shape[3], 1, normalizer_fn=None, activation_fn=None, scope="Conv2d_1x1"
            )
            return tf.nn.relu(net + scale * up)

    def network(pictures, phase_train, fused):
        norm = {"decay": 0.995, "epsilon": 0.001, "updates_collections": None, "fused": fused}
        norm["variables_collections"] = [tf.GraphKeys.TRAINABLE_VARIABLES]
        with (
            slim.arg_scope(
                [slim.conv2d, slim.fully_connected],
                normalizer_fn=slim.batch_norm,
                normalizer_params=norm,
            ),
            tf.variable_scope("InceptionResnetV1"),
            slim.arg_scope([slim.batch_norm, slim.dropout], is_training=phase_train),
            slim.arg_scope(
                [slim.conv2d, slim.max_pool2d, slim.avg_pool2d], stride=1, padding="SAME"
            ),
        ):
            net = slim.conv2d(pictures, 8, 3, stride=2, padding="VALID", scope="Conv2d_1a_3x3")
            net = slim.max_pool2d(net, 3, stride=2, padding="VALID", scope="MaxPool_3a_3x3")
            net = slim.conv2d(net, 8, 3, stride=2, scope="Conv2d_4b_3x3")
            net = block35(net, 0.17)
            with tf.variable_scope("Logits"):
                net = slim.avg_pool2d(net, net.shape[1:3], padding="VALID", scope="AvgPool_1a_8x8")
                net = slim.flatten(net)
                net = slim.dropout(net, 0.8, is_training=phase_train, scope="Dropout")
            return slim.fully_connected(net, 16, activation_fn=None, scope="Bottleneck")

    for name, fused in (("facenet_like", True), ("facenet_like_plain", False)):
        graph = tf.Graph()
        with graph.as_default(), tf.Session(graph=graph) as session:
            queue = tf.FIFOQueue(100, [tf.float32], [(48, 48, 3)], name="batch_join/fifo_queue")
            fed = queue.dequeue_up_to(tf.placeholder(tf.int32, name="batch_size"), "batch_join")
            fed.set_shape((None, 48, 48, 3))
            pictures = tf.identity(tf.identity(fed, "image_batch"), "input")
            phase_train = tf.placeholder(tf.bool, name="phase_train")
            tf.nn.l2_normalize(network(pictures, phase_train, fused), 1, 1e-10, name="embeddings")
            random = np.random.default_rng(0)
            for variable in tf.global_variables():
                values = spread(variable.name, variable.shape.as_list(), random)
                session.run(tf.assign(variable, values.astype(np.float32)))
            frozen = freeze(tf, session, graph.as_graph_def())
        (HERE / f"{name}.pb").write_bytes(frozen.SerializeToString())
        whole = tf.Graph()
        with whole.as_default(), tf.Session(graph=whole) as session:
            tf.import_graph_def(frozen, name="")
            feed = {"input:0": PICTURES, "phase_train:0": False}
            vectors = session.run("embeddings:0", feed)
        np.save(HERE / f"{name}.npy", vectors)


def freeze(tf, session, graph_def):
    """As davidsandberg's freeze_graph.py."""
    for node in graph_def.node:
        if node.op == "RefSwitch":
            node.op = "Switch"
            for index, name in enumerate(node.input):
                if "moving_" in name:
                    node.input[index] = name + "/read"
        elif node.op in ("AssignSub", "AssignAdd"):
            node.op = node.op[len("Assign") :]
            node.attr.pop("use_locking", None)
    kept = ("InceptionResnet", "embeddings", "image_batch", "label_batch", "phase_train", "Logits")
    names = [node.name for node in graph_def.node if node.name.startswith(kept)]
    return tf.graph_util.convert_variables_to_constants(
        session, graph_def, ["embeddings"], variable_names_whitelist=names
    )


def keras_2() -> None:
    import tf_keras as keras
    from tf_keras import layers

    pictures = layers.Input((48, 48, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False)(pictures)
    x = layers.PReLU(shared_axes=[1, 2])(layers.BatchNormalization()(x))
    y = layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x)
    y = layers.ReLU(6.0)(layers.BatchNormalization(scale=False)(y))
    x = layers.SeparableConv2D(8, 3, strides=2, padding="same")(layers.Concatenate()([x, y]))
    squeezed = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
    squeezed = layers.Conv2D(4, 1, activation="relu")(squeezed)
    excited = layers.Activation("hard_sigmoid")(layers.Conv2D(8, 1)(squeezed))
    x = layers.Multiply()([x, excited])
    inner = layers.Input((12, 12, 8))
    z = layers.BatchNormalization()(layers.Conv2D(8, 3, padding="same", groups=2)(inner))
    block = keras.Model(inner, layers.Add()([inner, layers.LeakyReLU(0.1)(z)]), name="block")
    x = block(block(x))
    x = keras.Sequential([layers.Conv2D(8, 1, activation="swish"), layers.PReLU()], name="seq")(x)
    x = layers.ZeroPadding2D(((0, 1), (1, 0)))(x)
    x = layers.AveragePooling2D(2, padding="same")(layers.MaxPooling2D(3, 2)(x))
    x = layers.BatchNormalization()(layers.DepthwiseConv2D(3, use_bias=False)(x))
    x = layers.Dense(16, use_bias=False)(layers.Dropout(0.4)(layers.Flatten()(x)))
    model = keras.Model(pictures, layers.BatchNormalization()(x))
    random = np.random.default_rng(1)
    for weight in model.weights:
        weight.assign(spread(weight.name, weight.shape, random).astype(np.float32))
    model.save(HERE / "keras_2.h5")
    vectors = model.predict(PICTURES, verbose=0)
    np.save(HERE / "keras_2.npy", vectors)


if __name__ == "__main__":
    {"facenet": facenet_like, "keras": keras_2}[sys.argv[1]]()
