from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.settings.file import load_settings
from tests.networks import write_network


@pytest.fixture(autouse=True)
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FACEDESK_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights" / "added"


@pytest.fixture
def mine(run, tmp_path: Path) -> str:
    """The name of a model that was added."""
    path = write_network(tmp_path / "mine.onnx")
    assert run("models", "add", path, "--as", "arcface", "--name", "mine").code == 0
    return "mine"


def test_the_setting_is_written_and_comments_stay(run, mine: str, home: Path) -> None:
    home.mkdir(exist_ok=True)
    settings = home / "settings.toml"
    settings.write_text("# Của tôi\nfps = 15  # slow\n", "utf-8")
    told = run("models", "use", mine)
    assert told.code == 0
    assert told.err.splitlines() == [
        "The setting embedder is mine now.",
        "Its figures are careful ones: facedesk evaluate FOLDER --adopt measures them.",
    ]
    text = settings.read_text("utf-8")
    assert "# Của tôi\nfps = 15  # slow\n" in text
    assert load_settings(settings).embedder == "mine"
    assert run("models", "use", "sface").code == 0
    assert "embedder" not in settings.read_text("utf-8")


def test_detectors_have_a_setting_of_their_own(run, home: Path) -> None:
    told = run("models", "use", "yunet")
    assert (told.code, told.err) == (0, "The setting detector is yunet now.\n")
    assert load_settings(home / "settings.toml").detector == "yunet"


def test_a_name_that_there_is_not(run, mine: str, home: Path) -> None:
    told = run("models", "use", "yours")
    assert told.code == 2
    assert "'yours' is none of sface, facenet-vggface2, facenet-casia-webface, mine" in told.err
    assert not (home / "settings.toml").exists()


def test_a_file_that_was_replaced_is_not_used(run, mine: str, added: Path, home: Path) -> None:
    write_network(added / "mine" / "mine.onnx", channels=(1, 2, 3))
    told = run("models", "use", mine)
    assert told.code == 2
    assert "was damaged or replaced after it was added" in told.err
    assert not (home / "settings.toml").exists()
    assert "damaged or replaced" in run("models", "describe", mine, "--json").json[0]["state"]


def test_a_gallery_of_another_model_is_told(run, mine: str, seed: Callable[..., object]) -> None:
    seed("Ann")
    told = run("models", "use", mine)
    assert told.code == 0
    assert "The gallery holds 1 person of the model sface-2021dec-fb143eea, with" in told.err
    assert "facedesk gallery reembed" in told.err
    assert "reembed" not in run("models", "use", "sface").err


def test_people_are_enrolled_and_named_with_an_added_model(run, mine: str, portrait: Path) -> None:
    assert run("models", "use", mine).code == 0
    assert run("enroll", "Eileen", portrait).code == 0
    (same,) = run("identify", portrait, "--json").json
    (face,) = same["faces"]
    assert face["name"] == "Eileen"
    assert face["similarity"] > face["threshold"] > 0.5, "its figures are careful"
    doctor = run("doctor").out
    assert "whose figures are careful ones: facedesk evaluate FOLDER --adopt" in doctor
    assert run("models", "use", "sface").code == 0
    told = run("identify", portrait)
    assert told.code == 2
    assert "is of the model mine-" in told.err


def test_a_setting_that_names_no_model_is_told_by_whoever_runs_it(
    run, home: Path, portrait: Path
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('embedder = "yours"\n', "utf-8")
    told = run("identify", portrait)
    assert told.code == 2
    assert "'yours' is none of sface, facenet-vggface2, facenet-casia-webface." in told.err


def test_remove(run, mine: str, added: Path, tmp_path: Path) -> None:
    assert run("models", "use", mine).code == 0
    kept = run("models", "remove", mine)
    assert kept.code == 2
    assert "the setting embedder is mine" in kept.err
    assert (added / mine).is_dir()
    run("models", "use", "sface")
    assert run("models", "remove", mine).err == "Removed mine.\n"
    assert not (added / mine).exists()
    assert (tmp_path / "mine.onnx").is_file()
    assert run("models", "remove", mine).code == 2


def test_facedesks_own_are_not_removed(run) -> None:
    told = run("models", "remove", "sface")
    assert told.code == 2
    assert "'sface' is none: no model was added yet" in told.err


def test_describe(run, mine: str) -> None:
    (facts,) = run("models", "describe", mine, "--json").json
    assert facts["name"] == "mine"
    assert facts["dimension"] == 192
    assert facts["figures"].startswith("careful ones: facedesk evaluate FOLDER --adopt")
    assert facts["state"] == "ready"
    text = run("models", "describe", mine).out
    assert "input size   112 112\n" in text
    assert "model id     mine-" in text


def test_describe_facedesks_own(run) -> None:
    (facts,) = run("models", "describe", "sface", "--json").json
    assert facts["license"] == "Apache-2.0"
    told = run("models", "describe", "nobody")
    assert told.code == 2
    assert "'nobody' is none" in told.err


def test_a_bundle_takes_only_what_may_be_passed_on(run, mine: str, tmp_path: Path) -> None:
    told = run("models", "bundle", tmp_path / "a.zip")
    assert "Not in it: mine, whose licence is unknown. If you may pass it on, add --with mine." in (
        told.err
    )
    told = run("models", "bundle", tmp_path / "b.zip", "--with", mine)
    assert "(mtcnn, yunet, sface, mine) written to" in told.err
    assert run("models", "remove", mine).code == 0
    assert "(mtcnn, yunet, sface, mine)" in run("models", "add", tmp_path / "b.zip").err
    assert run("models", "describe", mine).code == 0


def test_a_damaged_description_is_listed_as_such(run, mine: str, added: Path) -> None:
    (added / mine / "model.toml").write_text("version = 9\n", "utf-8")
    rows = {row["name"]: row for row in run("models", "list", "--json").json}
    assert "its version is 9" in rows["mine"]["state"]
    assert run("models", "remove", mine).err == "Removed mine.\n"
    assert not (added / mine).exists()
