"""Makes two people of one whose pictures show two."""

from __future__ import annotations

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QAbstractItemView, QCheckBox, QLineEdit, QWidget

from common.errors import GalleryError
from desktop.i18n.sentences import in_own_words
from desktop.live.people.person.details import SplitProposal
from desktop.live.people.person.picture_list import PictureList
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.names import short
from desktop.shared.plain_text import PlainLabel
from desktop.shared.strip import tell
from desktop.shared.style import push_button, with_role
from gallery.names import normalized_name


class SplitDialog(FittingDialog):
    """Shows both groups of faces; a double click, or the buttons, move a face to the other group.

    regrouped: the id, and the numbers of the pictures that are to go; to be answered by
    show_proposal(). split_asked: the id, the Split, the new name, and whether it is done although
    all look like one person.
    """

    regrouped = pyqtSignal(str, object)
    split_asked = pyqtSignal(str, object, str, bool)

    def __init__(self, proposal: SplitProposal, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._proposal = proposal
        self._refusal = ""
        self.question = with_role(PlainLabel(), "title")
        self.stays_label, self.goes_label = PlainLabel(), PlainLabel()
        self.stays, self.goes = PictureList(), PictureList()
        self.name = QLineEdit()
        self.name_label = PlainLabel()
        self.name_label.setBuddy(self.name)
        self.warning = with_role(PlainLabel(), "problem")
        self.problem = with_role(PlainLabel(), "problem")
        self.anyway = QCheckBox()
        self.let_go, self.keep, self.swap = push_button(), push_button(), push_button()
        self.split, self.cancel = with_role(push_button(), "primary"), push_button()
        for label in (self.question, self.warning, self.problem, self.stays_label, self.goes_label):
            label.setWordWrap(True)
        for pictures in (self.stays, self.goes):
            pictures.setSelectionMode(QAbstractItemView.ExtendedSelection)
            pictures.itemSelectionChanged.connect(self._allow)
        self._lay_out()
        self.stays.itemDoubleClicked.connect(lambda _: self._move(self.stays.chosen, ()))
        self.goes.itemDoubleClicked.connect(lambda _: self._move((), self.goes.chosen))
        self.let_go.clicked.connect(lambda: self._move(self.stays.chosen, ()))
        self.keep.clicked.connect(lambda: self._move((), self.goes.chosen))
        self.swap.clicked.connect(self._swap)
        self.anyway.toggled.connect(self._allow)
        self.name.textChanged.connect(lambda: self._refuse(""))
        self.split.clicked.connect(self._split)
        self.cancel.clicked.connect(self.reject)
        self.retranslate()
        self.show_proposal(proposal)

    def retranslate(self) -> None:
        name = short(self._proposal.identity.name)
        self.setWindowTitle(self.tr("Split"))
        self.question.setText(self.tr("Which pictures are not of {}?").format(name))
        self.stays_label.setText(self.tr("Stay with {}").format(name))
        self.goes_label.setText(self.tr("Go to a new person"))
        self.name_label.setText(self.tr("&Name of the new person"))
        self.warning.setText(self.tr("All of these look like one person."))
        self.anyway.setText(self.tr("They are two people. Split them all the same"))
        self.let_go.setText(self.tr("↓ To the new person"))
        self.keep.setText(self.tr("↑ Back to {}").format(name))
        self.swap.setText(self.tr("Exchange the groups"))
        tell(self.problem, in_own_words(self._refusal))
        self.split.setText(self.tr("Split"))
        self.cancel.setText(self.tr("Cancel"))

    def show_proposal(self, proposal: SplitProposal) -> None:
        """Show these groups; proposals for other people are ignored."""
        if proposal.identity.id != self._proposal.identity.id:
            return
        self._proposal = proposal
        self.stays.show_pictures(proposal.split.stays)
        self.goes.show_pictures(proposal.split.goes)
        self.warning.setVisible(proposal.looks_like_one)
        self.anyway.setVisible(proposal.looks_like_one)
        self.anyway.setChecked(False)
        self._allow()

    def show_failure(self, identity_id: str, problem: str) -> None:
        """Say why the person was not split; the groups and the name stay."""
        if identity_id == self._proposal.identity.id:
            self._refuse(problem)
            self._allow()

    def _refuse(self, problem: str) -> None:
        self._refusal = problem
        tell(self.problem, in_own_words(problem))

    def follow(self, identity_id: str) -> None:
        """Close, since this person was split."""
        if identity_id == self._proposal.identity.id:
            self.accept()

    def _move(self, leaving: tuple[int, ...], staying: tuple[int, ...]) -> None:
        goes = {*self._proposal.split.template_ids, *leaving} - set(staying)
        self.regrouped.emit(self._proposal.identity.id, tuple(sorted(goes)))

    def _swap(self) -> None:
        goes = tuple(picture.template_id for picture in self._proposal.split.stays)
        self.regrouped.emit(self._proposal.identity.id, goes)

    def _allow(self) -> None:
        parted = self._proposal.split
        is_sure = not self._proposal.looks_like_one or self.anyway.isChecked()
        self.split.setEnabled(bool(parted.stays) and bool(parted.goes) and is_sure)
        self.let_go.setEnabled(bool(self.stays.chosen))
        self.keep.setEnabled(bool(self.goes.chosen))

    def _split(self) -> None:
        try:
            name = normalized_name(self.name.text())
        except GalleryError as error:
            self._refuse(error.sentence)
            self.name.setFocus()
            return
        self._refuse("")
        self.split.setEnabled(False)
        self.split_asked.emit(
            self._proposal.identity.id, self._proposal.split, name, self.anyway.isChecked()
        )

    def _lay_out(self) -> None:
        self.problem.hide()
        self.stays_label.setBuddy(self.stays)
        self.goes_label.setBuddy(self.goes)
        for widget in (
            self.question,
            self.stays_label,
            self.stays,
            self.goes_label,
            self.goes,
            self.name_label,
            self.name,
            self.warning,
            self.anyway,
            self.problem,
        ):
            self.body.addWidget(widget)
        for button in (self.let_go, self.keep, self.swap, self.split, self.cancel):
            button.setAutoDefault(False)
            self.buttons.addWidget(button)
        self.resize(560, 620)
