"""A tiny folder in the form of Labeled PSB, written by the tests."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh


@pytest.fixture
def psb(tmp_path: Path) -> Path:
    """Two tables: a slab on a post."""
    (tmp_path / "mesh").mkdir()
    listed = []
    for number in (1, 2):
        top = trimesh.creation.box((2.0, 0.2, 1.0 + 0.2 * number)).subdivide()
        top.apply_translation((0, 1.0, 0))
        leg = trimesh.creation.box((0.3, 1.8, 0.3)).subdivide()
        vertices = np.concatenate([leg.vertices, top.vertices])
        faces = np.concatenate([leg.faces, top.faces + len(leg.vertices)])
        label = np.repeat([0, 1], [len(leg.faces), len(top.faces)])
        lo = vertices.min(0)
        s = float((vertices - lo).max())
        q = np.round((vertices - lo) / s * 65535).astype(np.uint16)
        arrays = {"q": q, "lo": lo, "s": s, "f": faces.astype(np.int32), "face_label": label}
        np.savez(tmp_path / "mesh" / f"Table_{number}.npz", **arrays)
        parts = ["leg", "support"]
        listed.append({"id": number, "category": "Table", "parts": parts, "nf": len(faces)})
    (tmp_path / "manifest.json").write_text(json.dumps(listed))
    return tmp_path
