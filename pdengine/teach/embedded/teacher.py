"""The embedded teacher: views in, a probability per pixel and part name out."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from pdengine.teach.card import EMBEDDED
from pdengine.teach.embedded.inputs import inputs, mirrored
from pdengine.teach.embedded.net import PartNet, Seen
from pdengine.teach.embedded.vocabulary import check_words, meanings, remarks_on
from pdengine.teach.embedded.weights import SHIPPED, load_weights
from pdengine.teach.proposing import Proposal
from pdengine.types import PartList, PixelScores, Views

_UNLIKELY = 0.1  # categories less likely than this are not asked for their parts


class EmbeddedTeacher:
    """A small network trained on generated shapes; see model_card.md for what it can do.

    It looks at the geometry of the views alone.  The same views give the same answer.  The network
    goes where the views are.
    """

    name = EMBEDDED.name
    licence = EMBEDDED.licence
    card = EMBEDDED

    def __init__(
        self, net: PartNet, logit_factor: float = 1.0, category_factor: float = 1.0
    ) -> None:
        self.net = net
        self.logit_factor = logit_factor
        self.category_factor = category_factor

    @cached_property
    def identity(self) -> str:
        """A digest of the weights and the calibration."""
        digest = hashlib.sha256(str((self.logit_factor, self.category_factor)).encode())
        digest.update(str(self.net.layout).encode())
        for name, value in sorted(self.net.state_dict().items()):
            digest.update(name.encode())
            digest.update(value.cpu().contiguous().numpy().data)
        return digest.hexdigest()[:32]

    @classmethod
    def load(cls, path: Path = SHIPPED) -> EmbeddedTeacher:
        """The teacher with its weights.

        Raises:
            TeacherError: the weights are missing or damaged.
        """
        return cls(*load_weights(path))

    def __call__(self, views: Views, parts: PartList) -> PixelScores:
        """The probability of each named part; the category's other parts are "none of them".

        Where the prompt leaves the category open, the views decide, and doubts between categories
        are averaged.

        Raises:
            TeacherError: a name is not in the vocabulary.
        """
        weights = meanings(parts, self.net.layout)
        with self._ready(views):
            seen = self._look(views)
            likely = self._likely(self.net.categorise(seen), list(weights))
            score = views.depth.new_zeros(len(views), len(parts), *views.size)
            for category, probability in likely.items():
                score += probability * self._parts(seen, category, weights[category], views.size)
            score = score * (views.index >= 0)[:, None]
            return PixelScores(score.clamp_(0, 1))

    def check_parts(self, parts: PartList) -> None:
        """Refuse names that cannot be asked for.

        Raises:
            TeacherError: one is not in the vocabulary.
            PartError: two are one word: "legs, leg".
        """
        check_words(parts, self.net.layout)

    def remarks_on(self, parts: PartList) -> tuple[str, ...]:
        """A sentence on two names that it cannot tell apart."""
        return remarks_on(parts, self.net.layout)

    def up_direction(self, views: Views, parts: PartList | None) -> Tensor:
        """Which way the shape stands, in its own axes: [3], longer where the views agree."""
        layout = self.net.layout
        candidates = list(layout.categories if parts is None else meanings(parts, layout))
        with self._ready(views):
            seen = self.net.encode(_channels_last(self._inputs(views)))
            likely = self._likely(self.net.categorise(seen), candidates)
            said = views.depth.new_zeros(len(views), 3)  # in camera frames
            for category, probability in likely.items():
                said += probability * self.net.stands(seen, self._index(category, seen))
            return (views.cameras.rotation.transpose(1, 2) @ said[:, :, None])[:, :, 0].mean(0)

    def propose(self, views: Views) -> tuple[Proposal, ...]:
        """Every category with its probability, over all views together, and its parts.

        The likeliest comes first; the probabilities sum to 1.
        """
        layout = self.net.layout
        with self._ready(views):
            votes = self.net.categorise(self._look(views))
            together = self._together(votes).tolist()
        proposals = [
            Proposal(category, probability, PartList(layout.concepts[category], category))
            for category, probability in zip(layout.categories, together, strict=True)
        ]
        return tuple(sorted(proposals, key=lambda proposal: -proposal.probability))

    @contextmanager
    def _ready(self, views: Views) -> Iterator[None]:
        """The network where the views are, and its convolutions on a GPU as exact as on a CPU.

        cuDNN's own choice would be TF32, with 11 bits of 24, in an order that it may change.
        """
        device = views.depth.device
        if self.net.film.weight.device != device:
            self.net.to(device)
        with ExitStack() as stack:
            stack.enter_context(torch.inference_mode())
            if device.type == "cuda":
                exact = torch.backends.cudnn.flags(True, deterministic=True, allow_tf32=False)
                stack.enter_context(exact)
            yield

    def _inputs(self, views: Views) -> Tensor:
        """The channels that the network was trained on."""
        return inputs(views)[:, : self.net.channels]

    def _look(self, views: Views) -> Seen:
        """Features of the views, then of their mirror images."""
        seen = self._inputs(views)
        return self.net.encode(_channels_last(torch.cat([seen, mirrored(seen)])))

    def _index(self, category: str, seen: Seen) -> Tensor:
        """The category for every view. [V]"""
        number = self.net.layout.categories.index(category)
        return seen.geometry.new_full((len(seen.geometry),), number, dtype=torch.int64)

    def _likely(self, votes: Tensor, candidates: list[str]) -> dict[str, float]:
        """Probabilities of the categories that the prompt can mean, over all views together."""
        columns = [self.net.layout.categories.index(category) for category in candidates]
        together = self._together(votes[:, columns]).tolist()
        enough = min(_UNLIKELY, max(together))  # of many, the best can be unlikely too
        likely = {c: p for c, p in zip(candidates, together, strict=True) if p >= enough}
        total = sum(likely.values())
        return {category: p / total for category, p in likely.items()}

    def _together(
        self,
        votes: Tensor,  # [views, then their mirror images; candidates], logits
    ) -> Tensor:  # [candidates]
        """Category probabilities of a shape from all its views.

        Views of one shape often share a mistake.  The sum of their logits would take them for
        independent, their mean for a single view: the factor on the mean says how many they are
        worth, and never more than there are.
        """
        factor = min(self.category_factor, len(votes) / 2)
        return (votes.mean(0) * factor).softmax(0)

    def _parts(
        self,
        seen: Seen,
        category: str,
        weights: Tensor,  # [R, concepts of the category]
        size: tuple[int, int],
    ) -> Tensor:  # [V, R, H, W]
        logits = self.net.decode(seen, self._index(category, seen))[:, : weights.shape[1]]
        probability = (logits.contiguous() * self.logit_factor).softmax(1)
        # The mean over a view and its mirror image: +0.6 IoU upright, +0.8 in any orientation, on
        # held-out generated shapes.
        plain, mirror = probability.chunk(2)
        probability = (plain + mirror.flip(-1)) / 2
        named = torch.einsum("rc,vchw->vrhw", weights.to(probability.device), probability)
        return F.interpolate(named, size, mode="bilinear", align_corners=False)


def _channels_last(x: Tensor) -> Tensor:
    return x.contiguous(memory_format=torch.channels_last)
