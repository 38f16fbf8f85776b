"""Paints over the picture: a box and a label for each face, and messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from PyQt5.QtCore import QCoreApplication, QPointF, QRectF, QSizeF, Qt
from PyQt5.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from desktop.i18n.numbers import decimal
from desktop.live.picture.label_places import LabelPlaces, WantedLabel
from recognition.liveness.life_watch import LifeSign, SeenLife
from recognition.recognizer import RecognizedFace

NAMED = QColor("#009E73")
UNKNOWN = QColor("#D55E00")
PENDING = QColor("#BBBBBB")
"""Bluish green, vermilion (Okabe & Ito 2008, told apart by any kind of colour blindness) and
gray; the pen's style says the same, so that nothing hangs on colour alone."""

PLATE = QColor(20, 24, 28, 215)
"""The background of white text, which is then readable on any picture."""


SMALLEST_PX = 9
"""The smallest height of the letters of a message, where there is little room."""


@dataclass(frozen=True)
class FaceStyle:
    """How one face is shown: its label's text and its box's colour and line.

    detail: stands after the text, whatever the direction of the text's script.
    """

    text: str
    detail: str
    colour: QColor
    line: Qt.PenStyle


def life_sign(life: SeenLife | None) -> str:
    """Return the words beside a name; empty where nobody looked."""
    if life is None:
        return ""
    translate = QCoreApplication.translate
    return {
        LifeSign.NOT_CHECKED: translate("Overlay", "not checked"),
        LifeSign.LIVE: translate("Overlay", "live"),
        LifeSign.LOOKS_FLAT: translate("Overlay", "looks flat"),
    }[life.sign]


def face_style(face: RecognizedFace, life: SeenLife | None = None) -> FaceStyle:
    """Return how a face is shown. life: whether it looks alive; None where nobody looked."""
    if face.match is not None:
        told = (decimal(face.match.similarity), life_sign(life))
        is_flat = life is not None and life.sign is LifeSign.LOOKS_FLAT
        return FaceStyle(
            face.match.identity.name,
            " · ".join(filter(None, told)),
            UNKNOWN if is_flat else NAMED,
            Qt.DashLine if is_flat else Qt.SolidLine,
        )
    if face.unclear and face.decision is not None:
        text = QCoreApplication.translate("Overlay", "Not seen clearly")
        return FaceStyle(text, "", PENDING, Qt.DotLine)
    if face.decision is None or face.is_in_doubt:
        return FaceStyle("…", "", PENDING, Qt.DotLine)
    return FaceStyle(QCoreApplication.translate("Overlay", "Unknown"), "", UNKNOWN, Qt.DashLine)


@dataclass(frozen=True)
class LabelForm:
    """One way of writing a label. size: with its plate, in the painter's units."""

    text: str
    detail: str
    size: QSizeF


def paint_faces(
    painter: QPainter,
    faces: Sequence[tuple[RecognizedFace, QRectF, SeenLife | None]],
    bounds: QRectF,
    places: LabelPlaces,
) -> None:
    """Paint all boxes, and then the labels, each where it covers no label and no face.

    faces: each with its box, and whether it looks alive; see face_style(). bounds: where the
    picture is. It and the boxes are in the painter's units.
    """
    styles = [face_style(face, life) for face, _, life in faces]
    unit = bounds.height() / 480
    for style, (_, box, _) in zip(styles, faces, strict=True):
        _paint_box(painter, style, box, unit)
    pixels = max(12.0, 17 * unit)
    _font(painter, pixels)
    wanted, forms = [], {}
    for index, (style, (face, box, _)) in enumerate(zip(styles, faces, strict=True)):
        key = face.track_id if face.track_id is not None else -1 - index
        forms[key] = style, _forms(painter, style, box, bounds, pixels)
        sizes = [form.size for form in forms[key][1]]
        wanted.append(WantedLabel(key, box, sizes, face.match is not None))
    for key, label in places.place(wanted, bounds).items():
        style, written = forms[key]
        _paint_label(painter, style, written[label.form], label.plate, pixels)


def _paint_box(painter: QPainter, style: FaceStyle, box: QRectF, unit: float) -> None:
    width = max(2.0, 2.5 * unit)
    radius = min(box.width(), box.height()) * 0.12
    painter.setBrush(Qt.NoBrush)
    # A dark line under the coloured one, so that it is seen on bright and dark pictures.
    for colour, line, extra in ((PLATE, Qt.SolidLine, 1.5), (style.colour, style.line, 0.0)):
        painter.setPen(QPen(colour, width + extra, line, Qt.RoundCap, Qt.RoundJoin))
        painter.drawRoundedRect(box, radius, radius)


def _forms(
    painter: QPainter, style: FaceStyle, box: QRectF, bounds: QRectF, pixels: float
) -> list[LabelForm]:
    """Return the label as it may be written: whole, without its detail, and with a short name."""
    metrics = QFontMetricsF(painter.font())
    whole = min(bounds.width() * 0.6, max(14 * pixels, 1.6 * box.width()))
    forms = []
    for detail, room in ((style.detail, whole), ("", whole), ("", max(box.width(), 4 * pixels))):
        text = metrics.elidedText(style.text, Qt.ElideMiddle, room)
        width = _lead(pixels) + ceil(metrics.horizontalAdvance(text)) + _pad(pixels)
        if detail:
            width += _pad(pixels) + metrics.horizontalAdvance(detail)
        form = LabelForm(text, detail, QSizeF(width, metrics.height() + _pad(pixels)))
        if form not in forms:
            forms.append(form)
    return forms


def _pad(pixels: float) -> float:
    return pixels * 0.45


def _lead(pixels: float) -> float:
    """The room before the text, which has the dot in it."""
    return 2 * _pad(pixels) + pixels * 0.6


def _paint_label(
    painter: QPainter, style: FaceStyle, form: LabelForm, plate: QRectF, pixels: float
) -> None:
    metrics = QFontMetricsF(_font(painter, pixels))
    dot, pad = pixels * 0.6, _pad(pixels)
    _paint_plate(painter, plate, pad * 0.7)
    painter.setBrush(style.colour)
    painter.drawEllipse(QPointF(plate.left() + pad + dot / 2, plate.center().y()), dot / 2, dot / 2)
    painter.setPen(Qt.white)
    place = plate.adjusted(_lead(pixels), 0, 0, 0)
    beside = ceil(metrics.horizontalAdvance(form.text)) + pad
    # Drawn separately: a right-to-left name would move the number to its other side.
    for words, shift in ((form.text, 0.0), (form.detail, beside)):
        painter.drawText(
            place.translated(shift, 0), int(Qt.AlignVCenter | Qt.AlignLeft | Qt.TextDontClip), words
        )


def paint_message(painter: QPainter, text: str, bounds: QRectF, over_picture: bool) -> None:
    """Paint a sentence: large in the middle, or small at the bottom of a picture."""
    pixels = max(13.0, bounds.height() * (0.03 if over_picture else 0.042))
    vertical = Qt.AlignBottom if over_picture else Qt.AlignVCenter
    flags = int(Qt.AlignHCenter | vertical | Qt.TextWordWrap)
    text_rect = _place_message(painter, text, bounds, flags, pixels)
    while not bounds.contains(text_rect) and pixels > SMALLEST_PX:
        pixels -= 1
        text_rect = _place_message(painter, text, bounds, flags, pixels)
    _paint_plate(
        painter, text_rect.adjusted(-pixels, -pixels * 0.7, pixels, pixels * 0.7), pixels / 2
    )
    painter.setPen(Qt.white)
    painter.drawText(text_rect, flags, text)


def _place_message(
    painter: QPainter, text: str, bounds: QRectF, flags: int, pixels: float
) -> QRectF:
    _font(painter, pixels)
    room = bounds.adjusted(pixels * 2, pixels * 1.2, -pixels * 2, -pixels * 1.2)
    return painter.boundingRect(room, flags, text)


def _paint_plate(painter: QPainter, plate: QRectF, radius: float) -> None:
    painter.setPen(Qt.NoPen)
    painter.setBrush(PLATE)
    painter.drawRoundedRect(plate, radius, radius)


def _font(painter: QPainter, pixels: float) -> QFont:
    font = QFont(painter.font())
    font.setPixelSize(round(pixels))
    font.setWeight(QFont.DemiBold)
    painter.setFont(font)
    return font
