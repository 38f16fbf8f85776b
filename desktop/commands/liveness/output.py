"""What the commands of facedesk liveness print and write: error rates with their intervals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import SourceError
from desktop.commands.session import print_json

if TYPE_CHECKING:
    from bench.liveness.presentation import PresentationReport
    from recognition.liveness.check import Mode

out_option = click.option(
    "--out", type=click.Path(path_type=Path), metavar="OUT.html", help="Write a report there."
)
mode_option = click.option(
    "--mode",
    type=click.Choice(["when-unsure", "always"]),
    callback=lambda context, parameter, mode: mode and mode.replace("-", " "),
    help="always asks for two movements, which a recorded film could not make.",
)


class ReportPage:
    """Writes the report where one is wanted.

    Raises SourceError before anything is measured where the report cannot be written.
    """

    def __init__(self, path: Path | None, force: bool, inputs: Iterable[Path]) -> None:
        from common.output_file import check_output

        self._path, self._force, self._inputs = path, force, tuple(inputs)
        if path is not None:
            check_output(path, SourceError, overwrite=force, inputs=self._inputs)

    def __call__(self, report: PresentationReport, mode: Mode) -> None:
        from bench.liveness.presentation_page import page
        from common.output_file import output_file

        if self._path is not None:
            text = page(report, mode, f"{datetime.now():%Y-%m-%d %H:%M}")
            with output_file(
                self._path, SourceError, overwrite=self._force, inputs=self._inputs
            ) as fresh:
                fresh.write_text(text, "utf-8")


def tell_rates(report: PresentationReport, mode: Mode, as_json: bool) -> None:
    from bench.liveness.presentation_page import in_words

    if as_json:
        rates = [*report.apcer, *([report.bpcer] if report.bpcer else [])]
        print_json({"mode": mode, "rates": [{**asdict(r), "rate": r.rate} for r in rates]})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("rate", "shown", "errors", "share", "95 % interval", "no response")
    table.columns[0].no_wrap = True
    for name, rate in [
        *(("APCER", rate) for rate in report.apcer),
        *([("BPCER", report.bpcer)] if report.bpcer else []),
    ]:
        counts = (str(rate.presentations), str(rate.errors))
        table.add_row(f"{name}, {rate.kind}", *counts, *in_words(rate), str(rate.no_response))
    Console().print(table)
