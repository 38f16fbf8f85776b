"""facedesk models describe: everything that is known of one model."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from common.errors import WeightsError
from desktop.commands.models.listing import rows_of
from desktop.commands.session import Session, json_option, print_json

if TYPE_CHECKING:
    from models.described.description import ModelDescription
    from models.described.installed import InstalledModel


@click.command("describe")
@click.argument("name")
@json_option
@click.pass_obj
def describe_model(session: Session, name: str, as_json: bool) -> None:
    """Show what a model is, where it is, and how it is run."""
    from models.described.installed import installed_model, installed_names

    if name not in installed_names():
        for row in rows_of(session):
            if row.name == name:
                _print({field: value for field, value in asdict(row).items() if value}, as_json)
                return
    model = installed_model(name)
    _print(_facts(session, model), as_json)


def _facts(session: Session, model: InstalledModel) -> dict[str, object]:
    description = model.description
    facts: dict[str, object] = {
        key: value
        for key, value in asdict(description).items()
        if key not in ("file", "reach", "margin", "metric", "crop", "output", "dimension")
    }
    facts["model_id"] = description.model_id
    if description.use == "compares faces":
        facts.update(
            crop=description.crop,
            **({"margin": description.margin} if description.crop == "margin" else {}),
            output=description.output,
            dimension=description.dimension,
            metric=description.metric,
            **({"reach": description.reach} if description.reach else {}),
            figures=_figures(session, description),
        )
    facts["path"] = str(model.path)
    try:
        model.verified()
        facts["state"] = "ready"
    except WeightsError as error:
        facts["state"] = error.found
    return facts


def _figures(session: Session, description: ModelDescription) -> str:
    from models.embedders.adopted import adopted_figures

    if adopted_figures(description.model_id, session.home.figures) is not None:
        return "measured on your people"
    return "careful ones: facedesk evaluate FOLDER --adopt measures them"


def _print(facts: dict[str, object], as_json: bool) -> None:
    if as_json:
        print_json(facts)
        return
    for key, value in facts.items():
        click.echo(f"{key.replace('_', ' '):12} {_told(value)}")


def _told(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(f"{number:g}" for number in value)
    return str(value)
