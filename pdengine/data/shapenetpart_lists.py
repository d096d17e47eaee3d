"""ShapeNetPart's lists of ids, and what is odd about them.

train_test_split/shuffled_{train,val,test}_file_list.json hold "shape_data/<synset>/<id>".
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from pdengine.data.files import is_plain, read_json, some_of
from pdengine.data.shapenetpart_names import BY_SYNSET, SPLITS
from pdengine.errors import LoadError

Entry = tuple[str, str]  # synset and id
Lists = dict[str, list[Entry]]  # by split
There = Mapping[str, set[str]]  # the ids in the folder of each synset


def list_path(root: Path, split: str) -> Path:
    """The file of a split's list."""
    return root / "train_test_split" / f"shuffled_{split}_file_list.json"


def read_lists(root: Path, required: str | None = None) -> Lists:
    """The lists that are there.

    Args:
        root: the dataset's folder.
        required: the split whose list must be there.

    Raises:
        LoadError: the required list is missing, or one of them is no list of shapes.
    """
    wanted = [s for s in SPLITS if s == required or os.path.exists(list_path(root, s))]
    return {split: _read_list(root, list_path(root, split)) for split in wanted}


def _read_list(root: Path, path: Path) -> list[Entry]:
    listed = read_json(root, path)
    if not isinstance(listed, list):
        raise LoadError(path, "must be a list of shapes", type(listed).__name__)
    return [_entry(path, item) for item in listed]


def _entry(path: Path, item: object) -> Entry:
    words = item.split("/") if isinstance(item, str) else []
    if len(words) != 3 or words[1] not in BY_SYNSET or not is_plain(words[2]):
        rule = "each entry must be shape_data/<synset>/<id> of one of the 16 synsets"
        raise LoadError(path, rule, repr(item)[:80])
    return words[1], words[2]


def choose(lists: Lists, split: str, there: There) -> list[Entry]:
    """The shapes of a split that are there, each once, in the list's order."""
    listed = dict.fromkeys(lists.get(split, []))
    return [(synset, name) for synset, name in listed if name in there[synset]]


def list_notes(lists: Lists, there: There) -> list[str]:
    """What is absent, listed twice, in two splits, or in none."""
    missing = [split for split in SPLITS if split not in lists]
    notes = [f"{split}: there is no {list_path(Path(), split).name}" for split in missing]
    for split, entries in lists.items():
        absent = [f"{s}/{name}" for s, name in dict.fromkeys(entries) if name not in there[s]]
        if absent:
            notes.append(f"{split}: listed, and not there: {some_of(absent)}")
        twice = [f"{s}/{name}" for (s, name), times in Counter(entries).items() if times > 1]
        if twice:
            notes.append(f"{split}: listed more than once, and used once: {some_of(twice)}")
    for one, other in itertools.combinations(lists, 2):
        both = [f"{s}/{name}" for s, name in sorted(set(lists[one]) & set(lists[other]))]
        if both:
            notes.append(f"in {one} and in {other}: {some_of(both)}")
    listed = {entry for entries in lists.values() for entry in entries}
    every = {(synset, name) for synset, names in there.items() for name in names}
    unlisted = [f"{s}/{name}" for s, name in sorted(every - listed)]
    if unlisted and not missing:
        notes.append(f"in no split: {some_of(unlisted)}")
    return notes
