"""What a model file needs to be run, and the TOML file beside it that says so."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from common.errors import WeightsError
from common.sentence import Sentence

VERSION = 1
"""The version of the TOML file."""

FILE = "model.toml"
"""Its name, beside the model file."""

Use = Literal["finds faces", "compares faces"]
Layout = Literal["NCHW", "NHWC"]
Colour = Literal["RGB", "BGR"]
Numbers = Literal["float32", "float16", "uint8"]
Crop = Literal["five-point", "margin"]
Metric = Literal["cosine", "euclidean", "normalized-euclidean"]

_Channels = Annotated[tuple[float, ...], Meta(min_length=1, max_length=3)]
_Side = Annotated[int, Meta(ge=16, le=4096)]

_MAKES_THE_VECTORS = (
    *("sha256", "input_size", "layout", "colour", "mean", "scale", "crop", "margin", "output"),
    *("metric", "reach", "standardized"),
)
"""The fields with which an embedder gives other vectors for the same picture."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,47}", re.ASCII)
_DIGITS = r"^[0-9a-f]{64}$"


@dataclass(frozen=True)
class ModelDescription:
    """How one model file is run, and what comes out of it.

    The network reads (x - mean) / scale, where x are a picture's values from 0 to 255.

    name: what the settings call it; see is_name().
    use: what it does.
    family: the preset that it is of, or "other"; detectors are decoded by it.
    file: the model file's name; it lies beside the description. sha256: of that file.
    input_size: width and height of the picture that it reads, pixels.
    any_size: of a detector, whether it reads other sizes too, whose sides are multiples of 64.
    layout: NCHW or NHWC. colour: the order of the channels. numbers: the type of its input.
    batch: how many pictures the file takes at once; 1 where it takes any number.
    mean, scale: one number, or one for each channel, in the network's own order of the channels.
    standardized: whether the picture's own mean and standard deviation are taken instead, as
        davidsandberg's facenet did until 2017.
    licence: its SPDX identifier, or "unknown".
    crop: of an embedder, which crop of a face it reads: see models/crop.py. margin: of a margin
        crop, the share of its side that lies outside the detector's box; FaceNet's is 20 of 160
        pixels, 0.125.
    output: which of its outputs is read, in the file's order, from 0.
    dimension: how many numbers an embedder gives for a face.
    metric: how its vectors are compared; see models/embedders/similarity.py.
    reach: of the metric euclidean alone, see there.
    """

    name: str
    use: Use
    family: str
    file: str
    sha256: Annotated[str, Meta(pattern=_DIGITS)]
    input_size: tuple[_Side, _Side]
    layout: Layout
    colour: Colour
    mean: _Channels
    scale: _Channels
    numbers: Numbers = "float32"
    batch: Annotated[int, Meta(ge=1, le=64)] = 1
    licence: str = "unknown"
    crop: Crop = "five-point"
    margin: Annotated[float, Meta(ge=0, lt=0.9)] = 0.0
    output: Annotated[int, Meta(ge=0, le=100)] = 0
    dimension: Annotated[int, Meta(ge=0, le=100_000)] = 0
    metric: Metric = "cosine"
    reach: Annotated[float, Meta(ge=0)] = 0.0
    any_size: bool = False
    standardized: bool = False

    @property
    def model_id(self) -> str:
        """It names the network, its weights and how it is run; embeddings of two ids never compare.

        Whoever corrects the order of the colours gets other vectors, and so another id.
        """
        told = [getattr(self, name) for name in _MAKES_THE_VECTORS]
        return f"{self.name}-{hashlib.sha256(repr(told).encode()).hexdigest()[:8]}"


def is_name(text: str) -> bool:
    """Return whether a model may have that name.

    It has small letters, digits, dots, hyphens and underscores: it is part of file names, and a +
    joins two of them to a fusion.
    """
    return _NAME.fullmatch(text) is not None


def checked(description: ModelDescription) -> ModelDescription:
    """Return the description. Raises WeightsError, in one sentence, where it cannot be right."""
    return _described(asdict(description), Sentence("the description of {}", description.name))


def read_description(path: Path) -> ModelDescription:
    """Read a description from its TOML file.

    Raises WeightsError, in one sentence, for a file that cannot be read, is no TOML, is of another
    version, lacks something or has something unknown in it, and for a value that cannot be right.
    """
    where = Sentence("the description of a model in {}", path)
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise _wrong(where, Sentence("it cannot be read ({})", error.strerror or error)) from error
    except UnicodeDecodeError as error:
        raise _wrong(where, Sentence("it is no TOML file ({})", error)) from error
    return parsed_description(text, where)


def parsed_description(text: str, where: Sentence) -> ModelDescription:
    """Read a description from the text of its TOML file. Raises what read_description() raises.

    where: what the text is, for the errors.
    """
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _wrong(where, Sentence("it is no TOML file ({})", error)) from error
    version = content.pop("version", None)
    if version != VERSION:
        raise WeightsError(
            Sentence("{} of version {}", where, VERSION),
            Sentence("its version is {}", "missing" if version is None else version),
            "Add the model again with this Facedesk",
        )
    return _described(content, where)


def written_description(description: ModelDescription) -> str:
    """Return the text of a description's TOML file. What has its default is left out."""
    import tomlkit

    document = tomlkit.document()
    document.add(tomlkit.comment("A model that was added to Facedesk: facedesk models describe"))
    document["version"] = VERSION
    for field in fields(description):
        value = getattr(description, field.name)
        if value != field.default:
            document[field.name] = list(value) if isinstance(value, tuple) else value
    return document.as_string()


def _described(content: dict[str, Any], where: Sentence) -> ModelDescription:
    unknown = sorted(content.keys() - {field.name for field in fields(ModelDescription)})
    if unknown:
        raise _wrong(where, Sentence("it has {}, which is unknown", unknown[0]))
    try:
        description = msgspec.convert(content, ModelDescription)
    except msgspec.ValidationError as error:
        raise _wrong(where, Sentence("this was found: {}", _told(error))) from error
    fault = _fault(description)
    if fault is not None:
        raise _wrong(where, fault)
    return description


def _fault(description: ModelDescription) -> Sentence | None:
    """Return what is wrong beyond the types and the bounds of single values."""
    if not is_name(description.name):
        return Sentence("{} cannot be a model's name", repr(description.name))
    if Path(description.file).name != description.file or description.file in ("", "..", FILE):
        return Sentence("{} is no plain name of a file", repr(description.file))
    for name in ("mean", "scale"):
        if len(getattr(description, name)) == 2:
            return Sentence("{} has two numbers, not one or three", name)
    if not all(value > 0 for value in description.scale):
        return Sentence("scale is not above zero")
    if description.use == "compares faces" and not description.dimension:
        return Sentence("its dimension is missing")
    if (description.metric == "euclidean") != (description.reach > 0):
        return Sentence("reach belongs to the metric euclidean, and to no other")
    return None


def _told(error: msgspec.ValidationError) -> str:
    return str(error).replace("$.", "").replace("Object missing", "it lacks the")


def _wrong(where: Sentence, found: Sentence) -> WeightsError:
    return WeightsError(where, found, "Correct the line, or add the model again")
