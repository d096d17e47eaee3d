"""Trains the embedded teacher: python -m pdengine.teach.embedded.train --out FOLDER --minutes 50

Shapes are generated, rendered once into FOLDER/data, then learned from until the minutes are over,
or for so many steps: then one machine makes the same weights again.  A stopped run continues where
it was saved, and a new one may start from the weights of another, with another seed and so other
shapes.  FOLDER/weights.safetensors holds the averaged weights, losses.csv the losses,
validations.csv and, part by part, validation.json what the weights are worth on held-out shapes and
styles.
"""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor

from pdengine.devices import choose_device
from pdengine.errors import TeacherError
from pdengine.io.tensors import read_tensors, under
from pdengine.progress import Reporter, Silent, make_reporter
from pdengine.teach.embedded import validate
from pdengine.teach.embedded.augment import NONE, batch
from pdengine.teach.embedded.data import Store, training_rows, validation_rows
from pdengine.teach.embedded.held_out import VALIDATION_SEED, seeds_of_styles
from pdengine.teach.embedded.layout import Layout, generated_layout
from pdengine.teach.embedded.net import PartNet
from pdengine.teach.embedded.weights import load_weights, save_weights

SAVE_EVERY, VALIDATE_EVERY = 300.0, 2400.0  # seconds of training


@dataclass(frozen=True)
class TrainConfig:
    """Settings of a training run.

    Attributes:
        out: where everything goes.
        start: weights of an earlier training to begin with; None begins with random ones.
        minutes: of training, data not counted.
        steps: of training, instead of minutes; 0 means minutes.  With this and threads given, a
            seed makes the same weights again, stopped in between or not.
        seed: of everything random.
        shapes: generated training shapes per category.
        views: of every training shape.
        held_out: validation shapes per category.
        categories: of pdengine.shapes; none means all.
        workers: processes that render the data.
        threads: of the training itself; 0 tries one and two as it goes and keeps the faster: on a
            busy machine two wait for each other.
        batch: views per step.
        device: of the training: cpu, cuda, or auto for the GPU where the engine can run on one. The
            data is rendered on the CPU. A GPU draws other random numbers from the same seed.
        learning_rate: the highest; warm-up, then cosine to nothing over the minutes.
        log_every: steps between two lines of the table of losses.
    """

    out: Path
    start: Path | None = None
    minutes: float = 50.0
    steps: int = 0
    seed: int = 0
    shapes: int = 600
    views: int = 20
    held_out: int = 8
    categories: tuple[str, ...] = ()
    workers: int = 2
    threads: int = 0
    batch: int = 32
    device: str = "auto"
    learning_rate: float = 2e-3
    log_every: int = 100

    @property
    def layout(self) -> Layout:
        return generated_layout(self.categories)


def build(config: TrainConfig, report: Reporter) -> tuple[Store, dict[str, Store]]:
    """Training and validation rows; rendered when they are not there yet.

    Raises:
        TeacherError: those that are there are of other settings.
    """
    folder = config.out / "data"
    names = ("train", "upright", "arbitrary", "styles")
    complete, asked = folder / "complete", _asked(config)
    held = complete.read_text(encoding="utf-8") if complete.exists() else ""
    if held not in ("", asked):
        raise TeacherError(f"out: {folder} must hold {asked}; it holds {held}")
    if not complete.exists():
        with ProcessPoolExecutor(
            config.workers, initializer=torch.set_num_threads, initargs=(1,)
        ) as pool:
            for name in names:
                work = _jobs(config, name)
                store = Store(folder / name, sum(job.views for job in work))
                stage, start = f"render {name}", 0
                report(stage, 0, len(work))
                for k, rows in enumerate(pool.map(_rows, work, chunksize=4)):
                    store.write(start, rows)
                    start += len(rows["label"])
                    report(stage, k + 1, len(work))
                report(stage, 1, 1)
        complete.write_text(asked, encoding="utf-8")
    stores = {name: Store(folder / name) for name in names}
    return stores.pop("train"), stores


def _asked(config: TrainConfig) -> str:
    """The data of a training, in words."""
    return (
        f"{config.shapes} shapes of {config.views} views and {config.held_out} held-out ones for "
        f"seed {config.seed}, of {', '.join(config.layout.categories)}"
    )


@dataclass(frozen=True)
class _Job:
    """A shape to render."""

    layout: Layout
    store: str
    category: str
    seed: int
    views: int


def _jobs(config: TrainConfig, store: str) -> list[_Job]:
    """The shapes of a store, all categories by turns."""
    layout = config.layout
    views = config.views if store == "train" else validate.VIEWS
    first, count = VALIDATION_SEED, config.held_out
    if store == "train":
        first, count = config.seed * config.shapes, config.shapes
    seeds: dict[str, Iterable[int]] = dict.fromkeys(layout.categories, range(first, first + count))
    if store == "styles":
        seeds = {c: islice(seeds_of_styles(c), count) for c in layout.categories}
    rounds = zip(*seeds.values(), strict=True)
    return [
        _Job(layout, store, c, s, views)
        for row in rounds
        for c, s in zip(layout.categories, row, strict=True)
    ]


def _rows(job: _Job) -> dict[str, Any]:
    if job.store == "train":
        return training_rows(job.layout, job.category, job.seed, job.views)
    upright = job.store != "arbitrary"
    return validation_rows(job.layout, job.category, job.seed, job.views, upright)


def usable_rows(store: Store) -> NDArray[np.int64]:
    """All but those of held-out styles."""
    return np.flatnonzero(store.fields["held_out"] == 0)


def concept_weights(store: Store, layout: Layout) -> Tensor:
    """Square root of the inverse frequency, inside each category. [categories, widest], 1 on
    average over a category's pixels."""
    rows = np.arange(0, len(store), max(1, len(store) // 8000))
    label, category = store.fields["label"][rows], store.fields["category"][rows]
    weights = torch.ones(layout.known.shape)
    for k, names in enumerate(layout.concepts.values()):
        seen = label[category == k].astype(np.int64).ravel() + 1
        count = np.bincount(seen, minlength=len(names) + 1)[1:] + 1.0
        share = count / count.sum()
        raw = share**-0.5
        weights[k, : len(names)] = torch.from_numpy(raw / (raw * share).sum()).float()
    return weights


def loss_of(
    net: PartNet,
    rows: tuple[Tensor, Tensor, Tensor, Tensor],  # augment.batch's
    weights: Tensor,  # [categories, widest]
) -> tuple[Tensor, Tensor]:
    """The loss, and its three terms for the log: pixels, category, up."""
    x, label, category, up = rows
    with torch.autocast(x.device.type, torch.bfloat16):
        logits, votes, said_up = net(x.contiguous(memory_format=torch.channels_last), category)
    seen = label != NONE
    logits = logits.permute(0, 2, 3, 1)[seen].float()
    owner = torch.repeat_interleave(category, seen.sum((1, 2)))
    truth = label[seen]
    weight = weights[owner, truth]
    pixels = (F.cross_entropy(logits, truth, reduction="none") * weight).sum() / weight.sum()
    votes_loss = F.cross_entropy(votes.float(), category)
    up_loss = F.mse_loss(said_up.float(), up)
    total = pixels + 0.4 * votes_loss + 0.7 * up_loss
    return total, torch.stack([pixels, votes_loss, up_loss]).detach()


class Average:
    """Exponential moving average of a network's weights and statistics."""

    def __init__(self, net: PartNet) -> None:
        self.net = deepcopy(net).requires_grad_(False)

    @torch.no_grad()
    def update(self, net: PartNet, step: int) -> None:
        decay = min(0.998, (1 + step) / (20 + step))
        for mine, its in zip(
            self.net.state_dict().values(), net.state_dict().values(), strict=True
        ):
            if mine.is_floating_point():
                mine.lerp_(its, 1 - decay)
            else:
                mine.copy_(its)


class Run:
    """Everything that a stopped run needs to continue."""

    def __init__(self, config: TrainConfig) -> None:
        torch.manual_seed(config.seed)
        self.config = config
        self.device = choose_device(config.device)
        self.net = PartNet(config.layout).to(self.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        if config.start is not None:
            self.net.load_state_dict(_started(config.start, config.layout))
        self.average = Average(self.net)
        self.optimiser = torch.optim.AdamW(self.net.parameters(), weight_decay=0.02)
        self.step, self.seconds = 0, 0.0
        self.path = config.out / "run.safetensors"
        if self.path.exists():
            self._load()

    def _load(self) -> None:
        stopped = f"{self.path}: a stopped run must be whole"
        tensors, about = read_tensors(self.path, TeacherError, stopped, stopped)
        self.step, self.seconds = int(about["step"]), float(about["seconds"])

        self.net.load_state_dict(under(tensors, "net."))
        self.average.net.load_state_dict(under(tensors, "average."))
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in under(tensors, "optimiser.").items():
            index, kind = name.split(".")
            moments.setdefault(int(index), {})[kind] = value
        groups = self.optimiser.state_dict()["param_groups"]
        self.optimiser.load_state_dict({"state": moments, "param_groups": groups})

    def save(self) -> None:
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.net.state_dict().items()}
        for index, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{index}.{kind}": v for kind, v in moments.items()}
        tensors = {k: v.contiguous() for k, v in tensors.items()}
        about = {"step": str(self.step), "seconds": str(self.seconds)}
        save_file(tensors, self.path.with_suffix(".new"), about)
        self.path.with_suffix(".new").replace(self.path)

    def learn(self, rows: tuple[Tensor, Tensor, Tensor, Tensor], weights: Tensor) -> Tensor:
        """One step; the loss's terms."""
        self.net.train()
        loss, terms = loss_of(self.net, rows, weights)
        self.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        self.optimiser.step()
        self.average.update(self.net, self.step)
        return terms

    @property
    def done(self) -> float:
        """The share of the training that is over, by steps or by time."""
        if self.config.steps:
            return min(1.0, self.step / self.config.steps)
        return min(1.0, self.seconds / (60 * self.config.minutes))

    def rate(self) -> float:
        """The learning rate now: warm-up over 200 steps, cosine over the training."""
        done = self.done
        warm = min(1.0, (self.step + 1) / 200)
        return self.config.learning_rate * warm * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-6


def _started(path: Path, layout: Layout) -> dict[str, Tensor]:
    """Weights to begin with.

    Raises:
        TeacherError: they are missing, damaged, or for other parts than this run's.
    """
    net = load_weights(path).net
    if net.layout != layout:
        raise TeacherError(
            f"start: {path} must know the categories and parts of this training, it knows "
            f"{len(net.layout.categories)} categories with {net.layout.count} parts, not "
            f"{len(layout.categories)} with {layout.count}, or under other names"
        )
    return net.state_dict()


class Table:
    """A CSV file that grows as the training goes on: a line is step, minutes and values.

    Args:
        path: the file.
        names: of the values.
        step: the training's; later lines are of a run that was stopped before it was saved, and
            will be written again.
    """

    def __init__(self, path: Path, names: str, step: int) -> None:
        self.path = path
        lines = path.read_text(encoding="utf-8").splitlines(True)[1:] if path.exists() else []
        kept = [k for k in lines if k.endswith("\n") and int(k.partition(",")[0]) <= step]
        path.write_text("".join([f"step,minutes,{names}\n", *kept]), encoding="utf-8")

    def write(self, step: int, seconds: float, values: Iterable[float]) -> None:
        line = ",".join(f"{v:.4f}" for v in values)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{step},{seconds / 60:.2f},{line}\n")


class Threads:
    """Tries one and two threads for a few steps now and then, and keeps the faster."""

    TRIAL, PERIOD = 4, 200

    def __init__(self, fixed: int) -> None:
        self.fixed = fixed
        self.seconds = {1: 0.0, 2: 0.0}
        torch.set_num_threads(fixed or 1)

    def after(self, step: int, seconds: float) -> None:
        place = step % self.PERIOD
        if self.fixed or place >= 2 * self.TRIAL:
            return
        trying = 1 + place // self.TRIAL
        if place % self.TRIAL == 0:  # the first step on other threads pays for the change
            self.seconds[trying] = 0.0
        else:
            self.seconds[trying] += seconds
        coming = 1 + (place + 1) // self.TRIAL
        faster = min(self.seconds, key=self.seconds.__getitem__)
        torch.set_num_threads(coming if coming in self.seconds else faster)


def train(config: TrainConfig, report: Reporter | None = None) -> PartNet:
    """Build the data, train for the minutes, write the weights and the validation table."""
    report = report or Silent()
    train_store, held_out = build(config, report)
    run = Run(config)
    weights = concept_weights(train_store, config.layout).to(run.device)
    threads = Threads(config.threads)
    usable = usable_rows(train_store)
    saved = validated = run.seconds
    terms = torch.zeros(3, device=run.device)

    def prepared(step: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        rng = np.random.default_rng([config.seed, step])
        rows = np.sort(rng.choice(usable, config.batch, replace=False))
        generator = torch.Generator(run.device).manual_seed(config.seed * 1_000_003 + step)
        return batch(train_store.read(rows, run.device), generator)

    losses = Table(config.out / "losses.csv", "pixels,category,up", run.step)
    goal = max(2, config.steps or int(60 * config.minutes))
    report("train", 0, goal)
    with ThreadPoolExecutor(1) as ahead:
        coming = ahead.submit(prepared, run.step)
        while run.done < 1:
            start = time.perf_counter()
            ready, coming = coming.result(), ahead.submit(prepared, run.step + 1)
            terms += (run.learn(ready, weights) - terms) * 0.02
            seconds = time.perf_counter() - start
            threads.after(run.step, seconds)
            run.step, run.seconds = run.step + 1, run.seconds + seconds
            report("train", min(int(run.done * goal), goal - 1), goal)
            if run.step % config.log_every == 0:
                losses.write(run.step, run.seconds, terms.tolist())  # means over about 50 steps
            if run.seconds - saved > SAVE_EVERY:
                saved = run.seconds
                run.save()
            if run.seconds - validated > VALIDATE_EVERY:
                validated = run.seconds
                finish(run, held_out)
    report("train", 1, 1)
    run.save()
    finish(run, held_out)
    return run.average.net


def finish(run: Run, held_out: dict[str, Store]) -> None:
    """Validate the averaged weights and write them, and a line of the table of validations."""
    said = {name: validate.outputs(run.average.net, store) for name, store in held_out.items()}
    table = {name: validate.scores(answers, run.net.layout) for name, answers in said.items()}
    factor = validate.temperature(said["upright"])
    category_factor = validate.category_factor(list(said.values()))
    about = {
        "seed": run.config.seed, "minutes": round(run.seconds / 60, 1), "steps": run.step,
        "batch": run.config.batch, "shapes per category": run.config.shapes,
        "views per shape": run.config.views, "logit factor": round(factor, 2),
        "category factor": round(category_factor, 2),
        "validation": table,
    }  # fmt: skip
    (run.config.out / "validation.json").write_text(json.dumps(about, indent=1))
    names = ",".join(f"{name} {what}" for name in table for what in ("IoU", "category right"))
    lines = Table(run.config.out / "validations.csv", names, run.step - 1)
    lines.write(run.step, run.seconds, [v for rows in table.values() for v in _means(rows)])
    path = run.config.out / "weights.safetensors"
    save_weights(path, run.average.net, factor, category_factor)


def _means(rows: dict[str, Any]) -> tuple[float, float]:
    """Over the categories: the IoU with the category given, and how often it was guessed right."""
    right = [line["category right"] for name, line in rows.items() if name != "mean IoU"]
    return rows["mean IoU"]["given"], float(np.mean(right))


def main() -> None:
    import tyro

    with make_reporter(sys.stderr) as bar:
        train(tyro.cli(TrainConfig), bar)


if __name__ == "__main__":
    main()
