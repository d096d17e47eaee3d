"""views.json: what was rendered and how, so that the very same views can be seen again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pdengine._version import __version__
from pdengine.config import UP_AXES, EngineConfig, RenderConfig
from pdengine.errors import ConfigError, LoadError
from pdengine.io import file_sha256
from pdengine.io.json_file import Entry, read_json
from pdengine.types import Cameras

SCHEMA = 1
FILE = "views.json"
_FAR = 1e3  # radii of the unit sphere

CONVENTIONS = {
    "frame": "world = xyz * scale + origin, right-handed",
    "camera": "rotation @ xyz + translation: x right, y down, z forward",
    "pixel": "u = focal * (x / z) * (width / 2) + width / 2, "
    "v = focal * (y / z) * (width / 2) + height / 2; (0, 0) is the top-left corner of the image",
    "index": "which triangle, or row, of the shape's file each pixel shows; -1 none",
    "depth": "value * depth_unit along the camera's z, in units of xyz; 0 none",
    "normals": "value / 127 - 1 in the camera's frame, facing it; 0 0 0 none",
}


@dataclass(frozen=True)
class ViewsFile:
    """The content of a views.json.

    Attributes:
        shape: the file that was rendered, as the user wrote it.
        sha256: of that file.
        up: the axis that the views stand on.
        seed: of the points that were drawn on a mesh.
        render: the settings, with the radius that was drawn.
        cameras: V, exactly as they were.
        origin: of the unit sphere frame, in the user's coordinates.
        scale: its radius, in the user's unit.
        images: the file name of each view.
        index_of: "triangles" of a mesh or "rows" of a cloud.
        depth_unit: see CONVENTIONS; 0 where there are no depth pictures.
        sha256_of: of the files that lie beside it, by name.
        path: where it was read from.
    """

    shape: str
    sha256: str
    up: str
    seed: int
    render: RenderConfig
    cameras: Cameras
    origin: tuple[float, ...]
    scale: float
    images: tuple[str, ...]
    index_of: str
    depth_unit: float = 0.0
    sha256_of: Mapping[str, str] = field(default_factory=dict)
    path: str = FILE

    def config(self, base: EngineConfig) -> EngineConfig:
        """Settings under which the engine sees these views."""
        return replace(base, up=self.up, seed=self.seed, render=self.render)

    def check_shape(self, path: str | os.PathLike[str]) -> None:
        """Whether these are views of this file.

        Raises:
            LoadError: they are not, or there is no such file.
        """
        try:
            found = file_sha256(path)
        except OSError as error:
            raise LoadError(path, "cannot be read", error.strerror or error) from error
        self.check_digest(path, found)

    def check_digest(self, name: str | os.PathLike[str], found: str) -> None:
        """Whether these are views of a shape with this SHA-256.

        Raises:
            LoadError: they are not.
        """
        if found != self.sha256:
            rule = f"must be the shape of {self.path}, {self.shape} with SHA-256 {self.sha256}"
            raise LoadError(name, rule, found)

    def to_json(self) -> str:
        """The text of the file."""
        cameras = self.cameras
        settings = asdict(self.render) | {"up": self.up, "seed": self.seed}
        settings["height"], settings["width"] = settings.pop("size")
        content: dict[str, Any] = {
            "schema": SCHEMA,
            "pdengine": __version__,
            "shape": {"path": self.shape, "sha256": self.sha256},
            "settings": settings,
            "frame": {"origin": list(self.origin), "scale": self.scale},
            "cameras": [
                {"rotation": rotation, "translation": translation, "focal": focal}
                for rotation, translation, focal in zip(
                    cameras.rotation.tolist(),
                    cameras.translation.tolist(),
                    cameras.focal.tolist(),
                    strict=True,
                )
            ],
            "images": list(self.images),
            "index_of": self.index_of,
            "depth_unit": self.depth_unit,
            "conventions": CONVENTIONS,
            "sha256": dict(self.sha256_of),
        }
        return _a_line_each(content)


def _a_line_each(content: dict[str, Any]) -> str:
    """JSON that people can read: one line per key, and one per camera."""
    lines = []
    for key, value in content.items():
        text = _line(value)
        if key == "cameras":
            text = "[\n  " + ",\n  ".join(map(_line, value)) + "\n ]"
        lines.append(f" {_line(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _line(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def read_views_file(path: str | os.PathLike[str]) -> ViewsFile:
    """Read a views.json, or the one in a folder.

    Raises:
        LoadError: there is none, or it is not what `pdengine render` writes.
    """
    name = str(Path(path) / FILE) if os.path.isdir(path) else os.fspath(path)
    file = Entry.of(name, "", read_json(name))
    file.whole("schema", SCHEMA, SCHEMA)
    shape, frame = (Entry.of(name, key, file.value(key)) for key in ("shape", "frame"))
    settings = Entry.of(name, "settings", file.value("settings"))
    digests = Entry.of(name, "sha256", file.value("sha256"))
    up = settings.text("up")
    if up not in UP_AXES:
        settings.fail("up", f"be one of {', '.join(UP_AXES)}", up)
    cameras = _cameras(file.entries("cameras"))
    images = tuple(str(image) for image in file.items("images"))
    config = _render_config(settings)
    for key in digests.fields:
        if key != os.path.basename(key) or key in (".", ".."):
            digests.fail(key, "be the name of a file beside it")
    for key, count in (("cameras", len(cameras)), ("images", len(images))):
        if count != config.views:
            file.fail(key, f"be one per view, {config.views}", count)
    return ViewsFile(
        shape=shape.text("path"),
        sha256=shape.text("sha256"),
        up=up,
        seed=settings.whole("seed", 0, 2**63 - 1),
        render=config,
        cameras=cameras,
        origin=tuple(frame.numbers("origin", 3)),
        scale=frame.number("scale"),
        images=images,
        index_of=file.text("index_of"),
        depth_unit=file.number("depth_unit"),
        sha256_of={key: digests.text(key) for key in digests.fields},
        path=name,
    )


def _render_config(settings: Entry) -> RenderConfig:
    try:
        return RenderConfig(
            views=settings.whole("views", 1, 1000),
            size=(settings.whole("height", 1, 2**31), settings.whole("width", 1, 2**31)),
            radius_px=settings.number("radius_px") if settings.has("radius_px") else None,
            meshes=settings.text("meshes"),
            surface_points=settings.whole("surface_points", 1, 2**31),
        )
    except ConfigError as error:
        raise LoadError(settings.path, f"settings: {error}") from None


def _cameras(entries: list[Entry]) -> Cameras:
    """One camera per entry, of which every rotation is one."""
    rotation, translation, focal = [], [], []
    for entry in entries:
        rows = entry.items("rotation")
        flat = [v for row in rows if isinstance(row, list) for v in row]
        turn = torch.tensor(entry.checked_numbers("rotation", flat, 9)).view(3, 3)
        if not _is_rotation(turn):
            entry.fail("rotation", "be a rotation: orthonormal and right-handed")
        rotation.append(turn)
        translation.append(entry.numbers("translation", 3))
        if max(map(abs, translation[-1])) > _FAR:
            entry.fail("translation", f"be within {_FAR:g} of the origin", translation[-1])
        focal.append(entry.number("focal", 1e-3, 1e3))
    shape = torch.tensor(translation, dtype=torch.float32).reshape(-1, 3)
    turns = torch.stack(rotation) if rotation else torch.zeros(0, 3, 3)
    return Cameras(turns, shape, torch.tensor(focal, dtype=torch.float32))


def _is_rotation(turn: Tensor) -> bool:
    wide = turn.double()
    square = (wide @ wide.T - torch.eye(3, dtype=torch.float64)).abs().max()
    return bool(square < 1e-4) and bool(torch.linalg.det(wide) > 0)
