"""Where the weights of a published model are, and whether they may be read; nothing is fetched."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.models.packages import how_to_install

# Numbers and words, never code: no .bin, .pt or .pth, which are pickles, and no .py.
FILES = ("*.safetensors", "*.json", "*.txt", "*.model")
VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model", "tokenizer.model")
_INDEX = "model.safetensors.index.json"  # which file holds which tensor, where there are several
_SETTINGS = ("preprocessor_config.json", "processor_config.json")
PATH, CUTTER_PATH = "--teacher-path", "cutter_path"  # what takes a folder: a flag, and an option
_ELSEWHERE = ("*/*",)  # other formats of the same weights lie in folders of the repository


@dataclass(frozen=True)
class Repository:
    """A repository of the Hugging Face hub.

    Attributes:
        id: "owner/name".
        revision: the commit that is taken; or a branch or tag, and then the weights are what the
            owner last put there.
        gated: it asks for a login and a consent to its terms.
        picked: somebody asked for this revision, in place of ours.
        words: its model reads text, and so needs a vocabulary.
    """

    id: str
    revision: str = "main"
    gated: bool = False
    picked: bool = False
    words: bool = True

    def __str__(self) -> str:
        return f"{self.id}@{self.revision}{'' if is_commit(self.revision) else ' (not pinned)'}"

    def at(self, revision: str | None) -> Repository:
        """The same at another revision; None is the pinned one.

        Raises:
            ConfigError: the revision is empty.
        """
        if revision is not None and not revision.strip():
            raise ConfigError(f"revision must be a commit, branch or tag, got {revision!r}")
        return self if revision is None else replace(self, revision=revision, picked=True)


def is_commit(revision: str) -> bool:
    """Whether a revision is a whole commit hash, which can never come to mean something else."""
    return re.fullmatch("[0-9a-f]{40}", revision) is not None


def commit_of(folder: Path) -> str | None:
    """The commit whose files a folder of the hub's cache holds; None for any other folder."""
    inside = folder.parent.name == "snapshots" and is_commit(folder.name)
    return folder.name if inside else None


def missing(*packages: str) -> str | None:
    """Which of the packages is not installed, one sentence that says what to type, or None."""
    for package in packages:
        if find_spec(package) is None:
            return f"it needs {package.replace('_', '-')}: {how_to_install(package)}"
    return None


def check_packages(name: str, *packages: str) -> None:
    """Refuse to go on without a package that only some teachers need.

    Raises:
        TeacherError: it is not installed.
    """
    reason = missing(*packages)
    if reason is not None:
        raise TeacherError(f"{name}: {reason}")


def find_weights(
    name: str,
    repository: Repository,
    path: str | Path | None = None,
    option: str = PATH,
) -> Path:
    """The folder with a model's weights on this machine; nothing is fetched.

    Args:
        name: of the teacher, for messages.
        repository: looked for in the cache of the hub, where no path is given.
        path: a folder of one's own.
        option: what takes the path, for messages: PATH or CUTTER_PATH.

    Raises:
        TeacherError: there is none, or the folder has no weights that may be read.
    """
    if path is None:
        return check_folder(name, _cached(name, repository, option))
    return check_folder(name, Path(path))


def wanted() -> dict[str, Any]:
    """What of a repository is taken, as the hub's client is told it."""
    return {"allow_patterns": list(FILES), "ignore_patterns": list(_ELSEWHERE)}


def typed(option: str) -> str:
    """An option that takes a folder, as it stands on a command line."""
    return f"{option} DIR" if option == PATH else f"--teacher-option {option}=DIR"


def pulling(name: str, repository: Repository, option: str) -> str:
    """The command that fetches a repository."""
    which = "--revision" if option == PATH else "--cutter-revision"
    picked = f" {which} {repository.revision}" if repository.picked else ""
    return f"pdengine teachers pull {name}{picked}"


def _cached(name: str, repository: Repository, option: str) -> Path:
    check_packages(name, "huggingface_hub")
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    lacking = None
    with suppress(LocalEntryNotFoundError):
        folder = Path(
            snapshot_download(
                repository.id,
                revision=repository.revision,
                local_files_only=True,
                **wanted(),
            )
        )
        lacking = lacks(folder, repository.words)  # what a download that was cut off lacks
        if lacking is None:
            return folder
    which = "not on this machine" if lacking is None else f"here in part, without {lacking}"
    login = "; it is gated, so first hf auth login" if repository.gated else ""
    raise TeacherError(
        f"{name}: its weights are {which}: type {pulling(name, repository, option)} "
        f"(from {repository.id}{login}), or give their folder with {typed(option)}"
    )


def lacks(folder: Path, words: bool) -> str | None:
    """What a model's folder is without, or None.

    Args:
        folder: of a model.
        words: it needs a vocabulary.
    """
    if not any(file.is_file() for file in folder.glob("*.safetensors")):
        return "*.safetensors"
    shards: set[str] = set()
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        shards = {str(file) for file in index["weight_map"].values()}
    for file in ("config.json", *sorted(shards)):
        if not (folder / file).is_file():
            return file
    for known in (_SETTINGS, *([VOCABULARIES] if words else [])):
        if not any((folder / file).is_file() for file in known):
            return " or ".join(known)
    return None


def check_folder(name: str, folder: Path) -> Path:
    """The folder, if weights can be read from it.

    Raises:
        TeacherError: it is no folder, or lacks config.json or *.safetensors.
    """
    if not folder.is_dir():
        raise TeacherError(f"{name}: the path to its weights must be a folder, got {folder}")
    if not (folder / "config.json").is_file():
        raise TeacherError(f"{name}: a folder of weights must hold config.json, got {folder}")
    if not sorted(folder.glob("*.safetensors")):
        pickles = sorted(p.name for p in folder.iterdir() if p.suffix in (".bin", ".pt", ".pth"))
        convert = "which is never read: docs/models.md says how to convert it"
        held = f"; {pickles[0]} is a pickle, {convert}" if pickles else ""
        raise TeacherError(
            f"{name}: a folder of weights must hold *.safetensors, got {folder}{held}"
        )
    return folder


def check_model_type(name: str, folder: Path, wanted: str, *also: str) -> None:
    """Refuse another model's weights before a library fills the gaps with random numbers.

    Args:
        name: of the teacher, for messages.
        folder: with config.json.
        wanted: the model_type that it must say.
        also: others that hold the wanted model's weights as well.

    Raises:
        TeacherError: config.json is none, or names another model.
    """
    try:
        config: Any = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        found = config["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TeacherError(
            f"{name}: config.json must say its model_type, got {folder / 'config.json'} "
            f"({type(error).__name__})"
        ) from None
    if found not in (wanted, *also):
        raise TeacherError(f"{name}: the weights must be of a {wanted}, got {found!r} in {folder}")


def digest(folder: Path) -> str:
    """SHA-256 of what answers depend on, 16 hexadecimal digits.

    That is the names and contents of a model's files, and the release of the library that runs it:
    a release can change how pictures are resized.  Files are read again where they have changed.
    """
    paths = sorted(p for p in folder.iterdir() if any(p.match(pattern) for pattern in FILES))
    seen = tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in paths)
    return _digest(seen, version("transformers"))


@lru_cache(maxsize=64)
def _digest(files: tuple[tuple[Path, int, int], ...], release: str) -> str:
    whole = hashlib.sha256(release.encode())
    for path, _, _ in files:
        whole.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 22):
                whole.update(block)
    return whole.hexdigest()[:16]
