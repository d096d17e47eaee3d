"""A file as a teacher: a box comes back as the points behind it, and nothing else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from pdengine.cameras import rig
from pdengine.config import EngineConfig, LiftConfig, RenderConfig
from pdengine.errors import LoadError, TeacherError
from pdengine.kernels.lift_boxes import lift_boxes
from pdengine.lift import lift, see
from pdengine.pipeline import Engine
from pdengine.render import ViewsFile, render
from pdengine.teach import parse_parts
from pdengine.teach.files import FileTeacher, read_detections
from pdengine.types import PointCloud, Views

Said = Callable[..., FileTeacher]


def ball(count: int = 3000) -> PointCloud:
    xyz = torch.randn(count, 3, generator=torch.Generator().manual_seed(1))
    xyz = xyz / xyz.norm(dim=1, keepdim=True)
    return PointCloud(
        xyz, torch.zeros(3, dtype=torch.float64), 1.0, torch.arange(count), xyz.double()
    )


def behind(pixel: Tensor, width: int, box: tuple[float, ...]) -> list[int]:
    """The points whose pixel's centre is in a box, one by one."""
    x0, y0, x1, y1 = box
    found = []
    for point, at in enumerate(pixel.tolist()):
        x, y = at % width + 0.5, at // width + 0.5
        if at >= 0 and x0 <= x <= x1 and y0 <= y <= y1:
            found.append(point)
    return found


@pytest.mark.parametrize(
    ("height", "width", "stated"),
    [
        *((64, 64, stated) for stated in (0.5, 1.0, 3.0)),
        *((40, 120, stated) for stated in (0.5, 1.0, 2.5)),
        *((150, 50, stated) for stated in (0.5, 1.0, 1.5)),
        *((97, 61, stated) for stated in (1.0, 3.0)),
    ],
)
def test_a_marker_comes_back_as_exactly_the_points_behind_it(
    height: int, width: int, stated: float, tmp_path: Path
) -> None:
    cloud = ball()
    views = render(cloud, rig(3), RenderConfig(size=(height, width)))
    pixel = see(cloud, views, LiftConfig())
    markers = [(0.3, 0.4, 0.2, 0.2), (0.45, 0.1, 0.3, 0.6), (0.5, 0.5, 0.05, 0.12)]
    boxes, annotations = [], []
    for view, (x, y, w, h) in enumerate(markers):
        x, y, w, h = x * width, y * height, w * width, h * height
        boxes.append((x, y, x + w, y + h))
        box = [v * stated for v in (x, y, w, h)]
        annotations.append({"image_id": view, "category_id": 1, "bbox": box, "score": 1})
    images = [
        {"id": v, "height": int(height * stated), "width": int(width * stated)} for v in range(3)
    ]
    path = tmp_path / "marked.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations}))
    teacher = read_detections(path, views, "marker")
    detections = teacher(views, teacher.parts)
    units, shown = lift(cloud, views, detections, LiftConfig())
    assert torch.equal(shown, pixel)
    expected = [behind(pixel[v], width, box) for v, box in enumerate(boxes)]
    assert all(expected)
    offsets, point = lift_boxes(pixel, torch.tensor(boxes), torch.arange(3), views.size)
    for found, ends in ((units.point, units.offsets), (point, offsets)):
        assert [part.tolist() for part in found.split(ends.diff().tolist())] == expected


def test_the_engine_draws_from_the_cameras_of_the_file(tmp_path: Path, said: Said) -> None:
    cameras = rig(3, distance=2.7)
    about = ViewsFile(
        shape="ball",
        sha256="",
        up="z",
        seed=0,
        render=RenderConfig(views=3, size=(50, 70)),
        cameras=cameras,
        origin=(0.0, 0.0, 0.0),
        scale=1.0,
        images=("a.png", "b.png", "c.png"),
        index_of="rows",
    )
    path = tmp_path / "f.json"
    path.write_text(
        json.dumps(
            [
                {"image_id": "b.png", "category_id": 1, "bbox": [0, 0, 40, 25]},
                {"image_id": 7, "category_id": 1, "bbox": [0, 0, 40, 25]},
            ]
        )
    )
    teacher = read_detections(path, about, "left, right")
    config = about.config(EngineConfig(mode="vote"))
    engine = Engine(config, teacher=teacher).set_shape(ball())
    result = engine.segment("left, right")
    assert engine.trace is not None
    assert engine.trace.views.size == (50, 70)
    assert torch.equal(engine.trace.views.cameras.translation, cameras.translation)
    assert engine.trace.units.view.tolist() == [1]
    assert result.meta["up"] == "z"
    assert result.meta["teacher"] == "file:coco"
    assert set(teacher.remarks) <= set(result.warnings)
    assert any("that are no view, left out: 1" in warning for warning in result.warnings)


def test_other_parts_and_other_views_are_refused(said: Said, views: Views) -> None:
    teacher = said([])
    with pytest.raises(TeacherError, match="read for the parts back, seat, arm rest, got back"):
        teacher.check_parts(parse_parts("back"))
    wide = render(ball(9), rig(2), RenderConfig(size=(20, 41)))
    with pytest.raises(TeacherError, match=r"about .* \(2, 20, 40\), got \(2, 20, 41\)"):
        teacher(wide, teacher.parts)
    cameras = replace(views.cameras, translation=views.cameras.translation + 1)
    with pytest.raises(TeacherError, match="the translation of the cameras must be the file's"):
        teacher(replace(views, cameras=cameras), teacher.parts)


def test_the_identity_is_the_content(said: Said) -> None:
    first, again, other = said([]), said([], name="b.json"), said("[ ]")
    assert first.identity == again.identity != other.identity


UNREADABLE = [
    ("{", "the file must be JSON"),
    ("[NaN]", "the file must be JSON, got NaN, which is no number in JSON"),
    ("[-Infinity]", "the file must be JSON, got -Infinity"),
    ("[" * 100_000, "JSON must not be nested as deep as this"),
    ("[" + "9" * 5000 + "]", "the file must be JSON"),
    ("5", "detections must be COCO .* got no object"),
    ("{}", "detections must be COCO .* got an empty object"),
    ('{"boxes": []}', "detections must be COCO .* got boxes"),
]


@pytest.mark.parametrize(("content", "message"), UNREADABLE)
def test_a_file_of_no_kind_is_refused(said: Said, content: str, message: str) -> None:
    with pytest.raises(LoadError, match=message):
        said(content)


def test_points_with_answers_are_a_shape_and_not_detections(tmp_path: Path, views: Views) -> None:
    path = tmp_path / "preprocess.h5"
    with pytest.raises(LoadError, match="there is no such file"):
        read_detections(path, views, "back")
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    with pytest.raises(LoadError, match=rf"type pdengine segment {path} --parts PARTS"):
        read_detections(path, views, "back")


def test_a_folder_of_no_kind_or_of_several_is_refused(tmp_path: Path, views: Views) -> None:
    with pytest.raises(LoadError, match="a folder of detections must hold COCO"):
        read_detections(tmp_path, views, "a")
    (tmp_path / "a.json").write_text("[]")
    assert read_detections(tmp_path, views, "a").name == "file:coco"
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(LoadError, match=r"one COCO file, or label-me .* got a\.json, b\.json"):
        read_detections(tmp_path, views, "a")
    with pytest.raises(LoadError, match="there is no such file"):
        read_detections(tmp_path / "c.json", views, "a")
