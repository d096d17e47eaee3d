"""Small, faithful copies of the datasets, made of generated shapes.

The files, names, types and numbers are those of the real ones; only the shapes are few and ours.
Every writer returns what it wrote, by the name that the example will have, so that a test can
compare.  Tests get this module from the fixture `miniatures`.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pdengine.data.shapenetpart_names import CATEGORIES, Category
from pdengine.io import LabelledRows, labelled_ply, mesh_from_arrays, sample_mesh
from pdengine.shapes import make

# By dataset and category: the generator's category, and what its parts are called there.
SHAPENETPART = {
    "Airplane": ("airplane", {"stabilizer": "tail", "rudder": "tail"}),
    "Chair": ("chair", {"arm": "armrest"}),
    "Knife": ("knife", {}),
    "Lamp": ("lamp", {"pole": "tube", "shade": "lampshade", "bulb": "lampshade"}),
    "Mug": ("mug", {"body": "cup"}),
    "Table": ("table", {"top": "tabletop"}),
}
PARTNETE = {
    "Bottle": ("bottle", ("lid",)),
    "Chair": ("chair", ("arm", "back", "leg", "seat", "wheel")),
    "Kettle": ("kettle", ("lid", "handle", "spout")),
    "StorageFurniture": ("cabinet", ("door", "drawer", "handle")),
}


class Cloud(NamedTuple):
    """A labelled cloud: xyz and normals [n, 3] float64, rgb [n, 3] uint8, part and instance [n]."""

    xyz: np.ndarray
    normals: np.ndarray
    rgb: np.ndarray
    part: np.ndarray
    instance: np.ndarray


@functools.cache
def cloud(category: str, seed: int, points: int, parts: tuple[str, ...], renamed: str) -> Cloud:
    """A generated shape whose parts are numbered as another dataset does, -1 where it has none.

    An instance is a connected piece of a part.  renamed is a JSON dict of part names.
    """
    made = make(category, seed)
    names = json.loads(renamed)
    called = [names.get(part, part) for part in made.parts]
    label = np.array([parts.index(name) if name in parts else -1 for name in called])
    face_part = label[made.face_label]
    sampled = sample_mesh(mesh_from_arrays(made.vertices, made.faces), points, seed)
    piece = pieces(made.faces, face_part)
    face = sampled.face.numpy()
    assert sampled.cloud.normals is not None
    return Cloud(
        sampled.cloud.world.numpy().astype(np.float64),
        sampled.cloud.normals.numpy().astype(np.float64),
        np.random.default_rng(seed).integers(0, 256, (points, 3)).astype(np.uint8),
        face_part[face],
        np.where(face_part >= 0, piece, -1)[face],
    )


def pieces(faces: np.ndarray, face_part: np.ndarray) -> np.ndarray:
    """The connected piece of its part that each face is in. [F]."""
    corners = np.stack([faces.reshape(-1), np.repeat(face_part, 3)], axis=1)
    keys, node = np.unique(corners, axis=0, return_inverse=True)
    nodes = node.reshape(-1, 3)
    edges = np.concatenate([nodes[:, :2], nodes[:, 1:]])
    links = coo_matrix((np.ones(len(edges)), edges.T), shape=(len(keys), len(keys)))
    return connected_components(links, directed=False)[1][nodes[:, 0]]


def shapenetpart_cloud(category: Category, seed: int, points: int) -> Cloud:
    generator, renamed = SHAPENETPART[category.name]
    return cloud(generator, seed, points, category.parts, json.dumps(renamed))


def by_name(name: str) -> Category:
    return next(category for category in CATEGORIES if category.name == name)


def an_id(*words: object) -> str:
    """32 hexadecimal digits, as ShapeNet's ids."""
    return hashlib.md5(repr(words).encode()).hexdigest()


Splits = Mapping[str, Mapping[str, int]]  # shapes by category by split
FEW: Splits = {
    "train": {"Chair": 2, "Mug": 1},
    "val": {"Chair": 1},
    "test": {"Chair": 2, "Lamp": 1, "Mug": 1},
}


def _every(splits: Splits) -> list[tuple[str, Category, int]]:
    return [
        (split, by_name(name), 1000 * ["train", "val", "test"].index(split) + k)
        for split, counts in splits.items()
        for name, count in counts.items()
        for k in range(count)
    ]


def shapenetpart_text(folder: Path, splits: Splits = FEW, points: int = 200) -> dict[str, Cloud]:
    """shapenetcore_partanno_segmentation_benchmark_v0_normal, with labels written as floats."""
    root = folder / "shapenetcore_partanno_segmentation_benchmark_v0_normal"
    root.mkdir(parents=True)
    lines = [f"{category.name}\t{category.synset}" for category in CATEGORIES]
    (root / "synsetoffset2category.txt").write_text("\n".join(lines) + "\n")
    written, lists = {}, {"train": [], "val": [], "test": []}  # type: ignore[var-annotated]
    for split, category, seed in _every(splits):
        made, name = shapenetpart_cloud(category, seed, points), an_id(category.name, seed)
        rows = np.hstack([made.xyz, made.normals, made.part[:, None] + category.first])
        path = root / category.synset / f"{name}.txt"
        path.parent.mkdir(exist_ok=True)
        np.savetxt(path, rows, fmt="%.6f")
        written[f"{category.name}_{name}"] = made
        lists[split].append(f"shape_data/{category.synset}/{name}")
    write_lists(root, lists)
    return written


def write_lists(root: Path, lists: Mapping[str, list[str]]) -> None:
    (root / "train_test_split").mkdir(exist_ok=True)
    for split, entries in lists.items():
        path = root / "train_test_split" / f"shuffled_{split}_file_list.json"
        path.write_text(json.dumps(entries))


def shapenetpart_hdf5(folder: Path, splits: Splits = FEW, points: int = 2048) -> dict[str, Cloud]:
    """hdf5_data, one file per split; names are of the category, the file and the row."""
    root = folder / "hdf5_data"
    root.mkdir(parents=True)
    written = {}
    for split in ("train", "val", "test"):
        rows = [(c, shapenetpart_cloud(c, s, points)) for t, c, s in _every(splits) if t == split]
        (root / f"{split}_hdf5_file_list.txt").write_text(f"ply_data_{split}0.h5\n")
        pid = [made.part + category.first for category, made in rows]
        with h5py.File(root / f"ply_data_{split}0.h5", "w") as file:
            gzip = {"compression": "gzip", "compression_opts": 4}
            data = np.array([made.xyz for _, made in rows], np.float32)
            file.create_dataset("data", data=data, **gzip)
            label = np.array([[CATEGORIES.index(category)] for category, _ in rows], np.uint8)
            file.create_dataset("label", data=label, **gzip)
            file.create_dataset("pid", data=np.array(pid, np.uint8), **gzip)
        written |= {f"{c.name}_{split}0_{k}": made for k, (c, made) in enumerate(rows)}
    return written


def shapenetpart_2048(folder: Path, splits: Splits = FEW, points: int = 2048) -> dict[str, Cloud]:
    """shapenetpart_hdf5_2048, one file per split, with lists of where its rows are from."""
    root = folder / "shapenetpart_hdf5_2048"
    root.mkdir(parents=True)
    written = {}
    for split in ("train", "val", "test"):
        every = [(c, s) for t, c, s in _every(splits) if t == split]
        rows = [(c, shapenetpart_cloud(c, s, points)) for c, s in every]
        with h5py.File(root / f"{split}0.h5", "w") as file:
            gzip = {"compression": "gzip", "compression_opts": 4}
            data = np.array([made.xyz for _, made in rows], np.float32)
            file.create_dataset("data", data=data, **gzip)
            label = np.array([[CATEGORIES.index(category)] for category, _ in rows], np.int64)
            file.create_dataset("label", data=label, **gzip)
            seg = np.array([made.part + category.first for category, made in rows], np.int64)
            file.create_dataset("seg", data=seg, **gzip)
        ids = [an_id(category.name, seed) for category, seed in every]
        files = [f"{c.synset}/points/{name}.pts" for (c, _), name in zip(every, ids, strict=True)]
        (root / f"{split}0_id2file.json").write_text(json.dumps(files))
        names = [category.name.lower() for category, _ in every]
        (root / f"{split}0_id2name.json").write_text(json.dumps(names))
        named = zip(rows, ids, strict=True)
        written |= {f"{c.name}_{name}": made for (c, made), name in named}
    return written


def partdistill(
    folder: Path, splits: Splits = FEW, points: int = 200, boxes: int = 6
) -> dict[str, Cloud]:
    """One HDF5 file a shape; a box is a sphere around a point, equally sure of all it holds."""
    written, lists = {}, {"train": [], "val": [], "test": []}  # type: ignore[var-annotated]
    for split, category, seed in _every(splits):
        made, name = shapenetpart_cloud(category, seed, points), an_id(category.name, seed)
        asked = len(category.prompts)
        dice = np.random.default_rng(seed)
        confidence = np.zeros((points, boxes, asked))
        label = dice.integers(0, asked, boxes)
        for k, centre in enumerate(dice.choice(points, boxes, replace=False)):
            near = np.linalg.norm(made.xyz - made.xyz[centre], axis=1) < 0.2
            confidence[near, k, label[k]] = dice.uniform(0.3, 1)
        path = folder / category.synset / name / "extracted" / "preprocess.h5"
        path.parent.mkdir(parents=True)
        with h5py.File(path, "w") as file:
            file["xyz"] = made.xyz
            file["gt_semantic_seg"] = made.part + category.first
            file["cls_bbox"] = label[None].astype(np.float64)
            file["conf_bbox"] = confidence
        written[f"{category.name}_{name}"] = made
        lists[split].append(f"shape_data/{category.synset}/{name}")
    write_lists(folder, lists)
    return written


def psb_published(folder: Path) -> dict[str, Cloud]:
    """LabeledDB_new: meshes, and files that list the faces of each part, from 1.

    Parts that a shape does not have are not in its file; what comes back has no points.
    """
    written = {}
    for category, generator, seeds in (("Chair", "chair", (9, 10)), ("Cup", "mug", (21,))):
        place = folder / "LabeledDB_new" / category
        place.mkdir(parents=True)
        for seed in seeds:
            made = make(generator, seed)
            lines = ["OFF", f"{len(made.vertices)} {len(made.faces)} 0"]
            lines += [" ".join(f"{x:.6f}" for x in vertex) for vertex in made.vertices]
            lines += [f"3 {a} {b} {c}" for a, b, c in made.faces]
            (place / f"{seed}.off").write_text("\n".join(lines) + "\n")
            listed = []
            for k, part in enumerate(made.parts):
                faces = (np.flatnonzero(made.face_label == k) + 1).tolist()
                listed += [part, " ".join(map(str, faces))] if faces else []
            (place / f"{seed}_labels.txt").write_text("\n".join(listed) + "\n")
            nothing = np.zeros((0, 3))
            names = np.array(sorted(made.parts))
            part = np.searchsorted(names, np.array(made.parts))[made.face_label]
            written[f"{category}_{seed}"] = Cloud(nothing, nothing, nothing, part, nothing)
    return written


def partnete(
    folder: Path,
    counts: Mapping[str, int] | None = None,
    points: int = 200,
    protocol: int | None = None,
) -> dict[str, Cloud]:
    """PartNetE with these numbers of test shapes, and one few-shot shape of each category.

    protocol is that of the pickle in label.npy; None leaves it to numpy.save.
    """
    counts = counts or {"Bottle": 1, "Chair": 2, "StorageFurniture": 1}
    folder.mkdir(parents=True, exist_ok=True)
    meta = {category: PARTNETE[category][1] for category in counts}
    (folder / "PartNetE_meta.json").write_text(json.dumps(meta, indent=4))
    (folder / "split").mkdir()
    written = {}
    for split, file, first in (("test", "test.txt", 100), ("few_shot", "few-shot.txt", 900)):
        ids = []
        for category, count in counts.items():
            generator, parts = PARTNETE[category]
            for k in range(count if split == "test" else 1):
                made = cloud(generator, first + k, points, parts, "{}")
                name = f"{first + k}{list(counts).index(category)}"
                place = folder / "data" / split / category / name
                (place / "images").mkdir(parents=True)
                (place / "pc.ply").write_bytes(open3d_ply(made))
                (place / "label.npy").write_bytes(label_npy(made, protocol))
                written[f"{category}_{name}"] = made
                ids.append(f"{category}/{name}")
        (folder / "split" / file).write_text("\n".join(ids) + "\n")
    return written


def open3d_ply(made: Cloud) -> bytes:
    """A cloud as Open3D writes it: double coordinates, uchar colours, binary."""
    fields = [(n, "<f8") for n in "xyz"] + [(n, "u1") for n in ("red", "green", "blue")]
    rows = np.empty(len(made.xyz), fields)
    for k, name in enumerate("xyz"):
        rows[name] = made.xyz[:, k]
    for k, name in enumerate(("red", "green", "blue")):
        rows[name] = made.rgb[:, k]
    names = {"<f8": "double", "u1": "uchar"}
    header = ["ply", "format binary_little_endian 1.0", "comment Created by Open3D"]
    header += [f"element vertex {len(rows)}", *(f"property {names[t]} {n}" for n, t in fields)]
    return ("\n".join([*header, "end_header"]) + "\n").encode() + rows.tobytes()


def label_npy(made: Cloud, protocol: int | None = None) -> bytes:
    """The label file, pickled by numpy itself, or by pickle in the protocol that is asked for."""
    labels = {"semantic_seg": made.part, "instance_seg": made.instance}
    return pickled_npy(labels, protocol)


def pickled_npy(value: Any, protocol: int | None = None) -> bytes:
    """A .npy file that holds one object."""
    file = io.BytesIO()
    if protocol is None:
        np.save(file, value, allow_pickle=True)
        return file.getvalue()
    boxed = np.empty((), object)
    boxed[()] = value
    return npy_around(pickle.dumps(boxed, protocol))


def npy_around(pickled: bytes) -> bytes:
    """A .npy file whose object is this pickle."""
    file = io.BytesIO()
    description = {"descr": "|O", "fortran_order": False, "shape": ()}
    np.lib.format.write_array_header_1_0(file, description)
    return file.getvalue() + pickled


def labelled_clouds(folder: Path, kind: str = "ply", points: int = 200) -> dict[str, Cloud]:
    """Chairs and mugs in sub-folders, as PLY with names in comments, or as NPZ."""
    written = {}
    for category in ("Chair", "Mug"):
        parts = by_name(category).parts
        for seed in (1, 2):
            made = shapenetpart_cloud(by_name(category), seed, points)
            path = folder / category.lower() / f"scan{seed}.{kind}"
            path.parent.mkdir(parents=True, exist_ok=True)
            WRITERS[kind](path, made, parts)
            written[f"{category.lower()}_scan{seed}"] = made
    return written


def _write_ply(path: Path, made: Cloud, parts: tuple[str, ...]) -> None:
    rows = LabelledRows(made.xyz.astype(np.float32), made.part, parts, made.rgb)
    path.write_bytes(b"".join(bytes(block) for block in labelled_ply(rows)))


def _write_npz(path: Path, made: Cloud, parts: tuple[str, ...]) -> None:
    np.savez(path, xyz=made.xyz, part=made.part, instance=made.instance, names=np.array(parts))


WRITERS: dict[str, Callable[[Path, Cloud, tuple[str, ...]], None]] = {
    "ply": _write_ply,
    "npz": _write_npz,
}
