from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.evaluation import embedding
from bench.hardening import defects
from desktop.commands.evaluation import inputs, measuring
from gallery.adopted_calibration import AdoptedCalibration, AdoptedCalibrations

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


KEPT = "facedesk evaluate --forget-cache erases them."


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where embeddings are kept. The models are loaded once, from the cache of all tests."""
    folder = tmp_path / "kept"
    monkeypatch.setattr(inputs, "cache_folder", lambda session: folder)
    monkeypatch.setattr(measuring, "cache_folder", lambda session: folder)
    return folder


def test_figures(run, four_people: Path) -> None:
    told = run("evaluate", four_people, "--no-cache")
    assert (told.code, told.err) == (0, "")
    lines = told.out.splitlines()
    assert lines[0].startswith("mtcnn and sface-")
    assert lines[1].startswith("4 people, 56 pictures; 36 mated and 108 non-mated comparisons")
    assert lines[2] == "0 pictures without a face, 0 that could not be read."
    rows = {" ".join(line.split()[:3]): line for line in lines}
    assert rows["rank-1, everyone enrolled"].split()[3:5] == ["100.00", "%"]
    assert "FNIR at FPIR" in told.out
    assert lines[-1].startswith("Mind: 2 strangers at a time")


def test_json(run, four_people: Path) -> None:
    told = run("evaluate", four_people, "--json", "--no-cache")
    assert (told.code, told.err) == (0, "")
    (line,) = told.json
    assert line["model_id"].startswith("sface-")
    assert (line["people"], line["pictures"]) == (4, 56)
    assert line["without_face"] == line["unreadable"] == line["confusions"] == []
    one = line["verification"]
    assert (one["mated"], one["nonmated"]) == (36, 108)
    assert one["tpr"][0]["low"] <= one["tpr"][0]["value"] <= one["tpr"][0]["high"]
    assert line["identification"]["rank1"]["errors"] == 0
    assert len(line["worst_misses"]) == 10
    assert set(line["nonmated"]) == {"mean", "std"}
    assert line["settings"]["enrolled pictures of each person"] == "5"


def test_bad_pictures_are_told_and_counted(
    run, four_people: Path, photos: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "some bad"
    shutil.copytree(four_people, folder)
    person = sorted(folder.iterdir())[0]
    (person / "damaged.png").write_bytes((person / "006.png").read_bytes()[:900])
    shutil.copy(photos / "coffee.png", person)
    (folder / "alone").mkdir()
    shutil.copy(photos / "turned.png", folder / "alone")
    (folder / "nobody").mkdir()
    told = run("evaluate", folder, "--json")
    assert told.code == 0
    (line,) = told.json
    assert [Path(one["path"]).name for one in line["unreadable"]] == ["damaged.png"]
    assert [Path(one).name for one in line["without_face"]] == ["coffee.png"]
    assert (line["people"], line["verification"]["mated"]) == (5, 38)
    assert line["identification"]["rank1"]["errors"] == 2, "both are errors"
    assert "Left out: Expected a whole picture" in told.err


def test_embeddings_are_kept_for_a_second_run_and_erased(
    run, four_people: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run("evaluate", four_people)
    assert KEPT in first.err
    assert str(cache) in first.err
    assert len(list(cache.iterdir())) == 1

    def unseen(*_: object) -> None:
        raise AssertionError("a picture is looked at again")

    monkeypatch.setattr(embedding, "seen_face", unseen)
    assert run("evaluate", four_people).out == first.out
    assert run("evaluate", "--forget-cache").out == "The embeddings are erased.\n"
    assert list(cache.iterdir()) == []
    assert run("evaluate", "--forget-cache", "--json").json == [{"erased": 0}]


def test_no_embedding_is_kept(run, four_people: Path, cache: Path) -> None:
    run("evaluate", four_people, "--no-cache")
    assert not cache.exists()


def test_a_place_where_nothing_can_be_kept_stops_nothing(
    run, four_people: Path, cache: Path
) -> None:
    cache.write_text("a file")
    told = run("evaluate", four_people)
    assert told.code == 0
    assert "The embeddings cannot be kept" in told.err


def test_report_and_diagrams(run, four_people: Path, tmp_path: Path) -> None:
    page, plots = tmp_path / "báo cáo.html", tmp_path / "plots"
    arguments = ("evaluate", four_people, "--report", page, "--plots", plots)
    told = run(*arguments)
    assert told.code == 0
    assert page.stat().st_mode & 0o777 == 0o600
    assert "data:image/jpeg" in page.read_text("utf-8")
    assert sorted(path.name for path in plots.iterdir()) == [
        f"{name}{kind}"
        for name in ("det", "quality", "roc", "similarities")
        for kind in (".csv", ".svg")
    ]
    refused = run(*arguments)
    assert (refused.code, refused.out) == (2, "")
    assert "is there already" in refused.err
    assert run(*arguments, "--force", "--no-pictures").code == 0
    assert "data:" not in page.read_text("utf-8")


def test_a_report_in_the_language_of_the_settings(
    run, home: Path, four_people: Path, tmp_path: Path
) -> None:
    home.mkdir()
    (home / "settings.toml").write_text('language = "vi"', "utf-8")
    page = tmp_path / "page.html"
    assert run("evaluate", four_people, "--report", page).code == 0
    text = page.read_text("utf-8")
    assert '<html lang="vi">' in text
    assert "người" in text
    assert "The worst misses" not in text


def test_a_report_never_replaces_a_list(run, four_people: Path, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    names = [person.name for person in four_people.iterdir()]
    groups.write_text("name,group\n" + "".join(f"{name},all\n" for name in names), "utf-8")
    told = run("evaluate", four_people, "--group", groups, "--report", groups, "--force")
    assert (told.code, told.out) == (2, "")
    assert groups.read_text("utf-8").startswith("name,group")


def test_groups_repeats_and_strangers(run, four_people: Path, tmp_path: Path) -> None:
    groups = tmp_path / "groups.csv"
    names = sorted(person.name for person in four_people.iterdir())
    rows = [f"{name},{'one' if i < 2 else 'two'}\n" for i, name in enumerate(names)]
    groups.write_text("name,group\n" + "".join(rows), "utf-8")
    options = ("--enroll", 2, "--repeat", 3, "--strangers", "0.25", "--group", groups, "--json")
    (line,) = run("evaluate", four_people, *options).json
    assert {group["group"] for group in line["groups"]} == {"one", "two"}
    assert line["verification"]["mated"] == 3 * 4 * 12
    assert line["identification"]["known"] == 3
    assert line["identification"]["strangers"] == 1


def test_strangers_of_another_folder(run, four_people: Path, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "others" / "Eileen").mkdir(parents=True)
    shutil.copy(photos / "turned.png", tmp_path / "others" / "Eileen")
    (line,) = run("evaluate", four_people, "--strangers", tmp_path / "others", "--json").json
    assert (line["identification"]["known"], line["identification"]["strangers"]) == (4, 1)


def test_a_table_and_a_list_of_pairs(run, four_people: Path, tmp_path: Path) -> None:
    paths = [p for person in sorted(four_people.iterdir()) for p in sorted(person.iterdir())]
    names = [path.relative_to(four_people) for path in paths]
    table = tmp_path / "data.csv"
    table.write_text("file,label\n" + "".join(f"{n},{n.parent}\n" for n in names), "utf-8")
    whole = run("evaluate", four_people, "--json").json[0]
    listed = run("evaluate", "--csv", table, "--images", four_people, "--json").json[0]
    assert listed["verification"] == whole["verification"]
    pairs = tmp_path / "pairs.csv"
    rows = [
        f"{a},{b},{int(a.parent == b.parent)}\n"
        for i, a in enumerate(names[::2])
        for b in names[::2][i + 1 :]
    ]
    pairs.write_text("a,b,same\n" + "".join(rows), "utf-8")
    (line,) = run("evaluate", four_people, "--pairs", pairs, "--json").json
    assert line["verification"]["mated"] + line["verification"]["nonmated"] == len(rows)
    assert line["identification"] is None


def test_the_gallery_is_compared_with(run, home: Path, four_people: Path, tmp_path: Path) -> None:
    enrolled = tmp_path / "enrolled"
    for person in sorted(four_people.iterdir())[:3]:
        (enrolled / person.name).mkdir(parents=True)
        for picture in sorted(person.iterdir())[:4]:
            shutil.copy(picture, enrolled / person.name)
    nobody = run("evaluate", four_people, "--gallery")
    assert (nobody.code, nobody.out) == (2, "")
    assert "the gallery has nobody" in nobody.err
    assert run("import", enrolled).code == 0
    (line,) = run("evaluate", four_people, "--gallery", "--json").json
    assert (line["identification"]["known"], line["identification"]["strangers"]) == (3, 1)
    assert line["identification"]["rank1"]["of"] == 42
    assert line["identification"]["rank1"]["errors"] == 0
    AdoptedCalibrations(home / "calibrations").adopt(
        AdoptedCalibration(
            model_id=line["model_id"], adjustment=0.05, fpir=0.001, people=3,
            adopted_at=datetime.now(UTC), previous_fpir=0.001,
        )
    )  # fmt: skip
    (raised,) = run("evaluate", four_people, "--gallery", "--json").json
    in_use = run("calibrate", "--json").json[0]["threshold_in_use"]
    assert raised["verification"]["threshold"] == pytest.approx(in_use)
    assert in_use > line["verification"]["threshold"] + 0.04
    others = run("evaluate", enrolled.parent, "--gallery")
    assert (others.code, others.out) == (2, "")


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
    told = run("evaluate", six_pictures_each, "--harden", "--json", "--no-cache")
    assert (told.code, told.err) == (0, "")
    (line,) = told.json
    rows = {row["defect"]: row for row in line["defects"]}
    assert rows["as they are"]["same"]["enrolled"] == 4
    assert rows["as they are"]["same"]["fpir"] == 0
    assert rows["as they are"]["tpr"]["of"] == rows["as they are"]["not_found"]["of"] == 4
    assert line["worst"] in THREE
    for defect in THREE[1:]:
        assert rows[defect]["set_apart"] > 0.9
        assert rows[defect]["clean"]["fpir"] == 0


def test_a_table_of_degraded_pictures_is_kept_for_a_second_run(
    run, six_pictures_each: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defects, "DEFECTS", {name: defects.DEFECTS[name] for name in TWO})
    people = sorted(person.name for person in six_pictures_each.iterdir())
    groups = tmp_path / "groups.csv"
    rows = [f"{name},{'ab'[place % 2]}" for place, name in enumerate(people)]
    groups.write_text("\n".join(["person,group", *rows]), "utf-8")
    page = tmp_path / "page.html"
    told = run("evaluate", six_pictures_each, "--harden", "--group", groups, "--report", page)
    assert told.code == 0
    assert KEPT in told.err
    written = page.read_text("utf-8")
    assert "4 people make 6 independent pairs" in written
    for defect in TWO:
        assert written.count(f"<td>{defect}") == 3, "the figures, the groups and the rates"
    lines = told.out.splitlines()
    assert lines[0].endswith("4 people, FPIR 0.1% wanted")
    assert [line[:26].rstrip() for line in lines[2:4]] == list(TWO)
    assert lines[4].endswith(": the worst")
    assert "is the worst" in lines[5]
    assert lines[-2].startswith("Mind: 4 people")
    assert [line[:26].rstrip() for line in lines[-4:-2]] == list(TWO)
    assert "%" in lines[-3]

    def unseen(*_: object) -> None:
        raise AssertionError("a picture is looked at again")

    monkeypatch.setattr(embedding, "seen_face", unseen)
    monkeypatch.setattr("bench.hardening.degraded.seen_face", unseen)
    assert run("evaluate", six_pictures_each, "--harden", "--group", groups).out == told.out


def test_too_few_people_to_degrade(run, tmp_path: Path, photos: Path) -> None:
    (tmp_path / "one" / "Ann").mkdir(parents=True)
    shutil.copy(photos / "turned.png", tmp_path / "one" / "Ann")
    told = run("evaluate", tmp_path / "one", "--harden")
    assert (told.code, told.out) == (2, "")
    assert "at least four people" in told.err


def test_few_comparisons(run, tmp_path: Path, photos: Path) -> None:
    for person in "ABCD":
        (tmp_path / "four" / person).mkdir(parents=True)
        for i in range(6):
            shutil.copy(photos / "turned.png", tmp_path / "four" / person / f"{i}.png")
    told = run("evaluate", tmp_path / "four")
    assert told.code == 0, "few comparisons are measured, and warned of"
    assert "12 non-mated comparisons" in told.out
    assert "non-mated: mean" not in told.out
    assert "no false match rate below" in told.out


def test_a_single_picture(run, tmp_path: Path, photos: Path) -> None:
    (tmp_path / "one" / "Ann").mkdir(parents=True)
    shutil.copy(photos / "turned.png", tmp_path / "one" / "Ann")
    told = run("evaluate", tmp_path / "one")
    assert (told.code, told.out) == (2, "")
    assert "no comparison of one person's pictures" in told.err


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
    told = run("evaluate", eight_people, "--adopt", "--json", "--no-cache")
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
    "arguments",
    [
        (),
        ("--adopt",),
        ("x", "--forget"),
        ("x", "--adopt", "--harden"),
        ("x", "--forget-cache"),
        ("x", "--csv", "y"),
        ("--pairs", "y", "--harden"),
        ("x", "--strangers", "1.5"),
    ],
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
