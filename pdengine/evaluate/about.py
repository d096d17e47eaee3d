"""Where a result comes from: enough to get it again, or to say why one cannot."""

from __future__ import annotations

import os
import platform
import shlex
import sys
from datetime import datetime, timezone
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pdengine._version import __version__
from pdengine.devices import choose_device
from pdengine.evaluate.alike import speakers
from pdengine.evaluate.commit import commit
from pdengine.evaluate.protocols import find_protocol
from pdengine.evaluate.run import Evaluated

PACKAGES = ("torch", "numpy", "safetensors", "h5py", "triton", "transformers")


def about(found: Evaluated) -> dict[str, Any]:
    """What about.json holds."""
    plan, teacher = found.plan, found.teacher
    protocol = find_protocol(plan.scored_in)
    prompts = {c: e.prompt for c, e in speakers(plan.dataset.examples).items() if c in found.parts}
    return {
        "schema": 1,
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "finished": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "code": {"pdengine": __version__, "commit": commit()},
        "versions": {"python": platform.python_version(), **_versions()},
        "machine": machine() | {"device": str(choose_device(plan.experiment.config.device))},
        "dataset": {
            "name": plan.dataset.name,
            "split": plan.split,
            "folder": plan.folder,
            "examples": len(plan.dataset.examples),
            "train_examples": len(plan.dataset.train),
            "notes": list(plan.dataset.notes),
            "left_out_categories": list(found.unknown),
        },
        "protocol": {
            "name": protocol.name,
            "formula": protocol.formula,
            "source": protocol.source,
        },
        "teacher": {
            "name": teacher.name,
            "licence": teacher.licence,
            "simulated": plan.experiment.simulated,
            **{k.removeprefix("teacher_"): v for k, v in teacher.said.items() if k != "teacher"},
        },
        "methods": sorted({row.method for row in found.rows}),
        "seeds": sorted({row.seed for row in found.rows}),
        "prompts": {category: prompts[category] for category in found.parts},
        "settings": plan.settings,
        "workers": plan.workers,
        "timeout_seconds": plan.timeout,
    }


def machine() -> dict[str, Any]:
    """The processor's name, the cores this process may use, and the system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": _cpu(), "cores": cores, "system": platform.platform()}


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions() -> dict[str, str]:
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
