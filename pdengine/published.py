"""The constants of published methods, under the names of their papers.

What is ours stands in ``config``.  Nothing here is tuned by us; where a released code differs from
its paper, the release counts, and the attribute says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pdengine.errors import check_setting

PARTITIONS = ("merging", "cut-pursuit")
GROUPINGS = ("published", "touching")

# How PartSLIP renders (src/render_pc.py of the release).  Distance and field of view are the rig's
# own defaults, which a test compares with these.
PARTSLIP_VIEWS = 10  # pdengine.cameras.rig has their angles
PARTSLIP_SIDE_PX = 800
PARTSLIP_DISTANCE = 2.2  # of the cameras, in radii of the shape
PARTSLIP_FOV_DEGREES = 60.0  # PyTorch3D's FoVPerspectiveCameras, as they come
PARTSLIP_POINT_RADIUS = 0.005  # in half image widths: 2 px
PARTSLIP_DROP_IF_COVERS = 0.98  # src/bbox2seg.py
PARTSLIP_SMALL_PARTS = (
    *("handle", "button", "wheel", "knob", "switch"),
    *("bulb", "shaft", "touchpad", "camera", "screw"),
)


# When PartSLIP takes two superpoints for one instance (src/bbox2seg.py): PartSlipInstanceConfig has
# these, and instances.InstanceConfig starts from them.
PARTSLIP_INSTANCE_GAP = 0.02  # between their bounding boxes
PARTSLIP_INSTANCE_PROFILE = 0.2  # L1 distance of their in-box ratios, of the larger sum
PARTSLIP_INSTANCE_SIZE_RATIO = 100.0
PARTSLIP_INSTANCE_IOU = 0.5  # with a box of the part in some view


@dataclass(frozen=True)
class SuperpointConfig:
    """How PartSLIP (CVPR 2023, arXiv 2212.01558) cuts a cloud into superpoints.

    Attributes:
        method: "merging" lowers the energy with our own op, "cut-pursuit" with the algorithm that
            PartSLIP used, from the optional package cut-pursuit-py.
        neighbours: of each point in the graph; 10 in the release (k_nn_adj).
        normal_neighbours: of each point, itself among them, for the normals of a cloud that has
            none; 30 in the release.  The release also leaves out those farther than 0.1.
        regularisation: what a unit of edge weight between two superpoints costs, where half the
            squared distance to a superpoint's mean is what it saves; 0.05 in the release (reg).
        smallest: superpoints of fewer points join another; the release merges 10 and fewer.
    """

    method: str = "merging"
    neighbours: int = 10
    normal_neighbours: int = 30
    regularisation: float = 0.05
    smallest: int = 11

    def __post_init__(self) -> None:
        check = check_setting
        check("method", self.method in PARTITIONS, f"one of {', '.join(PARTITIONS)}", self.method)
        check("neighbours", 1 <= self.neighbours <= 100, "between 1 and 100", self.neighbours)
        around = self.normal_neighbours
        check("normal_neighbours", 3 <= around <= 1000, "between 3 and 1000", around)
        strength = self.regularisation
        check("regularisation", 0 < strength <= 1e6, "in (0, 1e6]", strength)
        check("smallest", self.smallest >= 1, "at least 1", self.smallest)


@dataclass(frozen=True)
class PartSlipInstanceConfig:
    """How PartSLIP (CVPR 2023, arXiv 2212.01558) groups labelled superpoints to instances.

    Attributes:
        method: "published" is the rule of the release (src/bbox2seg.py), "touching" the engine's
            own, of instances.InstanceConfig.
        gap: superpoints join whose bounding boxes are less than this apart along every axis, in
            units of the unit sphere; 0.02 in the release.
        profile: and whose shares inside the boxes of their part differ by less, of the larger sum,
            in the views that show both; 0.2 in the release.
        size_ratio: and of which one has less than so many times the points of the other; 100.
        iou: an instance is kept if in some view its extent and a box of its part have more than
            this intersection over union; 0.5 in the release.
    """

    method: str = "published"
    gap: float = PARTSLIP_INSTANCE_GAP
    profile: float = PARTSLIP_INSTANCE_PROFILE
    size_ratio: float = PARTSLIP_INSTANCE_SIZE_RATIO
    iou: float = PARTSLIP_INSTANCE_IOU

    def __post_init__(self) -> None:
        check = check_setting
        check("method", self.method in GROUPINGS, f"one of {', '.join(GROUPINGS)}", self.method)
        check("gap", 0 <= self.gap <= 2, "in [0, 2]", self.gap)
        check("profile", 0 <= self.profile <= 2, "in [0, 2]", self.profile)
        check("size_ratio", 1 <= self.size_ratio <= 1e9, "in [1, 1e9]", self.size_ratio)
        check("iou", 0 <= self.iou <= 1, "in [0, 1]", self.iou)


@dataclass(frozen=True)
class PartSlipConfig:
    """How PartSLIP (CVPR 2023, arXiv 2212.01558) turns detections into labels.

    Attributes:
        detection_threshold: a box, mask or component that scores less says nothing; the release
            asks GLIP for boxes of 0.5 (src/glip_inference.py).  What scores more counts alike.
        vote_threshold: a superpoint takes a part when at least this share of its points, summed
            over the views that show them, is inside a detection of it; 0.5 in the release.
        small_parts: a part of one of these names wins wherever it reaches the threshold, as small
            things stand before large ones; of several, the last in the prompt.
        superpoints: what votes.
        instances: how they become the single things of a part.
    """

    detection_threshold: float = 0.5
    vote_threshold: float = 0.5
    small_parts: tuple[str, ...] = PARTSLIP_SMALL_PARTS
    superpoints: SuperpointConfig = field(default_factory=SuperpointConfig)
    instances: PartSlipInstanceConfig = field(default_factory=PartSlipInstanceConfig)

    def __post_init__(self) -> None:
        score, share = self.detection_threshold, self.vote_threshold
        check_setting("detection_threshold", 0 <= score <= 1, "in [0, 1]", score)
        check_setting("vote_threshold", 0 < share <= 1, "in (0, 1]", share)
