"""From a dataset to pictures for a model outside the engine."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pdengine.cli import FAILED, OK, one_line
from pdengine.cli.data import RenderDataset
from pdengine.cli.options import names_in
from pdengine.cli.rendering import RenderJob
from pdengine.data import Example, open_dataset
from pdengine.data.files import is_plain
from pdengine.errors import ConfigError, LoadError, PdengineError
from pdengine.io import replace_file, shape_sha256
from pdengine.io.json_file import Entry, read_json
from pdengine.pipeline import Engine
from pdengine.progress import make_reporter
from pdengine.report import output_folders
from pdengine.wording import counted

PROMPTS = "prompts.json"


def run(command: RenderDataset) -> int:
    """Draw, write what is to be found, and say which shapes could not be drawn.

    Raises:
        PdengineError: an argument, the dataset or the folder cannot be used.
    """
    examples = _chosen(command)
    config = _job(command, "", command.out).config()  # what can be refused is refused first
    failed: dict[str, str] = {}
    with output_folders(command.out), make_reporter(sys.stderr, command.quiet) as progress:
        engine = Engine(config)
        progress("shapes", 0, 1)
        for number, example in enumerate(examples, 1):
            try:
                _draw(command, engine, example)
            except PdengineError as error:
                failed[example.name] = str(error)
            progress("shapes", number, len(examples))
    _tell(command.out / PROMPTS, [example for example in examples if example.name not in failed])
    for name, why in failed.items():
        sys.stderr.write(f"warning: not drawn: {one_line(f'{name}: {why}')}\n")
    if not command.quiet:
        drawn = len(examples) - len(failed)
        where = one_line(str(command.out))
        whole = counted(len(examples), "shape")
        sys.stdout.write(f"{drawn:,} of {whole}, in {where}\n")
    return FAILED if failed else OK


def _chosen(command: RenderDataset) -> Sequence[Example]:
    examples = open_dataset(command.dataset, command.folder, command.split).examples
    known = dict.fromkeys(example.category for example in examples)
    asked = names_in(command.categories)
    wrong = [name for name in asked if name not in known]
    if wrong:
        raise ConfigError(f"categories must be of {', '.join(known)}, got {', '.join(wrong)}")
    if command.limit is not None and command.limit < 1:
        raise ConfigError(f"limit must be at least 1, got {command.limit}")
    found: list[Example] = []
    for category in asked or known:
        of_it = [example for example in examples if example.category == category]
        found += of_it[: command.limit]
    return found


def _tell(path: Path, examples: Sequence[Example]) -> None:
    """Write what is to be found in each shape; what is said of others, drawn before, stays."""
    said: dict[str, Any] = {}
    if path.exists():
        said = dict(Entry.of(str(path), "", read_json(path)).fields)
    said |= {one.name: {"category": one.category, "prompt": one.prompt} for one in examples}
    content = json.dumps(said, indent=1, ensure_ascii=False) + "\n"
    replace_file(path, [content.encode()])


def _draw(command: RenderDataset, engine: Engine, example: Example) -> None:
    if not is_plain(example.name):
        raise LoadError(example.name, "the name of a shape must be that of a folder", example.name)
    shape = example.shape()
    job = _job(command, example.name, command.out / example.name)
    job.draw(engine, shape, shape_sha256(shape))


def _job(command: RenderDataset, name: str, out: Path) -> RenderJob:
    return RenderJob(
        shape=name,
        out=out,
        size=command.size,
        options={"seed": command.seed, "device": command.device, "up": command.up},
        settings={"views": command.views, "meshes": command.meshes},
    )
