"""Asks which camera, stream, film or picture is to be shown."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QWidget

from desktop.live.source.camera_list import CameraList
from desktop.live.source.previews import CameraPreviews
from desktop.shared.dialogs.fitting_dialog import FittingDialog
from desktop.shared.icons.icon import icon
from desktop.shared.plain_text import PlainFileDialog, PlainLabel
from desktop.shared.style import push_button, with_role

FIELD_PX = 260


class SourceDialog(FittingDialog):
    """Offers the cameras, and takes a source as the settings do, or a file that is looked for.

    spec: what is shown now. previews: finds and plays the cameras from the beginning until the end;
    without it there is no list. chosen: the new source, as in capture.opening.open_source, after
    all cameras were let go.
    """

    chosen = pyqtSignal(str)

    def __init__(
        self, spec: str, parent: QWidget | None = None, previews: CameraPreviews | None = None
    ) -> None:
        super().__init__(parent)
        self.cameras = CameraList(previews) if previews is not None else None
        self.question = PlainLabel()
        self.question.setWordWrap(True)
        self.field = QLineEdit(spec)
        self.field.setMinimumWidth(FIELD_PX)
        self.field.selectAll()
        self.browse = push_button()
        self.browse.setIcon(icon("folder"))
        self.browse.setAutoDefault(False)
        self.open_button = with_role(push_button(), "primary")
        self.open_button.setDefault(True)
        self.cancel = push_button()
        row = QHBoxLayout()
        row.addWidget(self.field, 1)
        row.addWidget(self.browse)
        if self.cameras is not None:
            self.body.addWidget(self.cameras)
            self.cameras.picked.connect(self.field.setText)
            self.cameras.opened.connect(lambda _: self._choose())
            self.cameras.shown.connect(self._grow)
            self.finished.connect(self.cameras.stop)
        self.body.addWidget(self.question)
        self.body.addLayout(row)
        self.buttons.addWidget(self.cancel)
        self.buttons.addWidget(self.open_button)
        self.field.textChanged.connect(self._allow)
        self.browse.clicked.connect(self._look_for_file)
        self.open_button.clicked.connect(self._choose)
        self.cancel.clicked.connect(self.reject)
        self.field.setFocus()
        self._allow()
        self.retranslate()
        if previews is not None:
            previews.start()

    def retranslate(self) -> None:
        self.setWindowTitle(self.tr("Source"))
        self.question.setText(
            self.tr(
                "A camera's number or camera: and its name, the address of a stream or of "
                "snapshots, a file or folder, or demo:"
            )
        )
        self.field.setAccessibleName(self.tr("Source"))
        self.browse.setText(self.tr("Browse…"))
        self.open_button.setText(self.tr("Open"))
        self.cancel.setText(self.tr("Cancel"))

    def _allow(self) -> None:
        self.open_button.setEnabled(bool(self.field.text().strip()))

    def _choose(self) -> None:
        if self.cameras is not None:
            self.cameras.stop()
        self.chosen.emit(self.field.text().strip())
        self.accept()

    def _look_for_file(self) -> None:
        dialog = PlainFileDialog(self, self.tr("Open a video or picture"))
        dialog.setAttribute(Qt.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.ExistingFile)
        dialog.fileSelected.connect(self.field.setText)
        dialog.open()
