"""What the papers report, as they print it, with the protocol and the catch of each number."""

from __future__ import annotations

from dataclasses import dataclass

from pdengine.evaluate.conventions import find_protocol

SHAPENETPART = "ShapeNetPart"
PARTNETE = "PartNetE"
CATEGORIES = {SHAPENETPART: 16, PARTNETE: 45}  # that an overall value is over


@dataclass(frozen=True)
class Published:
    """A row of somebody's table.

    Attributes:
        method: as the paper calls it.
        setting: what else decides the number, e.g. "GLIP, points".
        dataset: as in data.Dataset, one of CATEGORIES.
        protocol: a name of PROTOCOLS, the closest to what the paper says or its code does.
        overall: percent, as printed; over all categories of the dataset.
        per_category: percent, as printed; only those that are public or that we could check.
        source: where it is printed.
        caveats: why it may not compare with a number of ours, one sentence each.

    Raises:
        ScoreError: there is no such protocol.
    """

    method: str
    setting: str
    dataset: str
    protocol: str
    overall: float | None
    per_category: dict[str, float]
    source: str
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        find_protocol(self.protocol)

    @property
    def title(self) -> str:
        """For the head of its row."""
        return f"{self.method} ({self.setting})" if self.setting else self.method


_PARTDISTILL = "PartDistill (CVPR 2024), results of the authors' page"
_MEAN = (
    "The source does not say whether its overall is a mean over shapes or over categories: the "
    "latter is assumed."
)
_CHOSEN = "The released code keeps the checkpoint with the best mIoU on the test labels."
_SEARCHED = "Its prompts were searched with test labels."
_REPEATED = "As PartDistill reports it."
_FACES = "Measured on the faces of meshes."
_FIRST = ("Airplane", "Bag", "Cap", "Chair", "Earphone")


def _shapenetpart(
    method: str, setting: str, overall: float, values: tuple[float, ...], *caveats: str
) -> Published:
    each = dict(zip(_FIRST, values, strict=True))
    return Published(
        method,
        setting,
        SHAPENETPART,
        "shapenetpart-class",
        overall,
        each,
        _PARTDISTILL,
        (_MEAN, *caveats),
    )


def _generated(knowledge: str, airplane: float, chair: float, guitar: float) -> Published:
    return Published(
        "PartDistill Pre",
        f"GLIP, points, learned from {knowledge}",
        SHAPENETPART,
        "shapenetpart-class",
        None,
        {"Airplane": airplane, "Chair": chair, "Guitar": guitar},
        _PARTDISTILL,
        (_CHOSEN,),
    )


def _partslip(setting: str, protocol: str, overall: float, *caveats: str) -> Published:
    source = "PartSLIP (CVPR 2023)"
    return Published("PartSLIP", setting, PARTNETE, protocol, overall, {}, source, caveats)


PUBLISHED: tuple[Published, ...] = (
    _shapenetpart(
        "PointCLIP", "CLIP, points", 31.0, (22.0, 44.8, 13.4, 18.7, 28.3), _REPEATED, _SEARCHED
    ),
    _shapenetpart(
        "PointCLIP V2", "CLIP, points", 48.4, (35.7, 53.3, 53.1, 51.9, 48.1), _REPEATED, _SEARCHED
    ),
    _shapenetpart("OpenScene", "CLIP, points", 52.9, (34.4, 63.8, 56.1, 59.8, 62.6), _REPEATED),
    _shapenetpart("PartDistill TTA", "CLIP, points", 53.8, (37.5, 62.6, 55.5, 56.4, 55.6), _CHOSEN),
    _shapenetpart("PartDistill Pre", "CLIP, points", 63.9, (40.6, 75.6, 67.2, 65.0, 66.3), _CHOSEN),
    _shapenetpart("PartDistill TTA", "GLIP, points", 54.7, (57.3, 62.7, 56.2, 74.2, 45.8), _CHOSEN),
    _shapenetpart("PartDistill Pre", "GLIP, points", 64.1, (69.3, 70.1, 67.9, 86.5, 51.2), _CHOSEN),
    _shapenetpart("SATR", "GLIP, meshes", 32.3, (32.2, 32.1, 21.8, 25.2, 19.4), _REPEATED, _FACES),
    _shapenetpart(
        "PartDistill TTA", "GLIP, meshes", 49.5, (53.2, 61.8, 44.9, 66.4, 43.0), _CHOSEN, _FACES
    ),
    _shapenetpart(
        "PartDistill Pre", "GLIP, meshes", 56.3, (64.8, 64.4, 51.0, 67.4, 48.3), _CHOSEN, _FACES
    ),
    _generated("the train set", 69.3, 86.2, 76.8),
    _generated("generated shapes", 69.0, 85.3, 75.6),
    _generated("the train set and generated shapes", 70.8, 88.4, 78.3),
    Published(
        "PatchAlign3D", "instance", SHAPENETPART, "patchalign3d", 56.9, {}, "PatchAlign3D (2026)"
    ),
    Published(
        "PatchAlign3D", "class", SHAPENETPART, "parts-present", 53.1, {}, "PatchAlign3D (2026)"
    ),
    _partslip("zero-shot", "partnete", 27.2, "Bare part names as prompts reach 34.8."),
    Published(
        *("PartSLIP", "zero-shot, in PartDistill's table", PARTNETE, "partnete", 27.3, {}),
        *(_PARTDISTILL, (_REPEATED,)),
    ),
    _partslip("zero-shot, bare part names", "partnete", 34.8),
    _partslip(
        "8 labelled shapes per category", "partnete", 59.4, "Few-shot: it learns from labels."
    ),
    Published(
        *("PartSLIP++", "8 labelled shapes per category", PARTNETE, "partnete", 61.5, {}),
        *("PartSLIP++ (2023)", ("Few-shot: it learns from labels.",)),
    ),
    _partslip("zero-shot", "partnet-ap50", 18.0),
    _partslip(
        "8 labelled shapes per category", "partnet-ap50", 44.8, "Few-shot: it learns from labels."
    ),
    Published(
        "PartDistill TTA",
        "GLIP, points",
        PARTNETE,
        "partnete",
        39.9,
        {"Bottle": 77.4, "Cart": 88.5, "Chair": 74.1, "Display": 50.5, "Kettle": 24.2},
        _PARTDISTILL,
        (_CHOSEN,),
    ),
    Published(
        "PatchAlign3D",
        "",
        PARTNETE,
        "partnete",
        41.4,
        {},
        "PatchAlign3D (2026)",
        ("Which mean it is over parts was not checked against its code.",),
    ),
)


def published_results(dataset: str, protocol: str | None = None) -> tuple[Published, ...]:
    """The numbers for a dataset, and those of one protocol alone if it is named.

    Raises:
        ScoreError: there is no such protocol.
    """
    wanted = None if protocol is None else find_protocol(protocol).name
    return tuple(
        one for one in PUBLISHED if one.dataset == dataset and wanted in (None, one.protocol)
    )
