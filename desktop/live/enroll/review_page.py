"""The last page of an enrollment: what was captured, whom it resembles, and how to save it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from common.errors import GalleryError
from desktop.i18n.numbers import decimal
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.enroll.known_person import KnownPersonNote, PortraitTile
from desktop.live.enroll.namesakes import Namesakes
from desktop.live.enroll.portrait_choice import PortraitChoice
from desktop.shared.dialogs.scrolled import Scrolled
from desktop.shared.dialogs.wrapping_check_box import WrappingCheckBox
from desktop.shared.dialogs.wrapping_row import WrappingRow
from desktop.shared.names import isolated, short
from desktop.shared.pictures import portrait_pixmap
from desktop.shared.plain_text import PlainLabel, plain_button, plain_tip
from desktop.shared.strip import strip_layout, tell
from desktop.shared.style import push_button, with_role
from gallery.identity import Candidate
from gallery.names import normalized_name
from recognition.enrollment.live import Review
from recognition.liveness.life_watch import LifeSign, SeenLife

PORTRAIT_PX = 80
TAKEN_PX = 32
WIDEST_NAME_PX = 260


class ReviewPage(Retranslated, QWidget):
    """Shows the Review; the name can be corrected before it is saved.

    namesakes: who is enrolled. save_asked: the Review, and the id of the identity to add to, or
    None for a new person.
    """

    save_asked = pyqtSignal(object, object)

    def __init__(self, namesakes: Namesakes) -> None:
        super().__init__()
        self._namesakes = namesakes
        self._review: Review | None = None
        self._known_id: str | None = None
        self.portrait = PlainLabel()
        self.known = PortraitTile(PORTRAIT_PX)
        self.known.hide()
        self.name = QLineEdit()
        self.name.setMinimumWidth(90)
        self.name.textChanged.connect(self._follow_name)
        self.name.returnPressed.connect(self._go_on)
        self.taken = KnownPersonNote(TAKEN_PX)
        self.choice = PortraitChoice()
        self.choice.chosen.connect(self._choose_portrait)
        self.title = with_role(PlainLabel(), "title")
        self.note = with_role(PlainLabel(), "quiet")
        self.problem = with_role(PlainLabel(), "problem")
        self.warning = with_role(PlainLabel(), "problem")
        self.anyway = WrappingCheckBox()
        self.anyway.toggled.connect(lambda: self._set_waiting(False))
        self.save = with_role(push_button(), "primary")
        self.add = with_role(push_button(), "primary")
        self.save_as_new = push_button()
        self.cancel = push_button()
        self.save.clicked.connect(lambda: self._ask(None))
        self.add.clicked.connect(lambda: self._ask(self._known_id))
        self.save_as_new.clicked.connect(lambda: self._ask(None))
        self._buttons = (self.save, self.add, self.save_as_new, self.cancel)
        self._lay_out()
        self.retranslate()

    def retranslate(self) -> None:
        self.name.setPlaceholderText(self.tr("Name"))
        self.name.setAccessibleName(self.tr("Name of the person"))
        self.anyway.setText(self.tr("It is a live person, or I want the picture enrolled"))
        self.save.setText(self.tr("Save"))
        self.save_as_new.setText(self.tr("New person"))
        self.cancel.setText(self.tr("Cancel"))
        if self._review is not None:
            self._tell(self._review)

    def show_review(self, review: Review) -> None:
        self._review = review
        same = review.same[0].identity if review.same else None
        self._known_id = same.id if same is not None else None
        self.known.setVisible(same is not None)
        with QSignalBlocker(self.name):
            self.name.setText(review.name)
        self._show_portrait(review)
        crops = [template.crop for template in review.templates]
        self.choice.show_pictures(crops, review.best if crops else 0)
        # New widgets are the last in their window that Tab comes to.
        for before, after in pairwise((self.save, *self.choice.buttons, self.save)):
            self.setTabOrder(before, after)
        tell(self.problem, "")
        self._tell(review)
        with QSignalBlocker(self.anyway):
            self.anyway.setChecked(False)
        self.anyway.setVisible(review.is_doubtful)
        for button in (self.add, self.save_as_new):
            button.setVisible(bool(review.same))
        self.save.setVisible(not review.same)
        self._set_waiting(False)

    def look_up(self) -> None:
        """Say whether somebody else has the name."""
        taken = self._namesakes.of(self.name.text())
        if taken is None or taken.id == self._known_id:
            self.taken.hide()
            return
        text = self.tr("Somebody called {} is enrolled already.").format(short(taken.name))
        self.taken.show_person(taken.id, taken.name, text)

    def show_failure(self, message: str) -> None:
        tell(self.problem, in_own_words(message))
        self._set_waiting(False)

    def _show_portrait(self, review: Review) -> None:
        picture = portrait_pixmap(review.portrait, PORTRAIT_PX, self.devicePixelRatioF())
        self.portrait.setPixmap(picture)

    def _choose_portrait(self, index: int) -> None:
        if self._review is not None:
            self._review = self._review.with_portrait(index)
            self._show_portrait(self._review)

    def _tell(self, review: Review) -> None:
        name = self.name.text().strip() or review.name
        self.portrait.setAccessibleName(self.tr("Portrait of {}").format(isolated(name)))
        tell(self.warning, self._doubt(review.life) if review.is_doubtful else "")
        if review.same:
            known = review.same[0].identity
            portrait_of = self.tr("Portrait of {}").format(isolated(known.name))
            self.known.show_person(known.id, portrait_of)
            self._warn_of_same(review.same, name)
        else:
            self._offer_to_save(review.alike, name)
        self.look_up()

    def _doubt(self, life: SeenLife | None) -> str:
        if life is not None and life.sign is LifeSign.LOOKS_FLAT:
            warning = self.tr("This looks like a picture, not like a person.")
        else:
            warning = self.tr("It was not seen that this is a live person.")
        return f"{warning} {in_own_words(life.found)}" if life is not None else warning

    def _warn_of_same(self, same: Sequence[Candidate], name: str) -> None:
        known = short(same[0].identity.name)
        self.title.setText(self.tr("This face is already enrolled as {}").format(_listed(same)))
        self.note.setText(
            self.tr("Add the new pictures to {}, unless this is another person.").format(known)
        )
        add = self.tr("Add to {}").format(short(same[0].identity.name, 12))
        self.add.setText(plain_button(add))
        enroll = self.tr("Enroll {} as a new person").format(isolated(name))
        self.save_as_new.setToolTip(plain_tip(enroll))

    def _offer_to_save(self, alike: Sequence[Candidate], name: str) -> None:
        self.title.setText(self.tr("Save this face as {}?").format(short(name)))
        if alike:
            looks_like = self.tr("Looks a little like {}: take care not to confuse them.")
            self.note.setText(looks_like.format(_listed(alike)))
        else:
            self.note.setText(self.tr("Nobody enrolled looks like it."))

    def _follow_name(self) -> None:
        tell(self.problem, "")
        if self._review is not None:
            self._tell(self._review)

    def _go_on(self) -> None:
        """Enter in the name presses the button that uses it."""
        (self.save_as_new if self.save.isHidden() else self.save).click()

    def _ask(self, into: str | None) -> None:
        tell(self.problem, "")
        review = self._review
        if review is None:
            return
        try:
            name = normalized_name(self.name.text())
        except GalleryError as error:
            if into is None:
                tell(self.problem, in_own_words(error.sentence))
                self.name.setFocus()
                return
            name = review.name
        if name != review.name:
            review = replace(review, name=name)
        self._set_waiting(True)
        self.save_asked.emit(review, into)

    def _set_waiting(self, waiting: bool) -> None:
        is_held = self._review is not None and self._review.is_doubtful
        for button in self._buttons:
            button.setEnabled(not waiting)
        self.name.setEnabled(not waiting)
        for button in (self.save, self.add, self.save_as_new):
            button.setEnabled(not waiting and not (is_held and not self.anyway.isChecked()))
        first = self.add if self.save.isHidden() else self.save
        first.setFocus()

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        for label in (self.title, self.note, self.warning, self.problem):
            label.setWordWrap(True)
            label.setMinimumWidth(1)  # a long word must not widen the window
            texts.addWidget(label)
        self.name.setMaximumWidth(WIDEST_NAME_PX)
        texts.insertWidget(1, self.name)
        texts.addWidget(self.taken)
        texts.addWidget(self.anyway)
        texts.addWidget(self.choice)
        buttons = WrappingRow()
        for button in self._buttons:
            buttons.addWidget(button)
        texts.addStretch()
        told = QWidget()
        row = QHBoxLayout(told)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self.portrait, 0, Qt.AlignTop)
        row.addWidget(self.known, 0, Qt.AlignTop)
        row.addLayout(texts, 1)
        layout = strip_layout(self)
        layout.addWidget(Scrolled(told), 1)
        layout.addLayout(buttons)


def _listed(candidates: Sequence[Candidate]) -> str:
    """Return the most similar people as one text."""
    return ", ".join(f"{short(c.identity.name)} ({decimal(c.similarity)})" for c in candidates[:3])
