"""How the weights of a published model get here: the one door to a network."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from pdengine.errors import TeacherError
from pdengine.teach.models.weights import (
    FILES,
    PATH,
    Repository,
    check_folder,
    check_packages,
    commit_of,
    find_weights,
    is_commit,
    typed,
    wanted,
)


def pull_weights(
    name: str,
    repository: Repository,
    *,
    offline: bool = False,
    option: str = PATH,
) -> str:
    """Fetch the weights into the cache of the hub, and say which they are and where.

    A commit that is here already is not asked for again, unless a download of it was cut off.

    Raises:
        TeacherError: it is not allowed, nobody answers, or the repository cannot be used.
    """
    check_packages(name, "huggingface_hub")
    if offline:
        return _said(repository, find_weights(name, repository, None, option))
    if is_commit(repository.revision):
        with suppress(TeacherError):
            return _said(repository, find_weights(name, repository))
    return _said(repository, check_folder(name, _fetched(name, repository, option)))


def _fetched(name: str, repository: Repository, option: str) -> Path:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import (
        GatedRepoError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    page, revision = f"https://huggingface.co/{repository.id}", repository.revision
    try:
        # Answers at once where there is no way to it; a download would try for half a minute.
        found = HfApi().model_info(repository.id, revision=revision)
        _check_listed(name, repository, [one.rfilename for one in found.siblings or []])
        folder = snapshot_download(repository.id, revision=revision, **wanted())
    except TeacherError:
        raise
    except GatedRepoError:
        raise TeacherError(
            f"{name}: {repository.id} is gated: accept its terms at {page}, type hf auth login "
            f"(huggingface-cli login in older versions), then pull again"
        ) from None
    except RepositoryNotFoundError:
        raise TeacherError(
            f"{name}: {repository.id} does not exist, or is private: see {page}, or type "
            "hf auth login"
        ) from None
    except RevisionNotFoundError:
        raise TeacherError(
            f"{name}: {repository.id} has no revision {revision}, see {page}/commits/main"
        ) from None
    except Exception as error:  # those of the HTTP library, too, which is one or another
        raise TeacherError(_unreachable(name, repository, option, error)) from error
    return Path(folder)


def _check_listed(name: str, repository: Repository, files: list[str]) -> None:
    """Refuse a repository without weights that may be read, before anything is fetched."""
    if any(file.endswith(".safetensors") and "/" not in file for file in files):
        return
    pickles = [file for file in files if file.endswith((".bin", ".pt", ".pth"))]
    held = f" but {pickles[0]}, a pickle, which is never read" if pickles else ""
    raise TeacherError(
        f"{name}: {repository.id} at {repository.revision} holds no *.safetensors{held}: give "
        "another --revision"
    )


def _unreachable(name: str, repository: Repository, option: str, error: Exception) -> str:
    cause = error.__cause__ or error
    why = f"{type(cause).__name__}: {str(cause).strip() or 'no reason given'}".split("\n")[0][:120]
    if "OfflineMode" in why:
        why = "HF_HUB_OFFLINE is set; unset it, or"
    else:
        why = f"{why}; where there is no way to huggingface.co,"
    files = " ".join(f'--include "{pattern}"' for pattern in FILES)
    login = ", after hf auth login," if repository.gated else ""
    return (
        f"{name}: {repository.id} could not be fetched: {why} type hf download {repository.id} "
        f"--revision {repository.revision} {files} --local-dir DIR{login} on another "
        f"machine, copy DIR, and give it with {typed(option)}"
    )


def _said(repository: Repository, folder: Path) -> str:
    commit = commit_of(folder)
    which = f"{repository.id} at commit {commit}" if commit else str(repository)
    return f"{which}, in {folder}"
