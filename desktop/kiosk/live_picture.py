"""Shows the camera's picture as a mirror that fills the screen, with marks that guide the eye."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QPointF, QRect, QRectF, Qt, QTimer
from PyQt5.QtGui import (
    QColor,
    QHideEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PyQt5.QtWidgets import QWidget

from capture.frame import Frame
from desktop.i18n.retranslated import Retranslated
from desktop.kiosk import palette
from desktop.shared.screen_picture import ScreenPicture
from station.screen import Box

PAINT_EVERY_MS = 33
IDLE_EVERY_MS = 100
"""The time between repaints while nobody is there, so that the processor rests."""

OVAL_HEIGHT, OVAL_CENTRE, OVAL_SHAPE = 0.58, 0.37, 0.76
"""The guide's height and the distance of its centre from the top, as shares of the picture's
height; its width as a share of its own height, as a face has."""

_SHADE = QColor(10, 18, 24, 115)


class LivePicture(Retranslated, QWidget):
    """Shows the frames of `peek`, mirrored and cut to the screen's shape."""

    def __init__(self, peek: Callable[[], Frame | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._peek = peek
        self._frame: Frame | None = None
        self._picture = ScreenPicture()
        self._is_dimmed = True
        self._has_guide = False
        self._box: Box | None = None
        self._view: QRect | None = None
        self._centre: tuple[float, float] | None = None
        self._scale = 1.0
        self._shift = QPointF()
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.refresh)
        self.retranslate()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Camera picture"))

    def dim(self) -> None:
        """Darken the picture, since nobody is there."""
        self._set(dimmed=True, guide=False, box=None)

    def light_up(self, box: Box | None, guide: bool) -> None:
        """Show the picture bright, since somebody is there.

        box: the face that counts. guide: show where a face should be.
        """
        self._set(dimmed=False, guide=guide, box=box)

    def show_in(self, view: QRect | None, face: Box | None = None) -> None:
        """Show the picture in this part of the widget; None is all of it.

        face: the face that has to be seen there, where the frame is wider or higher than the view.
        The picture is moved only when the face would leave it.
        """
        seen = QRectF(self.view)
        if view == self._view and (face is None or seen.contains(self.box_on_screen(face))):
            return
        self._view = view
        self._centre = None
        self._render(face)

    @property
    def view(self) -> QRect:
        """The part of the widget that shows the picture."""
        return self.rect() if self._view is None else self._view

    def _set(self, dimmed: bool, guide: bool, box: Box | None) -> None:
        self._is_dimmed, self._has_guide, self._box = dimmed, guide, box
        self._timer.setInterval(IDLE_EVERY_MS if dimmed else PAINT_EVERY_MS)
        self.update()

    def refresh(self) -> None:
        """Repaint, if there is a new frame."""
        frame = self._peek()
        if frame is not None and frame is not self._frame:
            self._frame = frame
            self._picture.load(frame.image)
            self._render()

    def box_on_screen(self, box: Box) -> QRectF:
        """Return where a box of the frame is in this widget."""
        x1, y1, x2, y2 = (float(value) * self._scale for value in box)
        corners = QRectF(x1, y1, x2 - x1, y2 - y1).translated(self._shift)
        corners.moveLeft(self.view.width() - corners.right())
        return corners.translated(QPointF(self.view.topLeft()))

    @property
    def oval(self) -> QRectF:
        view = QRectF(self.view)
        height = min(OVAL_HEIGHT * view.height(), 0.9 * view.width() / OVAL_SHAPE)
        place = QRectF(0, 0, OVAL_SHAPE * height, height)
        place.moveCenter(QPointF(view.center().x(), view.top() + OVAL_CENTRE * view.height()))
        return place

    def _render(self, face: Box | None = None) -> None:
        """Scale the picture so that it fills the view, its middle or the face in the middle."""
        if self._frame is None or self.view.isEmpty():
            return
        height, width = self._frame.image.shape[:2]
        view = self.view
        self._scale = max(view.width() / width, view.height() / height)
        part_width = max(1, min(width, round(view.width() / self._scale)))
        part_height = max(1, min(height, round(view.height() / self._scale)))
        if face is not None:
            self._centre = float(face[0] + face[2]) / 2, float(face[1] + face[3]) / 2
        across, down = self._centre or (width / 2, height / 2)
        left = round(min(max(across - part_width / 2, 0), width - part_width))
        top = round(min(max(down - part_height / 2, 0), height - part_height))
        self._shift = QPointF(-left, -top) * self._scale
        ratio = self.devicePixelRatioF()
        self._picture.render(
            (max(1, round(view.width() * ratio)), max(1, round(view.height() * ratio))),
            mirrored=True,
            part=(slice(top, top + part_height), slice(left, left + part_width)),
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        picture = self._picture.image
        if picture is None:
            painter.fillRect(self.rect(), QColor(palette.NIGHT))
        else:
            if self.view != self.rect():
                painter.fillRect(self.rect(), QColor(palette.NIGHT))
            painter.drawImage(QRectF(self.view), picture)
        if self._is_dimmed:
            painter.fillRect(self.rect(), palette.DIMMED.ground_colour)
        painter.setClipRect(self.view)
        painter.setRenderHint(QPainter.Antialiasing)
        unit = min(self.width(), self.height()) / 100
        if self._has_guide:
            self._paint_guide(painter, unit)
        if self._box is not None:
            _paint_corners(painter, self.box_on_screen(self._box), unit)

    def _paint_guide(self, painter: QPainter, unit: float) -> None:
        around = QPainterPath()
        around.addRect(QRectF(self.view))
        around.addEllipse(self.oval)
        painter.fillPath(around, _SHADE)
        painter.setBrush(Qt.NoBrush)
        painter.setPen(QPen(QColor(palette.NIGHT), 1.3 * unit))
        painter.drawEllipse(self.oval)
        painter.setPen(QPen(Qt.white, 0.7 * unit))
        painter.drawEllipse(self.oval)

    def showEvent(self, event: QShowEvent) -> None:
        self._timer.start(IDLE_EVERY_MS if self._is_dimmed else PAINT_EVERY_MS)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._render()


def _paint_corners(painter: QPainter, box: QRectF, unit: float) -> None:
    """Draw four corners around a face: white on dark, so that they are seen on any picture."""
    arm = min(box.width(), box.height()) * 0.22
    path = QPainterPath()
    for corner, across, down in (
        (box.topLeft(), arm, arm),
        (box.topRight(), -arm, arm),
        (box.bottomRight(), -arm, -arm),
        (box.bottomLeft(), arm, -arm),
    ):
        path.moveTo(corner + QPointF(across, 0))
        path.lineTo(corner)
        path.lineTo(corner + QPointF(0, down))
    painter.setBrush(Qt.NoBrush)
    for colour, width in ((QColor(palette.NIGHT), 1.4 * unit), (QColor(Qt.white), 0.7 * unit)):
        painter.setPen(QPen(colour, width, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))
        painter.drawPath(path)
