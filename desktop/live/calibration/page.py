"""The page of the threshold: what the gallery says of it, to be looked at, adopted, taken back."""

from __future__ import annotations

from PyQt5.QtCore import QLocale, QSize, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QMessageBox,
    QRadioButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from desktop.i18n.numbers import decimal
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.calibration.desk import FoundThreshold
from desktop.live.calibration.histogram import HIGHEST, STEP, ScoreHistogram
from desktop.shared.plain_text import PlainLabel, make_plain
from desktop.shared.style import push_button, with_role
from gallery.calibration import supported_rate

WISHES = (100, 1_000, 10_000)
"""Once in so many visits a stranger may get a name by mistake."""

SAME = 5e-4
"""Thresholds that differ by less read the same."""

_MOST_VISITS = 10_000_000
_FACTS = 6


class CalibrationPage(Retranslated, QWidget):
    """Shows what a FoundThreshold says; computes nothing.

    asked: the wish, a share of strangers, to look at; None for that of the settings. adopted: a
    wish, and the threshold to use with it. returned: the one before is wanted.
    """

    asked = pyqtSignal(object)
    adopted = pyqtSignal(float, float)
    returned = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.Window)
        self._found: FoundThreshold | None = None
        self._failure = ""
        self.title = with_role(PlainLabel(), "title")
        self.question = PlainLabel()
        self._wishes = QButtonGroup(self)
        self.histogram = ScoreHistogram()
        self.spin = QDoubleSpinBox()
        self._spin_name = PlainLabel()
        self.verdict = PlainLabel()
        self.problem = with_role(PlainLabel(), "problem")
        self._facts = tuple((PlainLabel(), PlainLabel()) for _ in range(_FACTS))
        self.limits = with_role(PlainLabel(), "quiet")
        self.numbers = QToolButton()
        self.table = QTableWidget(0, 4)
        self.adopt = push_button()
        self.undo = push_button()
        self.leave = push_button()
        self._lay_out()
        self.retranslate()
        self._wishes.buttonClicked.connect(self._ask)
        self.histogram.moved.connect(self._follow_line)
        self.spin.valueChanged.connect(self._follow_spin)
        self.numbers.toggled.connect(self.table.setVisible)
        self.adopt.clicked.connect(self._adopt)
        self.undo.clicked.connect(lambda: self.returned.emit())
        self.leave.clicked.connect(self.close)
        self.resize(QSize(760, 700).boundedTo(self.screen().availableSize() - QSize(0, 36)))
        self._show()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Threshold"))
        self.title.setText(self.tr("How similar must a face be to get a name?"))
        self.question.setText(self.tr("A stranger may get a name by mistake once in"))
        for button in self._wishes.buttons():
            visits = QLocale().toString(self._wishes.id(button))
            button.setText(self.tr("{} visits").format(visits))
        self._spin_name.setText(self.tr("Threshold"))
        self.spin.setAccessibleName(self.tr("Threshold"))
        self.numbers.setText(self.tr("Numbers of the diagram"))
        self.table.setHorizontalHeaderLabels(
            [self.tr("from"), self.tr("to"), self.tr("one person"), self.tr("two people")]
        )
        self.adopt.setText(self.tr("Use this threshold"))
        self.undo.setText(self.tr("Return to the one before"))
        self.leave.setText(self.tr("Close"))
        self.spin.setLocale(QLocale())
        self._fill_table()
        self._show()

    def show_found(self, found: FoundThreshold) -> None:
        """Show what was found; the line goes to the calibrated threshold."""
        self._found, self._failure = found, ""
        self.setEnabled(True)
        calibration = found.calibration
        visits = round(1 / calibration.fpir)
        known = self._wishes.button(visits)
        self._wishes.setExclusive(False)
        for button in self._wishes.buttons():
            button.setChecked(button is known)
        self._wishes.setExclusive(True)
        self.histogram.show_scores(
            calibration.scores.mated,
            calibration.scores.nonmated,
            found.in_use,
            calibration.threshold,
        )
        self._fill_table()
        self._follow_line(self.histogram.threshold)

    def show_failure(self, reason: str) -> None:
        """Say why nothing can be shown, such as an empty gallery's Sentence."""
        self._found, self._failure = None, reason
        self.setEnabled(True)
        self._show()

    def refresh(self) -> None:
        """Ask anew, for the wish that was looked at last; in the beginning that of the settings."""
        self.asked.emit(None if self._found is None else self._found.calibration.fpir)

    def wait(self) -> None:
        """Show that an answer is on its way; nothing can be changed meanwhile."""
        self.setEnabled(False)

    # -- what the user does ----------------------------------------------------------------

    def _ask(self) -> None:
        self.wait()
        self.asked.emit(1 / self._wishes.checkedId())

    def _follow_line(self, threshold: float) -> None:
        self.spin.blockSignals(True)
        self.spin.setValue(threshold)
        self.spin.blockSignals(False)
        self._show()

    def _follow_spin(self, threshold: float) -> None:
        self.histogram.place(threshold)
        self._show()

    def _adopt(self) -> None:
        found = self._found
        if found is None or self._is_too_loose(found):
            return
        threshold = max(self.histogram.threshold, found.calibration.threshold)
        if threshold < found.in_use - SAME:
            self._ask_to_loosen(found, threshold)
        else:
            self._emit_adopted(found, threshold)

    def _ask_to_loosen(self, found: FoundThreshold, threshold: float) -> None:
        box = QMessageBox(QMessageBox.Warning, self.tr("Threshold"), "", parent=self)
        box.setAttribute(Qt.WA_DeleteOnClose)
        box.setText(self.tr("This gives names more easily than now."))
        box.setInformativeText(
            self.tr(
                "{} is in use; {} lets a stranger pass once in {} visits. The station asks "
                "fewer people, and mistakes more of them."
            ).format(
                decimal(found.in_use, 3),
                decimal(threshold, 3),
                _visits(found.calibration.fpir_at(threshold)),
            )
        )
        loosen = box.addButton(self.tr("Use the looser one"), QMessageBox.AcceptRole)
        cancel = box.addButton(self.tr("Leave it"), QMessageBox.RejectRole)
        box.setDefaultButton(cancel)
        box.setEscapeButton(cancel)
        make_plain(box)
        loosen.clicked.connect(lambda: self._emit_adopted(found, threshold))
        box.open()

    def _emit_adopted(self, found: FoundThreshold, threshold: float) -> None:
        self.wait()
        self.adopted.emit(found.calibration.fpir, threshold)

    # -- what there is to see --------------------------------------------------------------

    def _show(self) -> None:
        found = self._found
        for widget in (self.histogram, self.spin, self._spin_name, self.verdict, self.numbers):
            widget.setVisible(found is not None)
        self.table.setVisible(found is not None and self.numbers.isChecked())
        self.problem.setVisible(found is None or self._is_too_loose(found))
        facts = self._facts_of(found) if found is not None else []
        for (name, value), texts in zip(
            self._facts, facts + [("", "")] * (_FACTS - len(facts)), strict=True
        ):
            for label, text in zip((name, value), texts, strict=True):
                label.setText(text)
                label.setVisible(bool(text))
        self.limits.setText("" if found is None else "\n".join(self._limits_of(found)))
        self.undo.setEnabled(found is not None and found.can_return)
        self.adopt.setEnabled(found is not None and self._can_adopt(found))
        if found is None:
            waiting = self.tr("The people in the gallery are being compared…")
            self.problem.setText(in_own_words(self._failure) if self._failure else waiting)
            return
        calibration, line = found.calibration, self.histogram.threshold
        wished, given = _visits(calibration.fpir), _visits(calibration.fpir_at(line))
        if self._is_too_loose(found):
            self.verdict.setText("")
            self.problem.setText(
                self.tr(
                    "At this line a stranger would get a name about once in {} visits, more often "
                    "than the {} that are chosen above, so it cannot be used. Whoever can live "
                    "with that chooses a smaller number above."
                ).format(given, wished)
            )
        elif line > calibration.threshold + SAME:
            self.verdict.setText(
                self.tr(
                    "Stricter than once in {} visits needs: a stranger gets a name about once in "
                    "{}. Your own people are asked more often."
                ).format(wished, given)
            )
        else:
            self.verdict.setText(
                self.tr("What once in {} visits needs in this gallery.").format(wished)
            )

    def _is_too_loose(self, found: FoundThreshold) -> bool:
        return self.histogram.threshold < found.calibration.threshold - SAME

    def _can_adopt(self, found: FoundThreshold) -> bool:
        """Return whether the line may be used, and is not what is used already."""
        is_same = abs(self.histogram.threshold - found.in_use) < SAME
        is_wished = abs(found.calibration.fpir / found.wish - 1) < 1e-6
        return not self._is_too_loose(found) and not (is_same and is_wished and found.can_return)

    def _facts_of(self, found: FoundThreshold) -> list[tuple[str, str]]:
        line = self.histogram.threshold
        mated = found.calibration.scores.mated
        facts = [
            (
                self.tr("In use"),
                self.tr("{}, for once in {} visits").format(
                    decimal(found.in_use, 3), _visits(found.wish)
                ),
            )
        ]
        if len(mated):
            below = float((mated < line).mean())
            facts.append(
                (
                    self.tr("Your people's own pictures below the line"),
                    self.tr("{} % of {}; several looks together do better").format(
                        decimal(100 * below, 1), len(mated)
                    ),
                )
            )
        return [*facts, *self._visits_of(found, line)]

    def _visits_of(self, found: FoundThreshold, line: float) -> list[tuple[str, str]]:
        """What is known of the visits at a station."""
        week, strangers = found.week, found.calibration.strangers
        if week.is_empty and not strangers:
            nothing = self.tr("No visit at a station: nothing can be said.")
            return [(self.tr("The last week"), nothing)]
        outcome = week.at(line - found.in_use)
        facts = []
        if week.by_face:
            told = self.tr(
                "{} of {} as they were; {} asked once more, and then for a code, or refused"
            ).format(outcome.named, len(week.by_face), outcome.asked)
            facts.append((self.tr("The last week's check-ins by face"), told))
        if week.mistaken:
            told = self.tr("{} of {} would still have been; {} not").format(
                outcome.mistaken, len(week.mistaken), outcome.spared
            )
            facts.append((self.tr("Taken for another (“not me”)"), told))
        if strangers:
            named = sum(one.similarity >= line for one in strangers)
            told = self.tr("{} of {} would have got a name at a single look").format(
                named, len(strangers)
            )
            facts.append((self.tr("Strangers whom the station has seen"), told))
            unknown = self.tr("Of {} who came in by a code the similarity is not kept.")
        else:
            unknown = self.tr(
                "Whom a looser line would have named: of {} who came in by a code, and of "
                "strangers, the similarity is not kept."
            )
        return [*facts, (self.tr("What nobody can know"), unknown.format(week.by_code))]

    def _limits_of(self, found: FoundThreshold) -> list[str]:
        calibration = found.calibration
        lines = []
        if calibration.shift is None:
            lines.append(
                self.tr(
                    "Too few people are enrolled to say how alike different people are here. What "
                    "is known of the model alone decides."
                )
            )
        else:
            rate = max(supported_rate(calibration.pairs), 1e-9)
            lines.append(
                self.tr(
                    "{} pairs of people say nothing of mistakes rarer than one in {} comparisons. "
                    "Below that, what is known of the model decides."
                ).format(calibration.pairs, round(1 / rate))
            )
        if not found.is_measured:
            lines.append(self.tr("What is known of this model is estimated, and careful."))
        lines.append(self.tr("What is used here holds at once, in the window and at the station."))
        return lines

    def _fill_table(self) -> None:
        rows = self.histogram.rows
        self.table.setRowCount(len(rows))
        for place, (low, high, own, other) in enumerate(rows):
            for column, text in enumerate(
                (
                    *(decimal(low), decimal(high)),
                    *(f"{decimal(100 * share, 1)} %" for share in (own, other)),
                )
            ):
                item = QTableWidgetItem(text)
                item.setTextAlignment(int(Qt.AlignRight | Qt.AlignVCenter))
                self.table.setItem(place, column, item)

    # -- what is where ---------------------------------------------------------------------

    def _lay_out(self) -> None:
        for label in (self.title, self.question, self.verdict, self.problem, self.limits):
            label.setWordWrap(True)
        self.spin.setButtonSymbols(QAbstractSpinBox.NoButtons)  # the diagram is beside it
        self.spin.setDecimals(3)
        self.spin.setSingleStep(STEP)
        self.spin.setRange(-1, HIGHEST)
        self.spin.setKeyboardTracking(False)
        self.numbers.setCheckable(True)
        self.numbers.setAutoRaise(True)
        self.table.setEditTriggers(QTableWidget.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.Stretch)
        self.table.setMinimumHeight(12 * self.fontMetrics().height())
        with_role(self.adopt, "primary")

        wishes = QHBoxLayout()
        for visits in WISHES:
            button = QRadioButton()
            self._wishes.addButton(button, visits)
            wishes.addWidget(button)
        wishes.addStretch(1)
        line = QHBoxLayout()
        line.addWidget(self._spin_name)
        line.addWidget(self.spin)
        line.addWidget(self.verdict, 1)
        facts = QGridLayout()
        facts.setHorizontalSpacing(16)
        facts.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(self._facts):
            for label in (name, value):
                label.setWordWrap(True)
            name.setFixedWidth(26 * self.fontMetrics().averageCharWidth())
            facts.addWidget(with_role(name, "quiet"), row, 0, Qt.AlignTop)
            facts.addWidget(value, row, 1, Qt.AlignTop)

        inner = QWidget()
        column = QVBoxLayout(inner)
        column.addWidget(self.title)
        column.addWidget(self.question)
        column.addLayout(wishes)
        column.addWidget(self.histogram)
        column.addLayout(line)
        column.addWidget(self.problem)
        column.addLayout(facts)
        column.addWidget(self.limits)
        column.addWidget(self.numbers, 0, Qt.AlignLeft)
        column.addWidget(self.table)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        area.setWidget(inner)
        buttons = QHBoxLayout()
        buttons.addWidget(self.undo)
        buttons.addStretch(1)
        buttons.addWidget(self.leave)
        buttons.addWidget(self.adopt)
        outer = QVBoxLayout(self)
        outer.addWidget(area, 1)
        outer.addLayout(buttons)


def _visits(rate: float) -> str:
    """Return once in how many visits a rate is, with two digits that count beyond a hundred."""
    visits = 1 / rate
    if visits >= _MOST_VISITS:
        return f"> {QLocale().toString(_MOST_VISITS)}"
    digits = max(len(str(round(visits))) - 2, 0)
    return QLocale().toString(int(round(visits, -digits)))
