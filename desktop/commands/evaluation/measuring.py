"""What facedesk evaluate does: measures, prints and draws; adopts; erases what it has kept."""

from __future__ import annotations

import click

from common.errors import PictureError
from common.sentence import Sentence
from desktop.commands.evaluation.inputs import (
    EvaluationRequest,
    cache_folder,
    chosen_strangers,
    embedded,
    enrolled_here,
    evaluated_models,
    pictures_asked_for,
    threshold_in_use,
    with_enrolled,
)
from desktop.commands.evaluation.output import (
    check_outputs,
    figures_as_json,
    print_figures,
    settings_told,
    write_outputs,
)
from desktop.commands.session import Session, note, print_json


def measure(session: Session, request: EvaluationRequest) -> None:
    """Evaluate, print the figures, and write what is asked for. Raises FacedeskError."""
    from functools import partial

    from bench.evaluation.evaluation import Protocol, evaluate
    from bench.evaluation.pictures import read_groups
    from recognition.recognizer import pair_threshold

    share, strangers = chosen_strangers(request.strangers)
    pictures = pictures_asked_for(request, strangers)
    groups = read_groups(request.group) if request.group is not None else {}
    if groups and not set(groups.values()) & {groups.get(name) for name in pictures.names}:
        raise PictureError(
            Sentence("the people's groups in {}", request.group),
            "it names none of these people",
            "Write a line with a name and a group for each person",
        )
    check_outputs(request)
    templates, in_use = enrolled_here(session) if request.in_gallery else (None, 0.0)
    if templates is not None:
        pictures = with_enrolled(pictures, templates)
    models = evaluated_models(session)
    detector, embedder = models[0]
    seen = embedded(session, request, pictures, models)
    fpir = session.recognizer_spec().fpir
    found = evaluate(
        pictures,
        seen,
        partial(threshold_in_use, embedder, fpir) if templates is None else lambda people: in_use,
        pair_threshold(embedder),
        Protocol(request.enroll, request.repeat, share),
        groups,
        templates,
    )
    settings = settings_told(detector, embedder, fpir, request)
    if request.as_json:
        print_json(figures_as_json(found, embedder, settings))
    else:
        print_figures(found, settings)
    write_outputs(found, request, settings, session.language)
    if not embedder.figures.is_measured:
        note("The embedder's figures are careful ones; with --adopt they are measured.")


def adopt_figures(session: Session, request: EvaluationRequest | None, as_json: bool) -> None:
    """Adopt the figures that are measured on the pictures; forget those adopted for None."""
    from desktop.commands.evaluation.adopting import adopt, forget

    if request is None:
        _, embedder = evaluated_models(session)[0]
        forget(session, embedder, as_json)
        return
    from bench.accuracy import evaluated_people

    pictures = pictures_asked_for(request, None)
    models = evaluated_models(session)
    seen = embedded(session, request, pictures, models)
    adopt(session, evaluated_people(pictures, seen), models[0][1], as_json)


def forget_cache(session: Session, as_json: bool) -> None:
    """Erase the embeddings that evaluations have kept."""
    from bench.evaluation.cache import forget

    files = forget(cache_folder(session))
    if as_json:
        print_json({"erased": files})
    else:
        click.echo("The embeddings are erased." if files else "No embeddings were kept.")
