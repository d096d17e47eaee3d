"""What is known about a run, as numbers: the source of result.json, the table and the page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from pdengine.config import EngineConfig
from pdengine.io import hex_colour
from pdengine.types import Mesh, Segmentation
from pdengine.wording import counted

if TYPE_CHECKING:
    from pdengine.trace import Trace

SCHEMA = 1
TEACHER_KEYS = ("kind", "licence", "limits", "trains_others", "weights")


@dataclass(frozen=True)
class Source:
    """What was segmented.

    Attributes:
        path: as the user wrote it, or a name for a shape that has no file.
        sha256: of the file, or None.
    """

    path: str
    sha256: str | None = None

    @property
    def name(self) -> str:
        return Path(self.path).name


@dataclass(frozen=True)
class PartRow:
    """One part's line in the table.

    Attributes:
        points: how many counted points carry it.
        share: of all counted points.
        mean_score: over its points, None where it has none.
        vote_points: how many counted points the voting baseline gives it.
        agreement: the share of its points to which the vote gives it too, None where it has none.
        instances: how many single things it consists of, None where nobody asked.
        loose: its counted points that are in none of them, None where nobody asked.
    """

    name: str
    colour: str
    points: int
    share: float
    mean_score: float | None
    vote_points: int
    vote_share: float
    agreement: float | None
    instances: int | None = None
    loose: int | None = None


@dataclass(frozen=True)
class Summary:
    """The numbers of a run.

    Attributes:
        counted: what a point is here: "points" of the user's cloud, or "points sampled by area" of
            a mesh, so that a share is a share of the surface and not of the vertices.
        total: the number of counted points.
        agreement_with_vote: the share of labelled points on which the vote says the same.
    """

    parts: tuple[PartRow, ...]
    counted: str
    total: int
    unlabelled: int
    vote_unlabelled: int
    agreement_with_vote: float | None

    @property
    def said_total(self) -> str:
        """How many points were counted: "1 point", "10,000 points sampled by area"."""
        return counted(self.total, self.counted.replace("points", "point", 1), self.counted)

    @property
    def share_labelled(self) -> float:
        return 1 - self.unlabelled / self.total if self.total else 0.0

    @property
    def found(self) -> int:
        """How many parts have a point."""
        return sum(part.points > 0 for part in self.parts)


def summarise(result: Segmentation, trace: Trace) -> Summary:
    """Count points, scores and votes per part."""
    is_mesh = isinstance(result.shape, Mesh)
    labels = trace.point_labels if is_mesh else result.labels
    scores = trace.point_scores if is_mesh else result.scores
    votes = trace.vote.labels if is_mesh else result.vote_labels
    rows = [_part_row(r, name, labels, scores, votes) for r, name in enumerate(result.names)]
    if result.instances is not None:
        found = result.instances
        inside = torch.zeros(len(rows), dtype=torch.int64).index_add_(0, found.part, found.points)
        counts = zip(rows, found.counts(len(rows)).tolist(), inside.tolist(), strict=True)
        rows = [replace(r, instances=count, loose=r.points - own) for r, count, own in counts]
    return Summary(
        parts=tuple(rows),
        counted="points sampled by area" if is_mesh else "points",
        total=len(labels),
        unlabelled=int((labels < 0).sum()),
        vote_unlabelled=int((votes < 0).sum()),
        agreement_with_vote=_mean((labels == votes)[labels >= 0]),
    )


def _part_row(part: int, name: str, labels: Tensor, scores: Tensor, votes: Tensor) -> PartRow:
    mine = labels == part
    total = max(len(labels), 1)
    return PartRow(
        name=name,
        colour=hex_colour(part),
        points=int(mine.sum()),
        share=int(mine.sum()) / total,
        mean_score=_mean(scores[mine, part]),
        vote_points=int((votes == part).sum()),
        vote_share=int((votes == part).sum()) / total,
        agreement=_mean(votes[mine] == part),
    )


def _mean(values: Tensor) -> float | None:
    return float(values.double().mean()) if len(values) else None


def listed_instances(result: Segmentation) -> list[dict[str, Any]] | None:
    """What result.json says about each instance, in their order; None where nobody asked."""
    found = result.instances
    if found is None:
        return None
    total = result.meta["points"] if isinstance(result.shape, Mesh) else len(result.labels)
    return [
        {
            "name": name,
            "part": result.names[int(found.part[k])],
            "instance": k,
            "points": int(found.points[k]),
            "share": int(found.points[k]) / max(total, 1),
            "score": float(found.score[k]),
            "low": found.low[k].tolist(),
            "high": found.high[k].tolist(),
        }
        for k, name in enumerate(found.names(result.names))
    ]


def result_json(
    result: Segmentation,
    trace: Trace,
    summary: Summary,
    config: EngineConfig,
    source: Source,
    files: dict[str, str],
) -> dict[str, Any]:
    """The content of result.json, documented in docs/result-json.md."""
    meta = result.meta
    is_mesh = isinstance(result.shape, Mesh)
    parts: list[dict[str, Any]] = []
    for row in summary.parts:
        entry = asdict(row)
        if result.face_labels is not None:
            entry["faces"] = int(torch.eq(result.face_labels, len(parts)).sum())
        parts.append(entry)
    return {
        "schema": SCHEMA,
        "input": {
            "path": source.path,
            "sha256": source.sha256,
            "rows": len(result.labels),
            "kind": "mesh" if is_mesh else "cloud",
        },
        "category": meta.get("category"),
        "proposed": meta.get("proposed"),
        "parts": parts,
        "instances": listed_instances(result),
        "counted": {"what": summary.counted, "total": summary.total},
        "unlabelled": {
            "points": summary.unlabelled,
            "share": 1.0 - summary.share_labelled,
        },
        "coverage": float(trace.vote.covered.double().mean()) if len(trace.vote.covered) else 0.0,
        "agreement_with_vote": summary.agreement_with_vote,
        "teacher": {
            "name": meta.get("teacher"),
            **{key: meta.get(f"teacher_{key}") for key in TEACHER_KEYS},
            "simulated": simulated(meta),
        },
        "mode": result.mode,
        "seed": config.seed,
        "device": meta.get("device"),
        "up": meta.get("up"),
        "views": len(trace.views),
        "skipped_views": meta.get("skipped_views", []),
        "units": len(trace.units),
        "superpoints": meta.get("superpoints"),
        "voting_units": meta.get("voting_units"),
        "backward_distillation": {
            "applied": trace.rescored_at is not None,
            "step": trace.rescored_at,
        },
        "steps": len(trace.losses),
        "warnings": list(result.warnings),
        "timings_ms": {stage: round(ms, 3) for stage, ms in result.timings.items()},
        "versions": dict(meta.get("versions", {})),
        "config": asdict(config),
        "files": files,
    }


def simulated(meta: dict[str, Any]) -> bool:
    """A teacher that reads the truth says so in its name; its numbers are not a measurement."""
    return "simulated" in str(meta.get("teacher", ""))


def to_json(content: dict[str, Any]) -> str:
    """Strict JSON: no NaN, every tensor already a number."""
    return json.dumps(content, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def own_score(scores: Tensor, labels: Tensor) -> Tensor:
    """The score of each point's own label, 0 where it has none. [N] float32."""
    if scores.shape[1] == 0:
        return torch.zeros(len(labels))
    own = scores.gather(1, labels.clamp(min=0)[:, None])[:, 0]
    return torch.where(labels >= 0, own, 0.0)
