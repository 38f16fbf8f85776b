"""facedesk models use|remove: which of the models the settings name, and which are gone."""

from __future__ import annotations

from contextlib import suppress

import click

from common.errors import FacedeskError, WeightsError
from common.sentence import Sentence
from desktop.commands.session import Session, counted, note


@click.command("use")
@click.argument("name")
@click.pass_obj
def use_model(session: Session, name: str) -> None:
    """Let the settings name a model, from the next start on.

    One that compares faces becomes the setting embedder, one that finds them the setting detector.
    The rest of the settings file stays as it is, its comments too.
    """
    from models.described.installed import installed_model, installed_names
    from models.detectors.loading import check_detector, own_detectors
    from models.embedders.loading import check_embedder

    setting = "embedder"
    if name in installed_names():
        model = installed_model(name)
        model.verified()
        if model.description.use == "finds faces":
            setting = "detector"
    elif name in own_detectors():
        setting = "detector"
    check = check_embedder if setting == "embedder" else check_detector
    check(name)
    session.change_settings({(setting,): name})
    note(f"The setting {setting} is {name} now.")
    if setting == "embedder":
        _tell_careful_figures(session, name)
        _tell_other_gallery(session, name)


def _tell_careful_figures(session: Session, name: str) -> None:
    """Say so where nobody has measured what the similarities of an added model mean."""
    from models.described.installed import installed_model, installed_names
    from models.embedders.adopted import adopted_figures

    if name in installed_names():
        model_id = installed_model(name).description.model_id
        if adopted_figures(model_id, session.home.figures) is None:
            note("Its figures are careful ones: facedesk evaluate FOLDER --adopt measures them.")


def _tell_other_gallery(session: Session, name: str) -> None:
    """Say so where the people of the gallery are of another model."""
    from models.embedders.loading import is_name_of

    if not session.home.gallery.is_file():
        return
    with session.gallery() as gallery:
        people, model_id = len(gallery.identities), gallery.model_id
    if people and not is_name_of(name, model_id):
        note(
            f"The gallery holds {counted(people, 'person', 'people')} of the model {model_id}, "
            f"with which {name} cannot compare: facedesk gallery reembed makes them anew from "
            "their pictures."
        )


@click.command("remove")
@click.argument("name")
@click.pass_obj
def remove_model(session: Session, name: str) -> None:
    """Delete a model that was added. The file that it was added from stays."""
    from models.described.installed import installed_model, installed_names, uninstall

    is_added = name in installed_names()
    for setting in ("embedder", "detector"):
        if is_added and name in str(getattr(session.settings, setting)).split("+"):
            raise WeightsError(
                Sentence("a model that the settings do not name"),
                Sentence("the setting {} is {}", setting, getattr(session.settings, setting)),
                Sentence("Set another one first, such as facedesk models use {}", _USUAL[setting]),
            )
    model_id = None
    with suppress(WeightsError):  # what is damaged is removed like what is whole
        model_id = installed_model(name).description.model_id
    uninstall(name)
    note(f"Removed {name}.")
    try:
        with session.gallery() as gallery:
            is_its = gallery.model_id == model_id and len(gallery.identities) > 0
    except FacedeskError:  # other commands say what is wrong with the gallery
        return
    if is_its:
        note(
            "The gallery's people are of this model: add it again, or embed them with another one "
            "by facedesk gallery reembed."
        )


_USUAL = {"embedder": "sface", "detector": "mtcnn"}
