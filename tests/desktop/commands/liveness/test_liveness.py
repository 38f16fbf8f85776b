from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest


def write(path: Path, pictures: Iterator[np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 20, (640, 480))
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()


def held(picture: np.ndarray, frames: int, tilt: float, noise: float) -> Iterator[np.ndarray]:
    """A picture held before a camera, turned by up to `tilt` degrees about the upright."""
    random = np.random.default_rng(0)
    height, width = picture.shape[:2]
    corners = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    around = (corners - [width / 2, height / 2]) * 1.3
    for frame in range(frames):
        angle = np.radians(tilt * np.clip((frame - 7) / 4, 0, 1))
        depth = 1 + np.sin(angle) * around[:, 0] / 900
        shown = np.stack([around[:, 0] * np.cos(angle) / depth, around[:, 1] / depth], axis=1)
        shown += [320 + np.sin(frame / 5), 240]
        matrix = cv2.getPerspectiveTransform(corners, shown.astype(np.float32))
        image = cv2.warpPerspective(picture, matrix, (640, 480), borderValue=(90, 90, 90))
        yield np.clip(image + random.normal(0, noise, image.shape), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def presentations(astronaut: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One film of somebody who keeps still, a print that is tilted, a phone that is frozen, a
    tablet that shows nobody."""
    folder = tmp_path_factory.mktemp("Filme – 映画")
    picture = astronaut[:260, 100:360]
    write(folder / "bona-fide" / "still <b>.avi", held(picture, 24, 0, 2))
    write(folder / "print" / "tilted.avi", held(picture, 40, 42, 2))
    still = next(held(picture, 1, 0, 2))
    write(folder / "phone" / "frozen.avi", (still for _ in range(30)))
    write(folder / "tablet" / "nobody.avi", held(astronaut[300:500, :200], 10, 0, 2))
    return folder


def test_films_of_a_folder(run, presentations: Path, tmp_path: Path) -> None:
    out = tmp_path / "báo cáo.html"
    told = run("liveness", "test", "--from", presentations, "--json", "--out", out)
    assert told.code == 0, told.err
    (line,) = told.json
    assert line["mode"] == "when unsure"
    rates = {r["kind"]: (r["errors"], r["presentations"], r["no_response"]) for r in line["rates"]}
    assert rates == {
        "bona-fide": (0, 0, 1),  # it would be asked
        "print": (0, 1, 0),
        "phone": (0, 1, 0),
        "tablet": (0, 0, 1),
    }
    text = out.read_text("utf-8")
    assert "still &lt;b&gt;.avi" in text
    assert "The nose did not move" in text
    assert "same picture again" in text


def test_the_operator_is_guided(
    run, presentations: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["", "s", "", "q"])
    asked = []

    def prompt(text: str, **options: object) -> str:
        asked.append(text)
        return next(answers)

    monkeypatch.setattr("click.prompt", prompt)
    film = presentations / "bona-fide" / "still <b>.avi"
    told = run("liveness", "test", "--source", film, "--presentations", 2, "--mode", "when-unsure")
    assert told.code == 0, told.err
    assert [text.split(".")[0] for text in asked] == [
        "1 of 2, a real person",
        "2 of 2, a real person",
        "1 of 2, an attack: print",
        "2 of 2, an attack: print",
    ]
    assert "APCER, print" in told.out
    assert "BPCER, bona-fide" in told.out
    assert "100.0 %" in told.out  # Shown as a print, the same film passes.


def test_movements_are_asked_for(run, presentations: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["", "q"])
    monkeypatch.setattr("click.prompt", lambda text, **options: next(answers))
    film = presentations / "bona-fide" / "still <b>.avi"
    told = run("liveness", "test", "--source", film, "--json")
    assert told.code == 0, told.err
    assert "Look ahead" in told.err
    assert any(word in told.err for word in ("Turn left", "Turn right", "Nod", "Come closer"))
    assert told.json[0]["rates"][0]["no_response"] == 1


def test_renderings(run) -> None:
    told = run("liveness", "rendered", "--attempts", 10, "--json")
    assert told.code == 0, told.err
    (line,) = told.json
    rates = {rate["kind"]: rate for rate in line["rates"]}
    assert rates.pop("bona-fide")["errors"] <= 2
    assert sorted(rates) == ["bent", "exchanged", "held still", "tilted", "tilted and bent"]
    assert all(rate["presentations"] == 10 for rate in rates.values())


@pytest.fixture(scope="module")
def filmed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginnings of two films each of two people at a webcam."""
    folder = tmp_path_factory.mktemp("người – 人")
    for name in ("A-again.mkv", "A-yes.mkv", "C-book.mkv", "C-walk.mkv"):
        film = cv2.VideoCapture(str(shared_data / "video" / "webcam" / name))
        lossless = cv2.VideoWriter.fourcc(*"FFV1")
        short = cv2.VideoWriter(str(folder / name), cv2.CAP_FFMPEG, lossless, 30, (640, 480))
        for _ in range(30):
            short.write(film.read()[1])
        short.release()
    return folder


def test_whole_films_are_rendered_for_a_whole_station(run, filmed: Path) -> None:
    arguments = ("liveness", "rendered", "--films", 2, "--from", filmed, "--processes", 1)
    kinds = ("--kind", "bona-fide", "--kind", "screen held")
    told = run(*arguments, *kinds, "--mode", "off", "--json")
    assert told.code == 0, told.err
    *films, screens, people = told.json
    assert [film["kind"] for film in films] == ["bona-fide", "screen held"] * 2
    assert all(film["seconds"] is not None and film["asked"] == 0 for film in films)
    assert people["rate"]["kind"] == "bona-fide"
    assert (people["rate"]["errors"], people["unasked_in"]) == (0, 2)
    assert (screens["rate"]["kind"], screens["rate"]["errors"]) == ("screen held", 2)
    guarded = run(*arguments, *kinds[2:], "--mode", "when-unsure")
    assert guarded.code == 0, guarded.err
    assert "APCER, screen held" in guarded.out
    assert "0.0 %" in guarded.out


def test_films_need_a_folder_and_known_kinds(run, filmed: Path, tmp_path: Path) -> None:
    assert "--from DIR" in run("liveness", "rendered", "--films", 1).err
    told = run("liveness", "rendered", "--films", 1, "--from", filmed, "--kind", "mask")
    assert told.code == 2
    assert "print bent" in told.err
    empty = run("liveness", "rendered", "--films", 1, "--from", tmp_path / "none")
    assert empty.code == 2
    assert "cannot be read" in empty.err
    assert run("liveness", "rendered", "--mode", "off").code == 2


def test_a_folder_without_films(run, tmp_path: Path) -> None:
    told = run("liveness", "test", "--from", tmp_path)
    assert told.code == 2
    assert "bent-print" in told.err


def test_files_that_are_no_films_are_left_out(run, presentations: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bona-fide"
    folder.mkdir()
    (folder / "notes.txt").write_text("\n".join(map(str, range(3000))), "utf-8")
    (folder / "empty.mp4").touch()
    (folder / "list.csv").write_text("a,b\n" * 50, "utf-8")
    cv2.imwrite(str(folder / "still.JPG"), np.zeros((480, 640, 3), np.uint8))
    others = sorted(path.name for path in folder.iterdir())
    told = run("liveness", "test", "--from", tmp_path)
    assert told.code == 2
    assert "has none" in told.err
    film = presentations / "bona-fide" / "still <b>.avi"
    (folder / film.name).write_bytes(film.read_bytes())
    told = run("liveness", "test", "--from", tmp_path, "--json")
    assert told.code == 0, told.err
    (rate,) = told.json[0]["rates"]
    assert rate["presentations"] + rate["no_response"] == 1
    assert [line for line in told.err.splitlines() if "left out" in line] == [
        f"{folder / name} is left out: it is no film that can be opened." for name in others
    ]


def test_a_report_that_cannot_be_written(run, tmp_path: Path) -> None:
    told = run("liveness", "rendered", "--attempts", 10, "--out", tmp_path / "missing" / "r.html")
    assert told.code == 2
    assert "r.html" in told.err
