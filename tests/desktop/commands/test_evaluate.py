from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bench import defects

TWO = ("as they are", "noise, sigma 25")
THREE = ("as they are", "blurred, sigma 3 px", "JPEG quality 5")


@pytest.fixture(scope="session")
def four_people(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four people with 14 pictures each."""
    folder = tmp_path_factory.mktemp("evaluate") / "vier Menschen"
    for person in sorted((shared_data / "faces" / "people").iterdir())[:4]:
        (folder / person.name).mkdir(parents=True)
        for picture in sorted(person.iterdir())[:14]:
            shutil.copy(picture, folder / person.name)
    return folder


def test_figures(run, four_people: Path) -> None:
    told = run("evaluate", four_people)
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0].startswith("mtcnn and sface-")
    assert lines[0].endswith(", 4 people")
    assert lines[1].split() == ["rank-1", "36", "of", "36", "probes"]
    assert lines[2].split()[-1] == "0"
    assert "FNIR 0.0% at FPIR 0.0%" in lines[3]


def test_json(run, four_people: Path) -> None:
    told = run("evaluate", four_people, "--json")
    assert (told.code, told.err) == (0, "")
    (line,) = told.json
    assert line["model_id"].startswith("sface-")
    assert (line["people"], line["probes"], line["rank1"], line["missed_faces"]) == (4, 36, 36, 0)
    assert line["fnir"] == line["fnir_swapped"] == 0
    assert set(line["nonmated"]) == {"mean", "std"}


@pytest.fixture(scope="session")
def six_pictures_each(four_people: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harden") / "vier Menschen"
    shutil.copytree(four_people, folder)
    for person in folder.iterdir():
        for picture in sorted(person.iterdir())[6:]:
            picture.unlink()
    return folder


def test_degraded_pictures(run, six_pictures_each: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defects, "DEFECTS", {name: defects.DEFECTS[name] for name in THREE})
    told = run("evaluate", six_pictures_each, "--harden", "--json")
    assert (told.code, told.err) == (0, "")
    (line,) = told.json
    rows = {row["defect"]: row for row in line["defects"]}
    assert rows["as they are"]["same"]["enrolled"] == 4
    assert rows["as they are"]["same"]["fpir"] == 0
    for defect in THREE[1:]:
        assert rows[defect]["set_apart"] > 0.9
        assert rows[defect]["clean"]["fpir"] == 0


def test_a_table_of_degraded_pictures(run, six_pictures_each: Path, monkeypatch) -> None:
    monkeypatch.setattr(defects, "DEFECTS", {name: defects.DEFECTS[name] for name in TWO})
    told = run("evaluate", six_pictures_each, "--harden")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0].endswith("4 people, FPIR 0.1% wanted")
    assert [line[:26].rstrip() for line in lines[-2:]] == list(TWO)
    assert "%" in lines[-1]


def test_too_few_people_to_degrade(run, tmp_path: Path, photos: Path) -> None:
    (tmp_path / "one" / "Ann").mkdir(parents=True)
    shutil.copy(photos / "turned.png", tmp_path / "one" / "Ann")
    told = run("evaluate", tmp_path / "one", "--harden")
    assert (told.code, told.out) == (2, "")
    assert "at least four people" in told.err


def test_too_few_people(run, tmp_path: Path, photos: Path) -> None:
    for person in ("Ann", "Bob"):
        (tmp_path / "two" / person).mkdir(parents=True)
        for i in range(6):
            shutil.copy(photos / "turned.png", tmp_path / "two" / person / f"{i}.png")
    told = run("evaluate", tmp_path / "two", "--json")
    assert (told.code, told.out) == (2, "")
    assert "at least four people" in told.err


def test_too_few_comparisons(run, tmp_path: Path, photos: Path) -> None:
    for person in "ABCD":
        (tmp_path / "four" / person).mkdir(parents=True)
        for i in range(6):
            shutil.copy(photos / "turned.png", tmp_path / "four" / person / f"{i}.png")
    told = run("evaluate", tmp_path / "four")
    assert (told.code, told.out) == (2, "")
    assert "gives 12, with 4 probes" in told.err


def test_too_few_pictures(run, tmp_path: Path, photos: Path) -> None:
    (tmp_path / "one" / "Ann").mkdir(parents=True)
    shutil.copy(photos / "turned.png", tmp_path / "one" / "Ann")
    told = run("evaluate", tmp_path / "one")
    assert (told.code, told.out) == (2, "")
    assert "more than 5 pictures" in told.err


@pytest.fixture(scope="session")
def eight_people(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight people with 13 pictures each: just enough to measure figures on."""
    folder = tmp_path_factory.mktemp("adopt") / "acht Menschen"
    for person in sorted((shared_data / "faces" / "people").iterdir())[:8]:
        (folder / person.name).mkdir(parents=True)
        for picture in sorted(person.iterdir())[:13]:
            shutil.copy(picture, folder / person.name)
    return folder


def test_figures_are_adopted_and_forgotten(
    run, home: Path, eight_people: Path, photos: Path
) -> None:
    """What needs a threshold has another one then, whichever command it is."""
    verify = ("verify", photos / "turned.png", photos / "brighter.jpg", "--json")
    before = run(*verify).json[0]["threshold"]
    told = run("evaluate", eight_people, "--adopt", "--json")
    assert (told.code, told.err) == (0, "")
    (line,) = told.json
    assert (line["people"], line["probes"]) == (8, 64)
    assert line["figures"]["is_measured"]
    assert line["after"]["threshold"] != line["before"]["threshold"]
    assert run(*verify).json[0]["threshold"] != before
    again = run("evaluate", eight_people, "--adopt")
    assert "before, measured" in again.out
    shown = f"{line['after']['threshold']:.3f}"
    (threshold,) = [row.split() for row in again.out.splitlines() if row.startswith("threshold")]
    assert threshold == ["threshold", shown, shown]
    assert "facedesk evaluate --forget" in again.err
    gone = run("evaluate", "--forget")
    assert (gone.code, "are forgotten" in gone.out) == (0, True)
    assert run(*verify).json[0]["threshold"] == before
    assert run("evaluate", "--forget", "--json").json[0]["forgotten"] is False


def test_too_few_people_to_adopt(run, home: Path, four_people: Path) -> None:
    told = run("evaluate", four_people, "--adopt")
    assert (told.code, told.out) == (2, "")
    assert "at least 8 people" in told.err
    assert "there are 4 and" in told.err
    assert not (home / "figures").exists()


@pytest.mark.parametrize(
    "arguments", [(), ("--adopt",), ("x", "--forget"), ("x", "--adopt", "--harden")]
)
def test_what_does_not_go_together(run, arguments: tuple[str, ...]) -> None:
    told = run("evaluate", *arguments)
    assert (told.code, told.out) == (2, "")


def test_damaged_figures_stop_everything_that_needs_them(run, home: Path, photos: Path) -> None:
    figures = home / "figures"
    figures.mkdir(parents=True)
    (figures / "sface-2021dec-fb143eea.json").write_text("{", "utf-8")
    told = run("verify", photos / "turned.png", photos / "brighter.jpg")
    assert (told.code, told.out) == (2, "")
    assert "they cannot be read" in told.err


def test_no_folder(run, tmp_path: Path, portrait: Path) -> None:
    for path in (tmp_path / "missing", portrait):
        told = run("evaluate", path)
        assert (told.code, told.out) == (2, "")
        assert str(path) in told.err
