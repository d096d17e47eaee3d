"""The constants of published methods, under the names of their papers.

What is ours stands in ``config``.  Nothing here is tuned by us; where a released code differs from
its paper, the release counts, and the attribute says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from pdengine.errors import check_setting

PARTITIONS = ("merging", "cut-pursuit")


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
