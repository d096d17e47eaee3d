"""How often the embedded teacher names a shape right, without a prompt.

    python bench/proposals.py --psb DIR [--categories Chair,Cup] [--seed 0]

Every shape of the categories that the teacher knows is shown to it as it lies in its file; the
first proposal counts.  Prints a Markdown table: how many were right, and what else they were taken
for.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from pdengine.config import EngineConfig, with_options
from pdengine.data import read_manifest
from pdengine.evaluate import known_categories
from pdengine.io import sample_mesh
from pdengine.pipeline import Engine
from pdengine.teach import parse_parts
from pdengine.teach.embedded import EmbeddedTeacher
from pdengine.teach.embedded.vocabulary import meanings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--psb", required=True, help="folder with manifest.json and mesh/")
    parser.add_argument("--categories", help="default: all that the teacher knows")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    teacher = EmbeddedTeacher.load()
    entries = read_manifest(options.psb)
    wanted = known_categories(entries, teacher)
    if options.categories:
        wanted = options.categories.split(",")
    engine = Engine(with_options(EngineConfig(), seed=options.seed), teacher=teacher)
    print("| category | right | sure | taken for |\n|---|---|---|---|")
    shares, all_right, total = [], 0, 0
    for category in wanted:
        chosen = [entry for entry in entries if entry.category == category]
        said: Counter[str] = Counter()
        sure = 0.0
        for entry in chosen:
            (truth,) = meanings(parse_parts(entry.prompt), teacher.net.layout)
            mesh = entry.shape()
            sampled = sample_mesh(mesh, 2048, options.seed).cloud
            guess = engine.set_shape(sampled, surface=mesh).propose()
            said[str(guess.parts.category)] += 1
            sure += guess.probability / len(chosen)
        right = said.pop(truth, 0)
        others = ", ".join(f"{name} {count}" for name, count in said.most_common())
        print(f"| {category} | {right} of {len(chosen)} | {sure:.2f} | {others} |")
        shares.append(right / len(chosen))
        all_right, total = all_right + right, total + len(chosen)
    print(f"| mean | {100 * sum(shares) / len(shares):.1f} %, {all_right} of {total} | | |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
