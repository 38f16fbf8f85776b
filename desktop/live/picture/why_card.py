"""A card that says why a face was given its name, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PyQt5.QtCore import QCoreApplication, QPoint, QRect, QSize, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n.numbers import decimal
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.picture.overlay import face_style, life_sign
from desktop.live.picture.video_view import VideoView
from desktop.shared.dialogs.scrolled import Scrolled
from desktop.shared.elided_label import ElidedLabel
from desktop.shared.icons.icon import icon
from desktop.shared.names import isolated, short
from desktop.shared.plain_text import PlainLabel, plain_button
from desktop.shared.style import push_button, with_role
from gallery.identity import Candidate
from recognition.recognizer import Recognition, RecognizedFace

GONE_S = 1.5
"""How many seconds of the source the card waits for a face that is out of sight."""

GAP_PX = 10
"""The gap between card and face, and between card and the picture's edge."""

STEADY_PX = 24
"""A face that moves by less does not move the card, so that the card can be read."""

FACTS = 6


class WhyCard(Retranslated, QFrame):
    """Lies over the view beside one face, and follows it as long as the face is on show.

    rejected: a RecognizedFace that is not the person whose name it has.
    """

    rejected = pyqtSignal(object)

    def __init__(self, view: VideoView) -> None:
        super().__init__(view)
        self._view = view
        self._face: RecognizedFace | None = None
        self._seen_at = 0.0
        self._side: int | None = None
        with_role(self, "card")
        self.setFocusPolicy(Qt.StrongFocus)
        self.title = with_role(ElidedLabel(), "title")
        self.reason = PlainLabel()
        self.reason.setWordWrap(True)
        self.reject = push_button()
        self.reject.clicked.connect(self._reject)
        self._facts = tuple((PlainLabel(), ElidedLabel()) for _ in range(FACTS))
        self._lay_out()
        view.rearranged.connect(self._place)
        self.retranslate()
        self.hide()

    def retranslate(self) -> None:
        self.setAccessibleName(self.tr("Why this decision"))
        self._close.setAccessibleName(self.tr("Close"))
        if self._face is not None:
            self._show(self._face)
            self._place()

    def explain(self, face: RecognizedFace) -> None:
        """Open beside the face; close where it is open for that face already."""
        if self.isVisible() and self._is_shown(face):
            self.hide()
            return
        self._show(face)
        self._side = None
        self._close.setIcon(icon("close"))
        self.show()
        self.raise_()
        self.setFocus()
        self._place()

    def follow(self, recognition: Recognition) -> None:
        """Show what is now known of the face; close once the face is gone."""
        if self.isHidden():
            return
        face = next((f for f in recognition.faces if self._is_shown(f)), None)
        if face is not None:
            self._seen_at = recognition.captured_at
            self._show(face)
            self._place()
            return
        self._seen_at = min(self._seen_at, recognition.captured_at)
        if self._is_of_still or recognition.captured_at - self._seen_at > GONE_S:
            self.hide()

    @property
    def text(self) -> str:
        """All the text on the card."""
        return "\n".join(label.text() for label in self.findChildren(QLabel) if label.text())

    @property
    def _is_of_still(self) -> bool:
        return self._face is not None and self._face.track_id is None

    def _is_shown(self, face: RecognizedFace) -> bool:
        """Return whether this is the face on the card; still pictures have no tracks to compare."""
        if self._face is None or self._is_of_still:
            return self._face is not None and face.face is self._face.face
        return face.track_id == self._face.track_id

    def _show(self, face: RecognizedFace) -> None:
        if self._face is None or not self._is_shown(face):
            self._seen_at = float("inf")  # the next recognition tells
        self._face = face
        self.reject.setVisible(face.match is not None)
        if face.match is not None:
            self.reject.setText(not_them_label(face.match.identity.name))
        self.title.setText(face.match.identity.name if face.match else face_style(face).text)
        self.reason.setText(_breakable(in_own_words(face.reason)) + ".")
        facts = self._facts_of(face)
        facts += [("", "")] * (FACTS - len(facts))
        for (caption, value), texts in zip(self._facts, facts, strict=True):
            for label, text in zip((caption, value), texts, strict=True):
                label.setText(text)
                label.setVisible(bool(text))

    def _facts_of(self, face: RecognizedFace) -> list[tuple[str, str]]:
        facts = []
        decision = face.decision
        if decision is not None:
            if decision.nearest is not None:
                facts.append((self.tr("Most like"), _candidate(decision.nearest)))
            if decision.runner_up is not None:
                facts.append((self.tr("Next"), _candidate(decision.runner_up)))
            looks = self.tr("{} of {}, at {} different moments").format(
                decision.agreeing, decision.looks, decision.moments
            )
            facts.append((self.tr("Needed"), decimal(decision.threshold)))
            facts.append((self.tr("Good looks that agree"), looks))
        if face.quality is not None:
            facts.append((self.tr("Picture quality"), f"{face.quality.score:.0%}"))
        life = self._view.life_of(face)
        if life is not None and face.match is not None:
            found = in_own_words(life.found)
            facts.append((self.tr("Alive?"), f"{life_sign(life)}. {found}".strip()))
        return facts

    def _reject(self) -> None:
        if self._face is not None and self._face.match is not None:
            self.rejected.emit(self._face)

    def _place(self) -> None:
        """Move the card beside the face where there is room, else where it hides least of it."""
        if self._face is None or self.isHidden():
            return
        width = min(self.fontMetrics().averageCharWidth() * 48, self._view.width() - 2 * GAP_PX)
        height = min(self.heightForWidth(width), self._view.height() - 2 * GAP_PX)
        self.setFixedSize(width, height)
        face = self._view.box_of(self._face.face).toAlignedRect()
        room = self._view.rect().adjusted(GAP_PX, GAP_PX, -GAP_PX, -GAP_PX)
        places = _places(face, self.size(), room)
        side = self._side
        if side is None or not room.contains(places[side]) or places[side].intersects(face):
            others = [self._view.box_of(f.face).toAlignedRect() for f in self._view.faces]
            side = self._side = _best(places, face, others, room)
        place, here = places[side], self.geometry()
        moved = (place.topLeft() - here.topLeft()).manhattanLength()
        if moved > STEADY_PX or here.intersects(face) or not room.contains(here):
            self.move(place.topLeft())

    def _lay_out(self) -> None:
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.hide)
        heading = QHBoxLayout()
        heading.addWidget(self.title, 1)
        heading.addWidget(self._close)
        told = QWidget()
        table = QGridLayout()
        table.setHorizontalSpacing(16)
        table.setColumnStretch(1, 1)
        for row, (caption, value) in enumerate(self._facts):
            table.addWidget(with_role(caption, "quiet"), row, 0)
            table.addWidget(value, row, 1)
        texts = QVBoxLayout(told)
        texts.setContentsMargins(0, 0, 0, 0)
        texts.addWidget(self.reason)
        texts.addLayout(table)
        layout = QVBoxLayout(self)
        layout.addLayout(heading)
        scrolled = Scrolled(told)
        scrolled.grown.connect(self._place)
        layout.addWidget(scrolled, 1)
        layout.addWidget(self.reject, 0, Qt.AlignLeft)


def not_them_label(name: str) -> str:
    """Return the label of what says that a face is not the person of this name."""
    text = QCoreApplication.translate("WhyCard", "This is not {}")
    return plain_button(text.format(short(name)))


def _places(face: QRect, card: QSize, room: QRect) -> list[QRect]:
    """Return places right, left, under and over the face, then those at the edges of `room`."""
    lowest = max(room.top(), room.bottom() + 1 - card.height())
    rightmost = max(room.left(), room.right() + 1 - card.width())
    y = max(room.top(), min(face.top(), lowest))
    x = max(room.left(), min(face.left(), rightmost))
    return [
        QRect(QPoint(*corner), card)
        for corner in (
            (face.right() + GAP_PX, y),
            (face.left() - GAP_PX - card.width(), y),
            (x, face.bottom() + GAP_PX),
            (x, face.top() - GAP_PX - card.height()),
            (rightmost, y),
            (room.left(), y),
            (x, lowest),
            (x, room.top()),
        )
    ]


def _best(places: Sequence[QRect], face: QRect, others: Sequence[QRect], room: QRect) -> int:
    """Return the index of the best place.

    It is the one within the room that hides least of the face, and then least of the others.
    """

    def badness(index: int) -> tuple[bool, int, int]:
        place = places[index]
        return (
            not room.contains(place),
            _overlap(place, face),
            sum(_overlap(place, other) for other in others),
        )

    return min(range(len(places)), key=badness)


def _overlap(a: QRect, b: QRect) -> int:
    both = a.intersected(b)
    return both.width() * both.height()


def _candidate(candidate: Candidate) -> str:
    """Return a candidate's line, with the number first, since a long name is cut at its end."""
    return f"{decimal(candidate.similarity)}  {isolated(candidate.identity.name)}"


def _breakable(text: str) -> str:
    """Return the text with places to break lines in words that are too long for one line."""
    return re.sub(r"(\S{24})(?=\S)", "\\1\u200b", text)
