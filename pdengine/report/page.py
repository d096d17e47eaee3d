"""The page a person opens: one file, no script, nothing fetched from anywhere."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from torch import Tensor

from pdengine.config import EngineConfig, flat
from pdengine.io import hex_colour
from pdengine.report.charts import loss_curve, milliseconds, time_bars
from pdengine.report.palette import CERTAINTY
from pdengine.report.pictures import (
    Sides,
    label_colours,
    look_around,
    paint,
    png_uri,
    ramp_colours,
    tint_masks,
    tint_scores,
)
from pdengine.report.summary import Source, Summary, own_score, simulated
from pdengine.types import Boxes, Detections, Masks, PixelScores, Segmentation
from pdengine.wording import counted

if TYPE_CHECKING:
    from pdengine.trace import Trace

MOST_VIEWS = 24  # more would make the file large, not the story clearer
MOST_MARKS = 40  # boxes and labels drawn in one view
LOW_SCORE = 0.5
SUPERPOINT_COLOURS = 7
NO_NUMBER = "\N{EN DASH}"


@dataclass(frozen=True)
class Mark:
    """A box, or a mask's name tag, over a view.

    Attributes:
        x, y, width, height: pixels of the view; a name tag has no size.
        right: the text stands so far right that it must end at the box's right edge.
    """

    x: float
    y: float
    width: float
    height: float
    text: str
    colour: str
    score: float
    right: bool


@dataclass(frozen=True)
class TaughtView:
    """One view and what the teacher said about it."""

    number: int
    picture: str
    marks: tuple[Mark, ...]
    note: str


def templates(folder: Path) -> Environment:
    """The pages that lie in a folder; names of shapes, parts and files are escaped in them.

    They can include style.html, which lies here.
    """
    return Environment(
        loader=FileSystemLoader([folder, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(
    result: Segmentation,
    trace: Trace,
    summary: Summary,
    config: EngineConfig,
    source: Source,
    files: dict[str, str],
) -> str:
    """The whole report as HTML text.

    Part names and paths are hostile input: the template escapes everything it prints.
    """
    environment = templates(Path(__file__).parent)
    environment.filters["percent"] = percent
    environment.filters["sureness"] = sureness
    environment.filters["milliseconds"] = milliseconds
    environment.filters["thousands"] = lambda number: f"{number:,}"
    sides = look_around(result.shape, trace.cloud, str(result.meta.get("up", "y")))
    parts = len(result.names)
    own = own_score(trace.point_scores, trace.point_labels)
    height, width = trace.views.size
    return environment.get_template("report.html").render(
        result=result,
        source=source,
        prompt=_prompt(result),
        proposed=result.meta.get("proposed"),
        simulated=simulated(result.meta),
        summary=summary,
        unlabelled_colour=hex_colour(-1),
        coverage=_share(trace.vote.covered),
        low_share=_share(own < LOW_SCORE),
        low_score=LOW_SCORE,
        certainty_stops=CERTAINTY,
        **_side_pictures(sides, trace, own, parts),
        taught=_taught_views(trace, result.names, config),
        left_out=max(0, len(trace.views) - MOST_VIEWS),
        view_count=len(trace.views),
        view_width=width,
        view_height=height,
        units=len(trace.units),
        curve=loss_curve(trace.losses, trace.rescored_at),
        steps=len(trace.losses),
        rescored_at=trace.rescored_at,
        rescore_form=config.distill.backward,
        vote_threshold=config.partslip.vote_threshold,
        bars=time_bars(result.timings),
        total_ms=result.timings.get("total", sum(result.timings.values())),
        settings=[(n, "not set" if v is None else str(v)) for n, v in flat(asdict(config)).items()],
        versions=result.meta.get("versions", {}),
        files=files,
    )


def percent(share: float | None) -> str:
    """0.427 as 43 %; a small share that is not nothing is never 0 %."""
    if share is None:
        return NO_NUMBER
    if 0 < share < 0.01:
        return "< 1 %"
    return "> 99 %" if 0.99 < share < 1 else f"{100 * share:.0f} %"


def sureness(probability: float) -> str:
    """0.9731 as 0.97; what is not certain is never 1.00."""
    return "> 0.99" if 0.99 < probability < 1 else f"{probability:.2f}"


def _prompt(result: Segmentation) -> str:
    category = result.meta.get("category")
    names = ", ".join(result.names)
    return f"{category}: {names}" if category else names


def _share(flags: Tensor) -> float:
    return float(flags.double().mean()) if len(flags) else 0.0


def _side_pictures(sides: Sides, trace: Trace, own: Tensor, parts: int) -> dict[str, list[str]]:
    vote_labels = torch.where(trace.vote.covered, trace.vote.labels, -1)
    certainty = ramp_colours(own)
    certainty[trace.point_labels < 0] = label_colours(torch.tensor([-1]), 0)
    return {
        "answer": paint(sides, label_colours(trace.point_labels, parts)),
        "votes": paint(sides, label_colours(vote_labels, parts)),
        "certainty": paint(sides, certainty),
        "superpoints": _superpoint_pictures(sides, trace),
    }


def _superpoint_pictures(sides: Sides, trace: Trace) -> list[str]:
    """Superpoints told apart by colour; nothing where none voted."""
    if trace.superpoint_vote is None:
        return []
    # A few strong colours over and over: neighbours that share one are rarer than dark ones.
    number = trace.superpoint_vote.superpoint % SUPERPOINT_COLOURS
    return paint(sides, label_colours(number, SUPERPOINT_COLOURS))


def _taught_views(trace: Trace, names: tuple[str, ...], config: EngineConfig) -> list[TaughtView]:
    images, skipped = trace.views.images, {one.view: one.reason for one in trace.skipped}
    return [
        TaughtView(v + 1, png_uri(images[v]), (), f"skipped, {skipped[v]}")
        if v in skipped
        else _taught_view(v, images[v], trace.detections, names, config)
        for v in range(min(len(trace.views), MOST_VIEWS))
    ]


def _taught_view(
    v: int, image: Tensor, detections: Detections, names: tuple[str, ...], config: EngineConfig
) -> TaughtView:
    if isinstance(detections, PixelScores):
        scores = detections.score[v]
        best, part = scores.max(0)
        counts = part[best >= config.lift.min_score].bincount(minlength=len(names))
        seen = [name for name, count in zip(names, counts.tolist(), strict=True) if count]
        tinted = tint_scores(image, scores, config.lift.min_score)
        return TaughtView(v + 1, png_uri(tinted), (), ", ".join(seen) or "nothing")
    mine = (detections.view == v).nonzero()[:, 0]
    if isinstance(detections, Masks):
        masks = detections.mask[mine]
        picture = tint_masks(image, masks, detections.label[mine], len(names))
        boxes = torch.stack([_tag(mask) for mask in masks]) if len(mine) else torch.zeros(0, 4)
    else:
        picture, boxes = image, detections.box[mine]
    right_from = 0.7 * image.shape[1]
    marks = _marks(boxes, detections.label[mine], detections.score[mine], names, right_from)
    return TaughtView(v + 1, png_uri(picture), marks, _count(len(mine), detections))


def _count(count: int, detections: Boxes | Masks) -> str:
    noun = "box" if isinstance(detections, Boxes) else "mask"
    return counted(count, noun, "boxes" if noun == "box" else "") if count else "nothing"


def _tag(mask: Tensor) -> Tensor:
    """Where a mask's name stands: a box of no size at its first pixel in reading order. [4]."""
    at = mask.nonzero()
    if len(at) == 0:
        return torch.zeros(4)
    y, x = at[0].tolist()
    return torch.tensor([x, y, x, y], dtype=torch.float32)


def _marks(
    boxes: Tensor, labels: Tensor, scores: Tensor, names: tuple[str, ...], right_from: float
) -> tuple[Mark, ...]:
    """The surest MOST_MARKS, the surest drawn last and so on top."""
    surest = scores.argsort(descending=True)[:MOST_MARKS].flip(0)
    marks = []
    for i in surest.tolist():
        x0, y0, x1, y1 = boxes[i].tolist()
        label, score = int(labels[i]), float(scores[i])
        text = f"{names[label]} {score:.2f}"
        size = (x1 - x0, y1 - y0)
        marks.append(Mark(x0, y0, *size, text, hex_colour(label), score, x0 > right_from))
    return tuple(marks)
