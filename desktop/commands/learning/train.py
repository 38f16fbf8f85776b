"""facedesk train: learns from the people in the gallery."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from desktop.commands.learning.metric import metric
from desktop.commands.learning.pairs import pairs
from desktop.commands.session import Session, counted, json_option, note, print_json

if TYPE_CHECKING:
    from gallery.gallery import Gallery
    from recognition.learning.classifier import ClassifierRecipe, Method
    from recognition.learning.training import Training

name_option = click.option(
    "--as", "name", metavar="NAME", help="Keep it under this name, in place of the method's."
)


@click.group()
def train() -> None:
    """Learn from the people in the gallery.

    A classifier says who is meant of those whom a face resembles. The name still needs the
    gallery's similarity to pass the threshold, so that no stranger gets one more easily.

    What is kept says how much each picture of the gallery counts, and holds no face. Whoever is
    removed from the gallery is removed from it in the same act.
    """


@train.command()
@click.option(
    "--kernel",
    type=click.Choice(["linear", "rbf", "best"]),
    default="best",
    show_default=True,
    help="A plane, a curved border, or the one that errs less.",
)
@name_option
@json_option
@click.pass_obj
def svm(session: Session, kernel: str, name: str | None, as_json: bool) -> None:
    """Train a support vector machine for each person, chosen by cross-validation."""
    from recognition.learning.classifier import Method

    methods = {"linear": [Method.SVM_LINEAR], "rbf": [Method.SVM_RBF]}.get(
        kernel, [Method.SVM_LINEAR, Method.SVM_RBF]
    )
    _train(session, name or "svm", methods, as_json)


@train.command()
@name_option
@json_option
@click.pass_obj
def knn(session: Session, name: str | None, as_json: bool) -> None:
    """Choose how many nearest pictures vote, by cross-validation."""
    from recognition.learning.classifier import Method

    _train(session, name or "knn", [Method.KNN], as_json)


@train.command()
@click.argument("names", nargs=-1)
@json_option
@click.pass_obj
def update(session: Session, names: tuple[str, ...], as_json: bool) -> None:
    """Bring trained classifiers in step with the gallery: those named, or all.

    Only what is new or has changed is trained.
    """
    from common.errors import LearningError
    from recognition.learning.classifier_file import (
        classifier_path,
        load_recipe,
        saved_classifiers,
    )
    from recognition.learning.labelled import LabelledRows
    from recognition.learning.ordering import ClassifierOrder
    from recognition.learning.training import update as updated

    folder = session.home.classifiers
    paths = [classifier_path(name, folder) for name in names] or saved_classifiers(folder)
    if not paths:
        raise LearningError(
            "a trained classifier", "there is none", "Train one: facedesk train svm"
        )
    with session.gallery() as gallery:
        for path in paths:
            recipe = load_recipe(path)
            stale = ClassifierOrder(recipe, gallery).staleness
            training = updated(recipe, LabelledRows.of_gallery(gallery))
            _save(gallery, training.recipe, path)
            told = {
                "classifier": path.stem,
                "new": stale.unknown,
                "changed": stale.changed,
                "gone": stale.gone,
                "machines_trained": training.machines,
            }
            if as_json:
                print_json(told)
            else:
                click.echo(
                    f"{path.stem}: {stale.unknown} new, {stale.changed} changed, {stale.gone} gone;"
                    f" {counted(training.machines, 'machine')} trained of {len(gallery)}."
                )


def _train(session: Session, name: str, methods: list[Method], as_json: bool) -> None:
    from rich.console import Console
    from rich.progress import Progress

    from recognition.learning.classifier_file import classifier_path
    from recognition.learning.labelled import LabelledRows
    from recognition.learning.training import choices_of
    from recognition.learning.training import train as trained

    path = classifier_path(name, session.home.classifiers)
    with (
        session.gallery() as gallery,
        Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress,
    ):
        task = progress.add_task("Training", total=choices_of(methods))
        known = LabelledRows.of_gallery(gallery)
        training = trained(known, gallery.model_id, methods, lambda: progress.advance(task))
        _save(gallery, training.recipe, path)
    told = {"classifier": path.stem, "file": str(path), **_told(training)}
    if as_json:
        print_json(told)
        return
    click.echo(
        f"{path.stem}: {told['method']}{_in_words(told)}, of "
        f"{counted(told['people'], 'person', 'people')} and "
        f"{counted(told['templates'], 'template')}."
    )
    click.echo(
        f"Cross-validation took {told['errors']} of {told['left_out']} left-out templates for "
        f"somebody else; log loss {told['log_loss']:.3f}."
    )
    note(f"To use it: facedesk identify --classifier {name}, or the setting classifier.")


def _save(gallery: Gallery, recipe: ClassifierRecipe, path: Path) -> None:
    """Write the classifier without anybody who was removed while it was trained."""
    from recognition.learning.classifier_file import save_recipe

    with gallery.changing():
        for one in recipe.people:
            if not gallery.knows(one):
                recipe = recipe.without(one)
        save_recipe(recipe, path)


def _told(training: Training) -> dict[str, Any]:
    recipe, best = training.recipe, training.trials[0]
    parameters = recipe.parameters
    return {
        "method": recipe.method.value,
        "model_id": recipe.model_id,
        "people": len(recipe.people),
        "templates": len(recipe.templates),
        "penalty": parameters.penalty,
        "width": parameters.width,
        "neighbours": parameters.neighbours,
        "errors": best.errors,
        "left_out": best.probes,
        "log_loss": round(best.loss, 4),
    }


def _in_words(told: dict[str, Any]) -> str:
    if told["neighbours"]:
        return f" of {told['neighbours']}"
    width = f", gamma {told['width']:g}" if told["width"] else ""
    return f", C {told['penalty']:g}{width}"


train.add_command(metric)
train.add_command(pairs)
