"""Trains the encoder: python -m pdengine.distill.pretrain --out FOLDER --minutes 20

Shapes of every category are generated, their geometric features are computed once, and the encoder
learns to tell the parts of each category apart, in any pose.  FOLDER/encoder.safetensors results.
"""

from __future__ import annotations

import json
import logging
import math
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pdengine import shapes
from pdengine.distill.canonical import random_rotation
from pdengine.distill.encoder import EMBEDDING, WIDTHS, Encoder
from pdengine.distill.encoder_file import save_encoder
from pdengine.distill.features import COLUMNS, Surroundings, surroundings
from pdengine.distill.grid import make_grid
from pdengine.io import mesh_from_arrays
from pdengine.lift import sample_outside

log = logging.getLogger("pdengine.distill.pretrain")

POINTS = 2048
HELD_OUT = 1_000_000  # seeds from here on are validated on
_FIELDS = ("xyz", "shape", "offset", "normal")


@dataclass(frozen=True)
class PretrainConfig:
    """Settings of a training run.

    Attributes:
        out: where the weights and the data go.
        minutes: of training, data not counted.
        shapes: generated shapes per category.
        held_out: validation shapes per category.
        seed: of everything random.
        batch: shapes per step.
        learning_rate: the highest; warm-up, then cosine to nothing over the minutes.
        workers: processes that make the data.
        threads: of the training.
    """

    out: Path
    minutes: float = 20.0
    shapes: int = 300
    held_out: int = 12
    seed: int = 0
    batch: int = 8
    learning_rate: float = 2e-3
    workers: int = 2
    threads: int = 1


@dataclass(frozen=True)
class Example:
    """A shape's outside: what its points see around them, and their concepts. [N], -1 none."""

    around: Surroundings
    concept: Tensor


def concepts() -> dict[str, int]:
    """Each category's first concept; a category's parts follow each other."""
    first, found = 0, {}
    for category in shapes.CATEGORIES:
        found[category] = first
        first += len(shapes.parts_of(category))
    return found


def concept_mask() -> Tensor:
    """Which concepts belong to which category. [categories, concepts] bool."""
    owner = [i for i, c in enumerate(shapes.CATEGORIES) for _ in shapes.parts_of(c)]
    return torch.arange(len(shapes.CATEGORIES))[:, None] == torch.tensor(owner)


def example(category: str, seed: int) -> Example:
    """Points of a generated shape that can be seen from outside, as a scanner would see them."""
    torch.set_num_threads(1)
    made = shapes.make(category, seed)
    rng = np.random.default_rng([seed, 17])
    vertices = made.vertices.astype(np.float64) * np.exp(rng.normal(0, 0.1, 3))
    sampled = sample_outside(mesh_from_arrays(vertices, made.faces), POINTS, seed)
    xyz = sampled.cloud.xyz
    if rng.random() < 0.3:
        xyz = xyz + torch.from_numpy(rng.normal(0, rng.uniform(0, 0.008), xyz.shape)).float()
    label = torch.from_numpy(made.face_label.astype(np.int64))[sampled.face]
    return Example(surroundings(xyz), label + concepts()[category])


def build(config: PretrainConfig, first: int, count: int) -> list[Example]:
    """Examples of every category, category by category within each seed."""
    jobs = [(c, first + s) for s in range(count) for c in shapes.CATEGORIES]
    made = []
    with ProcessPoolExecutor(config.workers) as pool:
        for k, fields in enumerate(pool.map(_packed, jobs, chunksize=8)):
            around = Surroundings(*(torch.from_numpy(fields[name]) for name in _FIELDS))
            made.append(Example(around, torch.from_numpy(fields["concept"]).long()))
            if k % 500 == 0:
                log.info("%d of %d shapes", k, len(jobs))
    return made


def _packed(job: tuple[str, int]) -> dict[str, np.ndarray]:
    """An example as another process hands it over: arrays, half as long."""
    made = example(*job)
    fields = {name: getattr(made.around, name).half().numpy() for name in _FIELDS}
    return fields | {"concept": made.concept.to(torch.int16).numpy()}


def pose(rng: np.random.Generator) -> Tensor:
    """A rotation: nearly upright, on another side, or anything. [3, 3]."""
    kind = rng.random()
    if kind < 0.3:
        return random_rotation(torch.from_numpy(rng.normal(size=(3, 3))))
    turn = torch.eye(3)
    if kind < 0.6:
        signs = torch.tensor(rng.choice([-1.0, 1.0], 3), dtype=torch.float32)
        turn = torch.diag(signs)[torch.from_numpy(rng.permutation(3))]
        turn = turn * torch.linalg.det(turn)
    angle = rng.uniform(0, 2 * math.pi) if rng.random() < 0.4 else rng.normal(0, 0.25)
    c, s = math.cos(angle), math.sin(angle)
    yaw = torch.tensor([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return turn @ yaw


def mirrored(around: Surroundings) -> Surroundings:
    """The mirror image: parts have no handedness."""
    flip = torch.tensor([-1.0, 1.0, 1.0])
    return Surroundings(around.xyz * flip, around.shape, around.offset * flip, around.normal * flip)


def posed(made: Example, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """xyz [N, 3] and features [N, D] of the example in a random pose."""
    around = Surroundings(*(getattr(made.around, name).float() for name in _FIELDS))
    if rng.random() < 0.5:
        around = mirrored(around)
    around = around.turned(pose(rng))
    return around.xyz, around.features()


def weights(examples: list[Example]) -> Tensor:
    """Square root of the inverse frequency inside each category. [concepts], 1 on average."""
    mask = concept_mask()
    count = torch.bincount(
        torch.cat([e.concept for e in examples]), minlength=mask.shape[1]
    ).double()
    result = torch.ones(mask.shape[1], dtype=torch.float64)
    for own in mask:
        share = (count[own] + 1) / (count[own] + 1).sum()
        result[own] = share**-0.5 / share.sqrt().sum()
    return result.float()


def loss_of(logits: Tensor, concept: Tensor, weight: Tensor, mask: Tensor) -> Tensor:
    """Which part of its category, and, more softly, which part of any. logits [N, concepts]."""
    own = mask[:, concept].T.float() @ mask.float() > 0  # [N, concepts]
    inside = F.cross_entropy(logits.masked_fill(~own, -1e4), concept, weight)
    return inside + 0.2 * F.cross_entropy(logits, concept, weight)


@torch.no_grad()
def accuracy(encoder: Encoder, head: nn.Linear, held_out: list[Example]) -> dict[str, float]:
    """Mean IoU per category over held-out shapes in random poses, and its mean."""
    rng = np.random.default_rng(0)
    mask = concept_mask()
    found: dict[str, list[float]] = {}
    for made in held_out:
        xyz, features = posed(made, rng)
        logits = head(encoder(encoder.standardised(features), make_grid([xyz], len(WIDTHS))))
        category = int(mask[:, made.concept[0]].nonzero())
        said = logits.masked_fill(~mask[category], -1e4).argmax(1)
        ious = [
            float(
                ((said == c) & (made.concept == c)).sum()
                / ((said == c) | (made.concept == c)).sum()
            )
            for c in made.concept.unique()
        ]
        found.setdefault(shapes.CATEGORIES[category], []).append(sum(ious) / len(ious))
    table = {c: round(sum(v) / len(v), 3) for c, v in found.items()}
    return table | {"mean": round(sum(table.values()) / len(table), 3)}


def train(config: PretrainConfig) -> None:
    """Make the data, train for the minutes, write the weights."""
    config.out.mkdir(parents=True, exist_ok=True)
    examples = build(config, config.seed * config.shapes, config.shapes)
    held_out = build(config, HELD_OUT, config.held_out)
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    rng = np.random.default_rng(config.seed)
    encoder = Encoder(COLUMNS, dice=torch.default_generator)
    columns = torch.cat([posed(examples[k], rng)[1] for k in rng.permutation(len(examples))[:200]])
    encoder.mean.copy_(columns.mean(0))
    encoder.deviation.copy_(columns.std(0).clamp(min=1e-3))
    mask, weight = concept_mask(), weights(examples)
    head = nn.Linear(EMBEDDING, mask.shape[1])
    parameters = [*encoder.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(
        parameters, lr=config.learning_rate, weight_decay=0.02, fused=True
    )
    step, start, running, told = 0, time.perf_counter(), 0.0, 0.0
    while (seconds := time.perf_counter() - start) < 60 * config.minutes:
        done = seconds / (60 * config.minutes)
        rate = min(1.0, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * rate + 1e-6
        chosen = [examples[k] for k in rng.choice(len(examples), config.batch, replace=False)]
        xyz, features = zip(*(posed(made, rng) for made in chosen), strict=True)
        grid = make_grid(xyz, len(WIDTHS))
        noisy = encoder.standardised(torch.cat(features))
        logits = head(F.dropout(encoder(noisy, grid), 0.1))
        loss = loss_of(logits, torch.cat([made.concept for made in chosen]), weight, mask)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step += 1
        running += (loss.item() - running) * 0.02
        if seconds - told > 60:
            told = seconds
            log.info("step %d, %.1f min: loss %.4f", step, seconds / 60, running)
    table = accuracy(encoder, head, held_out)
    about = {
        "minutes": config.minutes, "steps": step, "batch": config.batch, "seed": config.seed,
        "shapes per category": config.shapes, "categories": list(shapes.CATEGORIES),
        "validation mIoU": table,
    }  # fmt: skip
    log.info("%s", json.dumps(about))
    (config.out / "encoder.json").write_text(json.dumps(about, indent=1) + "\n")
    save_encoder(config.out / "encoder.safetensors", encoder, about)


if __name__ == "__main__":
    import tyro

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train(tyro.cli(PretrainConfig))
