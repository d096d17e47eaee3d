"""MediaPipe's hand landmarks as a teacher by callable, on the hands of Labeled PSB.

pip install mediapipe==0.10.14
python bench/hands.py --psb DIR [--modes vote,tta,partslip,pre,collection] [--seeds 1] --json FILE

The wheel holds the network, so nothing is fetched.  mediapipe is no dependency of pdengine: this
file shows how any model becomes a teacher.  With --generated N instead of --psb, N generated hands
are measured.  Nothing was chosen by a label: the colours and the margin by how often the network
finds a hand in views of four hands of the benchmark, the rest before anything was scored.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from hand_regions import LANDMARKS
from hand_teacher import HandTeacher
from quality import report_failures, summary
from rich.console import Console
from torch import Tensor

from pdengine.config import EngineConfig
from pdengine.data import Example, generated_shapes, read_manifest
from pdengine.errors import PdengineError
from pdengine.evaluate import Experiment, measure_category, rows
from pdengine.teach import TeacherCard

MODES = ("vote", "tta", "partslip", "pre", "collection")
CARD = TeacherCard(
    name=HandTeacher.name,
    kind="masks",
    about="palm and fingers of a hand, from the landmarks of MediaPipe Hands in photographs",
    licence="Apache-2.0, as the wheel that holds them",
    trains_others="unclear",
    weights="in the mediapipe wheel",
)


class MediapipeHands:
    """The network of the mediapipe wheel; see hand_teacher.Network.

    Args:
        confidence: the least score of a palm, and of the landmarks, in [0, 1].

    Raises:
        ImportError: mediapipe is not installed; the message says what to type.
    """

    def __init__(self, confidence: float = 0.2) -> None:
        try:
            import mediapipe
        except ImportError as error:
            raise ImportError(
                "bench/hands.py needs mediapipe; pip install mediapipe==0.10.14"
            ) from error
        self.identity = f"mediapipe {mediapipe.__version__} confidence={confidence}"
        self._hands = mediapipe.solutions.hands.Hands(
            static_image_mode=True,
            max_num_hands=1,
            min_detection_confidence=confidence,
            min_tracking_confidence=confidence,
        )

    def __call__(self, picture: Tensor) -> Tensor | None:
        said = self._hands.process(picture.numpy()).multi_hand_landmarks
        if not said:
            return None
        found = torch.tensor([[mark.x, mark.y] for mark in said[0].landmark])
        assert found.shape == (LANDMARKS, 2)
        return found * torch.tensor([picture.shape[1], picture.shape[0]])


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--psb", help="folder with manifest.json and mesh/")
    source.add_argument("--generated", type=int, metavar="N", help="N generated hands")
    add("--modes", default=",".join(MODES))
    add("--seeds", type=int, default=1, help="how many seeds, from 0")
    add("--limit", type=int, help="at most so many hands")
    add("--size", type=int, default=384, help="of the views, in pixels")
    add("--views", type=int, default=24, help="cameras all around")
    add("--turns", type=int, default=4, help="how often each view is turned, and mirrored")
    add("--json", required=True, help="where the rows, and one result per shape, go")
    options = parser.parse_args(argv)
    wrong = sorted(set(options.modes.split(",")) - set(MODES))
    if wrong:
        parser.error(f"--modes must be of {', '.join(MODES)}, got {', '.join(wrong)}")
    return options


def hands_of(options: argparse.Namespace) -> list[Example]:
    every: Sequence[Example]
    every = generated_shapes(options.generated) if options.generated else read_manifest(options.psb)
    return [one for one in every if one.category.casefold() == "hand"][: options.limit]


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    config = EngineConfig(up="y")  # the teacher brings its own cameras
    size = (options.size, options.size)
    config = replace(config, render=replace(config.render, size=size))
    modes = tuple(dict.fromkeys(options.modes.split(",")))
    experiment = Experiment(HandTeacher.name, modes=modes, config=config)
    try:
        network = MediapipeHands()
    except ImportError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    teacher = HandTeacher(network, views=options.views, turns=options.turns, card=CARD)
    try:
        found = [
            result
            for seed in range(options.seeds)
            for result in measure_category(hands_of(options), experiment, seed, teacher)
        ]
    except PdengineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    table: list[dict[str, Any]] = rows(found, experiment)
    console = Console()
    console.print(summary(table))
    report_failures(found, console)
    kept = {"rows": table, "shapes": [asdict(one) for one in found]}
    Path(options.json).write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
