"""Labeled PSB as it lies on a disk, whole and damaged."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from pdengine.data import read_manifest
from pdengine.data.psb import read_psb
from pdengine.errors import LoadError


def test_names_read_as_prompts(psb: Path) -> None:
    entries = read_manifest(psb)
    assert [entry.prompt for entry in entries] == ["table: leg, tabletop"] * 2
    listed = [
        {"id": 1, "category": "Chair", "parts": ["arm", "backsupport", "leg", "support"]},
        {"id": 2, "category": "Glasses", "parts": ["lens", "middle", "skeleton"]},
    ]
    (psb / "manifest.json").write_text(json.dumps(listed))
    prompts = [entry.prompt for entry in read_manifest(psb)]
    assert prompts == ["chair: arm, backrest, leg, seat", "glasses: lens, middle, frame"]


def test_vertices_are_dequantised(psb: Path) -> None:
    mesh, truth = read_psb(read_manifest(psb)[0])
    low, high = mesh.vertices.min(0).values, mesh.vertices.max(0).values
    assert torch.allclose(low, torch.tensor([-1.0, -0.9, -0.6], dtype=torch.float64), atol=1e-4)
    assert torch.allclose(high, torch.tensor([1.0, 1.1, 0.6], dtype=torch.float64), atol=1e-4)
    assert truth.part.tolist() == [0] * 48 + [1] * 48
    assert len(mesh.faces) == 96


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "must be JSON"),
        ("[" * 100_000, "must not be nested as deep"),
        ('{"id": 1}', "the manifest must be a list, got dict"),
        ('[{"id": 1}]', "each entry must hold id, category and parts"),
        ("[3]", "each entry must hold id, category and parts"),
        ('[{"id": 1, "category": "../x", "parts": ["a"]}]', "each entry must hold"),
        ('[{"id": 1, "category": "Cup", "parts": []}]', "each entry must hold"),
    ],
)
def test_a_damaged_manifest_is_named(psb: Path, text: str, message: str) -> None:
    (psb / "manifest.json").write_text(text)
    with pytest.raises(LoadError, match=message):
        read_manifest(psb)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="the manifest must be readable: there must be such a file"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"f": np.full((96, 3), 999)}, r"f must be in \[0,"),
        ({"f": np.zeros((0, 4), int)}, r"f must be \[faces, 3\], got \(0, 4\)"),
        ({"q": np.zeros(3)}, r"q must be \[vertices, 3\]"),
        ({"face_label": np.zeros(2, int)}, r"face_label must be \[96\], got \(2,\)"),
        ({"face_label": np.full(96, 2)}, r"face_label must be in \[-1, 2\), got 2 2"),
        ({"face_label": None}, "a mesh must be an npz file with q, lo, s, f, face_label"),
    ],
)
def test_a_damaged_mesh_is_named(psb: Path, broken: dict, message: str) -> None:  # type: ignore[type-arg]
    entry = read_manifest(psb)[0]
    with np.load(entry.path) as file:
        arrays = {**file, **broken}
    np.savez(entry.path, **{k: v for k, v in arrays.items() if v is not None})
    with pytest.raises(LoadError, match=message):
        read_psb(entry)


def test_a_link_out_of_the_folder_is_not_followed(psb: Path, tmp_path_factory: Any) -> None:
    entry = read_manifest(psb)[0]
    outside = tmp_path_factory.mktemp("outside") / "mesh.npz"
    entry.path.rename(outside)
    entry.path.symlink_to(outside)
    with pytest.raises(LoadError, match="must lie in the dataset's folder"):
        read_psb(entry)


def test_a_bomb_is_refused_by_what_it_declares(psb: Path) -> None:
    entry = read_manifest(psb)[0]
    np.savez_compressed(entry.path, q=np.zeros(70 << 20, np.uint8))
    with pytest.raises(LoadError, match="an npz may decode to 100 times its"):
        read_psb(entry)


def test_a_file_that_is_no_mesh_is_named(psb: Path) -> None:
    entry = read_manifest(psb)[0]
    entry.path.write_bytes(b"PK\x03\x04 not really")
    with pytest.raises(LoadError, match="a mesh must be an npz file"):
        read_psb(entry)
    with pytest.raises(LoadError, match="a mesh must be an npz file"):
        read_psb(replace(entry, path=psb / "mesh" / "Table_9.npz"))
