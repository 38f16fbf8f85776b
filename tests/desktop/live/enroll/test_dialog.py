from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from capture.latest import SourceState, SourceStatus
from common.sentence import Sentence
from desktop.live.enroll.dialog import EnrollDialog
from desktop.live.people.summaries import PersonSummary
from desktop.shared.look.colours import LIGHT
from desktop.shared.names import isolated
from desktop.shared.style import dress
from gallery.identity import Candidate, Identity, Template
from recognition.enrollment.counting import FrameVerdict, RefusalReason
from recognition.enrollment.live import Progress, Review
from recognition.enrollment.poses import Pose
from recognition.liveness.life_watch import LifeSign, SeenLife

BERTA = Candidate(Identity("1" * 32, "Berta", datetime(2026, 3, 4, tzinfo=UTC)), 0.71)


@pytest.fixture
def dialog(qtbot: QtBot) -> EnrollDialog:
    made = EnrollDialog()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.open()
    return made


def review(same: tuple[Candidate, ...] = (), alike: tuple[Candidate, ...] = ()) -> Review:
    return Review("Anna", (), np.full((112, 112, 3), 99, np.uint8), same, alike)


def progress(count: int, reason: RefusalReason | None = None, looked_at: bool = True) -> Progress:
    return Progress(FrameVerdict(looked_at, reason is None, reason, "Hold still", count, 50), False)


def test_a_name_starts_the_capture(dialog: EnrollDialog, qtbot: QtBot) -> None:
    dialog.name_page.field.insert("  Nguyễn Văn A ")
    with qtbot.waitSignal(dialog.started) as started:
        qtbot.mouseClick(dialog.name_page.start, Qt.LeftButton)
    assert started.args == ["Nguyễn Văn A"]
    assert dialog.currentWidget() is dialog.capture_page


def test_a_name_that_cannot_stand_is_refused_with_its_reason(
    dialog: EnrollDialog, qtbot: QtBot
) -> None:
    qtbot.keyClick(dialog.name_page.field, Qt.Key_Return)
    assert dialog.currentWidget() is dialog.name_page
    assert dialog.name_page.problem.text().startswith("Expected a name, but it is empty.")


def test_progress_guidance_and_refusal_are_shown(dialog: EnrollDialog) -> None:
    page = dialog.capture_page
    dialog.show_progress(progress(12, RefusalReason.MOVING))
    assert (page.bar.value(), page.bar.maximum(), page.bar.text()) == (12, 50, "12 of 50")
    assert page.guidance.text() == "Hold still"
    assert page.reason.text() == "Not taken: moving"
    dialog.show_progress(progress(12, looked_at=False))
    assert page.reason.text() == "Not taken: moving"
    dialog.show_progress(progress(13))
    assert page.reason.text() == ""


def seen(coverage: dict[Pose, float], wanted: Pose | None = None) -> Progress:
    verdict = FrameVerdict(True, True, None, "Hold still", 12, 50, None, coverage, wanted)
    return Progress(verdict, False)


def test_the_ring_says_which_directions_are_missing(dialog: EnrollDialog) -> None:
    ring = dialog.capture_page.ring
    assert ring.accessibleDescription() == ""
    dialog.show_progress(seen({Pose.FRONTAL: 1, Pose.LEFT: 0.5, Pose.UP: 0}))
    assert ring.accessibleDescription() == ring.toolTip() == "Still missing: left, up"
    dialog.show_progress(seen({Pose.FRONTAL: 1, Pose.LEFT: 1, Pose.UP: 1}))
    assert ring.accessibleDescription() == "Seen from all directions"
    dialog.capture_page.begin("Berta")
    assert ring.accessibleDescription() == ""


@pytest.mark.parametrize("ground", [QColor("#FFFFFF"), QColor("#20262B")])
def test_an_arc_lights_up_where_its_direction_was_seen(
    dialog: EnrollDialog, ground: QColor
) -> None:
    ring = dialog.capture_page.ring
    palette = QPalette(ground)
    palette.setColor(
        QPalette.WindowText, QColor(LIGHT.ink if ground.lightness() > 127 else "#E8EDF1")
    )
    ring.setPalette(palette)
    ring.setAutoFillBackground(True)
    ring.resize(ring.sizeHint())
    ring.show_coverage({Pose.FRONTAL: 0, Pose.LEFT: 1, Pose.RIGHT: 0, Pose.UP: 1}, Pose.RIGHT)
    picture, side = ring.grab().toImage(), ring.width()
    ratio = picture.width() / side

    def colour(x: float, y: float) -> QColor:
        return QColor(picture.pixel(round(x * ratio), round(y * ratio)))

    middle, edge = side / 2, 9
    left, right = colour(edge, middle), colour(side - edge, middle)
    up, down = colour(middle, edge), colour(middle, side - edge)
    assert left == up
    assert contrast(left, ground) >= 4
    assert contrast(right, ground) < 2.5
    assert down == ground


def test_a_lost_camera_is_told_until_it_is_back(dialog: EnrollDialog) -> None:
    dialog.show_source(
        SourceStatus(SourceState.LOST, Sentence("Camera 0 stopped giving pictures."))
    )
    assert dialog.capture_page.guidance.text() == "Waiting for the camera"
    assert dialog.capture_page.reason.text() == "Camera 0 stopped giving pictures."
    dialog.show_progress(progress(1))  # of a frame from before
    assert dialog.capture_page.guidance.text() == "Waiting for the camera"
    dialog.show_source(SourceStatus(SourceState.LIVE, Sentence("Camera 0.")))
    dialog.show_progress(progress(2))
    assert dialog.capture_page.guidance.text() == "Hold still"


@pytest.mark.parametrize("page", ["name_page", "capture_page", "review_page"])
def test_escape_cancels_on_every_page(dialog: EnrollDialog, page: str, qtbot: QtBot) -> None:
    shown = getattr(dialog, page)
    dialog.setCurrentWidget(shown)
    shown.cancel.setFocus()
    with qtbot.waitSignals([dialog.cancelled, dialog.closed]):
        qtbot.keyClick(shown.cancel, Qt.Key_Escape)


def test_somebody_new_is_saved(dialog: EnrollDialog, qtbot: QtBot) -> None:
    reviewed = review(alike=(BERTA,))
    dialog.show_review(reviewed)
    page = dialog.review_page
    assert page.title.text() == f"Save this face as {isolated('Anna')}?"
    assert f"{isolated('Berta')} (0.71)" in page.note.text()
    assert not page.add.isVisible()
    assert not page.portrait.pixmap().isNull()
    with qtbot.waitSignal(dialog.save_asked) as asked:
        qtbot.mouseClick(page.save, Qt.LeftButton)
    assert asked.args == [reviewed, None]


@pytest.mark.parametrize(("button", "into"), [("add", "1" * 32), ("save_as_new", None)])
def test_somebody_known_is_added_to_or_enrolled_anew(
    dialog: EnrollDialog, qtbot: QtBot, button: str, into: str | None
) -> None:
    reviewed = review(same=(BERTA,))
    dialog.show_review(reviewed)
    page = dialog.review_page
    known = f"{isolated('Berta')} (0.71)"
    assert page.title.text() == f"This face is already enrolled as {known}"
    assert not page.save.isVisible()
    with qtbot.waitSignal(dialog.save_asked) as asked:
        qtbot.mouseClick(getattr(page, button), Qt.LeftButton)
    assert asked.args == [reviewed, into]


@pytest.mark.parametrize("same", [(), (BERTA,)])
def test_enter_saves(dialog: EnrollDialog, qtbot: QtBot, same: tuple[Candidate, ...]) -> None:
    dialog.show_review(review(same))
    page = dialog.review_page
    first = page.add if same else page.save
    qtbot.waitUntil(first.hasFocus)
    with qtbot.waitSignal(dialog.save_asked):
        qtbot.keyClick(first, Qt.Key_Return)


def test_a_key_held_too_long_does_not_cancel_the_capture(
    dialog: EnrollDialog, qtbot: QtBot
) -> None:
    qtbot.keyClicks(dialog.name_page.field, "Anna")
    qtbot.keyClick(dialog.name_page.field, Qt.Key_Return)
    qtbot.keyClick(dialog.capture_page.cancel, Qt.Key_Return)
    assert dialog.currentWidget() is dialog.capture_page


@pytest.mark.parametrize("state", [SourceState.ENDED, SourceState.FAILED])
def test_a_source_that_gives_no_more_is_not_waited_for(
    dialog: EnrollDialog, state: SourceState
) -> None:
    dialog.show_source(SourceStatus(state, Sentence("There is nothing at 'x'.")))
    assert "choose another source" in dialog.capture_page.guidance.text()
    assert dialog.capture_page.reason.text() == "There is nothing at 'x'."


def test_the_count_on_the_bar_can_be_read(dialog: EnrollDialog, qapp: QApplication) -> None:
    before = qapp.styleSheet()
    dress(qapp)
    try:
        bar = dialog.capture_page.bar
        dialog.show_progress(progress(25))
        dialog.setCurrentWidget(dialog.capture_page)
        picture = bar.grab().toImage()
        middle = picture.height() // 2
        done, to_do = (
            picture.pixelColor(round(picture.width() * share), middle) for share in (0.1, 0.9)
        )
        assert done != to_do
        assert min(contrast(QColor(LIGHT.done_ink), half) for half in (done, to_do)) >= 4.5
    finally:
        qapp.setStyleSheet(before)


def contrast(a: QColor, b: QColor) -> float:
    """WCAG 2.1's contrast ratio."""

    def luminance(colour: QColor) -> float:
        channels = np.array([colour.redF(), colour.greenF(), colour.blueF()])
        linear = np.where(
            channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4
        )
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def review_of_three(same: tuple[Candidate, ...] = ()) -> Review:
    crops = [np.full((112, 112, 3), shade, np.uint8) for shade in (50, 100, 200)]
    row = np.zeros(8, np.float32)
    templates = tuple(Template(row, crop, 0.5 - i / 10, "toy") for i, crop in enumerate(crops))
    return Review("Anna", templates, crops[0], same, ())


def test_another_portrait_can_be_chosen(dialog: EnrollDialog, qtbot: QtBot) -> None:
    reviewed = review_of_three()
    crops = [template.crop for template in reviewed.templates]
    dialog.show_review(reviewed)
    page = dialog.review_page
    assert [button.isChecked() for button in page.choice.buttons] == [True, False, False]
    assert page.choice.buttons[1].accessibleName() == "Picture 2 of 3"
    qtbot.mouseClick(page.choice.buttons[2], Qt.LeftButton)
    shown = page.portrait.pixmap().toImage()
    assert QColor(shown.pixel(shown.width() // 2, shown.height() // 2)).red() == 200
    with qtbot.waitSignal(dialog.save_asked) as asked:
        qtbot.mouseClick(page.save, Qt.LeftButton)
    saved, _ = asked.args
    assert saved.portrait is crops[2]
    assert saved.best == 2
    # What another program has changed meanwhile brings it back, with the same choice.
    dialog.show_review(saved)
    assert [button.isChecked() for button in page.choice.buttons] == [False, False, True]


def test_tab_comes_to_the_portraits_before_the_buttons(dialog: EnrollDialog) -> None:
    page = dialog.review_page
    for _ in range(2):
        dialog.show_review(review_of_three())
        row = page.choice.buttons
        following = [widget.nextInFocusChain() for widget in (*row, page.save)]
        assert following == [*row[1:], page.save, page.add]


def test_no_line_of_the_review_is_clipped_where_the_window_is_small(
    dialog: EnrollDialog, qtbot: QtBot
) -> None:
    dialog.resize(dialog.minimumSizeHint())
    dialog.show_review(review_of_three(same=(BERTA,)))
    page = dialog.review_page
    qtbot.waitUntil(lambda: page.title.height() >= page.title.heightForWidth(page.title.width()))
    assert page.title.heightForWidth(page.title.width()) > 1.5 * page.title.fontMetrics().height()
    assert page.note.height() >= page.note.heightForWidth(page.note.width())
    assert page.choice.height() >= page.choice.sizeHint().height()


def test_who_has_one_picture_has_no_choice(dialog: EnrollDialog) -> None:
    crop = np.full((112, 112, 3), 99, np.uint8)
    template = Template(np.zeros(8, np.float32), crop, 0.5, "toy")
    dialog.show_review(Review("Anna", (template,), crop, (), ()))
    assert not dialog.review_page.choice.isVisible()


def test_what_could_not_be_saved_can_be_saved_again(dialog: EnrollDialog, qtbot: QtBot) -> None:
    dialog.show_review(review())
    page = dialog.review_page
    qtbot.mouseClick(page.save, Qt.LeftButton)
    assert not page.save.isEnabled()
    dialog.show_save_failure("The disk is full.")
    assert page.problem.text() == "The disk is full."
    with qtbot.waitSignal(dialog.save_asked):
        qtbot.mouseClick(page.save, Qt.LeftButton)


def test_after_a_capture_of_no_use_the_name_is_still_there(
    dialog: EnrollDialog, qtbot: QtBot
) -> None:
    qtbot.keyClicks(dialog.name_page.field, "Anna")
    qtbot.keyClick(dialog.name_page.field, Qt.Key_Return)
    dialog.show_capture_failure("Two people were seen.")
    assert dialog.currentWidget() is dialog.name_page
    assert dialog.name_page.field.text() == "Anna"
    assert dialog.name_page.problem.text() == "Two people were seen."


@pytest.mark.parametrize(
    ("sign", "warning"),
    [
        (LifeSign.LOOKS_FLAT, "This looks like a picture, not like a person."),
        (LifeSign.NOT_CHECKED, "It was not seen that this is a live person."),
    ],
)
@pytest.mark.parametrize("same", [(), (BERTA,)])
def test_what_is_not_seen_to_be_alive_is_saved_only_on_purpose(
    dialog: EnrollDialog, qtbot: QtBot, sign: LifeSign, warning: str, same: tuple[Candidate, ...]
) -> None:
    page = dialog.review_page
    doubtful = replace(review(same), life=SeenLife(sign, Sentence("A lattice lies over it.")))
    dialog.show_review(doubtful)
    assert page.warning.text() == f"{warning} A lattice lies over it."
    buttons = [b for b in (page.save, page.add, page.save_as_new) if not b.isHidden()]
    assert not any(button.isEnabled() for button in buttons)
    assert page.cancel.isEnabled()
    page.anyway.click()
    assert all(button.isEnabled() for button in buttons)
    with qtbot.waitSignal(dialog.save_asked) as asked:
        buttons[0].click()
    assert asked.args[0] is doubtful
    assert not any(button.isEnabled() for button in buttons)
    dialog.show_save_failure("The disk is full.")
    assert all(button.isEnabled() for button in buttons)
    dialog.show_review(doubtful)  # another time it is asked again
    assert not any(button.isEnabled() for button in buttons)


def test_whoever_is_seen_to_be_alive_is_saved_without_a_question(dialog: EnrollDialog) -> None:
    for life in (None, SeenLife(LifeSign.LIVE, Sentence("Both eyes blinked."))):
        dialog.show_review(replace(review(), life=life))
        assert dialog.review_page.save.isEnabled()
        assert dialog.review_page.anyway.isHidden()
        assert dialog.review_page.warning.isHidden()


def test_a_taken_name_is_said_while_it_is_typed(dialog: EnrollDialog, qtbot: QtBot) -> None:
    page = dialog.name_page
    qtbot.keyClicks(page.field, "bert")
    dialog.show_people((PersonSummary(BERTA.identity, 8),))
    assert page.taken.isHidden()
    with qtbot.waitSignal(dialog.portraits_wanted) as wanted:
        qtbot.keyClicks(page.field, "A ")
    assert page.taken.isVisible()
    assert page.taken.text.text().startswith(f"{isolated('Berta')} is enrolled already.")
    assert wanted.args == [(BERTA.identity.id,)]
    with qtbot.waitSignal(dialog.started):  # it may be another person of that name
        qtbot.keyClick(page.field, Qt.Key_Return)


def test_a_known_face_is_said_while_it_is_captured(dialog: EnrollDialog, qtbot: QtBot) -> None:
    dialog._start("Anna")
    known = dialog.capture_page.known
    dialog.show_progress(progress(2))
    assert known.isHidden()
    with qtbot.waitSignal(dialog.portraits_wanted) as wanted:
        dialog.show_progress(replace(progress(3), known=BERTA))
    assert known.text.text().startswith(f"This face is already enrolled as {isolated('Berta')}.")
    assert wanted.args == [(BERTA.identity.id,)]
    red = np.full((112, 112, 3), (255, 0, 0), np.uint8)
    dialog.put_portraits([(BERTA.identity.id, red)])
    shown = known.portrait.grab().toImage()
    assert shown.pixelColor(shown.width() // 2, shown.height() // 2).red() == 255
    dialog.show_progress(progress(4))  # somebody else had walked by
    assert known.isHidden()


def test_the_name_can_be_corrected_before_it_is_saved(dialog: EnrollDialog, qtbot: QtBot) -> None:
    page = dialog.review_page
    dialog.show_people((PersonSummary(BERTA.identity, 8),))
    dialog.show_review(review())
    page.name.setText("Berta")
    assert page.title.text() == f"Save this face as {isolated('Berta')}?"
    assert page.taken.isVisible()
    page.name.setText("  Änna ")
    assert page.taken.isHidden()
    with qtbot.waitSignal(dialog.save_asked) as asked:
        qtbot.keyClick(page.name, Qt.Key_Return)
    saved, into = asked.args
    assert (saved.name, into) == ("Änna", None)


def test_a_name_that_cannot_stand_is_not_saved_from_the_review(
    dialog: EnrollDialog, qtbot: QtBot
) -> None:
    page = dialog.review_page
    dialog.show_review(review(same=(BERTA,)))
    page.name.setText(" ")
    with qtbot.assertNotEmitted(dialog.save_asked):
        page.save_as_new.click()
    assert page.problem.text().startswith("Expected a name, but it is empty.")
    with qtbot.waitSignal(dialog.save_asked) as asked:
        page.add.click()  # Berta keeps her own
    assert asked.args[1] == BERTA.identity.id


def test_who_is_known_is_shown_beside_the_new_portrait(dialog: EnrollDialog) -> None:
    dialog.show_review(review())
    assert dialog.review_page.known.isHidden()
    dialog.show_review(review(same=(BERTA,)))
    assert dialog.review_page.known.isVisible()


def test_where_there_is_no_room_the_review_scrolls_and_its_buttons_stay(
    dialog: EnrollDialog, qtbot: QtBot
) -> None:
    page = dialog.review_page
    dialog.show_review(review_of_three(same=(BERTA,)))
    dialog.resize(dialog.minimumSizeHint())
    qtbot.wait(1)
    for button in (page.add, page.save_as_new, page.cancel):
        bottom = button.mapTo(dialog, button.rect().bottomRight())
        assert dialog.rect().contains(bottom)
