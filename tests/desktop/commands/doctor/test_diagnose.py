from __future__ import annotations

import socket
import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common.extras import EXTRAS, install_line, is_installed
from common.sealing.tally import write_tally
from common.sqlite_file import open_database
from desktop.commands.doctor.diagnose import PACKAGES
from gallery.likeness.impostors import IMPOSTORS_FILE
from models.conversion import weights
from models.embedders.adopted import AdoptedMeasurements, Measurement
from models.embedders.sface import SfaceEmbedder
from recognition import assembly
from recognition.device_choice import WORK, Pick, Trial
from station.actions.outbox import Delivery, Outbox
from station.ledger.entry import Event, Kind
from station.ledger.ledger import Ledger
from station.ledger.schema import CHECKINS
from station.operation.health import Health
from station.operation.health_server import HealthServer
from station.people.inbox import INBOX_FILE
from station.people.refusals import REFUSALS_FILE
from station.secrets.codes import CODES_FILE, Codes
from station.secrets.pin import PinGuard


@pytest.fixture
def findings(run):
    """Runs doctor: its exit code, and its findings by what was looked at."""

    def findings() -> tuple[int, dict[str, dict[str, object]]]:
        told = run("doctor", "--json")
        assert told.err == ""
        assert all(list(line) == ["what", "well", "found", "remedy", "value"] for line in told.json)
        return told.code, {line["what"]: line for line in told.json}

    return findings


def test_what_is_optional_is_not_wrong(
    run, findings, loaded_models: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    code, found = findings()
    assert code == 0
    there = {extra: found[f"[{extra}]"]["value"] for extra in EXTRAS}
    hidden = {"torch": False, "bench": False, "learn": False}
    assert there == {extra: is_installed(extra) for extra in EXTRAS} | hidden
    assert all(found[f"[{extra}]"]["well"] for extra in EXTRAS)
    text = run("doctor").out
    gives = "NVIDIA GPUs, and the download of FaceNet"
    line = f"ok    [torch]: optional, for {gives}: {install_line('torch')}"
    assert line in text.splitlines()


def test_doctor_where_all_is_well(run, findings, seed, home: Path) -> None:
    seed("Ann")
    (home / "settings.toml").write_text('source = "demo"', "utf-8")
    code, found = findings()
    assert code == 0
    assert all(finding["well"] for finding in found.values())
    assert set(PACKAGES) < set(found)
    assert SfaceEmbedder.model_id in found["Models"]["found"]
    assert found["Gallery"]["found"] == f"1 person in {home / 'gallery.db'}"
    assert found["Settings"]["found"] == str(home / "settings.toml")
    assert found["Camera"]["found"] == "demo, 640x480"
    text = run("doctor").out.splitlines()
    assert "ok    Camera: demo, 640x480" in text
    assert not any(line.startswith("WRONG") for line in text)


def test_doctor_says_which_device_was_picked_and_why(findings, home: Path) -> None:
    trials = (
        Trial("openvino:CPU", 21.25),
        Trial("onnxruntime:CPU", 30.0),
        Trial("torch:cuda", None, "torch finds no GPU"),
    )
    told = {
        Pick("openvino:CPU"): "openvino:CPU, the only one here",
        Pick("openvino:CPU", trials): f"openvino:CPU, picked by measuring {WORK}: openvino:CPU "
        "21.2 ms, onnxruntime:CPU 30.0 ms, torch:cuda was refused (torch finds no GPU)",
    }
    for pick, found in told.items():
        with pytest.MonkeyPatch.context() as picked:
            picked.setattr(assembly, "pick_device", lambda record, load, pick=pick: pick)
            assert findings()[1]["Device"]["found"] == found
    home.mkdir(exist_ok=True)
    (home / "settings.toml").write_text('device = "onnxruntime:CPU"', "utf-8")
    assert findings()[1]["Device"]["found"] == "onnxruntime:CPU, as the settings say"


@pytest.mark.parametrize(
    ("liveness", "is_there", "found", "remedy"),
    [
        ("off", True, "off: pictures of people are let in", 'station.liveness = "when unsure"'),
        ("on", True, "when unsure: something small is asked", ""),
        ("always", False, "FaceMesh is missing or damaged: blinks", "facedesk models fetch"),
    ],
)
def test_doctor_says_what_liveness_asks_and_what_it_cannot_see(
    findings,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    liveness: str,
    is_there: bool,
    found: str,
    remedy: str,
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(f'[station]\nliveness = "{liveness}"', "utf-8")
    monkeypatch.setattr(weights, "is_here", lambda published: is_there)
    told = findings()[1]["Liveness"]
    assert told["well"]
    assert found in told["found"]
    assert told["remedy"].startswith(remedy)


def test_doctor_without_a_camera(run, findings, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('source = "97"', "utf-8")
    code, found = findings()
    assert code == 0
    assert "Plug it in" in found["Camera"]["remedy"]
    assert "note  Camera: none there gives pictures\n      Plug it in" in run("doctor").out


def test_doctor_says_last_what_is_to_be_done(
    run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("fpir = 7", "utf-8")
    monkeypatch.setattr(
        "desktop.shared.missing_display.missing_for_window", lambda: "There is no display."
    )
    marks = [line[:5] for line in run("doctor").out.splitlines() if line[:1].strip()]
    assert marks == sorted(marks, key=["ok   ", "note ", "WRONG"].index)
    assert {"note ", "WRONG"} < set(marks)


def test_doctor_goes_on_behind_bad_settings(run, findings, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text("fpir = 7", "utf-8")
    code, found = findings()
    assert code == 2
    assert not found["Settings"]["well"]
    assert "fpir" in found["Settings"]["found"]
    assert found["Settings"]["remedy"] == "Correct or delete the line"
    assert found["Gallery"]["well"]
    assert "Window" in found
    assert "WRONG Settings: expected valid settings" in run("doctor").out


def test_doctor_finds_a_gallery_of_another_model(
    findings, seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as another:
        another.setattr(SfaceEmbedder, "model_id", "another-model")
        seed("Ann")
    code, found = findings()
    assert code == 2
    assert "another-model" in found["Gallery"]["found"]


def test_doctor_says_that_figures_are_estimated(
    findings, loaded_models: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "careful" not in findings()[1]["Models"]["found"]
    other = SfaceEmbedder.figures.estimated_for((0.05, 0.14), (0.05, 0.14))
    monkeypatch.setattr(SfaceEmbedder, "figures", other)
    assert "whose figures are careful ones" in findings()[1]["Models"]["found"]


def test_doctor_says_that_figures_were_measured_here(
    findings, loaded_models: object, home: Path
) -> None:
    law = (0.2, 0.1)
    measured = Measurement(
        model_id=SfaceEmbedder.model_id,
        nonmated=law,
        nonmated_pairs=law,
        levels={},
        people=17,
        probes=300,
        measured_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    AdoptedMeasurements(home / "figures").adopt(measured)
    assert "measured here on 17 people" in findings()[1]["Models"]["found"]


def test_doctor_finds_missing_models(findings, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text(
        'embedder = "facenet-vggface2"\nembedder_weights = "/no such file.pt"', "utf-8"
    )
    code, found = findings()
    assert code == 2
    assert "there is no file /no such file.pt" in found["Models"]["found"]
    assert "embedder_weights" in found["Models"]["remedy"]
    assert found["Gallery"]["well"]


def test_doctor_says_that_landmarks_are_missing(
    run, findings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as all_there:
        all_there.setattr("models.conversion.weights.is_here", lambda weights: True)
        assert findings()[1]["Landmarks"]["value"]
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "none"))
    code, found = findings()
    assert code == 0
    assert found["Landmarks"]["well"]
    assert not found["Landmarks"]["value"]
    assert "facedesk models fetch" in found["Landmarks"]["remedy"]
    assert "note  Landmarks: facemesh and iris missing or damaged" in run("doctor").out


def test_doctor_finds_a_missing_package(findings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.commands.doctor.diagnose.PACKAGES", ("numpy", "no-such-package"))
    code, found = findings()
    assert code == 2
    assert found["numpy"]["well"]
    assert not found["no-such-package"]["well"]
    assert found["no-such-package"]["remedy"] == "Install Facedesk again"


def test_doctor_on_the_station(findings, home: Path, entry_in_outbox) -> None:
    home.mkdir()
    told = findings()[1]
    assert (told["PIN"]["value"], told["Outbox"]["value"]) == (False, 0)
    assert told["Actions"]["found"] == "none"
    assert isinstance(told["Disk"]["value"], int)
    assert not (home / "pin.db").exists()
    assert not (home / "outbox.db").exists()
    PinGuard(home / "pin.db").set("739164")
    entry_in_outbox()
    told = findings()[1]
    assert (told["PIN"]["value"], told["Outbox"]["value"]) == (True, 1)
    assert told["Outbox"]["found"] == "1 message for the webhook"
    assert "Set station.webhook again" in told["Outbox"]["remedy"]


@pytest.fixture
def entry_in_outbox(home: Path):
    def put() -> None:
        with closing(Outbox(home / "outbox.db")) as outbox:
            outbox.put(Delivery("1", datetime(2026, 3, 1, tzinfo=UTC), b"{}"))

    return put


def test_doctor_finds_what_is_wrong_with_the_station(findings, home: Path) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('[station]\nwebhook = "gopher://a"', "utf-8")
    for name in ("pin.db", "outbox.db"):
        (home / name).write_bytes(b"something else" * 1000)
    code, told = findings()
    assert code == 2
    assert "begins with http" in told["Actions"]["found"]
    for what in ("PIN", "Outbox"):
        assert not told[what]["well"]
        assert "of another kind" in told[what]["found"]


OTHERS = {
    "codes.db": "Codes",
    "impostors.db": "Impostors",
    "unknown.db": "Unknown inbox",
    "refusals.db": "Refusals",
}


def test_doctor_finds_files_that_cannot_be_opened(findings, home: Path) -> None:
    home.mkdir()
    assert not set(OTHERS.values()) & set(findings()[1])
    assert not any((home / name).exists() for name in OTHERS)
    for name in OTHERS:
        (home / name).write_bytes(b"something else" * 1000)
    code, told = findings()
    assert code == 2
    for name, what in OTHERS.items():
        assert not told[what]["well"]
        assert f"{name}, but the file there is of another kind" in told[what]["found"]
        assert "it was not changed" in told[what]["remedy"]


def test_doctor_passes_over_files_that_can_be_opened(findings, home: Path) -> None:
    formats = CODES_FILE, IMPOSTORS_FILE, INBOX_FILE, REFUSALS_FILE
    for name, file in zip(OTHERS, formats, strict=True):
        open_database(home / name, 1, file).close()
    code, told = findings()
    assert code == 0
    assert not set(OTHERS.values()) & set(told)


def test_doctor_names_whose_code_anybody_would_try(
    findings, seed, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, bob = seed("Ann"), seed("Bob")
    with monkeypatch.context() as before:
        before.setattr("station.secrets.codes.guessable", lambda code: None)
        Codes(home / "codes.db").set(ann.id, "1234")
    Codes(home / "codes.db").set(bob.id, "4711")
    code, told = findings()
    assert code == 0
    assert told["Codes"]["found"] == "one of the first that are tried: Ann"
    assert told["Codes"]["value"] == 1


WELL = Health(datetime(2026, 3, 1, tzinfo=UTC), 10, 0.1, "live", 300.0, 9e3, 0, 3)


def test_doctor_asks_a_station_that_is_running(findings, home: Path) -> None:
    home.mkdir()
    health = WELL
    server = HealthServer(0, lambda: health)
    (home / "settings.toml").write_text(f"[station]\nhealth_port = {server.port}", "utf-8")
    try:
        told = findings()[1]["Station"]
        assert (told["well"], told["found"], told["value"]) == (True, "is running, and well", True)
        health = replace(WELL, last_frame_age_s=99.0)
        code, found = findings()
    finally:
        server.close()
    assert code == 2
    assert found["Station"]["found"] == "is running, but the last picture is 99 s old"
    told = findings()[1]["Station"]
    assert (told["well"], told["found"], told["value"]) == (True, "is not running", False)


def test_doctor_asks_somebody_else(findings, home: Path) -> None:
    home.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (home / "settings.toml").write_text(f"[station]\nhealth_port = {port}", "utf-8")
        stranger = threading.Thread(target=lambda: _answer(server, b"220 mail.example\r\n"))
        stranger.start()
        code, told = findings()
        stranger.join()
    assert code == 2
    assert f"what answers on port {port} is no station" in told["Station"]["found"]


def _answer(server: socket.socket, text: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(text)


def test_doctor_reads_the_ledger(findings, home: Path) -> None:
    home.mkdir()
    told = findings()[1]["Ledger"]
    assert (told["well"], told["value"]) == (True, 0)
    assert not (home / "checkins.db").exists()
    with closing(Ledger(home / "checkins.db")) as ledger:
        for act in ("PIN set", "PIN removed"):
            ledger.append(Event(Kind.ADMINISTRATION, "Door", note=act))
    told = findings()[1]["Ledger"]
    assert (told["well"], told["found"], told["value"]) == (
        *(True, "2 rows, all as they were written"),
        2,
    )
    with closing(open_database(home / "checkins.db", 1, CHECKINS)) as db:
        db.execute("DROP TRIGGER entry_is_not_changed")
        db.execute("UPDATE sealed_entry SET station = 'nowhere' WHERE number = 2")
        write_tally(db, CHECKINS.tallied, len(CHECKINS.migrations))
    code, found = findings()
    told = found["Ledger"]
    assert code == 2
    assert (told["well"], told["value"]) == (False, 1)
    assert told["found"] == "after 1 row as they were written one is not"
    assert "facedesk checkins verify" in told["remedy"]
