"""Where knowledge may come from: other shapes of the benchmark, generated ones, both, a few labels.

python bench/sources.py --psb DIR --json FILE [--generated 12] [--seeds 1] [--noise systematic]

A student is aligned, without labels, on every second shape of a category ("train"), on generated
shapes of it ("generated") or on both, and scored on the other benchmark shapes, then the other way
round.  "few-shot" trusts the labels of two of the shapes that it learns from.  The simulated
teacher looks at every shape.  Prints one line per category and source, and the mean.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from pdengine.collection import Member, align_members, class_count
from pdengine.config import EngineConfig
from pdengine.data import Truth, read_manifest
from pdengine.data.generated import FIRST_SEED, GeneratedExample
from pdengine.distill import prepare
from pdengine.evaluate import Experiment, Looked, alone, part_miou, show
from pdengine.shapes import make, parts_of
from pdengine.teach import parse_parts

# The benchmark's category, the generator's, and the generator's name of each of the former's parts.
SAME = {
    "Airplane": ("airplane", {}),
    "Bird": ("bird", {}),
    "Chair": ("chair", {"backrest": "back"}),
    "Cup": ("mug", {}),
    "Fish": ("fish", {}),
    "FourLeg": ("quadruped", {"earhorn": "ear"}),
    "Glasses": ("glasses", {"middle": "bridge"}),
    "Human": (
        "human",
        {
            f"{side}{limb}": f"{side} {limb}"
            for side in ("upper", "lower")
            for limb in ("arm", "leg")
        },
    ),
    "Plier": ("pliers", {"edge": "jaw", "center": "pivot"}),
    "Table": ("table", {"tabletop": "top"}),
    "Teddy": ("teddy", {}),
    "Vase": ("vase", {"top": "neck"}),
}
FEW = 2  # shapes whose labels are trusted


@dataclass(frozen=True)
class Standin(GeneratedExample):
    """A generated shape under the benchmark's names."""

    names: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        return self.names

    def truth(self) -> Truth:
        """Labels as indices into the benchmark's parts."""
        category, other = SAME[self.category]
        names = [other.get(part, part) for part in self.parts]
        order = torch.tensor([names.index(part) for part in parts_of(category)])
        made = make(category, self.seed)
        return Truth(order[torch.from_numpy(made.face_label).long()])


def scores(
    members: Sequence[Member], unseen: Sequence[Looked], config: EngineConfig
) -> list[float]:
    """mIoU of each unseen shape, labelled by a student of these members."""
    names = parse_parts(unseen[0].subject.example.prompt)
    classes = class_count(members, len(names))
    student, _ = align_members(members, names, classes, config)
    found = []
    for one in unseen:
        belief = student.beliefs(prepare(one.engine.cloud, config.distill))
        found.append(part_miou(belief.argmax(1).cpu(), one.subject.truth.part))
    return found


def measure(psb: str, category: str, count: int, noise: str, seed: int) -> dict[str, float]:
    """Mean IoU of a category per source."""
    experiment = Experiment("simulated", noise, ("vote",))
    config = replace(experiment.config, seed=seed)
    entries = [entry for entry in read_manifest(psb) if entry.category == category]
    real = [show(entry, experiment, seed) for entry in entries]
    standins = [
        Standin(category, FIRST_SEED + 1000 * seed + k, entries[0].parts) for k in range(count)
    ]
    made = [show(one, experiment, seed).shown.member for one in standins]
    vote = [part_miou(alone(one, ("vote",))[0].labels, one.subject.truth.part) for one in real]
    found: dict[str, list[float]] = {"vote": vote}
    for a, b in ((real[::2], real[1::2]), (real[1::2], real[::2])):
        train = [one.shown.member for one in a]
        few = [
            replace(member, labels=one.subject.truth.part) if k < FEW else member
            for k, (one, member) in enumerate(zip(a, train, strict=True))
        ]
        for source, members in (
            ("train", train),
            ("generated", made),
            ("both", train + made),
            ("few-shot", few),
        ):
            found.setdefault(source, []).extend(scores(members, b, config))
    return {source: statistics.mean(values) for source, values in found.items()}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--psb", required=True, help="folder with manifest.json and mesh/")
    parser.add_argument("--json", required=True, help="where the rows go")
    parser.add_argument("--generated", type=int, default=12, help="generated shapes per category")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--noise", default="systematic")
    options = parser.parse_args(argv)
    rows: list[dict[str, Any]] = []
    for seed in range(options.seeds):
        for category in SAME:
            found = measure(options.psb, category, options.generated, options.noise, seed)
            rows.append({"category": category, "seed": seed, **found})
            print(category, " ".join(f"{k} {v:.3f}" for k, v in found.items()), flush=True)
    sources = [key for key in rows[0] if key not in ("category", "seed")]
    means = {s: statistics.mean(row[s] for row in rows) for s in sources}
    print("mean", " ".join(f"{k} {v:.3f}" for k, v in means.items()))
    Path(options.json).write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
