"""The line at the window's foot: the state of the source, and rates and times."""

from __future__ import annotations

from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QStatusBar

from capture.latest import SourceState, SourceStatus
from desktop.i18n.retranslated import Retranslated
from desktop.i18n.sentences import in_own_words
from desktop.live.bars.rates import Rate
from desktop.live.picture.video_view import VideoView
from desktop.shared.elided_label import ElidedLabel
from desktop.shared.feed import Feed
from desktop.shared.plain_text import PlainLabel, plain_tip

STATISTICS_EVERY_MS = 500
MESSAGE_MS = 6000

LEAST_SOURCE_PX = 150
"""Where there is little room, the rates and times are cut before the source is."""


class StatusLine(Retranslated, QStatusBar):
    def __init__(self, feed: Feed, view: VideoView, show_statistics: bool) -> None:
        super().__init__()
        self._feed = feed
        self._view = view
        self._status: SourceStatus | None = None
        self._recognized_count = 0
        self._camera_rate, self._recognition_rate = Rate(), Rate()
        self.source = ElidedLabel()
        self.statistics = ElidedLabel()
        self.statistics.setVisible(show_statistics)
        self.careful = PlainLabel()
        self.careful.hide()
        self._model_id = ""
        self.addWidget(self.source, 1)
        self.addPermanentWidget(self.careful)
        self.addPermanentWidget(self.statistics)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._show_statistics)
        self._timer.start(STATISTICS_EVERY_MS)

    def retranslate(self) -> None:
        self.careful.setText(self.tr("Careful figures"))
        self.careful.setToolTip(
            plain_tip(
                self.tr(
                    "What similarities of the model {} mean was not measured: it asks for more "
                    "than it may need. facedesk evaluate FOLDER --adopt measures it on your people."
                ).format(self._model_id)
            )
        )
        if self._status is not None:
            self.show_source(self._status)

    def show_source(self, status: SourceStatus) -> None:
        """Show the source's state; trouble only in short, since the picture tells it in full."""
        self._status = status
        is_live = status.state is SourceState.LIVE
        self.source.setText(
            in_own_words(status.message) if is_live else self._in_short(status.state)
        )
        self.source.setMinimumWidth(min(self.source.sizeHint().width(), LEAST_SOURCE_PX))

    def show_careful(self, model_id: str) -> None:
        """Show that the embedder's figures are not measured, and how they are."""
        self._model_id = model_id
        self.retranslate()
        self.careful.show()

    def tell(self, text: str) -> None:
        """Show a text for some seconds."""
        self.showMessage(text, MESSAGE_MS)

    def count_recognition(self) -> None:
        self._recognized_count += 1

    def stop(self) -> None:
        self._timer.stop()

    def _in_short(self, state: SourceState) -> str:
        return {
            SourceState.OPENING: self.tr("Opening"),
            SourceState.FROZEN: self.tr("Not answering"),
            SourceState.LOST: self.tr("Not answering"),
            SourceState.ENDED: self.tr("Ended"),
            SourceState.FAILED: self.tr("Not opened"),
        }[state]

    def _show_statistics(self) -> None:
        frame = self._feed.peek()
        camera = self._camera_rate.since_last(frame.index if frame else 0)
        recognition = self._recognition_rate.since_last(self._recognized_count)
        self.statistics.setText(
            self.tr(
                "Camera {:.0f} fps · recognition {:.0f} fps · latency {:.0f} ms · {} dropped"
            ).format(camera, recognition, self._view.latency_ms, self._feed.dropped)
        )
