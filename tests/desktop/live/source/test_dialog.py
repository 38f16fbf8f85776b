from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from PyQt5.QtCore import Qt
from pytestqt.qtbot import QtBot

from capture.cameras.found import FoundCamera
from capture.frame import Frame
from capture.source import FrameSource
from common.errors import SourceError
from desktop.live.source.dialog import SourceDialog
from desktop.live.source.previews import CameraPreviews
from desktop.live.window import Window
from tests.desktop.conftest import SquareCamera, Stage

CAMERAS = (FoundCamera(0, "Integrated"), FoundCamera(2, "C920"), FoundCamera(4, ""))

MakeDialog = Callable[..., SourceDialog]


class Shelf:
    """Cameras by number: `broken` cannot be opened, `open` says which are open now."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.broken: set[str] = set()
        self.open: set[str] = set()

    def opened(self, spec: str) -> FrameSource:
        if spec in self.broken:
            raise SourceError("a camera", "another program has taken it", "Close that")
        shelf = self

        class ShelvedCamera(SquareCamera):
            def close(self) -> None:
                shelf.open.discard(spec)
                super().close()

        self.open.add(spec)
        source = ShelvedCamera(self.stage)
        source.is_live = True
        return source


@pytest.fixture
def shelf(stage: Stage) -> Shelf:
    return Shelf(stage)


@pytest.fixture
def make(shelf: Shelf, qtbot: QtBot) -> MakeDialog:
    def made(
        spec: str = "camera:Integrated",
        find: Callable[[], tuple[FoundCamera, ...]] = lambda: CAMERAS,
        peek: Callable[[], Frame | None] = lambda: None,
    ) -> SourceDialog:
        dialog = SourceDialog(spec, None, CameraPreviews(find, shelf.opened, spec, peek))
        qtbot.addWidget(dialog, before_close_func=lambda d: d.reject())
        dialog.open()
        return dialog

    return made


def texts(dialog: SourceDialog) -> list[str]:
    assert dialog.cameras is not None
    dialog.cameras.refresh()
    return [dialog.cameras.item(row).text() for row in range(dialog.cameras.count())]


def test_cameras_are_listed_by_name_with_what_they_see(
    make: MakeDialog, shelf: Shelf, stage: Stage, qtbot: QtBot
) -> None:
    dialog = make(peek=lambda: Frame(stage.image.copy(), 0, 0.0))
    size = f"{stage.image.shape[1]} × {stage.image.shape[0]}"
    wanted = [f"Integrated\n{size}", f"C920\n{size}", f"Camera 4\n{size}"]
    qtbot.waitUntil(lambda: texts(dialog) == wanted)
    assert dialog.cameras is not None
    icon = dialog.cameras.item(1).icon().pixmap(112, 84).toImage()
    assert len({icon.pixel(x, 42) for x in range(icon.width())}) > 1
    # The dialog has grown: nothing lies on anything else, and all of it is to be seen.
    assert dialog.cameras.geometry().bottom() < dialog.question.geometry().top()
    assert dialog.question.geometry().bottom() < dialog.field.geometry().top()
    assert dialog.question.height() >= dialog.question.heightForWidth(dialog.question.width())
    # The one on show is chosen, and is not opened a second time.
    assert dialog.cameras.currentRow() == 0
    assert shelf.open == {"2", "4"}
    assert dialog.field.text() == "camera:Integrated"


def test_a_camera_is_taken_by_its_name_once_it_is_let_go(
    make: MakeDialog, shelf: Shelf, qtbot: QtBot
) -> None:
    dialog = make("demo")
    qtbot.waitUntil(lambda: shelf.open == {"0", "2", "4"})
    chosen: list[tuple[str, set[str]]] = []
    dialog.chosen.connect(lambda spec: chosen.append((spec, set(shelf.open))))
    assert dialog.cameras is not None
    dialog.cameras.setCurrentRow(1)
    assert dialog.field.text() == "camera:C920"
    qtbot.mouseClick(dialog.open_button, Qt.LeftButton)
    assert chosen == [("camera:C920", set())]


def test_a_double_click_opens(make: MakeDialog, shelf: Shelf, qtbot: QtBot) -> None:
    dialog = make("demo")
    qtbot.waitUntil(lambda: len(texts(dialog)) == 3)
    assert dialog.cameras is not None
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.cameras.setCurrentRow(2)
        dialog.cameras.itemActivated.emit(dialog.cameras.item(2))
    assert chosen.args == ["4"]
    assert not dialog.isVisible()


def test_a_camera_that_gives_nothing_says_so(make: MakeDialog, shelf: Shelf, qtbot: QtBot) -> None:
    shelf.broken.add("2")
    dialog = make("demo")
    qtbot.waitUntil(lambda: "C920\nGives no picture" in texts(dialog))


def test_cancel_lets_go_of_every_camera(make: MakeDialog, shelf: Shelf, qtbot: QtBot) -> None:
    dialog = make("demo")
    qtbot.waitUntil(lambda: len(shelf.open) == 3)
    qtbot.mouseClick(dialog.cancel, Qt.LeftButton)
    assert shelf.open == set()


def test_it_can_be_left_while_cameras_are_looked_for(
    make: MakeDialog, shelf: Shelf, qtbot: QtBot
) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def find() -> tuple[FoundCamera, ...]:
        asked.set()
        go_on.wait(10)
        return CAMERAS

    dialog = make("demo", find)
    assert asked.wait(10)
    assert dialog.cameras is not None
    assert dialog.cameras.isHidden()
    go_on.set()
    dialog.reject()
    qtbot.wait(20)
    assert shelf.open == set()


def test_without_a_camera_there_is_no_list(make: MakeDialog, qtbot: QtBot) -> None:
    dialog = make("demo", lambda: ())
    qtbot.wait(50)
    assert dialog.cameras is not None
    assert dialog.cameras.isHidden()


def test_a_camera_that_was_chosen_is_remembered(window: Window, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.camera_chosen) as kept:
        window._take_source("camera:C920")
    assert kept.args == ["camera:C920"]
    assert window.view.is_mirrored
    with qtbot.assertNotEmitted(window.camera_chosen):
        window._take_source("clip.mp4")


def test_an_address_that_is_typed_is_not_written_over(make: MakeDialog, qtbot: QtBot) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def find() -> tuple[FoundCamera, ...]:
        asked.set()
        go_on.wait(10)
        return CAMERAS

    dialog = make("0", find)
    assert asked.wait(10)
    dialog.field.setText("rtsp://cam/1")
    go_on.set()
    assert dialog.cameras is not None
    qtbot.waitUntil(lambda: dialog.cameras.count() == 3)
    assert dialog.cameras.currentRow() == 0
    assert dialog.field.text() == "rtsp://cam/1"
