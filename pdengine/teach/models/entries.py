"""What the registry lists of this room: a card, how to load, why not, how to fetch, options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pdengine.errors import ConfigError, TeacherError
from pdengine.teach.card import GIVEN_BY_PATH, TeacherCard
from pdengine.teach.models import catalogue, loaders
from pdengine.teach.models.catalogue import Published
from pdengine.teach.models.pulling import pull_weights
from pdengine.teach.models.refine import Cutter
from pdengine.teach.models.weights import (
    CUTTER_PATH,
    PATH,
    Repository,
    commit_of,
    find_weights,
    missing,
)
from pdengine.teach.options import REVISION, Option, options_of
from pdengine.teach.protocol import Teacher

Row = tuple[
    TeacherCard,
    Callable[..., Teacher],
    Callable[[], str | None],
    Callable[..., str],
    tuple[Option, ...],
]

_LIBRARY = ("transformers", "huggingface_hub")


def _why_not(
    name: str,
    packages: tuple[str, ...],
    repositories: tuple[Repository, ...],
    besides: str | None = None,
) -> str | None:
    """The first thing that is missing; else what is to be said besides, or None."""
    reason = missing(*packages)
    if reason is not None:
        return reason
    for repository in repositories:
        try:
            find_weights(name, repository)
        except TeacherError:
            return f"type pdengine teachers pull {name}"
    return besides


def _pull(
    name: str,
    repositories: tuple[Repository, ...],
    *,
    offline: bool = False,
    revision: str | None = None,
    cutter_revision: str | None = None,
) -> str:
    """Fetch them all: the model, and what cuts its boxes out."""
    places = ((revision, PATH), (cutter_revision, CUTTER_PATH))
    return "; ".join(
        pull_weights(name, one.at(picked), offline=offline, option=option)
        for one, (picked, option) in zip(repositories, places, strict=False)
    )


@dataclass(frozen=True)
class _Model:
    """A published model and what makes a teacher of it.

    Attributes:
        published: which.
        load: makes it, from published, words and its options.
        words: what load takes besides.
        packages: that it needs beside the extra.
    """

    published: Published
    load: Callable[..., Teacher]
    words: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        return (*options_of(self.load), REVISION)

    def __call__(
        self,
        *,
        offline: bool = False,
        path: str | Path | None = None,
        revision: str | None = None,
        **options: Any,
    ) -> Teacher:
        """The teacher; its card says which commit was loaded."""
        name = self.published.card.name
        repository = _picked(name, self.published.repository, path, revision)
        card = replace(self.published.card, weights=_loaded(name, repository, path))
        published = Published(card, repository)
        return self.load(published, *self.words, offline=offline, path=path, **options)

    @property
    def row(self) -> Row:
        card, repositories = self.published.card, (self.published.repository,)
        why_not = partial(_why_not, card.name, (*_LIBRARY, *self.packages), repositories)
        return card, self, why_not, partial(_pull, card.name, repositories), self.options


def _picked(
    name: str, repository: Repository, path: str | Path | None, revision: str | None
) -> Repository:
    """The repository at the revision that somebody asked for, or at ours."""
    if path is not None and revision is not None:
        raise ConfigError(f"{name}: a path has no revision, leave out one of the two")
    return repository.at(revision)


def _loaded(name: str, repository: Repository, path: str | Path | None) -> str:
    """Which weights are taken, as a card says it.  Where there are none, the loader complains."""
    if path is not None:
        commit = commit_of(Path(path).resolve())
        return GIVEN_BY_PATH + ("" if commit is None else f", commit {commit}")
    try:
        commit = commit_of(find_weights(name, repository))
    except TeacherError:
        commit = None
    return str(repository) if commit is None else f"{repository.id}@{commit}"


_BOXES = (
    _Model(catalogue.GROUNDING_DINO_TINY, loaders.grounding_dino),
    _Model(catalogue.GROUNDING_DINO_BASE, loaders.grounding_dino),
    _Model(catalogue.OWLV2_BASE, loaders.owl, ("owlv2",), ("scipy",)),
    _Model(catalogue.OWLV2_LARGE, loaders.owl, ("owlv2",), ("scipy",)),
    _Model(catalogue.OWLVIT_BASE, loaders.owl, ("owlvit",)),
    _Model(catalogue.FLORENCE, loaders.florence),
)
_OTHERS = (
    _Model(catalogue.CLIPSEG, loaders.clipseg),
    _Model(catalogue.CLIP, loaders.patches, ("clip",)),
    _Model(catalogue.SIGLIP, loaders.patches, ("siglip",)),
    _Model(catalogue.SAM3, loaders.sam3, (), ("torchvision",)),
)
_CUTTERS: dict[str, tuple[Repository | None, Callable[..., Cutter], tuple[str, ...]]] = {
    "sam": (catalogue.SAM, partial(loaders.sam, "sam"), ()),
    "sam2": (catalogue.SAM2, partial(loaders.sam, "sam2"), ("torchvision",)),
    "segment-anything": (None, loaders.segment_anything, ("torchvision", "segment_anything")),
}


def _cut(boxes: _Model, cutter: str) -> Row:
    """A box teacher and "+sam", "+sam2" or "+segment-anything"."""
    own, cut, needs = _CUTTERS[cutter]
    found = boxes.published
    name = f"{found.card.name}+{cutter}"
    licence = found.card.licence
    if licence != catalogue.SAM_LICENCE:
        licence = f"{licence} (boxes), {catalogue.SAM_LICENCE} (masks)"
    # Said under the name that was typed, which is the one to pull.
    finder = replace(boxes, published=replace(found, card=replace(found.card, name=name)))
    card = replace(
        found.card,
        name=name,
        kind="masks",
        about=f"{found.card.name}, its boxes cut out by {cutter}: parts without what is around",
        licence=licence,
        weights="; ".join(map(str, (found.repository, *([own] if own else [])))),
    )

    def load(
        *,
        offline: bool = False,
        cutter_path: str | Path | None = None,
        cutter_revision: str | None = None,
        **options: Any,
    ) -> Teacher:
        path, revision = options.get("path"), options.get("revision")
        said, cutting = [_loaded(name, found.repository.at(revision), path)], cut
        if own is None:
            said.append(GIVEN_BY_PATH)
        else:
            picked = _picked(name, own, cutter_path, cutter_revision)
            said.append(_loaded(name, picked, cutter_path))
            cutting = partial(cut, picked)
        loaded = replace(card, weights="; ".join(said))
        return loaders.refined(
            loaded, finder, cutting, offline=offline, cutter_path=cutter_path, **options
        )

    besides = None if own else "give SAM's weights as cutter_path, see docs/models.md"
    packages = (*_LIBRARY, *boxes.packages, *needs)
    repositories = (found.repository, *([own] if own else []))
    return (
        card,
        load,
        partial(_why_not, name, packages, repositories, besides),
        partial(_pull, name, repositories),
        (*boxes.options, *(o for o in options_of(load) if own or o.name != "cutter_revision")),
    )


ROWS: tuple[Row, ...] = (
    *(model.row for model in (*_BOXES, *_OTHERS)),
    *(_cut(boxes, cutter) for cutter in ("sam", "sam2") for boxes in _BOXES),
    # To compare with: its weights have to be converted first.
    _cut(_BOXES[0], "segment-anything"),
)
