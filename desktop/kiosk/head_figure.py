"""A drawn head that shows a movement, mirrored as in a mirror."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

from PyQt5.QtCore import QPointF, QRectF, Qt, QTimer
from PyQt5.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PyQt5.QtWidgets import QWidget

from desktop.kiosk.palette import INK
from recognition.liveness.challenge import Action

MOVE_S = 2.0
"""The seconds that a movement takes, there and back."""

BLINK_S = 0.5
"""The seconds for which a drawn blink lasts: slower than a real one, so that it is seen."""

PAINT_EVERY_MS = 33
_SKIN = QColor("#E6EDF2")
_HAIR = QColor("#8FA3B2")


@dataclass(frozen=True)
class FigurePose:
    """How the head is turned.

    yaw, pitch: radians; positive is to the viewer's left, and downwards. size: 1 fills the widget.
    open: how far the eyes are open, 0 to 1.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    size: float = 0.84
    open: float = 1.0


def pose_of(action: Action, seconds: float) -> FigurePose:
    """Return the pose of the head some seconds after the movement has begun."""
    moved = (1 - cos(2 * pi * seconds / MOVE_S)) / 2
    match action:
        case Action.TURN_LEFT:
            return FigurePose(yaw=0.75 * moved)
        case Action.TURN_RIGHT:
            return FigurePose(yaw=-0.75 * moved)
        case Action.NOD:
            return FigurePose(pitch=0.6 * moved)
        case Action.COME_CLOSER:
            return FigurePose(size=0.55 + 0.43 * moved)
        case Action.SLIGHTLY_LEFT:
            return FigurePose(yaw=0.4 * moved)
        case Action.SLIGHTLY_RIGHT:
            return FigurePose(yaw=-0.4 * moved)
        case Action.BLINK_TWICE:
            return FigurePose(open=_open_at(seconds % MOVE_S))


def _open_at(seconds: float) -> float:
    """Return how far eyes are open that blink twice within MOVE_S."""
    nearest = min(abs(seconds - middle * MOVE_S) for middle in (0.35, 0.65))
    return min(1.0, nearest / (BLINK_S / 2))


class HeadFigure(QWidget):
    """Shows the moving head.

    It has no accessible name of its own, since words beside it say the same.
    """

    def __init__(
        self, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._action = Action.COME_CLOSER
        self._began_at = clock()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.update)

    def show_action(self, action: Action) -> None:
        if action is not self._action:
            self._action = action
            self._began_at = self._clock()

    def showEvent(self, event: QShowEvent) -> None:
        self._timer.start(PAINT_EVERY_MS)

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        side = min(self.width(), self.height())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.translate(QRectF(self.rect()).center())
        painter.scale(side / 2, side / 2)
        _paint_head(painter, pose_of(self._action, self._clock() - self._began_at))


def _paint_head(painter: QPainter, pose: FigurePose) -> None:
    """Draw the head in a square from -1 to 1."""
    painter.scale(pose.size, pose.size)
    wide, high = 0.74, 0.96

    def at(across: float, down: float) -> QPointF:
        """Return where a point of the face, given by its angles in radians, is in this pose."""
        across, down = across - pose.yaw, down + pose.pitch
        return QPointF(wide * sin(across) * cos(down), high * sin(down))

    painter.setPen(Qt.NoPen)
    painter.setBrush(_HAIR)
    painter.drawEllipse(QPointF(0.12 * pose.yaw, -0.06 - 0.1 * pose.pitch), wide + 0.07, high)
    painter.setBrush(_SKIN)
    for ear in (-1.45, 1.45):
        painter.drawEllipse(at(ear, 0.02), 0.12, 0.19)
    painter.drawEllipse(QPointF(-0.1 * pose.yaw, 0.09 + 0.12 * pose.pitch), wide, high - 0.09)
    painter.setBrush(QColor(INK))
    for eye in (-0.42, 0.42):
        height = max(0.1 * pose.open, 0.015)
        painter.drawEllipse(at(eye, -0.12), 0.085 * cos(eye - pose.yaw), height)
    painter.setBrush(Qt.NoBrush)
    painter.setPen(QPen(QColor(INK), 0.06, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
    painter.drawPolyline(at(0.0, -0.05), at(0.14, 0.2), at(-0.02, 0.24))
    painter.drawPolyline(at(-0.32, 0.5), at(-0.15, 0.57), at(0.15, 0.57), at(0.32, 0.5))
    for brow in (-0.42, 0.42):
        painter.drawPolyline(at(brow - 0.17, -0.29), at(brow, -0.34), at(brow + 0.17, -0.29))
