"""The engine from shape to labels, with teachers that never err, so only the engine is tested."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from torch import Tensor

import pdengine as pde
from pdengine import pipeline
from pdengine.config import DistillConfig, EngineConfig, RenderConfig, with_options
from pdengine.distill import Lesson, SavedStudent, align, sketch
from pdengine.errors import StudentError
from pdengine.io import cloud_from_arrays, mesh_from_arrays
from pdengine.kernels import set_thread_limit
from pdengine.teach import Proposal
from pdengine.types import Boxes, Detections, MeshSurface, PartList, PixelScores, Views

SMALL = EngineConfig(
    up="y",
    points=600,
    render=RenderConfig(views=4, size=(64, 64), surface_points=20_000),
    distill=DistillConfig(anchors=512, steps=30, rounds=2),
)


def two_balls(count: int = 400) -> Tensor:
    """A ball at x = -1 and a ball at x = +1, [2 * count, 3]."""
    generator = torch.Generator().manual_seed(0)
    ball = torch.nn.functional.normalize(torch.randn(2 * count, 3, generator=generator), dim=1)
    ball[:count, 0] -= 1.5
    ball[count:, 0] += 1.5
    return ball


def side_teacher(views: Views, parts: PartList) -> PixelScores:
    """Names the first part where the seen surface has x < 0 in the world, the second elsewhere."""
    V, H, W = views.index.shape
    cameras = views.cameras
    column = torch.arange(W).add(0.5).sub(W / 2).div(W / 2).expand(V, H, W)
    row = torch.arange(H).add(0.5).sub(H / 2).div(W / 2)[:, None].expand(V, H, W)
    depth = torch.where(views.index >= 0, views.depth, 1.0)
    focal = cameras.focal[:, None, None]
    seen = torch.stack([column / focal * depth, row / focal * depth, depth], -1)
    world = torch.einsum(
        "vhwc,vcd->vhwd", seen - cameras.translation[:, None, None], cameras.rotation
    )
    left = world[..., 0] < 0
    score = torch.stack([left, ~left], 1).float() * (views.index >= 0)[:, None] * 0.9
    return PixelScores(score)


def blind_teacher(views: Views, parts: PartList) -> Boxes:
    """Finds nothing."""
    none = torch.zeros(0, dtype=torch.int64)
    return Boxes(torch.zeros(0, 4), none, none, torch.zeros(0))


@pytest.mark.parametrize("mode", ["vote", "tta"])
def test_two_balls_get_two_labels(mode: str) -> None:
    config = with_options(SMALL, mode=mode)
    result = pde.segment(two_balls(), ["left", "right"], config=config, teacher=side_teacher)
    truth = (two_balls()[:, 0] > 0).long()
    assert (result.labels == truth).float().mean() > 0.98
    assert result.scores.shape == (800, 2)
    assert result.names == ("left", "right")
    assert result.mode == mode
    assert {"render", "teach", "lift", "vote", "total"} <= set(result.timings)


def test_rows_come_back_in_the_users_order() -> None:
    xyz = two_balls()
    order = torch.randperm(len(xyz), generator=torch.Generator().manual_seed(3))
    result = pde.segment(xyz[order] * 40 + 7, "left, right", config=SMALL, teacher=side_teacher)
    # The teacher cuts at the cloud's own centre, so scale and shift change nothing.
    assert (result.labels == (xyz[order][:, 0] > 0).long()).float().mean() > 0.98


def test_a_row_that_is_not_finite_is_unlabelled() -> None:
    xyz = two_balls()
    xyz[5, 1] = float("nan")
    result = pde.segment(xyz, "left, right", config=SMALL, teacher=side_teacher)
    assert result.labels[5] == -1
    assert (result.labels >= 0).sum() == len(xyz) - 1
    assert any("finite" in warning for warning in result.warnings)


def test_no_detection_is_unlabelled_with_a_warning_never_class_zero() -> None:
    result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=blind_teacher)
    assert (result.labels == -1).all()
    assert not result.scores.any()
    assert not result.found
    assert "no part was found" in result.warnings[0]


def test_one_stray_point_that_makes_the_shape_a_speck_is_said() -> None:
    balls = two_balls()
    balls[0] = torch.tensor([1e4, 0.0, 0.0])
    result = pde.segment(balls, "left, right", config=SMALL, teacher=side_teacher)
    (said,) = [warning for warning in result.warnings if "speck" in warning]
    assert said.startswith("99 % of the points lie within 0.000")
    result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=side_teacher)
    assert not [warning for warning in result.warnings if "speck" in warning]


def half_teacher(views: Views, parts: PartList) -> PixelScores:
    """Sees the left ball, and calls the right one none of the parts."""
    return PixelScores(side_teacher(views, parts).score[:, :1])


@pytest.mark.parametrize("mode", ["vote", "tta"])
def test_what_the_teacher_calls_none_of_the_parts_is_unlabelled(mode: str) -> None:
    config = with_options(SMALL, mode=mode)
    result = pde.segment(two_balls(), ["left"], config=config, teacher=half_teacher)
    right = two_balls()[:, 0] > 0
    assert (result.labels[right] == -1).float().mean() > 0.98
    assert (result.labels[~right] == 0).float().mean() > 0.98
    assert result.scores.shape == (800, 1)
    assert not result.scores[result.labels < 0].any()
    assert "50 % of the points are none of the named parts" in result.warnings[0]


def left_box_teacher(views: Views, parts: PartList) -> Boxes:
    """A detector that finds the left ball in every view, and has no word for the right one."""
    left = side_teacher(views, parts).score[:, 0] > 0  # [V, H, W]
    boxes = []
    for mask in left:
        row, column = mask.nonzero().T
        corners = torch.stack([column.min(), row.min(), column.max() + 1, row.max() + 1])
        boxes.append(corners.float())
    count = len(boxes)
    label = torch.zeros(count, dtype=torch.int64)
    return Boxes(torch.stack(boxes), torch.arange(count), label, torch.full((count,), 0.9))


def test_a_part_without_a_unit_may_take_what_no_view_names_and_a_warning_says_so() -> None:
    teacher = left_box_teacher
    result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=teacher)
    assert bool((result.labels == 1).any())
    assert result.warnings == ("never seen in any view, but what no view names became: right",)
    voted = pde.segment(
        two_balls(), "left, right", config=with_options(SMALL, mode="vote"), teacher=teacher
    )
    assert not bool((voted.labels == 1).any())
    assert voted.warnings == ("never seen in any view: right",)


class Knowing:
    """Sees two balls as a dumbbell that stands on its right end, and counts what it is asked."""

    name = "knowing"

    def __init__(self, chance: float = 0.9, blind: bool = False) -> None:
        self.chance, self.blind = chance, blind
        self.asked: list[str] = []
        self.proposed_from: list[Views] = []

    def __call__(self, views: Views, parts: PartList) -> Detections:
        self.asked.append("parts")
        return blind_teacher(views, parts) if self.blind else side_teacher(views, parts)

    def up_direction(self, views: Views, parts: PartList | None) -> Tensor:
        self.asked.append("up" if parts is None else f"up of a {parts.category}")
        return torch.tensor([-1.0, 0.0, 0.0])

    def propose(self, views: Views) -> tuple[Proposal, ...]:
        self.asked.append("category")
        self.proposed_from.append(views)
        return (
            Proposal("dumbbell", self.chance, PartList(("left", "right"), "dumbbell")),
            Proposal("chair", 1 - self.chance, PartList(("back",), "chair")),
        )


@pytest.mark.parametrize("mode", ["vote", "tta"])
def test_without_parts_the_teacher_proposes_them(mode: str) -> None:
    config = with_options(SMALL, mode=mode)
    guessed = pde.segment(two_balls(), config=config, teacher=Knowing())
    typed = pde.segment(two_balls(), "dumbbell: left, right", config=config, teacher=Knowing())
    assert torch.equal(guessed.labels, typed.labels)
    assert torch.equal(guessed.scores, typed.scores)
    assert guessed.names == ("left", "right")
    assert guessed.warnings == typed.warnings == ()
    proposed = guessed.meta.pop("proposed")
    assert guessed.meta == typed.meta
    assert proposed["category"] == "dumbbell"
    assert proposed["probability"] == 0.9
    assert proposed["others"] == [["chair", pytest.approx(0.1)]]


def test_the_category_is_proposed_from_the_views_of_the_chosen_axis() -> None:
    teacher = Knowing()
    engine = pde.Engine(with_options(SMALL, up="auto", mode="vote"), teacher=teacher)
    result = engine.set_shape(cloud_from_arrays(two_balls())).segment()
    assert result.meta["up"] == "-x"
    assert teacher.asked == ["up"] * 5 + ["category", "parts"]  # -x is the fifth
    assert engine.trace is not None
    assert teacher.proposed_from[0] is engine.trace.views
    assert {"stand upright", "render", "propose"} <= set(result.timings)

    again = engine.segment()  # nothing is asked twice
    assert teacher.asked == ["up"] * 5 + ["category", "parts"]  # -x is the fifth
    assert again.meta["proposed"] == result.meta["proposed"]
    assert "proposed" not in engine.segment("dumbbell: left, right").meta
    engine.set_shape(cloud_from_arrays(two_balls())).segment()
    assert teacher.asked.count("category") == 2


def test_an_unsure_category_is_a_warning() -> None:
    result = pde.segment(two_balls(), config=SMALL, teacher=Knowing(0.5))
    assert result.warnings == ()
    teacher = Knowing(0.4)
    teacher.propose = lambda views: Knowing(0.4).propose(views)[:1]  # type: ignore[method-assign]
    result = pde.segment(two_balls(), config=SMALL, teacher=teacher)
    assert result.warnings[0] == "the category is a guess: dumbbell 0.40; say --parts to decide"


def test_no_part_of_the_proposed_category_is_unlabelled() -> None:
    result = pde.segment(two_balls(), config=SMALL, teacher=Knowing(blind=True))
    assert (result.labels == -1).all()
    assert "no part was found" in result.warnings[0]
    assert result.meta["proposed"]["category"] == "dumbbell"


def test_what_is_loaded_before_the_shape_comes_counts() -> None:
    config = with_options(SMALL, mode="vote")
    engine = pde.Engine(config)
    assert engine.teacher.name == "embedded"
    result = engine.set_shape(cloud_from_arrays(two_balls())).segment("mug: body")
    assert result.timings["load teacher"] > 0
    second = engine.set_shape(cloud_from_arrays(two_balls())).segment("mug: body")
    assert "load teacher" not in second.timings


@pytest.mark.parametrize("meshes", ["points", "triangles"])
def test_a_mesh_gets_labels_on_its_vertices_and_faces(meshes: str) -> None:
    from pdengine.shapes import make

    chair = make("chair", 0)
    mesh = mesh_from_arrays(chair.vertices, chair.faces)
    config = replace(SMALL, render=replace(SMALL.render, meshes=meshes))
    engine = pde.Engine(config, teacher=side_teacher).set_shape(mesh)
    result = engine.segment("left, right")
    assert result.labels.shape == (len(chair.vertices),)
    assert result.face_labels is not None
    assert result.face_labels.shape == (len(chair.faces),)
    middle = mesh.vertices[mesh.faces].mean(1)[:, 0]
    clear = (middle - engine.cloud.origin[0]).abs() > 0.05 * engine.cloud.scale
    right = result.face_labels == (middle > engine.cloud.origin[0]).long()
    assert right[clear].float().mean() > 0.97
    assert isinstance(engine.surface, MeshSurface) == (meshes == "triangles")


def test_a_second_prompt_neither_renders_nor_prepares_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[str] = []

    def counted(name: str) -> None:
        stage = getattr(pipeline, name)
        monkeypatch.setattr(pipeline, name, lambda *a, **k: (calls.append(name), stage(*a, **k))[1])

    for name in ("render", "prepare", "sample_mesh", "lift"):
        counted(name)
    engine = pde.Engine(SMALL, teacher=side_teacher)
    engine.set_shape(cloud_from_arrays(two_balls()))
    engine.segment("left, right")
    assert sorted(calls) == ["lift", "prepare", "render"]
    second = engine.segment("west, east")
    assert sorted(calls) == ["lift", "lift", "prepare", "render"]
    assert set(second.timings) == {"teach", "lift", "vote", "align", "carry back", "total"}
    engine.segment("west, east")
    assert sorted(calls) == ["lift", "lift", "prepare", "render"]


def test_the_same_seed_gives_the_same_bits() -> None:
    first, second = (
        pde.segment(two_balls(), "left, right", config=SMALL, teacher=side_teacher)
        for _ in range(2)
    )
    assert torch.equal(first.labels, second.labels)
    assert torch.equal(first.scores, second.scores)


def test_segment_in_many_threads_gives_the_bits_of_one_alone() -> None:
    def labelled(seed: int) -> pde.Segmentation:
        config = with_options(SMALL, seed=seed)
        return pde.segment(two_balls(), "left, right", config=config, teacher=side_teacher)

    seeds = [0, 1, 0, 1]
    alone = [labelled(seed) for seed in seeds]
    assert not torch.equal(alone[0].scores, alone[1].scores)
    with ThreadPoolExecutor(len(seeds)) as pool:
        together = list(pool.map(labelled, seeds))
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one.labels, other.labels)
        assert torch.equal(one.scores, other.scores)


def test_a_random_encoder_is_the_seeds_and_not_the_users() -> None:
    stems = []
    for users, seed in ((1, 0), (2, 0), (2, 5)):
        torch.manual_seed(users)
        config = replace(SMALL, seed=seed, distill=replace(SMALL.distill, encoder="random"))
        stems.append(pde.Engine(config, teacher=side_teacher).encoder.stem.weight)
    assert torch.equal(stems[0], stems[1])
    assert not torch.equal(stems[1], stems[2])


@pytest.mark.parametrize("threads", [1, 3])
def test_the_number_of_threads_changes_no_bit(threads: int) -> None:
    before = torch.get_num_threads()
    expected = pde.segment(two_balls(), "left, right", config=SMALL, teacher=side_teacher)
    try:
        torch.set_num_threads(threads)
        set_thread_limit(threads)
        result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=side_teacher)
        assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
        set_thread_limit(None)
    assert torch.equal(result.labels, expected.labels)
    assert torch.equal(result.scores, expected.scores)


def test_a_large_cloud_is_aligned_on_some_points_and_labelled_on_all() -> None:
    config = with_options(SMALL, max_points=300, mode="vote")
    engine = pde.Engine(config, teacher=side_teacher).set_shape(cloud_from_arrays(two_balls()))
    result = engine.segment("left, right")
    assert engine.trace is not None
    assert len(engine.trace.cloud) <= 300
    assert (result.labels == (two_balls()[:, 0] > 0).long()).float().mean() > 0.98


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_points_have_a_defined_result(count: int) -> None:
    result = pde.segment(two_balls()[:count], "left, right", config=SMALL, teacher=side_teacher)
    assert result.labels.shape == (count,)


@pytest.mark.parametrize(
    "xyz",
    [
        torch.zeros(50, 3),
        torch.rand(60, 3) * torch.tensor([1.0, 1.0, 0.0]),
        torch.rand(40, 3) * torch.tensor([1.0, 0.0, 0.0]),
        two_balls(30) * 1e30,
    ],
    ids=["coincident", "coplanar", "collinear", "1e30"],
)
def test_degenerate_clouds_have_a_defined_result(xyz: Tensor) -> None:
    result = pde.segment(xyz, "left, right", config=SMALL, teacher=side_teacher)
    assert result.labels.shape == (len(xyz),)
    assert torch.isfinite(result.scores).all()


def lollipop(seed: int = 0) -> Tensor:
    """A ball at x < 0 and a stick at x > 0, [800, 3]."""
    generator = torch.Generator().manual_seed(seed)
    ball = torch.nn.functional.normalize(torch.randn(400, 3, generator=generator), dim=1) * 0.5
    stick = torch.randn(400, 3, generator=generator) * 0.03
    stick[:, 0] = 0.05 + 1.4 * torch.rand(400, generator=generator)
    return torch.cat([ball - torch.tensor([1.0, 0, 0]), stick])


LOLLIPOP = torch.arange(2).repeat_interleave(400)


@pytest.fixture(scope="module")
def student() -> SavedStudent:
    """Knows the ball of a lollipop from its stick."""
    engine = pde.Engine(SMALL, teacher=side_teacher).set_shape(cloud_from_arrays(lollipop()))
    taught = engine.teach(PartList(("ball", "stick"), "lollipop"))
    shape = engine.prepared()
    done = align([Lesson(shape, taught.units)], 2, SMALL.distill)
    sketches = (sketch(shape.around.xyz),)
    about = {"teacher": "by side", "shapes": 1}
    return SavedStudent(done.student, taught.names, 2, sketches, SMALL.distill, about)


@pytest.fixture
def blind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever draws, projects or asks a teacher fails."""

    def fails(*args: object, **kwargs: object) -> None:
        raise AssertionError("a student needs no picture")

    for name in ("render", "lift", "rig", "configured_teacher", "choose_up", "align_each"):
        monkeypatch.setattr(pipeline, name, fails)


def test_a_student_labels_a_cloud_without_a_teacher_or_a_picture(
    student: SavedStudent, blind: None
) -> None:
    on_its_side = lollipop(seed=1)[:, [1, 2, 0]] * 30 + 5
    result = pde.segment(on_its_side, "ball, stick", config=SMALL, student=student)
    assert (result.labels == LOLLIPOP).float().mean() > 0.95
    assert result.mode == "pre"
    assert result.names == ("ball", "stick")
    assert result.scores.shape == (800, 2)
    assert (result.vote_labels == -1).all()
    assert set(result.timings) == {"sample", "prepare", "student", "carry back", "total"}


def test_a_student_labels_the_vertices_and_faces_of_a_mesh(
    student: SavedStudent, blind: None
) -> None:
    from pdengine.shapes import make

    chair = make("chair", 0)
    mesh = mesh_from_arrays(chair.vertices, chair.faces)
    result = pde.segment(mesh, "ball, stick", config=SMALL, student=student)
    assert result.face_labels is not None
    assert result.labels.shape == (len(chair.vertices),)
    assert result.face_labels.shape == (len(chair.faces),)
    assert set(result.labels.tolist()) <= {0, 1}


def test_a_result_says_where_its_student_comes_from(student: SavedStudent) -> None:
    result = pde.segment(lollipop(), "ball, stick", config=SMALL, student=student)
    assert result.meta["student"] == {"teacher": "by side", "shapes": 1}
    assert result.meta["category"] == "lollipop"
    assert "teacher" not in result.meta


def test_the_same_student_gives_the_same_bits(student: SavedStudent) -> None:
    before = torch.get_num_threads()
    expected = pde.segment(lollipop(), "ball, stick", config=SMALL, student=student)
    try:
        torch.set_num_threads(3)
        set_thread_limit(3)
        again = pde.segment(lollipop(), "ball, stick", config=SMALL, student=student)
    finally:
        torch.set_num_threads(before)
        set_thread_limit(None)
    assert torch.equal(again.scores, expected.scores)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_student_labels_a_few_points_too(count: int, student: SavedStudent) -> None:
    result = pde.segment(lollipop()[:count], "ball, stick", config=SMALL, student=student)
    assert (result.labels >= 0).all()


def test_a_student_is_asked_for_its_own_parts(student: SavedStudent) -> None:
    for parts, message in (
        ("stick, ball", "parts must be ball, stick, got stick, ball"),
        ("ball", "parts must be ball, stick, got ball"),
        ("chair: ball, stick", "category must be lollipop, got chair"),
    ):
        with pytest.raises(StudentError, match=f"the student's {message}"):
            pde.segment(lollipop(), parts, config=SMALL, student=student)
    assert pde.segment(lollipop(), "Lollipop: ball, stick", config=SMALL, student=student).found
    own = pde.segment(lollipop(), config=SMALL, student=student)
    assert own.names == ("ball", "stick")
    assert "proposed" not in own.meta


def test_a_student_and_its_mode_come_together(student: SavedStudent) -> None:
    with pytest.raises(pde.ConfigError, match="mode 'pre' takes a student"):
        pde.Engine(with_options(SMALL, mode="pre"))
    for mode in ("tta", "vote"):
        with pytest.raises(pde.ConfigError, match=f"mode '{mode}' takes no student"):
            pde.Engine(with_options(SMALL, mode=mode), student=student)


def test_says_what_is_wrong() -> None:
    with pytest.raises(pde.ShapeError, match="set_shape"):
        pde.Engine(SMALL, teacher=side_teacher).segment("left")
    with pytest.raises(
        pde.ConfigError, match="mode must be one of tta, vote, pre, partslip, got 'both'"
    ):
        pde.segment(two_balls(), "left", mode="both")
    with pytest.raises(pde.ConfigError, match=r"option must be one of views, .*got colour"):
        pde.segment(two_balls(), "left", colour="red")
    with pytest.raises(pde.PartError):
        pde.segment(two_balls(), [])
    with pytest.raises(pde.ConfigError, match="embedded"):
        pde.segment(two_balls(), "left", config=with_options(SMALL, teacher="oracle"))
    with pytest.raises(pde.PartError, match=r"needs --parts, .* side_teacher does not say"):
        pde.segment(two_balls(), config=SMALL, teacher=side_teacher)
    with pytest.raises(pde.ShapeError, match="propose needs a shape"):
        pde.Engine(SMALL, teacher=Knowing()).propose()


def test_ten_runs_on_one_thread_and_on_two_give_the_same_bits() -> None:
    answers = []
    for run in range(10):
        set_thread_limit(1 + run % 2)
        try:
            result = pde.segment(two_balls(), "left, right", config=SMALL, teacher=side_teacher)
        finally:
            set_thread_limit(None)
        answers.append((result.labels, result.scores))
    assert all(torch.equal(labels, answers[0][0]) for labels, _ in answers)
    assert all(torch.equal(scores, answers[0][1]) for _, scores in answers)
