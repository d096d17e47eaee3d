"""The nodes of a glTF scene, and where each places its mesh."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pdengine.errors import LoadError
from pdengine.io.limits import LIMITS

Array = NDArray[Any]


class Instance(NamedTuple):
    """A mesh in the scene.

    Attributes:
        mesh: its index in the file.
        matrix: [4, 4] float64 from its coordinates to the scene's, None for the identity.
    """

    mesh: object
    matrix: Array | None


def instances(
    error: Callable[..., LoadError],
    tree: dict[str, Any],
    item: Callable[[str, object], dict[str, Any]],
) -> list[Instance]:
    """The meshes of the file's scene, depth first in the order of the nodes.

    Raises:
        LoadError: a node has two parents or contains itself, the tree is too deep or too large, or
            a transform is not numbers.
    """
    found: list[Instance] = []
    seen: set[int] = set()
    todo: list[tuple[object, Array | None, int]] = [
        (node, None, 1) for node in reversed(_roots(error, tree, item))
    ]
    while todo:
        index, parent, depth = todo.pop()
        node = item("nodes", index)
        assert isinstance(index, int)
        if index in seen:
            raise error("a glTF node must have one parent", f"node {index} twice")
        seen.add(index)
        if depth > LIMITS.depth or len(seen) > LIMITS.nodes:
            rule = f"a scene may have {LIMITS.nodes} nodes, {LIMITS.depth} deep"
            raise error(rule, f"{len(seen)}, {depth} deep")
        matrix = _chain(parent, _matrix(error, node))
        if "mesh" in node:
            found.append(Instance(node["mesh"], matrix))
        children = _indices(error, node, "children")
        todo.extend((child, matrix, depth + 1) for child in reversed(children))
    return found


def _roots(
    error: Callable[..., LoadError],
    tree: dict[str, Any],
    item: Callable[[str, object], dict[str, Any]],
) -> list[object]:
    """The roots of the default scene; without scenes, the nodes that are nobody's child."""
    if tree.get("scenes"):
        return _indices(error, item("scenes", tree.get("scene", 0)), "nodes")
    nodes = tree.get("nodes", [])
    if not isinstance(nodes, list):
        raise error("nodes must be a list", type(nodes).__name__)
    children: set[object] = set()
    for i in range(len(nodes)):
        children.update(_indices(error, item("nodes", i), "children"))
    return [i for i in range(len(nodes)) if i not in children]


def _indices(error: Callable[..., LoadError], entry: dict[str, Any], key: str) -> list[object]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(type(i) is int for i in value):
        raise error(f"{key} must be a list of indices", value)
    return value


def _matrix(error: Callable[..., LoadError], node: dict[str, Any]) -> Array | None:
    """A node's own transform: matrix, or translation * rotation * scale."""
    if "matrix" in node:
        matrix = _vector(error, node, "matrix", 16).reshape(4, 4).T
        return None if np.array_equal(matrix, np.eye(4)) else matrix
    if not {"translation", "rotation", "scale"} & set(node):
        return None
    matrix = np.eye(4)
    if "rotation" in node:
        x, y, z, w = _vector(error, node, "rotation", 4)
        matrix[:3, :3] = [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    if "scale" in node:
        matrix[:3, :3] *= _vector(error, node, "scale", 3)
    if "translation" in node:
        matrix[:3, 3] = _vector(error, node, "translation", 3)
    return None if np.array_equal(matrix, np.eye(4)) else matrix


def _vector(error: Callable[..., LoadError], node: dict[str, Any], key: str, size: int) -> Array:
    value = node[key]
    ok = isinstance(value, list) and len(value) == size
    if not ok or not all(type(v) in (int, float) and abs(v) < 1e30 for v in value):
        raise error(f"{key} must be {size} numbers", value)
    return np.array(value, np.float64)


def _chain(parent: Array | None, own: Array | None) -> Array | None:
    if parent is None or own is None:
        return own if parent is None else parent
    return parent @ own
