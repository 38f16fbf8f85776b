"""Shows from which directions a face was seen so far, as a ring of four arcs around a disc."""

from __future__ import annotations

from collections.abc import Mapping

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PyQt5.QtWidgets import QSizePolicy, QWidget

from desktop.i18n.retranslated import Retranslated
from desktop.shared.plain_text import plain_tip
from recognition.enrollment.poses import Pose

SIDE_PX = 84
_ARC_PX, _WANTED_PX = 9.0, 3.0
_ARC_DEGREES = 64.0
_SEEN_ON_LIGHT, _SEEN_ON_DARK = QColor("#00805F"), QColor("#2BD4A4")
"""Each at least 4 to 1 against its ground."""
_EMPTY_ALPHA = 46

_TURN: Mapping[Pose, tuple[float, float]] = {
    Pose.FRONTAL: (0.0, 0.0),
    Pose.LEFT: (-1.0, 0.0),
    Pose.RIGHT: (1.0, 0.0),
    Pose.UP: (0.0, -1.0),
    Pose.DOWN: (0.0, 1.0),
}
"""Where each pose is painted, as the person sees it: x and y, downwards, from the middle."""


class DirectionRing(Retranslated, QWidget):
    """Lights the disc for the frontal view and an arc for each direction, as far as they were seen.

    The face in the middle turns to where the person is asked to look. Poses that are not asked
    for, such as up and down without FaceMesh, are not shown. All is told in words, too, as the
    accessible description and the tooltip.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._coverage: Mapping[Pose, float] = {}
        self._wanted: Pose | None = None
        self.setSizePolicy(QSizePolicy.Fixed, QSizePolicy.Fixed)
        self.retranslate()

    def sizeHint(self) -> QSize:
        return QSize(SIDE_PX, SIDE_PX)

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Directions seen"))
        self._describe()

    def show_coverage(self, coverage: Mapping[Pose, float], wanted: Pose | None) -> None:
        """Show how much of each direction was seen, 0..1, and which one is asked for."""
        if (coverage, wanted) == (self._coverage, self._wanted):
            return
        self._coverage, self._wanted = dict(coverage), wanted
        self._describe()
        self.update()

    def _describe(self) -> None:
        names = {
            Pose.FRONTAL: self.tr("straight ahead"),
            Pose.LEFT: self.tr("left"),
            Pose.RIGHT: self.tr("right"),
            Pose.UP: self.tr("up"),
            Pose.DOWN: self.tr("down"),
        }
        missing = [names[pose] for pose, share in self._coverage.items() if share < 1]
        if not self._coverage:
            text = ""
        elif missing:
            text = self.tr("Still missing: {}").format(", ".join(missing))
        else:
            text = self.tr("Seen from all directions")
        self.setAccessibleDescription(text)
        self.setToolTip(plain_tip(text))

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        side = min(self.width(), self.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(self.rect()).center())
        ink = self.palette().color(QPalette.WindowText)
        is_dark = ink.lightness() > 127
        seen = _SEEN_ON_DARK if is_dark else _SEEN_ON_LIGHT
        empty = QColor(ink)
        empty.setAlpha(_EMPTY_ALPHA)
        ring = square.adjusted(_ARC_PX, _ARC_PX, -_ARC_PX, -_ARC_PX)
        for pose in (Pose.LEFT, Pose.RIGHT, Pose.UP, Pose.DOWN):
            if pose in self._coverage:
                self._paint_arc(painter, ring, pose, (empty, seen, ink))
        disc = ring.adjusted(_ARC_PX * 1.3, _ARC_PX * 1.3, -_ARC_PX * 1.3, -_ARC_PX * 1.3)
        self._paint_disc(painter, disc, (empty, seen))
        self._paint_face(painter, disc, ink)

    def _paint_arc(
        self, painter: QPainter, ring: QRectF, pose: Pose, colours: tuple[QColor, QColor, QColor]
    ) -> None:
        empty, seen, ink = colours
        x, y = _TURN[pose]
        middle = {(1.0, 0.0): 0.0, (0.0, -1.0): 90.0, (-1.0, 0.0): 180.0}.get((x, y), 270.0)
        _stroke(painter, ring, empty, _ARC_PX, middle, _ARC_DEGREES)
        share = self._coverage[pose]
        if share > 0:
            _stroke(painter, ring, seen, _ARC_PX, middle, _ARC_DEGREES * share)
        if pose is self._wanted:
            outside = ring.adjusted(-_ARC_PX * 0.8, -_ARC_PX * 0.8, _ARC_PX * 0.8, _ARC_PX * 0.8)
            _stroke(painter, outside, ink, _WANTED_PX, middle, _ARC_DEGREES)

    def _paint_disc(self, painter: QPainter, disc: QRectF, colours: tuple[QColor, QColor]) -> None:
        empty, seen = colours
        share = self._coverage.get(Pose.FRONTAL, 0.0)
        painter.setPen(QPen(empty, 3))
        painter.setBrush(Qt.NoBrush)
        painter.drawEllipse(disc)
        if share > 0:
            painter.setPen(QPen(seen, 3, Qt.SolidLine, Qt.RoundCap))
            painter.drawArc(disc, 90 * 16, -round(360 * 16 * share))

    def _paint_face(self, painter: QPainter, disc: QRectF, ink: QColor) -> None:
        x, y = _TURN[self._wanted] if self._wanted is not None else (0.0, 0.0)
        unit = disc.width()
        middle = disc.center() + QPointF(x * unit * 0.13, y * unit * 0.13)
        painter.setPen(Qt.NoPen)
        painter.setBrush(ink)
        for sideways in (-1, 1):
            eye = middle + QPointF(sideways * unit * 0.16, -unit * 0.1)
            painter.drawEllipse(eye, unit * 0.05, unit * 0.05)
        painter.setBrush(Qt.NoBrush)
        painter.setPen(QPen(ink, 2, Qt.SolidLine, Qt.RoundCap))
        mouth = QRectF(0, 0, unit * 0.36, unit * 0.26)
        mouth.moveCenter(middle + QPointF(0, unit * 0.08))
        painter.drawArc(mouth, -150 * 16, 120 * 16)


def _stroke(
    painter: QPainter, circle: QRectF, colour: QColor, width: float, middle: float, degrees: float
) -> None:
    """Draw a part of a circle; degrees count anticlockwise from three o'clock."""
    painter.setPen(QPen(colour, width, Qt.SolidLine, Qt.FlatCap))
    painter.drawArc(circle, round((middle - degrees / 2) * 16), round(degrees * 16))
