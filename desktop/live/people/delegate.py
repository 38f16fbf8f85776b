"""Paints and edits one person of the people view: portrait, name, and a line of details."""

from __future__ import annotations

from PyQt5.QtCore import QAbstractItemModel, QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QValidator
from PyQt5.QtWidgets import (
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from common.errors import GalleryError
from desktop.i18n.sentences import in_own_words
from desktop.live.people.portraits import PORTRAIT_PX, Portraits
from desktop.shared.look.colours import colours
from desktop.shared.plain_text import plain_tip
from gallery.names import normalized_name

ID_ROLE = int(Qt.UserRole)
DETAILS_ROLE = int(Qt.UserRole) + 1
PAD_PX = 8


class PersonDelegate(QStyledItemDelegate):
    """Paints the rows of the people view, and lets a name be edited.

    renamed: the id and the new name; the list itself changes once the gallery has changed.
    """

    renamed = pyqtSignal(str, str)

    def __init__(self, parent: QWidget, portraits: Portraits) -> None:
        super().__init__(parent)
        self._portraits = portraits
        self._editor: QLineEdit | None = None
        self._drafts: dict[str, str] = {}

    def put_back(self, identity_id: str, name: str) -> None:
        """Let the next editor of that person begin with this name, as if it was just typed."""
        self._drafts[identity_id] = name

    @property
    def is_editing(self) -> bool:
        """Whether a name is being typed."""
        return self._editor is not None

    def finish_editing(self) -> None:
        """Take the name that is being typed, if it is valid, and close the editor."""
        editor = self._editor
        if editor is not None and editor.hasAcceptableInput():
            self.commitData.emit(editor)
            self.closeEditor.emit(editor, QStyledItemDelegate.NoHint)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        lines = 2.5 * option.fontMetrics.height()
        return QSize(200, max(PORTRAIT_PX, round(lines)) + 2 * PAD_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        theme = colours()
        painter.save()
        if option.state & QStyle.State_Selected:
            painter.fillRect(option.rect, QColor(theme.chosen))
            painter.fillRect(
                QRect(option.rect.topLeft(), QSize(3, option.rect.height())), QColor(theme.focus)
            )
        if option.state & QStyle.State_HasFocus:
            painter.setPen(QPen(QColor(theme.focus), 1, Qt.DashLine))
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        inner = option.rect.adjusted(PAD_PX, PAD_PX, -PAD_PX, -PAD_PX)
        self._portraits.paint(painter, inner, index.data(ID_ROLE))
        for text, place, font, colour in (
            (index.data(Qt.DisplayRole), _name_rect(option), _bold(option.font), theme.ink),
            (index.data(DETAILS_ROLE), _details_rect(option), option.font, theme.quiet_ink),
        ):
            painter.setFont(font)
            painter.setPen(QColor(colour))
            shown = QFontMetrics(font).elidedText(text, Qt.ElideRight, place.width())
            painter.drawText(place, int(Qt.AlignVCenter | Qt.AlignLeft), shown)
        painter.restore()

    def createEditor(
        self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(self.tr("New name"))
        editor.setValidator(NameValidator(editor))
        self._editor = editor
        return editor

    def destroyEditor(self, editor: QWidget, index: QModelIndex) -> None:
        if editor is self._editor:
            self._editor = None
        super().destroyEditor(editor, index)

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:
        assert isinstance(editor, QLineEdit)
        draft = self._drafts.pop(index.data(ID_ROLE), None)
        if draft is not None:
            editor.setText(draft)
            editor.setModified(True)
        elif not editor.isModified():  # what is being typed outlives changes to the list
            super().setEditorData(editor, index)

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex
    ) -> None:
        place = _name_rect(option)
        height = editor.sizeHint().height()
        editor.setGeometry(place.left() - 4, option.rect.top() + 2, place.width() + 4, height)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: QModelIndex) -> None:
        assert isinstance(editor, QLineEdit)
        name = normalized_name(editor.text())
        if name != index.data(Qt.EditRole):
            self.renamed.emit(index.data(ID_ROLE), name)


class NameValidator(QValidator):
    """Keeps the editor open while the name is not valid, and says why."""

    def __init__(self, editor: QLineEdit) -> None:
        super().__init__(editor)
        self._editor = editor

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        fit = _problem(text) is None
        return (QValidator.Acceptable if fit else QValidator.Intermediate, text, position)

    def fixup(self, text: str) -> str:
        below = self._editor.mapToGlobal(self._editor.rect().bottomLeft())
        QToolTip.showText(below, plain_tip(_problem(text) or ""), self._editor)
        return text


def _problem(name: str) -> str | None:
    try:
        normalized_name(name)
    except GalleryError as error:
        return in_own_words(error.sentence)
    return None


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setWeight(QFont.DemiBold)
    bold.setPointSizeF(font.pointSizeF() * 1.15)
    return bold


def _texts_rect(option: QStyleOptionViewItem) -> QRect:
    return option.rect.adjusted(PORTRAIT_PX + 3 * PAD_PX, PAD_PX, -PAD_PX, -PAD_PX)


def _name_rect(option: QStyleOptionViewItem) -> QRect:
    texts = _texts_rect(option)
    texts.setHeight(texts.height() // 2)
    return texts


def _details_rect(option: QStyleOptionViewItem) -> QRect:
    texts = _texts_rect(option)
    texts.setTop(texts.top() + texts.height() // 2)
    return texts
