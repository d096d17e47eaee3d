"""The kinds of datasets: what they are called, how they lie on a disk, and who opens them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pdengine.data.files import is_archive, listing, some_of
from pdengine.data.generated import generated_shapes
from pdengine.data.labelled_files import EXTENSIONS, PROTOCOL, open_labelled_files
from pdengine.data.partdistill import FILES, open_partdistill
from pdengine.data.partnete import META, open_partnete
from pdengine.data.protocol import Dataset
from pdengine.data.psb import NAME as PSB
from pdengine.data.psb import read_manifest
from pdengine.data.psb_published import FOLDER as PSB_FOLDER
from pdengine.data.psb_published import is_published, open_published
from pdengine.data.shapenetpart_hdf5 import form_of, open_hdf5_form
from pdengine.data.shapenetpart_names import CATEGORIES, SPLITS
from pdengine.data.shapenetpart_text import NAMES, open_text
from pdengine.errors import ConfigError, LoadError

TEXT_FOLDER = "shapenetcore_partanno_segmentation_benchmark_v0_normal"
HDF5_FOLDERS = ("hdf5_data", "shapenetpart_hdf5_2048")
# What PartDistill's released code calls the folder, in two places.
PARTDISTILL_FOLDERS = ("shapenetcore_partanno_distill", "shapenet_preprocessed_partdistill")


@dataclass(frozen=True)
class Kind:
    """One row of the table.

    Attributes:
        name: what is typed.
        title: as the papers write it.
        layout: what lies where, a line each.
        where: where it is to be had, as text: nothing is fetched.
        terms: its licence, or that none is stated.
        splits: the first one is what is measured.
        find: the folder that holds it, the given one or one in it; None where there is none.
        open: that folder, a split and what stands behind the colon of the kind, to the shapes.
        sizes: the official number of shapes of each category, by split; empty where nobody says.
    """

    name: str
    title: str
    layout: tuple[str, ...]
    where: str
    terms: str
    splits: tuple[str, ...]
    find: Callable[[Path], Path | None]
    open: Callable[[Path, str, str | None], Dataset]
    sizes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def open_dataset(
    kind: str, folder: str | os.PathLike[str] | None = None, split: str = "test"
) -> Dataset:
    """The shapes of a split; nothing of a shape is read before it is asked for.

    Args:
        kind: one of KINDS; "folder:chair" says that files without a category are chairs,
            "generated:3" makes three shapes of every category.
        folder: where it lies, or the folder around it; generated shapes need none.
        split: of the kind's splits.

    Raises:
        ConfigError: no such kind or split, or a kind that needs a folder has none.
        LoadError: the folder does not hold this kind, or a list in it is damaged.
    """
    name, colon, argument = kind.partition(":")
    found = next((k for k in KINDS if k.name == name), None)
    if found is None or (colon and name not in ("folder", "generated")):
        known = ", ".join(k.name for k in KINDS)
        raise ConfigError(f"kind must be one of {known}, got {kind!r}")
    if split not in found.splits:
        rule = f"the split of {name} must be one of {', '.join(found.splits)}"
        raise ConfigError(f"{rule}, got {split!r}")
    if folder is None and name != "generated":
        raise ConfigError(f"{name} needs the folder where it lies, got none")
    place = Path() if folder is None else Path(folder)
    root = found.find(place)
    if root is None:
        rule = f"must hold {found.title}: {found.layout[0]}"
        raise LoadError(place, rule, _instead(place))
    return found.open(root, split, argument if colon else None)


def detect(folder: str | os.PathLike[str]) -> str | None:
    """The kind of dataset that a folder holds, or None.

    Raises:
        LoadError: it is no folder, or cannot be listed.
    """
    place = Path(folder)
    listing(place)
    found = (kind.name for kind in KINDS if kind.name != "generated" and kind.find(place))
    return next(found, None)


def _instead(place: Path) -> str:
    """What lies in place of a folder with a dataset."""
    if os.path.isdir(place):
        return f"a folder without it{nearby(place)}"
    if not os.path.exists(place):
        return "no such folder"
    return "a file" + (": unpack it first" if is_archive(place.name) else "")


def nearby(place: Path) -> str:
    """Where a dataset lies that somebody may have meant, for the end of an error; "" for nowhere.

    Looked at is where lies_in looks, and then what is packed in the folder itself.
    """
    found = lies_in(place)
    if found is not None:
        return f"; {found[0]} lies in {found[1]}"
    packed = [name for name in listing(place)[1] if is_archive(name)]
    return f"; unpack {some_of(packed)} first" if packed else ""


def lies_in(place: Path) -> tuple[str, Path] | None:
    """The kind and the folder of the first dataset in a folder, those in it, or three around it.

    Labelled files of one's own do not count, for they may lie anywhere.
    """
    real = Path(os.path.realpath(place))
    for near in (real, *(real / name for name in listing(real)[0]), *list(real.parents)[:3]):
        for kind in KINDS:
            if kind.name not in ("folder", "generated") and (found := _found(kind, near)):
                return kind.name, found
    return None


def _found(kind: Kind, place: Path) -> Path | None:
    try:
        return kind.find(place)
    except LoadError:  # a folder that cannot be listed is nobody's dataset
        return None


def _first(folder: Path, inner: str, is_there: Callable[[Path], bool]) -> Path | None:
    places = (place for place in (folder, folder / inner) if os.path.isdir(place))
    return next((place for place in places if is_there(place)), None)


def _find_shapenetpart(folder: Path) -> Path | None:
    places = [_first(folder, TEXT_FOLDER, _is_text)]
    places += [_first(folder, inner, _is_hdf5) for inner in HDF5_FOLDERS]
    return next((place for place in places if place is not None), None)


def _is_text(place: Path) -> bool:
    synsets = (place / category.synset for category in CATEGORIES)
    files = (name for s in synsets if os.path.isdir(s) for name in listing(s)[1])
    return os.path.isfile(place / NAMES) or any(name.endswith(".txt") for name in files)


def _is_hdf5(place: Path) -> bool:
    return form_of(place) is not None


def _open_shapenetpart(root: Path, split: str, argument: str | None) -> Dataset:
    return open_text(root, split) if _is_text(root) else open_hdf5_form(root, split)


def _find_partdistill(folder: Path) -> Path | None:
    places = (_first(folder, name, _is_partdistill) for name in PARTDISTILL_FOLDERS)
    return next((place for place in places if place is not None), None)


def _is_partdistill(place: Path) -> bool:
    synsets = (place / category.synset for category in CATEGORIES)
    shapes = (s / name for s in synsets if os.path.isdir(s) for name in listing(s)[0])
    return any(os.path.exists(shape / "extracted" / file) for shape in shapes for file in FILES)


def _is_folder(place: Path) -> bool:
    folders, files = listing(place)
    files += [name for folder in folders for name in listing(place / folder)[1]]
    return any(name.lower().endswith(EXTENSIONS) for name in files)


def _is_packed_psb(place: Path) -> bool:
    return os.path.isfile(place / "manifest.json")


def _find_psb(folder: Path) -> Path | None:
    return _first(folder, "psb", _is_packed_psb) or _first(folder, PSB_FOLDER, is_published)


def _open_psb(root: Path, split: str, argument: str | None) -> Dataset:
    if not _is_packed_psb(root):
        return open_published(root)
    listed = {example.name: example for example in read_manifest(root)}
    absent = [name for name, example in listed.items() if not os.path.exists(example.path)]
    examples = [example for name, example in listed.items() if name not in set(absent)]
    notes = [f"listed, and not there: {some_of(absent)}"] if absent else []
    return Dataset(PSB, PROTOCOL, examples, (), tuple(notes))


def _open_generated(root: Path, split: str, argument: str | None) -> Dataset:
    count = "1" if argument is None else argument
    if not (count.isascii() and count.isdigit() and 1 <= int(count[:9]) <= 1_000_000):
        raise ConfigError(f"generated must be followed by :1 to :1000000, got {argument!r}")
    return Dataset(
        f"generated shapes, {int(count)} of a category", PROTOCOL, generated_shapes(int(count))
    )


KINDS = (
    Kind(
        "psb",
        PSB,
        (
            "<Category>/<id>.off and <id>_labels.txt",
            "or packed: manifest.json, a list of {id, category, parts}",
            "and mesh/<Category>_<id>.npz  q, lo, s, f, face_label",
        ),
        "segeval.cs.princeton.edu (meshes), people.cs.umass.edu/~kalo/papers/LabelMeshes (labels)",
        "research data, no licence stated",
        ("test",),
        _find_psb,
        _open_psb,
    ),
    Kind(
        "partnete",
        "PartNetE",
        (
            f"{META}  {{category: [part names]}}",
            "data/<split>/<Category>/<id>/pc.ply and label.npy, or without data/",
            "split/test.txt, split/few-shot.txt  the models",
        ),
        "huggingface.co/datasets/minghua/PartSLIP",
        "made from PartNet and PartNet-Mobility: their terms, non-commercial research",
        ("test", "few_shot"),
        lambda folder: _first(folder, "PartNetE", lambda place: os.path.isfile(place / META)),
        lambda root, split, _: open_partnete(root, split),
    ),
    Kind(
        "partdistill",
        "ShapeNetPart with PartDistill's units",
        (
            f"<synset>/<id>/extracted/{FILES[0]}  xyz, gt_semantic_seg, cls_bbox, conf_bbox",
            "train_test_split/shuffled_<split>_file_list.json  from assets/ of their code",
        ),
        "github.com/ardianumam/PartDistill, under Data",
        "made from ShapeNet: its terms, non-commercial research",
        ("test", "train", "val"),
        _find_partdistill,
        lambda root, split, _: open_partdistill(root, split),
    ),
    Kind(
        "shapenetpart",
        "ShapeNetPart",
        (
            "<synset>/<id>.txt  x y z nx ny nz label",
            f"{NAMES}  the 16 synsets",
            "train_test_split/shuffled_<split>_file_list.json",
            "or HDF5: ply_data_<split>*.h5  data, label, pid; <split>_hdf5_file_list.txt",
            "or HDF5: <split><n>.h5  data, label, seg; <split><n>_id2file.json",
        ),
        f"shapenet.org, after registration: {TEXT_FOLDER}.zip, shapenet_part_seg_hdf5_data.zip; "
        "github.com/antao97/PointCloudDatasets: shapenetpart_hdf5_2048.zip",
        "the terms of ShapeNet: non-commercial research and education",
        ("test", "train", "val"),
        _find_shapenetpart,
        _open_shapenetpart,
        {s: {c.name: c.sizes[k] for c in CATEGORIES} for k, s in enumerate(SPLITS)},
    ),
    Kind(
        "folder",
        "labelled files",
        (
            "<category>/*.ply or <category>_*.ply  scalar_part, and names in comments",
            "<category>/*.npz or <category>_*.npz  xyz, part, and faces, instance, names",
            "parts.json  {category: [names]}, for files that name no parts",
        ),
        "one's own; `pdengine segment` and `pdengine shapes make` write such PLY files",
        "one's own",
        ("test",),
        lambda folder: folder if os.path.isdir(folder) and _is_folder(folder) else None,
        lambda root, split, category: open_labelled_files(root, category),
    ),
    Kind(
        "generated",
        "generated shapes",
        ("nothing: `pdengine shapes list` names the categories",),
        "made out of thin air: generated:3 is three of every category",
        "of pdengine",
        ("test",),
        lambda folder: folder,
        _open_generated,
    ),
)
