"""What is left on disk after a run: the labelled shape, its numbers, and a page to look at."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pdengine.config import EngineConfig
from pdengine.devices import on
from pdengine.distill.threads import one_thread
from pdengine.errors import SaveError
from pdengine.io import replace_file
from pdengine.report.page import render_page
from pdengine.report.summary import (
    PartRow,
    Source,
    Summary,
    result_json,
    summarise,
    to_json,
)
from pdengine.types import Segmentation

if TYPE_CHECKING:
    from pdengine.trace import Trace

__all__ = [
    "Outputs",
    "PartRow",
    "Source",
    "Summary",
    "make_folder",
    "output_folders",
    "summarise",
    "write_outputs",
]


@dataclass(frozen=True)
class Outputs:
    """The files of a run, and what it comes to."""

    shape: Path
    numbers: Path
    page: Path
    summary: Summary


def write_outputs(
    folder: Path,
    stem: str,
    result: Segmentation,
    trace: Trace,
    config: EngineConfig,
    source: Source,
    glb: bool = False,
) -> Outputs:
    """Write <stem>_parts.ply, result.json and report.html, each whole or not at all.

    With glb <stem>_parts.glb too.

    Raises:
        SaveError: the folder cannot be made or written.
    """
    trace = on(trace, "cpu")
    shape, numbers = folder / f"{stem}_parts.ply", folder / "result.json"
    outputs = Outputs(shape, numbers, folder / "report.html", summarise(result, trace))
    files = {"shape": outputs.shape.name, "result": "result.json", "report": "report.html"}
    make_folder(folder)
    result.save(str(outputs.shape))
    if glb:
        scene = outputs.shape.with_suffix(".glb")
        files["glb"] = scene.name
        result.save(str(scene))
    with one_thread():  # 0.4 s on one; on a busy machine a second thread makes it many
        page = render_page(result, trace, outputs.summary, config, source, files)
    replace_file(outputs.page, [page.encode()])
    # Last, because a folder with a result.json is a finished one.
    content = result_json(result, trace, outputs.summary, config, source, files)
    replace_file(outputs.numbers, [to_json(content).encode()])
    return outputs


def make_folder(folder: Path) -> None:
    """Make the output folder, early: a run that cannot be saved should not start.

    Raises:
        SaveError: it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SaveError(f"{folder}: cannot be made, {error.strerror or error}") from error


@contextmanager
def output_folders(*folders: Path) -> Iterator[None]:
    """Make output folders, early; where the run ends without an answer, those still empty go.

    Only folders that were not there before go, and those around them that were made with them.

    Raises:
        SaveError: one cannot be made.
    """
    around = [path for folder in folders for path in (folder, *folder.parents)]
    made = [path for path in around if not os.path.exists(path)]
    try:
        for folder in folders:
            make_folder(folder)
        yield
    except BaseException:
        for path in made:
            with suppress(OSError):  # it is not empty
                path.rmdir()
        raise
