"""What the parts are given of the settings."""

from __future__ import annotations

from pathlib import Path

import msgspec

from desktop.settings.fields import fields
from desktop.settings.file import Settings
from desktop.settings.specs import chosen_guards, recognizer_spec
from recognition.assembly import RecognizerSpec
from station.operation.protection import ChosenGuards
from station.settings import StationSettings


def test_the_recognizer_gets_its_values() -> None:
    assert recognizer_spec(Settings()) == RecognizerSpec()
    settings = Settings(
        detector="yunet",
        smallest_face=60,
        embedder="facenet-vggface2",
        embedder_weights="weights.pt",
        device="openvino:CPU",
        fpir=0.01,
    )
    assert recognizer_spec(settings) == RecognizerSpec(
        "yunet", 60, "facenet-vggface2", Path("weights.pt"), "openvino:CPU", 0.01
    )
    assert recognizer_spec(settings, 20).smallest_face_px == 20
    assert recognizer_spec(settings, adopted=Path("figures")).adopted == Path("figures")


def guards_without_texts(settings: Settings) -> ChosenGuards:
    return msgspec.structs.replace(chosen_guards(settings), texts={})


def test_what_is_chosen_guards_the_station() -> None:
    assert guards_without_texts(Settings()) == ChosenGuards(
        liveness="when unsure",
        fpir=0.001,
        opening_hours=False,
        keep_pictures=False,
        webhook=False,
        command=False,
        look_alikes_code=True,
    )
    station = StationSettings(
        liveness="always",
        opening_hours="Mon 07:00-08:00",
        keep_pictures=True,
        webhook="https://a",
        command="open-door",
        liveness_network="fr_liveness.onnx",
        look_alikes_code=False,
    )
    assert guards_without_texts(Settings(fpir=0.01, station=station)) == ChosenGuards(
        liveness="always",
        fpir=0.01,
        opening_hours=True,
        keep_pictures=True,
        webhook=True,
        command=True,
        liveness_network=True,
    )


def test_a_guard_has_the_name_of_its_setting() -> None:
    """By it ProtectionRecord.follow_settings knows what somebody has changed."""
    names = {field.path[-1] for field in fields()}
    assert names.issuperset(set(ChosenGuards.__struct_fields__) - {"texts"})
    assert names.issuperset(chosen_guards(Settings()).texts)
