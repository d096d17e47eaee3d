"""Florence-2: a small language model that writes down where a phrase is."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.models.boxes import Candidates
from pdengine.teach.models.loading import (
    HALF,
    check_numbers,
    check_precision,
    library,
    load_model,
    load_processor,
    load_tokeniser,
)
from pdengine.teach.models.loading import asked as at_work
from pdengine.teach.models.phrasing import Asked, check_apart
from pdengine.teach.models.weights import digest

TEMPLATES = ("{part}", "{category} {part}")
TASK = "<OPEN_VOCABULARY_DETECTION>"
BINS = 1000  # a coordinate is one of so many words
WORDS = 64  # a phrase has at most so many tokens; the rest of its text is the model's own
_POLYGON = re.compile(r"<poly>.*?(</poly>|$)", re.DOTALL)
_BOX = re.compile(r"<loc_(\d+)><loc_(\d+)><loc_(\d+)><loc_(\d+)>")


class Florence:
    """Florence-2, asked for one phrase at a time, so that a box can belong to no other.

    It writes four words per box and no score, so all carry the same one.  The words are decoded
    greedily: the same picture gives the same boxes.

    Args:
        name: of the teacher.
        folder: with the weights.
        score: of every box, in (0, 1].
        longest: words that an answer may have at most.
        precision: on a GPU, see loading.asked.

    Source: Xiao et al., Florence-2 (CVPR 2024).
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        score: float = 0.5,
        longest: int = 256,
        precision: str = HALF,
    ) -> None:
        if not 0 < score <= 1:
            raise ConfigError(f"score must be in (0, 1], got {score}")
        self._precision = check_precision(precision)
        hub = library(name)
        self._name = name
        self._folder = folder
        self._score = score
        self._longest = longest
        self._model = load_model(name, hub.Florence2ForConditionalGeneration, folder)
        image = load_processor(name, hub.CLIPImageProcessorPil, folder)
        image.image_seq_length = self._image_words(image.size["height"], image.size["width"])
        tokeniser = load_tokeniser(name, hub.AutoTokenizer, folder)
        self._processor = hub.Florence2Processor(image, tokeniser)

    def _image_words(self, height: int, width: int) -> int:
        """How many words a picture is for the model: its last grid of features, and their mean."""
        stride: int = math.prod(self._model.config.vision_config.patch_stride)
        return (height // stride) * (width // stride) + 1

    @property
    def identity(self) -> str:
        return f"{digest(self._folder)} {self._score} {self._longest} {self._precision}"

    def check(self, asked: Asked) -> None:
        """Refuse what the model cannot read.

        Raises:
            TeacherError: a phrase is too long, or would be read as a command.
            PartError: two parts read alike.
        """
        read: list[tuple[int, ...]] = []
        for phrase in asked.phrases:
            if "<" in phrase or ">" in phrase:
                raise TeacherError(f"{self._name}: a prompt must have no < or >, got {phrase!r}")
            read.append(tuple(self._processor.tokenizer(phrase)["input_ids"]))
            if len(read[-1]) > WORDS:
                raise TeacherError(
                    f"{self._name}: a prompt must have at most {WORDS} tokens, got "
                    f"{len(read[-1])}: {phrase!r}"
                )
        check_apart(self._name, asked, read)

    def __call__(
        self, images: Sequence[Image.Image], asked: Asked, device: torch.device
    ) -> Candidates:
        """The boxes that are written down for V pictures; views with fewer get boxes of score 0."""
        width, height = images[0].size
        found: list[list[tuple[list[float], int]]] = [[] for _ in images]
        for number, phrase in enumerate(asked.phrases):
            for view, text in enumerate(self._written(images, phrase, device)):
                found[view] += [(box, number) for box in boxes_of(text, width, height)]
        most = max(1, *map(len, found))
        box = torch.zeros(len(images), most, 4, device=device)
        score = torch.zeros(len(images), most, len(asked.phrases), device=device)
        for view, rows in enumerate(found):
            for row, (edges, number) in enumerate(rows):
                box[view, row] = torch.tensor(edges)
                score[view, row, number] = self._score
        return Candidates(box, score)

    def _written(
        self, images: Sequence[Image.Image], phrase: str, device: torch.device
    ) -> list[str]:
        """What the model writes about each picture."""
        prompt = [TASK + phrase] * len(images)
        inputs = self._processor(text=prompt, images=list(images), return_tensors="pt").to(device)
        watch = _Watch()
        with at_work(self._model, device, self._precision):
            words = self._model.generate(
                **inputs,
                max_new_tokens=self._longest,
                num_beams=1,
                do_sample=False,
                logits_processor=[watch],
            )
        check_numbers(self._name, words=watch.seen)
        text: list[str] = self._processor.tokenizer.batch_decode(words, skip_special_tokens=False)
        return text


class _Watch:
    """Sees what the model says of every next word, since of NaN it would take the first word.

    Attributes:
        seen: the sum of all of it, which is NaN where any was.
    """

    def __init__(self) -> None:
        self.seen = torch.zeros(())

    def __call__(self, words: Tensor, logits: Tensor) -> Tensor:
        # Without those that are ruled out, which are -inf: a sum with +inf would be NaN as well.
        self.seen = self.seen.to(logits.device) + logits.float().clamp(-1e4, 1e4).mean()
        return logits


def boxes_of(text: str, width: int, height: int) -> list[list[float]]:
    """The boxes in a text, XYXY in pixels: <loc_X0><loc_Y0><loc_X1><loc_Y1>, in thousandths.

    Polygons, which the model writes now and then, are no boxes.
    """
    found = _BOX.findall(_POLYGON.sub("", text))
    scale = (width / BINS, height / BINS) * 2
    return [[(int(k) + 0.5) * s for k, s in zip(row, scale, strict=True)] for row in found]
