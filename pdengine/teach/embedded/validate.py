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


def outputs(net: PartNet, store: Store) -> dict[str, Tensor]:
    """What the network says about every row: logits for the true and for the guessed category."""
    net.eval()
    parts: dict[str, list[Tensor]] = {}
    for start in range(0, len(store), VIEWS):
        x, label, category, up = batch(store.read(np.arange(start, start + VIEWS)), None)
        with torch.inference_mode():
            levels = net.encode(x.contiguous(memory_format=torch.channels_last))
            votes, said_up = net.summarise(levels)
            guess = votes.log_softmax(1).mean(0).argmax().expand(VIEWS)
            given = net.decode(levels, category)
            guessed = given if guess[0] == category[0] else net.decode(levels, guess)
        row = {
            "label": label,
            "category": category,
            "guess": guess,
            "given": given.argmax(1),
            "guessed": guessed.argmax(1),
            "up": torch.cosine_similarity(said_up, up, dim=1),
            "logits": given.half(),
        }
        for name, value in row.items():
            parts.setdefault(name, []).append(value)
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
    seen = said["label"] != NONE
    logits, label = logits[seen][::7], said["label"][seen][::7]
    trials = [0.5 + 0.05 * k for k in range(31)]
    losses = [float(torch.nn.functional.cross_entropy(logits * t, label)) for t in trials]
    return trials[int(np.argmin(losses))]
