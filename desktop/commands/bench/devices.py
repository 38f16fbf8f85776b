"""facedesk bench devices: measures how much each device gets done."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import click

from desktop.commands.session import Session, json_option, note, print_json

if TYPE_CHECKING:
    from bench.devices import DeviceSpeed
    from models.detectors.protocol import Detector
    from models.embedders.embedder import Embedder


@click.command()
@click.option(
    "--device",
    "names",
    multiple=True,
    metavar="NAME",
    help="Measure this one, as the setting device names it; it may be given several times. Without "
    "it all are measured.",
)
@json_option
@click.pass_obj
def devices(session: Session, names: tuple[str, ...], as_json: bool) -> None:
    """Measure how much each device gets done, and whether its results are openvino:CPU's.

    Frames of 1280x720 pixels have 1, 10 and 50 faces; pictures of 640x480 have one.
    """
    from bench.devices import RefusedDevice, measure_devices
    from models.engines.devices import DEFAULT, available_devices
    from recognition.assembly import load_models

    choice = session.recognizer_spec()

    def load(device: str) -> tuple[Detector, Embedder]:
        return load_models(replace(choice, device=device), session.home.cache, session.preparation)

    wanted = [name for name in names or available_devices() if name != DEFAULT]
    for measured in measure_devices([DEFAULT, *wanted], load, note):
        if as_json:
            print_json(asdict(measured))
        elif isinstance(measured, RefusedDevice):
            click.echo(f"{measured.device}: {measured.reason}")
        else:
            _print(measured)


def _print(speed: DeviceSpeed) -> None:
    click.echo(speed.device)
    for crowd in speed.crowds:
        click.echo(
            f"  {crowd.faces:2} faces a frame ({crowd.found:.1f} found): "
            f"{crowd.live:.1f} fps live, {crowd.whole:.1f} fps with each face found and embedded"
        )
    click.echo(
        f"  {speed.imported:.1f} pictures/s imported, {speed.evaluated:.1f} pictures/s evaluated"
    )
    click.echo(
        f"  boxes and landmarks within {speed.box_px:.3f} px, embeddings within "
        f"{speed.embedding:.5f} (cosine {speed.cosine:.6f}), {speed.missed} faces more or fewer"
    )
