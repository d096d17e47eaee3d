"""Which kind of file it is, by its content, and a teacher from it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pdengine.errors import LoadError
from pdengine.io import file_sha256
from pdengine.io.json_file import read_json
from pdengine.render import ViewsFile, read_views_file
from pdengine.render.pictures import names
from pdengine.render.views_file import FILE
from pdengine.teach.files.asked import Pictures, Tally
from pdengine.teach.files.coco import read_coco
from pdengine.teach.files.found import Detection, gather
from pdengine.teach.files.labelme import read_labelme
from pdengine.teach.files.masks import read_masks
from pdengine.teach.files.teacher import FileTeacher
from pdengine.teach.parts import parse_parts
from pdengine.types import PartList, Views

KINDS = (
    "COCO (a list of results, or an object with annotations), label-me (an object with shapes), "
    "or PNG masks named view_00.png or view_00_<part>.png"
)


@dataclass(frozen=True)
class _Chosen:
    """The files of one kind, with the content of JSON."""

    kind: str
    paths: Sequence[Path]
    contents: Sequence[Any] = ()


def read_detections(
    path: str | os.PathLike[str],
    views: ViewsFile | Views,
    parts: str | Sequence[str] | PartList,
    ignore_unknown: bool = False,
) -> FileTeacher:
    """What a model outside the engine said of the views, as a teacher.

    What cannot be used, or not as it is, is counted in the teacher's remarks.

    Args:
        path: a file, or a folder of files of one kind: COCO, label-me, or PNG masks.
        views: what the model was shown: read_views_file's.
        parts: what it was asked for.
        ignore_unknown: leave out detections of other names.

    Raises:
        LoadError: a file is not of these kinds, or a field is not as it must be, or it names things
            that are no parts, or all that it found is in pictures that are no view.
        PartError: the part list cannot be used.
    """
    name = os.fspath(path)
    asked = parse_parts(parts)
    tally = Tally(name, asked, ignore_unknown)
    size = views.render.size if isinstance(views, ViewsFile) else views.size
    pictures = Pictures(
        views.images if isinstance(views, ViewsFile) else names("view", len(views)), size
    )
    chosen = _in_folder(Path(name), tally) if os.path.isdir(name) else _of_file(Path(name))
    detections = gather(_read(chosen, pictures, tally), pictures, tally)
    remarks = tally.remarks()
    tally.check_placed(len(pictures))
    return FileTeacher(
        name=f"file:{chosen.kind}",
        identity=_identity(chosen.paths),
        parts=asked,
        detections=detections,
        size=size,
        cameras=views.cameras,
        remarks=remarks,
    )


def _read(chosen: _Chosen, pictures: Pictures, tally: Tally) -> Iterator[Detection]:
    if chosen.kind == "masks":
        yield from read_masks(chosen.paths, pictures, tally)
        return
    read = read_coco if chosen.kind == "coco" else read_labelme
    for path, content in zip(chosen.paths, chosen.contents, strict=True):
        yield from read(str(path), content, pictures, tally)


def _of_file(path: Path) -> _Chosen:
    if path.suffix.lower() == ".png":
        return _Chosen("masks", [path])
    if path.suffix.lower() in (".h5", ".hdf5") and path.is_file():
        instead = f"pdengine segment {path} --parts PARTS"
        raise LoadError(path, f"HDF5 holds its own points beside its answers: type {instead}")
    content = read_json(path)
    return _Chosen(_kind(path, content), [path], [content])


def _kind(path: Path, content: object) -> str:
    if isinstance(content, list) or (isinstance(content, dict) and "annotations" in content):
        return "coco"
    if isinstance(content, dict) and "shapes" in content:
        return "labelme"
    found = ", ".join(map(str, content))[:80] if isinstance(content, dict) else "no object"
    raise LoadError(path, f"detections must be {KINDS}", found or "an empty object")


def _in_folder(folder: Path, tally: Tally) -> _Chosen:
    """The JSON files, or the PNG files where there is no JSON; not what `pdengine render` wrote."""
    written: set[str] = set()
    if (folder / FILE).exists():
        written = {FILE, *read_views_file(folder).sha256_of}
    try:
        inside = sorted(p for p in folder.iterdir() if p.name not in written)
    except OSError as error:
        raise LoadError(folder, "cannot be read", error.strerror or error) from error
    inside = [path for path in inside if not path.name.startswith(".")]
    texts = [path for path in inside if path.suffix.lower() == ".json"]
    masks = [path for path in inside if path.suffix.lower() == ".png"]
    if not texts and not masks:
        raise LoadError(folder, f"a folder of detections must hold {KINDS}", "none of them")
    used = texts or masks
    if len(inside) > len(used):
        tally.add("other files beside the detections, not read", len(inside) - len(used))
    if not texts:
        return _Chosen("masks", masks)
    contents = [read_json(path) for path in texts]
    kinds = [_kind(path, content) for path, content in zip(texts, contents, strict=True)]
    if len(set(kinds)) > 1 or (kinds[0] == "coco" and len(texts) > 1):
        found = ", ".join(path.name for path in texts[:5])
        raise LoadError(folder, "must hold one COCO file, or label-me files alone", found)
    return _Chosen(kinds[0], texts, contents)


def _identity(paths: Sequence[Path]) -> str:
    """A digest of the files and, where they are several, of their names."""
    if len(paths) == 1:
        return file_sha256(paths[0])
    every = "".join(f"{path.name}\0{file_sha256(path)}\n" for path in paths)
    return hashlib.sha256(every.encode(errors="surrogateescape")).hexdigest()
