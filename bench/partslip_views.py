"""PartSLIP on generated shapes: which rendering suits the embedded teacher, and what voting says.

    python bench/partslip_views.py [--shapes 2] [--categories chair,table]

Prints a table: mean instance mIoU over the shapes in percent, and seconds of the processor a
shape.  "engine" is mode "partslip" as it comes, "published" is as_partslip; the voting baseline has
the same answers of the teacher.  Labels are used for scoring alone.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time

from pdengine.config import EngineConfig, as_partslip, with_options
from pdengine.data.generated import FIRST_SEED, GeneratedExample
from pdengine.evaluate import instance_miou
from pdengine.lift import sample_outside
from pdengine.pipeline import Engine

CATEGORIES = "chair,table,mug,lamp,bottle,cabinet"
TEACHERS = ("embedded", "embedded-boxes")
POINTS = 10_000


def measured(config: EngineConfig, shapes: list[GeneratedExample]) -> list[float]:
    """mIoU of PartSLIP and of the vote in percent, and seconds: means over the shapes."""
    engine = Engine(config)
    found = []
    for shape in shapes:
        mesh, parts = shape.shape(), len(shape.parts)
        sampled = sample_outside(mesh, POINTS, config.seed)
        truth = shape.truth().part[sampled.face]
        start = time.process_time()
        answer = engine.set_shape(sampled.cloud, surface=mesh).segment(shape.prompt)
        seconds = time.process_time() - start
        both = (instance_miou(said, truth, parts) for said in (answer.labels, answer.vote_labels))
        found.append([*(100 * value for value in both), seconds])
    return [statistics.fmean(column) for column in zip(*found, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--shapes", type=int, default=2, help="of each category")
    parser.add_argument("--categories", default=CATEGORIES)
    options = parser.parse_args()
    shapes = [
        GeneratedExample(category, FIRST_SEED + k)
        for category in options.categories.split(",")
        for k in range(options.shapes)
    ]
    write = sys.stdout.write
    write(f"{len(shapes)} shapes of {options.categories}\n\n")
    write("| teacher | rendering | PartSLIP | vote | CPU s/shape |\n|---|---|---|---|---|\n")
    for teacher in TEACHERS:
        plain = with_options(EngineConfig(), mode="partslip", teacher=teacher, up="y")
        for name, config in (("engine", plain), ("published", as_partslip(plain))):
            partslip, vote, seconds = measured(config, shapes)
            write(f"| {teacher} | {name} | {partslip:.1f} | {vote:.1f} | {seconds:.1f} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
