"""views.json, and the pictures beside it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from pdengine.cameras import rig
from pdengine.config import EngineConfig, RenderConfig
from pdengine.errors import LoadError
from pdengine.io import file_sha256
from pdengine.render import ViewsFile, pictures, read_views_file, render
from pdengine.types import PointCloud

DIGEST = "0" * 64


def about(**changes: Any) -> ViewsFile:
    plain: dict[str, Any] = {
        "shape": "dänger [ 1 ].ply",
        "sha256": DIGEST,
        "up": "-z",
        "seed": 2**60,
        "render": RenderConfig(views=7, size=(20, 30), radius_px=1.0 / 3),
        "cameras": rig(7, up="-z"),
        "origin": (0.1, -2e300, 3.0),
        "scale": 1e-7,
        "images": tuple(f"{v}.png" for v in range(7)),
        "index_of": "rows",
        "depth_unit": 2.0**-14,
        "sha256_of": {"0.png": DIGEST},
    }
    return ViewsFile(**plain | changes)


def test_what_is_written_is_read_again_to_the_last_bit(tmp_path: Path) -> None:
    (tmp_path / "views.json").write_text(about().to_json())
    for path in (tmp_path, tmp_path / "views.json"):
        found = read_views_file(path)
        assert found.path == str(tmp_path / "views.json")
        for name in ("rotation", "translation", "focal"):
            assert torch.equal(getattr(found.cameras, name), getattr(about().cameras, name))
        for name in ViewsFile.__dataclass_fields__:
            if name not in ("cameras", "path"):
                assert getattr(found, name) == getattr(about(), name)
    config = found.config(EngineConfig(points=9))
    assert (config.up, config.seed, config.points) == ("-z", 2**60, 9)
    assert config.render == about().render


def test_a_shape_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "shape.ply"
    path.write_bytes(b"points")
    about(sha256=file_sha256(path)).check_shape(path)
    with pytest.raises(LoadError, match=rf"shape.ply: must be the shape of .*dänger.*{DIGEST}, go"):
        about().check_shape(path)
    with pytest.raises(LoadError, match="cannot be read"):
        about().check_shape(tmp_path / "no.ply")


def put(*keys: Any) -> Callable[[Any], None]:
    """Sets keys[:-2][keys[-2]] to keys[-1]."""

    def change(content: Any) -> None:
        for key in keys[:-2]:
            content = content[key]
        content[keys[-2]] = keys[-1]

    return change


BAD: list[tuple[Callable[[Any], None], str]] = [
    (put("schema", 2), r"schema must be in \[1, 1\], got 2"),
    (put("shape", "x"), "shape must be an object, got 'x'"),
    (put("shape", "sha256", None), "shape.sha256 must be there"),
    (put("settings", "up", "w"), "settings.up must be one of x, y, z, -x, -y, -z, got w"),
    (put("settings", "views", 8), "cameras must be one per view, 8, got 7"),
    (put("settings", "height", 5000), "settings: size must be 16 to 4096 px"),
    (put("settings", "meshes", "lines"), "settings: meshes must be one of points, triangles"),
    (put("settings", "radius_px", -1), "settings: radius_px must be in"),
    (put("settings", "seed", -1), "settings.seed must be in"),
    (put("cameras", 0, "focal", 0), r"cameras\[0\].focal must be in \[0.001, 1000\], got 0"),
    (put("cameras", 1, "rotation", 0, 0, 2), r"cameras\[1\].rotation must be a rotation"),
    (put("cameras", 1, "rotation", [[1, 0, 0], [0, 1, 0], [0, 0, -1]]), "must be a rotation"),
    (put("cameras", 1, "rotation", [1, 2]), r"rotation must be 9 numbers, got 0"),
    (put("cameras", 2, "translation", 0, 1e9), "translation must be within 1000 of the origin"),
    (put("cameras", 2, "translation", 0, "1"), "translation must be a list of numbers, got '1'"),
    (put("images", []), "images must be one per view, 7, got 0"),
    (put("frame", "scale", "1"), "frame.scale must be a number, got '1'"),
    (put("sha256", "../a", DIGEST), "sha256.../a must be the name of a file beside it"),
    (put("sha256", "..", DIGEST), r"must be the name of a file beside it"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_says_what_is_wrong(change: Callable[[Any], None], message: str, tmp_path: Path) -> None:
    content = json.loads(about().to_json())
    change(content)
    (tmp_path / "views.json").write_text(json.dumps(content))
    with pytest.raises(LoadError, match=message):
        read_views_file(tmp_path)


def test_a_missing_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"views\.json: there is no such file"):
        read_views_file(tmp_path)


def opened(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(content)))


def test_pictures_hold_what_the_views_do() -> None:
    xyz = torch.randn(500, 3, generator=torch.Generator().manual_seed(0))
    xyz = xyz / xyz.norm(dim=1, keepdim=True)
    origin = torch.zeros(3, dtype=torch.float64)
    cloud = PointCloud(xyz, origin, 1.0, torch.arange(500), xyz, colour=xyz.abs())
    views = render(cloud, rig(2), RenderConfig(size=(24, 40), radius_px=2))
    unit = pictures.depth_unit(views.cameras)
    assert unit == 2.0**-14
    drawn = zip(
        pictures.colour_pictures(views),
        pictures.depth_pictures(views, unit),
        pictures.normal_pictures(views),
        strict=True,
    )
    for view, (colour, depth, normals) in enumerate(drawn):
        shown = (views.index[view] >= 0).numpy()
        assert np.abs(opened(colour) / 255 - views.images[view].numpy()).max() <= 0.5 / 255 + 1e-6
        assert opened(depth).dtype == np.uint16
        assert (opened(depth)[~shown] == 0).all()
        error = opened(depth)[shown] * unit - views.depth[view].numpy()[shown]
        assert np.abs(error).max() <= unit / 2 + 1e-6
        assert (opened(normals)[~shown] == 0).all()
        decoded = opened(normals)[shown] / 127 - 1
        assert np.abs(decoded - views.normals[view].numpy()[shown]).max() <= 0.5 / 127 + 1e-6
    with np.load(io.BytesIO(pictures.index_archive(views.index))) as archive:
        assert np.array_equal(archive["index"], views.index.numpy())


def test_names_sort_as_the_views_do() -> None:
    assert pictures.names("view", 2) == ("view_00.png", "view_01.png")
    assert pictures.names("view", 101)[::100] == ("view_000.png", "view_100.png")
