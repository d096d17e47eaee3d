"""HDF5, read with h5py after what a file declares has been checked: links, types and sizes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pdengine.data.files import inside
from pdengine.errors import LoadError
from pdengine.io.limits import check_decoded

ANY = -1  # a dimension of any length


class Hdf5File:
    """An open file; reads named arrays."""

    def __init__(self, path: str, file: Any) -> None:
        self.path = path
        self._file = file

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of an array.

        Raises:
            LoadError: there is no such array, it is none of numbers, or it says that it decodes to
                more than the limits.
        """
        return tuple(self._dataset(name).shape)

    def read(self, name: str, *shape: int, row: int | None = None) -> NDArray[Any]:
        """The array, or one of its rows.

        Args:
            name: of the array.
            shape: what it must be, ANY for any length.
            row: the only one that is read, or None.

        Raises:
            LoadError: see shape; or it has another shape.
        """
        dataset = self._dataset(name)
        found = dataset.shape
        if len(found) != len(shape) or any(
            wanted not in (ANY, n) for n, wanted in zip(found, shape, strict=True)
        ):
            words = ", ".join("any" if n == ANY else str(n) for n in shape)
            raise LoadError(self.path, f"{name} must be [{words}]", list(found))
        values: NDArray[Any] = np.asarray(dataset[() if row is None else row])
        return values

    def _dataset(self, name: str) -> Any:
        import h5py

        # A soft or external link, a virtual array or external storage may lead to other files.
        if not isinstance(self._file.get(name, getlink=True), h5py.HardLink):
            found = ", ".join(sorted(self._file))[:100] or "none"
            raise LoadError(self.path, f"must hold an array {name}", found)
        dataset = self._file[name]
        if not isinstance(dataset, h5py.Dataset) or dataset.shape is None:
            raise LoadError(self.path, f"{name} must be an array", type(dataset).__name__)
        if dataset.is_virtual or dataset.external:
            raise LoadError(self.path, f"{name} must be stored in this file")
        if dataset.dtype.kind not in "fiu" or dataset.dtype.itemsize > 8:
            rule = f"{name} must hold floats or integers of at most 64 bits"
            raise LoadError(self.path, rule, dataset.dtype)
        # A chunk is decoded whole, whatever is asked of it.
        most = max(math.prod(dataset.shape), math.prod(dataset.chunks or (0,)))
        stored = dataset.id.get_storage_size()
        check_decoded(self.path, name, most * dataset.dtype.itemsize, stored)
        return dataset


@contextmanager
def open_hdf5(root: Path, path: Path) -> Iterator[Hdf5File]:
    """Open a file in the folder root.

    Raises:
        LoadError: h5py is not installed, the file is missing, leads out of root, or is damaged.
    """
    name = inside(root, path)
    try:
        import h5py
    except ImportError as error:
        rule = 'an HDF5 file needs h5py; pip install "pdengine[data]"'
        raise LoadError(name, rule) from error
    try:
        with h5py.File(name, "r") as file:
            yield Hdf5File(name, file)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError, MemoryError) as error:
        raise LoadError(name, "must be a sound HDF5 file", error) from error
