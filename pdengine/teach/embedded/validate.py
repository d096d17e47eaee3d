"""How good the teacher is on generated shapes it has never seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from pdengine.teach.embedded.augment import NONE, batch
from pdengine.teach.embedded.data import Store
from pdengine.teach.embedded.layout import Layout
from pdengine.teach.embedded.net import PartNet

VIEWS = 10  # rows of one shape in a validation store
_EVERY = 3  # of the pixels along both sides, where all logits are kept


def outputs(net: PartNet, store: Store) -> dict[str, Tensor]:
    """What the network says about every row: logits for the true and for the guessed category.

    It is asked where it is; its answers are on the CPU.
    """
    net.eval()
    device = next(net.parameters()).device
    parts: dict[str, list[Tensor]] = {}
    for start in range(0, len(store), VIEWS):
        x, label, category, up = batch(store.read(np.arange(start, start + VIEWS), device), None)
        with torch.inference_mode():
            seen = net.encode(x.contiguous(memory_format=torch.channels_last))
            votes = net.categorise(seen)
            guess = votes.log_softmax(1).mean(0).argmax().expand(VIEWS)
            given = net.decode(seen, category)
            guessed = given if guess[0] == category[0] else net.decode(seen, guess)
        row = {
            "label": label.to(torch.int8),
            "category": category,
            "guess": guess,
            "votes": votes,
            "given": given.argmax(1).to(torch.int8),
            "guessed": guessed.argmax(1).to(torch.int8),
            "up": torch.cosine_similarity(net.stands(seen, guess), up, dim=1),
            "logits": given[:, :, ::_EVERY, ::_EVERY].half(),
        }
        for name, value in row.items():
            parts.setdefault(name, []).append(value.cpu())
    return {name: torch.cat(values) for name, values in parts.items()}


def scores(said: dict[str, Tensor], layout: Layout) -> dict[str, Any]:
    """IoU per part over all pixels, with the category given and guessed, in percent."""
    result: dict[str, Any] = {}
    label = said["label"]
    for k, category in enumerate(layout.categories):
        rows = said["category"] == k
        if not bool(rows.any()):
            continue
        truth = label[rows]
        seen = truth != NONE
        line: dict[str, Any] = {}
        for way in ("given", "guessed"):
            same = torch.ones_like(rows) if way == "given" else said["guess"] == k
            answer = torch.where(same[rows][:, None, None], said[way][rows], -1)
            line[way] = {}
            for j, part in enumerate(layout.concepts[category]):
                hit, true = (answer == j) & seen, truth == j
                union = int((hit | true).sum())
                iou = 100 * int((hit & true).sum()) / union if union else float("nan")
                line[way][part] = round(iou, 1)
        line["category right"] = round(100 * float((said["guess"][rows] == k).float().mean()), 1)
        line["up within 30 degrees"] = round(
            100 * float((said["up"][rows] > 0.866).float().mean()), 1
        )
        result[category] = line
    result["mean IoU"] = {
        way: round(float(np.mean([np.nanmean(list(result[c][way].values())) for c in result])), 2)
        for way in ("given", "guessed")
    }
    return result


def temperature(said: dict[str, Tensor]) -> float:
    """The factor on the logits that makes the probabilities true: least negative log likelihood."""
    logits = said["logits"].float().permute(0, 2, 3, 1)
    label = said["label"][:, ::_EVERY, ::_EVERY].long()
    seen = label != NONE
    logits, label = logits[seen], label[seen]
    trials = [0.5 + 0.05 * k for k in range(31)]
    losses = [float(torch.nn.functional.cross_entropy(logits * t, label)) for t in trials]
    return trials[int(np.argmin(losses))]


def category_factor(said: list[dict[str, Tensor]], views: int = VIEWS) -> float:
    """What the views of a shape are worth together: least negative log likelihood over shapes.

    One more shape counts that was taken for its runner-up.  Where every shape is recognised the
    likelihood alone would rise for ever: four categories on 96 shapes gave a factor of 10 without
    that shape, and a lamp, which they do not know, was a table with 0.99.

    Args:
        said: outputs' answers on every store that counts.
        views: rows of each shape.

    Returns:
        0.5 to the number of views, which would mean that they are independent.
    """
    mean = torch.cat([answers["votes"].unflatten(0, (-1, views)).mean(1) for answers in said])
    category = torch.cat([answers["category"][::views] for answers in said])
    rival = mean.scatter(1, category[:, None], -torch.inf).argmax(1)
    cross_entropy = torch.nn.functional.cross_entropy
    trials = [0.25 * k for k in range(2, 4 * views + 1)]
    losses = [
        float(cross_entropy(mean * t, category) + cross_entropy(mean * t, rival) / len(mean))
        for t in trials
    ]
    return trials[int(np.argmin(losses))]
