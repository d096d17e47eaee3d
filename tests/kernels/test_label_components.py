"""label_components: connected components of maps of classes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import ndimage

from pdengine.kernels import set_thread_limit
from pdengine.kernels.label_components import label_components

BACKENDS = ["cpu", "reference"]


def drawing(*views: str) -> torch.Tensor:
    """Classes from text: a digit per pixel, a dot for background, rows split by spaces."""
    rows = [[[-1 if c == "." else int(c) for c in row] for row in v.split()] for v in views]
    return torch.tensor(rows, dtype=torch.int32)


def random_maps(seed: int, shape: tuple[int, int, int], classes: int, smooth: float = 0.0):
    """Maps of random classes, -1 included; smooth > 0 makes patches of about that size."""
    noise = np.random.default_rng(seed).random((classes + 1, *shape))
    noise = ndimage.gaussian_filter(noise, (0, 0, smooth, smooth))
    return torch.from_numpy(noise.argmax(0).astype(np.int32) - 1)


@pytest.mark.parametrize("backend", BACKENDS)
def test_components_are_numbered_by_their_first_pixel(backend):
    found = label_components(drawing(".00.1 0...1 ...0.", "11111 0...0 11111"), backend=backend)
    none = -1
    assert found.label.tolist() == [
        [[none, 0, 0, none, 1], [0, none, none, none, 1], [none, none, none, 2, none]],
        [[3, 3, 3, 3, 3], [4, none, none, none, 5], [6, 6, 6, 6, 6]],
    ]
    assert found.view.tolist() == [0, 0, 0, 1, 1, 1, 1]
    assert found.class_.tolist() == [0, 1, 0, 1, 0, 0, 1]
    assert found.size.tolist() == [3, 2, 1, 5, 1, 1, 5]
    assert len(found) == 7


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("picture", "size"),
    [
        ("0...0 0...0 00000", [9]),
        (".0. 0.0 .0.", [4]),
        ("0.0.0.0 0.0.0.0 0000000", [15]),
        ("00000 0...0 0.0.0 0...0 00000", [16, 1]),
        ("0000 ...0 0000 0... 0000", [14]),
        ("0.0.0 .0.0. 0.0.0", [8]),
        ("01 10", [2, 2]),
    ],
)
def test_arms_that_meet_later_are_one(backend, picture, size):
    assert label_components(drawing(picture), backend=backend).size.tolist() == size


@pytest.mark.parametrize("backend", BACKENDS)
def test_views_do_not_touch(backend):
    found = label_components(torch.zeros(3, 4, 5, dtype=torch.int32), backend=backend)
    assert found.view.tolist() == [0, 1, 2]
    assert found.size.tolist() == [20, 20, 20]


CASES = [
    *((shape, classes, 0.0) for shape in [(1, 1, 1), (2, 1, 9), (2, 9, 1)] for classes in (1, 3)),
    *((shape, classes, 0.0) for shape in [(3, 17, 31), (1, 40, 41)] for classes in (1, 2, 5)),
    *(((2, 64, 50), classes, smooth) for classes in (1, 4) for smooth in (1.0, 3.0)),
]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("shape", "classes", "smooth"), CASES)
def test_matches_reference(backend, shape, classes, smooth):
    maps = random_maps(1, shape, classes, smooth)
    found = label_components(maps, backend=backend)
    expected = label_components(maps, backend="reference")
    assert torch.equal(found.label, expected.label)
    assert torch.equal(found.view, expected.view)
    assert torch.equal(found.class_, expected.class_)
    assert torch.equal(found.size, expected.size)
    assert found.label.dtype == torch.int32
    assert found.view.dtype == found.class_.dtype == found.size.dtype == torch.int64


@pytest.mark.parametrize("width", [63, 64, 65, 127, 128, 129, 200])
@pytest.mark.parametrize(("classes", "smooth"), [(1, 0.0), (4, 0.0), (2, 2.0), (3, 12.0)])
def test_runs_are_found_across_words_of_64_pixels(backend, width, classes, smooth):
    maps = random_maps(width, (2, 9, width), classes, smooth)
    found = label_components(maps, backend=backend)
    expected = label_components(maps, backend="reference")
    assert torch.equal(found.label, expected.label)
    assert torch.equal(found.class_, expected.class_)
    assert torch.equal(found.size, expected.size)


def test_the_ends_of_rows_do_not_touch(backend):
    row = "1" + 62 * "." + "1"
    found = label_components(drawing(f"{row} {64 * '.'} {row[::-1]}"), backend=backend)
    assert found.size.tolist() == [1, 1, 1, 1]
    found = label_components(drawing(f"{63 * '.'}1 1{63 * '.'}"), backend=backend)
    assert found.size.tolist() == [1, 1]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("shape", "classes", "smooth"), CASES)
def test_matches_scipy_class_by_class(backend, shape, classes, smooth):
    maps = random_maps(2, shape, classes, smooth)
    found = label_components(maps, backend=backend)
    assert torch.equal(found.label < 0, maps < 0)
    total = 0
    for view, image in enumerate(maps.numpy()):
        for class_ in range(classes):
            labels, count = ndimage.label(image == class_, np.ones((3, 3)))
            total += count
            ours = found.label[view].numpy()
            # The two numberings name the same sets of pixels: pairs are one to one.
            pairs = np.unique(np.stack([labels[labels > 0], ours[labels > 0]]), axis=1)
            assert pairs.shape[1] == count == len(set(pairs[1]))
            assert (found.class_[pairs[1]] == class_).all()
            assert (found.view[pairs[1]] == view).all()
            assert found.size[pairs[1]].tolist() == np.bincount(labels.ravel())[1:].tolist()
    assert len(found) == total


@pytest.mark.parametrize("backend", BACKENDS)
def test_any_negative_class_is_background(backend):
    maps = torch.tensor([[[-1, -7, 2**31 - 1, -(2**31)]]], dtype=torch.int32)
    found = label_components(maps, backend=backend)
    assert found.label.tolist() == [[[-1, -1, 0, -1]]]
    assert found.class_.tolist() == [2**31 - 1]


@pytest.mark.parametrize("backend", BACKENDS)
def test_background_alone_has_no_components(backend):
    found = label_components(torch.full((2, 5, 9), -1, dtype=torch.int32), backend=backend)
    assert (found.label == -1).all()
    assert len(found) == 0


def test_any_number_of_threads_gives_the_same_components():
    maps = random_maps(3, (5, 512, 400), 4, 1.0)
    results = []
    for threads in (1, 2, 3):
        set_thread_limit(threads)
        results.append(label_components(maps))
    set_thread_limit(None)
    for found in results[1:]:
        assert torch.equal(found.label, results[0].label)
        assert torch.equal(found.size, results[0].size)
        assert torch.equal(found.class_, results[0].class_)


@pytest.mark.parametrize("backend", BACKENDS)
def test_strides_of_the_input_do_not_matter(backend):
    maps = random_maps(4, (3, 20, 30), 2)
    found = label_components(maps.transpose(1, 2).contiguous().transpose(1, 2), backend=backend)
    assert torch.equal(found.label, label_components(maps).label)


@pytest.mark.parametrize("backend", [None, *BACKENDS])
@pytest.mark.parametrize("shape", [(0, 4, 4), (2, 0, 4), (2, 4, 0)])
def test_empty_maps_have_no_components(backend, shape):
    found = label_components(torch.zeros(shape, dtype=torch.int32), backend=backend)
    assert found.label.shape == shape
    assert [len(x) for x in (found.view, found.class_, found.size)] == [0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"classes": torch.zeros(4, 4).int()}, ValueError, r"classes must be \[V, H, W\], got"),
        ({"classes": torch.zeros(1, 4, 4).long()}, TypeError, "classes must be int32, got int64"),
        (
            {"classes": torch.zeros(1, 1, 1).int().expand(1, 2**16, 2**15)},
            ValueError,
            r"classes must have H \* W < 2\^31, got \[1, 65536, 32768\]",
        ),
        (
            {"classes": torch.zeros(1, 4, 4).int(), "backend": "gpu"},
            ValueError,
            "backend must be one of cpu, cuda, reference, got 'gpu'",
        ),
    ],
)
def test_says_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        label_components(**arguments)
