"""Grounding DINO: boxes for phrases, by one caption that holds them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from pdengine.errors import TeacherError
from pdengine.teach.models.boxes import Candidates, corners
from pdengine.teach.models.loading import (
    HALF,
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
_ENDS = 2  # tokens: one before a caption, and one behind it


@dataclass(frozen=True)
class Caption:
    """Some phrases as the text that the model was trained on: "back . chair back . leg ."

    Attributes:
        text: the caption.
        first: the number of its first phrase among all that are asked.
        of_token: [T] int64, the phrase of each token, counted from first; -1 for none.
    """

    text: str
    first: int
    of_token: tuple[int, ...]

    @property
    def count(self) -> int:
        return max(self.of_token) + 1


class GroundingDino:
    """The model, with the phrases of all parts in one caption.

    A candidate's score for a phrase is the mean probability of the phrase's tokens, as the authors
    score categories (their evaluation on COCO): the maximum would let every "seat" be a "car seat".
    Tokens belong to phrases by their position in the caption.  A dot or question mark would end a
    phrase, so phrases lose them.

    Source: Liu et al., Grounding DINO (ECCV 2024).
    """

    def __init__(self, name: str, folder: Path, precision: str = HALF) -> None:
        self._precision = check_precision(precision)
        hub = library(name)
        self._name = name
        self._folder = folder
        self._model = load_model(name, hub.GroundingDinoForObjectDetection, folder)
        self._image = load_processor(name, hub.GroundingDinoImageProcessorPil, folder)
        self._tokeniser = load_tokeniser(name, hub.BertTokenizer, folder)

    @property
    def identity(self) -> str:
        return f"{digest(self._folder)} {self._precision}"

    def check(self, asked: Asked) -> None:
        """Refuse phrases that do not fit into a caption.

        Raises:
            TeacherError: a phrase is longer than the model reads, or has nothing to read.
            PartError: two parts have phrases that differ by dots alone, or by unknown words.
        """
        self.captions(asked)

    def captions(self, asked: Asked) -> list[Caption]:
        """The phrases in as few captions as the model can read, those of a part together."""
        limit: int = self._model.config.max_text_len
        words = [_plain(phrase) for phrase in asked.phrases]
        read = [self._read(*both) for both in zip(asked.phrases, words, strict=True)]
        check_apart(self._name, asked, read)
        sizes = [len(tokens) + 1 for tokens in read]  # and the dot behind it
        for phrase, size in zip(asked.phrases, sizes, strict=True):
            if size + _ENDS > limit:
                raise TeacherError(
                    f"{self._name}: a prompt must have at most {limit} tokens, got "
                    f"{size + _ENDS}: {phrase!r}"
                )
        runs = packed(sizes, asked.part, limit - _ENDS)
        return [self._caption(words[run.start : run.stop], run.start) for run in runs]

    def _read(self, phrase: str, words: str) -> tuple[int, ...]:
        """The tokens of a phrase in a caption, without the dot behind it."""
        read = tuple(self._tokeniser(words)["input_ids"][1:-1])
        if all(token == self._tokeniser.unk_token_id for token in read):  # of nothing, too
            raise TeacherError(f"{self._name}: a prompt must have a word it knows, got {phrase!r}")
        return read

    def _caption(self, phrases: Sequence[str], first: int) -> Caption:
        text = "".join(f"{words} . " for words in phrases).strip()
        of_letter: list[int] = []
        for number, words in enumerate(phrases):
            of_letter += [number] * len(words) + [-1] * len(" . ")
        read = self._tokeniser(text, return_offsets_mapping=True)
        of_token = [of_letter[a] if a < b else -1 for a, b in read["offset_mapping"]]
        return Caption(text, first, tuple(of_token))

    def __call__(
        self, images: Sequence[Image.Image], asked: Asked, device: torch.device
    ) -> Candidates:
        """Candidates in V pictures; each caption brings its own."""
        seen = self._image(images=list(images), return_tensors="pt").to(device)
        found = [
            self._see(seen, caption, asked, images[0].size) for caption in self.captions(asked)
        ]
        return Candidates(
            torch.cat([f.box for f in found], 1), torch.cat([f.score for f in found], 1)
        )

    def _see(self, seen: Any, caption: Caption, asked: Asked, size: tuple[int, int]) -> Candidates:
        count = len(seen["pixel_values"])
        device = seen["pixel_values"].device
        text = self._tokeniser([caption.text] * count, return_tensors="pt").to(device)
        with at_work(self._model, device, self._precision):
            out = self._model(**seen, **text)
        probability = out.logits.float().sigmoid()  # [V, Q, longest caption]
        score = probability.new_zeros(*probability.shape[:2], len(asked.phrases))
        of_token = torch.tensor(caption.of_token, device=device)
        for number in range(caption.count):
            (own,) = (of_token == number).nonzero(as_tuple=True)
            score[..., caption.first + number] = probability[..., own].mean(-1)
        return Candidates(corners(out.pred_boxes, *size), score)


def _plain(phrase: str) -> str:
    """A phrase in lower case, without what would end it."""
    return " ".join(phrase.lower().replace(".", " ").replace("?", " ").split())


def packed(sizes: Sequence[int], part: Sequence[int], room: int) -> list[range]:
    """Runs that fit, as few as go; one ends inside a part where that alone fills it.

    Args:
        sizes: of each phrase, at most room.
        part: of each phrase, ascending.
        room: of a run.
    """
    runs: list[range] = []
    first = 0
    while first < len(sizes):
        end, left = first, room
        while end < len(sizes) and sizes[end] <= left:
            left -= sizes[end]
            end += 1
        between = end
        while first < between < len(sizes) and part[between] == part[between - 1]:
            between -= 1
        runs.append(range(first, between if between > first else end))
        first = runs[-1].stop
    return runs
