"""SFace (Zhong et al. 2021), from OpenCV's model zoo: small, quick, 128 numbers a face."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from common.picture import RgbImage
from models.crop import aligned_crop
from models.embedders.embedder import unit_embeddings
from models.embedders.figures import EmbedderFigures
from models.embedders.realignment import Realigner
from models.engines.engine import FloatArray, Network
from models.face import Face

FIGURES = EmbedderFigures(
    nonmated=(0.170, 0.074),
    nonmated_pairs=(0.098, 0.083),
    threshold_floor=0.3,
    margin=0.04,
    unlike_photo=0.24,
    unclear_rise=0.03,
    unclear_margin=0.16,
    look_alike=0.08,
    same_face=0.35,
    other_face=0.2,
    raised_at_most=0.1,
    one_person=0.3,
    represented=0.7,
)
"""The non-mated laws are of 2,508 probes against identities of five templates, and of 76,032
pairs, 12 people of Glint360K; `facedesk evaluate` measures them anew. Pairs are compared by
embed_thoroughly(). Probes are live looks by embed(), too: at templates of embed() they have 0.170
and 0.074, at those of embed_thoroughly() 0.170 and 0.072, and thorough looks have 0.167 and 0.074;
the law is the one that lets the fewest strangers pass.

threshold_floor: mated pictures seldom score less. margin: half the standard deviation of
non-mated similarities. unlike_photo: see recognition/enrollment/belonging.py.

unclear_rise, unclear_margin: see recognition/clarity.py. Of strangers in unclear pictures, against
people enrolled from clear ones, 1.1 % at most had a name without the rise and 0.5 % with it; 3 to
13 in a hundred more of the enrolled people's unclear probes have none. The margin costs another one
in a hundred of these at most, and no clear one. It is for galleries whose own pictures have the
flaw: there strangers in a motion of 15 pixels were named in 20 to 24 % without it, in 2 to 3 % with
it.

same_face: on 199 probes of 12 people turned less than FRONTAL_YAW
(recognition/liveness/continuity.py), the similarity to their identity (five templates) was 0.37
at least, 0.47 for all but one in a hundred and 0.72 in the median; it falls slowly: 0.74 in the
median below a yaw of 0.05, 0.70 from 0.2 to 0.3. No mated probe was below same_face; of the 2,189
comparisons with other people 99 in 100 were. other_face: two of three comparisons with other
people are below it; their mean is 0.17.

raised_at_most: 83 % of single looks at the right person then pass in a gallery of 12 people (96 %
without it), and 66 % (89 %) at a gallery of 1,000's threshold: 228 probes of `facedesk
evaluate`'s pictures. At a station a person is looked at many times. one_person: it is about 0.55
for one person and 0.1 for two. represented: templates of one person in different pictures have
about 0.8 to the mean of five."""


class SfaceEmbedder:
    """Reads five-point aligned 112x112 crops. One thread at a time may call it.

    load_realigner: called once faces are embedded thoroughly, which live looks are not; returns
    None where FaceMesh is missing.
    """

    model_id = "sface-2021dec-fb143eea"
    dimension = 128
    figures = FIGURES

    def __init__(
        self, network: Network, load_realigner: Callable[[], Realigner | None] = lambda: None
    ) -> None:
        self._network = network
        self._load_realigner = load_realigner

    def crop(self, image: RgbImage, face: Face) -> RgbImage:
        return aligned_crop(image, face)

    def embed(self, crops: Sequence[RgbImage]) -> FloatArray:
        return unit_embeddings(self._network, self.dimension, crops, _planes)

    def embed_thoroughly(self, crops: Sequence[RgbImage]) -> FloatArray:
        """The mean of the crop's embedding and of its mirror picture's, aligned by FaceMesh.

        On 12 people of Glint360K, 150 random choices of who and which five pictures are enrolled,
        FNIR at FPIR 1 % is then 0.3 %, not 0.8, and at FPIR 0.1 % 1.0 %, not 1.8; on the pictures
        scaled to 40 pixels 2.4 %, not 2.9, and 5.0 %, not 4.9; to 28 pixels 8.6 %, not 9.6, and
        18 %, not 19. With room around the faces it is 0.6 %, not 1.1, and 1.6 %, not 2.5. Where
        only the templates are embedded so, as for live looks, 0.7 % and 1.5 %. Two looks more of
        SFace at the other picture of each alignment gain no more.
        """
        quick = self.embed(crops)
        if self._realigner is None:
            others = [crop[:, ::-1] for crop in crops]
        else:
            others = [self._realigner.realigned(crop)[:, ::-1] for crop in crops]
        rows = quick + self.embed(others)
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    @cached_property
    def _realigner(self) -> Realigner | None:
        return self._load_realigner()


def _planes(crop: RgbImage) -> FloatArray:
    return np.ascontiguousarray(crop.transpose(2, 0, 1)[np.newaxis], np.float32)
