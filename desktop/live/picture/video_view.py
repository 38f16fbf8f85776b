"""Paints the newest frame and the faces recognized in it, and never waits for either."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from PyQt5.QtCore import QPointF, QRectF, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from capture.frame import Frame
from desktop.i18n.retranslated import Retranslated
from desktop.live.picture.label_places import LabelPlaces
from desktop.live.picture.overlay import paint_faces, paint_message
from desktop.shared.screen_picture import ScreenPicture
from models.face import Face
from recognition.liveness.life_watch import SeenLife
from recognition.recognizer import Recognition, RecognizedFace

PAINT_EVERY_MS = 33

OLD_S = 0.5
"""How many seconds of the source a recognition is shown, unless a newer one comes."""


class VideoView(Retranslated, QWidget):
    """Shows the frames of `peek` as large as fits, and the newest Recognition over them.

    latency_ms: from the capture of a frame to the first painting of what was recognized in it.
    face_clicked: a RecognizedFace. menu_wanted: a RecognizedFace and where on the screen, a QPoint.
    rearranged: the faces have other places in the widget.
    """

    face_clicked = pyqtSignal(object)
    menu_wanted = pyqtSignal(object, object)
    rearranged = pyqtSignal()

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
        self._life: Mapping[int, SeenLife] = {}
        self._old_from = 0.0
        self._is_painted = True
        self._is_mirrored = False
        self._message = ""
        self.latency_ms = 0.0
        self._place = QRectF()
        self._labels = LabelPlaces()
        self._picture = ScreenPicture()

        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setMinimumSize(160, 100)
        self.retranslate()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.PreciseTimer)
        self._timer.timeout.connect(self.refresh)
        self._timer.start(PAINT_EVERY_MS)

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Camera picture"))

    def show_recognition(self, recognition: Recognition) -> None:
        self._recognition = recognition
        self._is_painted = False
        newest = self._peek()
        seen_at = newest.captured_at if newest is not None else recognition.captured_at
        self._old_from = seen_at + OLD_S

    def amend(self, recognition: Recognition) -> None:
        """Replace the recognition on show by its new decision.

        It stays on show as long as the old one would have.
        """
        if self._recognition is not None:
            self._recognition = recognition
            self.update()

    def show_life(self, life: Mapping[int, SeenLife]) -> None:
        """Show whether faces look alive, by their tracks; none where nobody looks."""
        self._life = life
        self.update()

    def life_of(self, face: RecognizedFace) -> SeenLife | None:
        return self._life.get(face.track_id) if face.track_id is not None else None

    def clear(self) -> None:
        """Show nothing from now on, since another source follows."""
        self._frame = self._recognition = None
        self._life = {}
        self._picture.clear()
        self._labels.forget()
        self.update()

    @property
    def faces(self) -> tuple[RecognizedFace, ...]:
        """The faces on show; none where recognition is too far behind the frames."""
        if self._frame is None or self._recognition is None:
            return ()
        return self._recognition.faces if self._frame.captured_at <= self._old_from else ()

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right are exchanged, as people know themselves from a mirror."""
        return self._is_mirrored

    @is_mirrored.setter
    def is_mirrored(self, mirrored: bool) -> None:
        self._is_mirrored = mirrored
        self._render()
        self.rearranged.emit()

    @property
    def message(self) -> str:
        """The sentence over the picture, such as that the camera is lost; empty for none."""
        return self._message

    @message.setter
    def message(self, text: str) -> None:
        self._message = text
        self.setAccessibleDescription(text)
        self.update()

    def refresh(self) -> None:
        """Repaint, if there is a new frame or recognition."""
        frame = self._peek()
        if frame is not None and frame is not self._frame:
            self._frame = frame
            self._picture.load(frame.image)
            self._render()
        elif not self._is_painted:
            self.update()

    def box_of(self, face: Face) -> QRectF:
        """Return where a face's box is in this widget."""
        if self._frame is None:
            return QRectF()
        scale = self._place.height() / self._frame.image.shape[0]
        x1, y1, x2, y2 = (float(value) * scale for value in face.box_xyxy)
        if self._is_mirrored:
            x1, x2 = self._place.width() - x2, self._place.width() - x1
        return QRectF(x1, y1, x2 - x1, y2 - y1).translated(self._place.topLeft())

    def _render(self) -> None:
        """Scale the picture to the widget, in the screen's own pixels."""
        if self._frame is None:
            return
        ratio = self.devicePixelRatioF()
        height, width = self._frame.image.shape[:2]
        scale = min(self.width() * ratio / width, self.height() * ratio / height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        self._picture.render(size, self._is_mirrored)
        self._place = QRectF(0, 0, size[0] / ratio, size[1] / ratio)
        self._place.moveCenter(QRectF(self.rect()).center())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), Qt.black)
        picture = self._picture.image
        if picture is not None:
            painter.drawImage(self._place, picture)
        painter.setRenderHint(QPainter.Antialiasing)
        shown = [(face, self.box_of(face.face), self.life_of(face)) for face in self.faces]
        paint_faces(painter, shown, self._place, self._labels)
        if self._message:
            over_picture = picture is not None
            paint_message(painter, self._message, QRectF(self.rect()), over_picture)
        if not self._is_painted and self._recognition is not None:
            self._is_painted = True
            self.latency_ms = (self._clock() - self._recognition.captured_at) * 1e3

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._render()
        self.rearranged.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.setCursor(Qt.PointingHandCursor if self._face_at(event.localPos()) else Qt.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        face = self._face_at(event.localPos())
        if face is not None and event.button() != Qt.RightButton:
            self.face_clicked.emit(face)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        face = self._face_at(QPointF(event.pos()))
        if face is not None:
            self.menu_wanted.emit(face, event.globalPos())

    def _face_at(self, point: QPointF) -> RecognizedFace | None:
        hit = (face for face in self.faces if self.box_of(face.face).contains(point))
        return next(hit, None)
