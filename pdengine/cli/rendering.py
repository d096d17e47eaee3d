"""From a shape to the pictures that a model outside the engine looks at."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pdengine.cli import OK, one_line
from pdengine.config import EngineConfig, RenderConfig, with_options
from pdengine.devices import on
from pdengine.errors import ConfigError, LoadError
from pdengine.io import file_sha256, load, sample_mesh
from pdengine.io.folder import write_folder
from pdengine.pipeline import Engine
from pdengine.progress import make_reporter
from pdengine.render import ViewsFile, disc_radius, read_views_file
from pdengine.render import pictures as draw
from pdengine.render.views_file import FILE
from pdengine.types import Mesh, PointCloud, Shape, Views
from pdengine.wording import counted

INDEX = "index.npz"


@dataclass(frozen=True)
class RenderJob:
    """One run of `pdengine render`, every argument already a value.

    Attributes:
        options: settings of EngineConfig.
        settings: of RenderConfig besides the size.
    """

    shape: str
    out: Path
    size: str
    options: dict[str, Any]
    settings: dict[str, Any]
    depth: bool = False
    normals: bool = False
    quiet: bool = False

    def config(self) -> EngineConfig:
        """The engine's settings.

        Raises:
            ConfigError: one is outside its range.
        """
        drawn = RenderConfig(size=parsed_size(self.size), **self.settings)
        return replace(with_options(EngineConfig(), **self.options), render=drawn)

    def run(self) -> int:
        config = self.config()
        drawn = config.render
        with make_reporter(sys.stderr, self.quiet) as progress:
            progress("load", 0, 1)
            shape = load(self.shape)
            progress("load", 1, 1)
            engine = Engine(config, progress=progress)
            progress("write", 0, 1)
            about = self.draw(engine, shape, file_sha256(self.shape))
            progress("write", 1, 1)
        if not self.quiet:
            height, width = drawn.size
            said = f"{counted(len(about.images), 'view')} of {width} x {height} px, {about.up} up"
            sys.stdout.write(f"{said}, in {one_line(str(self.out))}\n")
        return OK

    def draw(self, engine: Engine, shape: Shape, digest: str) -> ViewsFile:
        """Draw a shape, and write the folder.

        Args:
            engine: with the settings of this job.
            shape: what self.shape names.
            digest: its SHA-256.
        """
        up, views = engine.set_shape(shape).look()
        about = self._about(engine, shape, digest, up, views)
        files = self._files(on(views, "cpu"), about, _owner(shape, engine.config))
        digests = {name: sha256(content).hexdigest() for name, content in files.items()}
        about = replace(about, sha256_of=digests)
        files[FILE] = about.to_json().encode()
        write_folder(self.out, files, FILE, written_before(self.out))
        return about

    def _about(self, engine: Engine, shape: Shape, digest: str, up: str, views: Views) -> ViewsFile:
        config, cloud = engine.config, engine.cloud
        render = config.render
        if isinstance(engine.surface, PointCloud) and render.radius_px is None:
            radius = disc_radius(engine.surface.xyz, views.cameras, render.size[1])
            render = replace(render, radius_px=radius)
        return ViewsFile(
            shape=self.shape,
            sha256=digest,
            up=up,
            seed=config.seed,
            render=render,
            cameras=on(views.cameras, "cpu"),
            origin=tuple(cloud.origin.tolist()),
            scale=float(cloud.scale),
            images=draw.names("view", len(views)),
            index_of="triangles" if isinstance(shape, Mesh) else "rows",
            depth_unit=draw.depth_unit(views.cameras) if self.depth else 0.0,
        )

    def _files(self, views: Views, about: ViewsFile, owner: Tensor | None) -> dict[str, bytes]:
        files = dict(zip(about.images, draw.colour_pictures(views), strict=True))
        count = len(views)
        if self.depth:
            pictures = draw.depth_pictures(views, about.depth_unit)
            files |= zip(draw.names("depth", count), pictures, strict=True)
        if self.normals:
            files |= zip(draw.names("normals", count), draw.normal_pictures(views), strict=True)
        index = views.index.long()
        if owner is not None:
            index = torch.where(index >= 0, owner[index.clamp(min=0)], -1)
        files[INDEX] = draw.index_archive(index)
        return files


def parsed_size(text: str) -> tuple[int, int]:
    """Height and width from "224" or "640x480", width first as everyone writes it.

    Raises:
        ConfigError: it is neither.
    """
    found = re.fullmatch(r"(\d{1,6})(?:x(\d{1,6}))?", text.strip().lower())
    if found is None:
        raise ConfigError(f"size must be like 224, or 640x480 (width x height), got {text!r}")
    width, height = found[1], found[2] or found[1]
    return int(height), int(width)


def written_before(folder: Path) -> dict[str, str]:
    """SHA-256 by name of what an earlier run has left in the folder, views.json included."""
    try:
        about = read_views_file(folder / FILE)
        return {**about.sha256_of, FILE: file_sha256(folder / FILE)}
    except (LoadError, OSError):
        return {}


def _owner(shape: Shape, config: EngineConfig) -> Tensor | None:
    """The triangle or row of the user's file that each drawn element belongs to; None: its own."""
    if not isinstance(shape, Mesh):
        return shape.rows
    if config.render.meshes == "triangles":
        return None
    return sample_mesh(shape, config.render.surface_points, config.seed).face
