"""Puts the station together: recognizer, ledger, codes and the rest."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from common.errors import FacedeskError
from desktop.home import Home
from gallery.likeness.stranger_scores import StrangerScores
from models.conversion.preparation import Preparation
from models.liveness_network import LivenessNetwork, load_liveness_network
from recognition.assembly import RecognizerSpec, load_recognizer
from recognition.decision import Decision
from recognition.liveness.frozen import FrozenCamera
from recognition.recognizer import Recognizer, stranger_score
from station.actions.actions import Actions
from station.ledger.ledger import Ledger
from station.operation.protection import ChosenGuards, ProtectionRecord, protection_now
from station.people.erasure import finish_erasures
from station.people.inbox import Inbox
from station.people.refusals import Refusals
from station.secrets.codes import Codes
from station.settings import StationSettings
from station.station import Station
from station.visits.liveness import NO_MESH, FaceLiveness

log = logging.getLogger(__name__)


@contextmanager
def load_station(
    home: Home,
    spec: RecognizerSpec,
    settings: StationSettings,
    guards: ChosenGuards,
    preparation: Preparation | None = None,
) -> Iterator[tuple[Recognizer, Station]]:
    """Open all that the station needs; at the end it is closed in the opposite order.

    guards: what is to guard the station; where less does than when it last ran, it stays closed.
    preparation: see recognition/assembly.py:load_models().
    Raises every kind of FacedeskError.
    """
    record = ProtectionRecord(home.protection)
    record.require(protection_now(guards, home))
    with ExitStack() as opened:
        spec = replace(spec, impostors=home.impostors)  # no station is without
        recognizer = load_recognizer(spec, home.cache, home.gallery, preparation)
        gallery = opened.enter_context(closing(recognizer.gallery))
        if gallery.is_guarded:
            record.require_sealed()
        if recognizer.calibration is not None:
            recognizer.calibration.allows = record.allows_threshold
        try:
            finish_erasures(gallery, home)
        except FacedeskError as error:  # no reason to leave the door shut
            log.warning("%s", error)
        inbox = opened.enter_context(closing(Inbox(home.inbox)))
        if not settings.unknown_inbox:
            inbox.clear()
        camera, random = FrozenCamera(), np.random.default_rng()
        if settings.liveness != "off" and recognizer.analyzer is None:  # and loads it beforehand
            log.warning("%s", NO_MESH)

        network = _liveness_network(settings, home)
        scores = StrangerScores(home.impostors, gallery.model_id)
        if not settings.stranger_scores:
            scores.forget()

        def keep_scores(decisions: Sequence[Decision]) -> None:
            scores.add([stranger_score(one, recognizer) for one in decisions])

        def attempt() -> FaceLiveness:
            if settings.liveness == "off":
                raise ValueError("liveness is off")
            return FaceLiveness(recognizer, settings.liveness, random, camera, network)

        station = Station(
            settings,
            people=gallery,
            ledger=opened.enter_context(closing(Ledger(home.checkins))),
            codes=Codes(home.codes),
            actions=opened.enter_context(
                closing(
                    Actions(
                        home.outbox,
                        home.checkins,
                        log.warning,
                        webhook=settings.webhook,
                        webhook_secret=settings.webhook_secret,
                        command=settings.command,
                    )
                )
            ),
            keep_impostor=recognizer.is_not,
            look_alikes_of=recognizer.look_alikes_of,
            keep_scores=keep_scores,
            inbox=inbox,
            refusals=Refusals(home.refusals),
            liveness=attempt,
        )
        record.keep(protection_now(guards, home))
        gallery.begin_guarding()
        yield recognizer, station


def _liveness_network(settings: StationSettings, home: Home) -> LivenessNetwork | None:
    """Load the network that the settings name, and say which one it is. Where it cannot be loaded,
    the station stays closed: raises WeightsError and EngineError."""
    if not settings.liveness_network or settings.liveness == "off":
        return None
    path = Path(settings.liveness_network).expanduser()
    network = load_liveness_network(path, home.cache / "openvino")
    log.warning(
        "liveness_network: %s, SHA-256 %s, %s",
        path,
        network.sha256,
        "the one that was measured" if network.is_measured else "of which nothing is known",
    )
    return network
