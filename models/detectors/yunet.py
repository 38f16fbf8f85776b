"""Finds faces with YuNet (Wu et al. 2023): one small network for boxes and landmarks.

It is faster than MTCNN, with less exact landmarks. Its output is decoded as in OpenCV's
FaceDetectorYN.
"""

from __future__ import annotations

import cv2
import numpy as np

from common.picture import RgbImage
from models.detectors.boxes import iou, nms
from models.engines.engine import FloatArray, Network
from models.face import Face

INPUT_SIDE = 640
STRIDES = (8, 16, 32)
SCORE_THRESHOLD = 0.6
"""The least score of a face. OpenCV's default of 0.9 misses turned faces."""
NMS_THRESHOLD = 0.3
"""The IoU from which a worse box is dropped: OpenCV's default."""


class YunetDetector:
    """Finds all faces, with landmarks. One thread at a time may call it."""

    name = "yunet"

    def __init__(self, network: Network, min_face_px: float) -> None:
        self._network = network
        self._min_face_px = min_face_px

    def detect(self, image: RgbImage) -> list[Face]:
        """Return all faces of an (H, W, 3) uint8 RGB picture, best first.

        The picture is scaled to fit 640x640; a face below about 10 pixels there is missed.
        """
        height, width = image.shape[:2]
        scale = min(INPUT_SIDE / height, INPUT_SIDE / width)
        canvas = np.zeros((INPUT_SIDE, INPUT_SIDE, 3), np.uint8)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        canvas[: size[1], : size[0]] = cv2.resize(
            image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        )
        bgr = canvas[np.newaxis, :, :, ::-1].transpose(0, 3, 1, 2)
        boxes, scores, landmarks = _decode(self._network(np.ascontiguousarray(bgr, np.float32)))
        boxes, landmarks = boxes / np.float32(scale), landmarks / np.float32(scale)
        faces = [
            Face(boxes[i], float(scores[i]), landmarks[i])
            for i in nms(boxes, scores, NMS_THRESHOLD)
        ]
        return [face for face in faces if max(face.width, face.height) >= self._min_face_px]

    def parts(self, image: RgbImage) -> int:
        return 1

    def detect_part(self, image: RgbImage, part: int, boxes: FloatArray) -> list[Face]:
        return self.detect(image)

    def follow(self, image: RgbImage, boxes: FloatArray) -> list[Face]:
        """Return the faces near the given (n, 4) boxes. YuNet has no cheaper way than detect()."""
        faces = self.detect(image) if len(boxes) else []
        return [face for face in faces if (iou(face.box_xyxy[np.newaxis], boxes) > 0).any()]


def _decode(outputs: tuple[FloatArray, ...]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return boxes (n, 4), scores (n,) and landmarks (n, 5, 2) above the threshold.

    Boxes and landmarks are in pixels of the canvas.

    outputs: class, object, box and landmark maps, each for the three strides in turn.
    """
    found: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for i, stride in enumerate(STRIDES):
        face, thing, box, points = (outputs[i + 3 * kind][0] for kind in range(4))
        scores = np.sqrt(np.clip(face[:, 0], 0, 1) * np.clip(thing[:, 0], 0, 1))
        cells = np.flatnonzero(scores >= SCORE_THRESHOLD)
        row, column = np.divmod(cells, INPUT_SIDE // stride)
        corner = np.stack([column, row], axis=1).astype(np.float32)
        centre = (corner + box[cells, :2]) * stride
        half = np.exp(box[cells, 2:]) * stride / 2
        marks = (corner[:, np.newaxis] + points[cells].reshape(-1, 5, 2)) * stride
        found.append((np.hstack([centre - half, centre + half]), scores[cells], marks))
    boxes, all_scores, landmarks = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return boxes, all_scores, landmarks
