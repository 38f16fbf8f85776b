"""Makes a description of what the file, a preset and the user say."""

from __future__ import annotations

from dataclasses import dataclass, replace

from common.errors import WeightsError
from common.sentence import Sentence
from models.described.description import (
    Colour,
    Crop,
    Layout,
    Metric,
    ModelDescription,
    checked,
)
from models.described.inspection import ModelFile
from models.described.presets import OTHER, PRESETS, Preset

FEWEST_NUMBERS = 16
"""What gives less for a face tells its age or its pose, not whose it is. The shortest vectors in
the field have 64."""

_UNHASHED = "0" * 64
"""Until the file is installed."""


@dataclass(frozen=True)
class Answers:
    """What the user says of a model; None where they say nothing. See ModelDescription.

    preset: a name in PRESETS. output: a name, or a number from 0.
    """

    preset: str | None = None
    size: tuple[int, int] | None = None
    layout: Layout | None = None
    colour: Colour | None = None
    mean: tuple[float, ...] | None = None
    scale: tuple[float, ...] | None = None
    standardized: bool | None = None
    crop: Crop | None = None
    margin: float | None = None
    output: str | None = None
    dimension: int | None = None
    metric: Metric | None = None
    licence: str | None = None


def preset_named(name: str | None) -> Preset | None:
    """Return the preset of that name; None for none. Raises WeightsError for an unknown one."""
    if name is None:
        return None
    if name not in PRESETS:
        raise WeightsError(
            "the name of a preset",
            Sentence("{} is none of {}", repr(name), ", ".join(PRESETS)),
            "Leave --as out for another kind of model: what is missing is then asked for",
        )
    return PRESETS[name]


def unanswered(file: ModelFile, answers: Answers) -> list[str]:
    """Return the fields of Answers that neither the file nor a preset nor the user has filled.

    Only those are named without which the model cannot be run. Raises what composed() raises.
    """
    settled = _settled(file, answers)
    wanted = ["colour", "mean", "scale", "crop", "layout", "size"]
    if settled.crop == "margin":
        wanted.append("margin")
    if _is_embedder(answers) and len(_possible_outputs(file)) > 1:
        wanted.append("output")
    return [name for name in wanted if getattr(settled, name) is None]


def composed(file: ModelFile, name: str, answers: Answers) -> ModelDescription:
    """Return the description of a file under a name; unanswered() must be empty.

    Its hash is unknown until it is installed, its dimension is 0 where nobody says it, and a reach
    is 1 until the model is tried. Raises WeightsError, in one sentence, where the file contradicts
    what is said.
    """
    said = _settled(file, answers)
    preset = preset_named(answers.preset)
    is_embedder = _is_embedder(answers)
    assert said.size is not None
    assert said.layout is not None
    assert said.colour is not None
    assert said.crop is not None
    output = _output(file, answers.output) if is_embedder else 0
    metric = said.metric or "cosine"
    description = ModelDescription(
        name=name,
        use=preset.use if preset else "compares faces",
        family=answers.preset or OTHER,
        file=f"{name}.{file.format}",
        sha256=_UNHASHED,
        input_size=said.size,
        layout=said.layout,
        colour=said.colour,
        mean=said.mean or (0.0,),
        scale=said.scale or (1.0,),
        standardized=bool(said.standardized),
        numbers=file.numbers,
        batch=file.batch,
        licence=said.licence or "unknown",
        crop=said.crop,
        margin=said.margin or 0.0 if said.crop == "margin" else 0.0,
        output=output,
        dimension=_dimension(file, output, answers, preset) if is_embedder else 0,
        metric=metric,
        reach=1.0 if metric == "euclidean" else 0.0,
    )
    # Of an embedder whose file leaves its dimension open, the trial finds it.
    checked(replace(description, dimension=description.dimension or 1))
    return description


def outputs_told(file: ModelFile) -> str:
    """Return the outputs' names, and how many numbers each gives, for people."""
    return ", ".join(
        f"{port.name or number} ({'?' if port.count is None else port.count})"
        for number, port in enumerate(file.ports.outputs)
    )


def _settled(file: ModelFile, answers: Answers) -> Answers:
    """Return the answers, with those of the file and of the preset where the user gives none."""
    preset = preset_named(answers.preset)
    _check_size(file, answers, preset)
    if answers.layout is not None and file.layout not in (None, answers.layout):
        raise _contradiction(
            Sentence("a model that reads {}", answers.layout),
            Sentence("this one reads {}", file.layout),
        )
    settled = replace(answers, size=file.size or answers.size, layout=file.layout or answers.layout)
    standardized = answers.standardized or (preset is not None and preset.standardized)
    if file.scales_itself or standardized:
        settled = replace(settled, mean=settled.mean or (0.0,), scale=settled.scale or (1.0,))
    settled = replace(settled, standardized=standardized and not file.scales_itself)
    if preset is None:
        return settled
    return replace(
        settled,
        size=settled.size or preset.input_size,
        layout=settled.layout or preset.layout,
        colour=settled.colour or preset.colour,
        mean=settled.mean or preset.mean,
        scale=settled.scale or preset.scale,
        crop=settled.crop or preset.crop,
        margin=preset.margin if settled.margin is None else settled.margin,
        metric=settled.metric or preset.metric,
        licence=settled.licence or preset.licence,
    )


def _is_embedder(answers: Answers) -> bool:
    preset = preset_named(answers.preset)
    return preset is None or preset.use == "compares faces"


def _check_size(file: ModelFile, answers: Answers, preset: Preset | None) -> None:
    """Raise WeightsError where the file reads pictures of another size than is said.

    Detectors are exported for any size, embedders for one.
    """
    said, of = answers.size, ""
    if said is None and preset is not None and preset.use == "compares faces":
        said, of = preset.input_size, f"{answers.preset} "
    if said is None or file.size in (None, said):
        return
    raise _contradiction(
        Sentence("a {}model that reads pictures of {}", of, _sides(said)),
        Sentence("this one reads pictures of {}", _sides(file.size or said)),
    )


def _possible_outputs(file: ModelFile) -> list[int]:
    """Return the outputs that may be vectors of faces, by their numbers."""
    counts = [port.count for port in file.ports.outputs]
    return [i for i, count in enumerate(counts) if count is None or count >= FEWEST_NUMBERS]


def _output(file: ModelFile, said: str | None) -> int:
    outputs = file.ports.outputs
    if said is None:
        return next(iter(_possible_outputs(file)), 0)
    for number, port in enumerate(outputs):
        if said in (port.name, str(number)):
            return number
    raise _contradiction(
        Sentence("an output named {}", repr(said)),
        Sentence("this model has {}", outputs_told(file)),
    )


def _dimension(file: ModelFile, output: int, answers: Answers, preset: Preset | None) -> int:
    found = file.ports.outputs[output].count
    known = (answers.dimension,) if answers.dimension else preset.dimensions if preset else ()
    if found is not None and known and found not in known:
        raise _contradiction(
            Sentence("a model that gives {} numbers for a face", " or ".join(map(str, known))),
            Sentence("this one gives {}", found),
        )
    return found or answers.dimension or 0


def _sides(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


def _contradiction(expected: Sentence, found: Sentence) -> WeightsError:
    return WeightsError(
        expected, found, "Give another file, or other options: facedesk models add --help"
    )
