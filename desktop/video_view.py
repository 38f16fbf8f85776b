"""The picture: paints the newest frame and what is known of it, and waits for nobody."""

from __future__ import annotations

import time
from collections.abc import Callable

import cv2
import numpy as np
from PyQt5.QtCore import QRectF, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from capture.frame import Frame
from desktop.overlay import paint_face, paint_message
from models.face import Face
from recognition.recognizer import RecognizedFace, Recognition

PAINT_EVERY_MS = 33
OLD_S = 0.5
"""A recognition older than this no longer tells where the faces are."""


class VideoView(QWidget):
    """Shows the frames of `peek` as large as fits, with the newest Recognition over them.

    is_mirrored: whether left and right change places, as people know themselves.
    message: a sentence over the picture, such as that the camera is lost; may be empty.
    latency_ms: from the capture of a frame to the first painting of what was recognized in it.
    face_clicked: a RecognizedFace.
    """

    face_clicked = pyqtSignal(object)

    def __init__(
        self,
        peek: Callable[[], Frame | None],
        parent: QWidget | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._peek = peek
        self._clock = clock
        self._frame: Frame | None = None
        self._recognition: Recognition | None = None
        self._is_new = False
        self._message = ""
        self._is_mirrored = True
        self.latency_ms = 0.0
        empty = np.empty((0, 0, 4), np.uint8)
        self._bgra, self._flipped, self._scaled = empty, empty, empty
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setMinimumSize(320, 240)
        self.setAccessibleName(self.tr("Camera picture"))
        self._timer = QTimer(self, interval=PAINT_EVERY_MS, timerType=Qt.PreciseTimer)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    @property
    def recognition(self) -> Recognition | None:
        """What is shown; None once it is old."""
        if self._recognition is None or self._age(self._recognition) > OLD_S:
            return None
        return self._recognition

    def show_recognition(self, recognition: Recognition) -> None:
        self._recognition = recognition
        self._is_new = True

    def clear(self) -> None:
        """Forget the frame and what was recognized: another source follows."""
        self._frame = self._recognition = None
        self.update()

    @property
    def is_mirrored(self) -> bool:
        return self._is_mirrored

    @is_mirrored.setter
    def is_mirrored(self, mirrored: bool) -> None:
        self._is_mirrored = mirrored
        self._render()

    @property
    def message(self) -> str:
        return self._message

    @message.setter
    def message(self, text: str) -> None:
        self._message = text
        self.update()

    def refresh(self) -> None:
        """Repaint, if there is anything new to paint."""
        frame = self._peek()
        if frame is not None and frame is not self._frame:
            self._frame = frame
            self._convert(frame)
            self._render()
        elif self._is_new or (self._recognition and not self.recognition):
            self.update()
