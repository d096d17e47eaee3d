"""What the registry lists of this room: a card, how to load, why not, how to fetch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from pdengine.errors import TeacherError
from pdengine.teach.card import TeacherCard
from pdengine.teach.models import catalogue, loaders
from pdengine.teach.models.catalogue import Published
from pdengine.teach.models.weights import Repository, find_weights, missing, pull_weights
from pdengine.teach.protocol import Teacher

Row = tuple[TeacherCard, Callable[..., Teacher], Callable[[], str | None], Callable[..., str]]

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


def _pull(name: str, repositories: tuple[Repository, ...], *, offline: bool = False) -> str:
    return "; ".join(pull_weights(name, repository, offline=offline) for repository in repositories)


def _row(published: Published, load: Callable[..., Teacher], *packages: str) -> Row:
    name, repositories = published.card.name, (published.repository,)
    why_not = partial(_why_not, name, (*_LIBRARY, *packages), repositories)
    return published.card, load, why_not, partial(_pull, name, repositories)


_BOXES: tuple[tuple[Published, Callable[..., Teacher], tuple[str, ...]], ...] = (
    (
        catalogue.GROUNDING_DINO_TINY,
        partial(loaders.grounding_dino, catalogue.GROUNDING_DINO_TINY),
        (),
    ),
    (
        catalogue.GROUNDING_DINO_BASE,
        partial(loaders.grounding_dino, catalogue.GROUNDING_DINO_BASE),
        (),
    ),
    (catalogue.OWLV2_BASE, partial(loaders.owl, catalogue.OWLV2_BASE, "owlv2"), ("scipy",)),
    (catalogue.OWLV2_LARGE, partial(loaders.owl, catalogue.OWLV2_LARGE, "owlv2"), ("scipy",)),
    (catalogue.OWLVIT_BASE, partial(loaders.owl, catalogue.OWLVIT_BASE, "owlvit"), ()),
    (catalogue.FLORENCE, partial(loaders.florence, catalogue.FLORENCE), ()),
)


def _cut(
    boxes: Published,
    load: Callable[..., Teacher],
    packages: tuple[str, ...],
    cutter: str,
) -> Row:
    """A box teacher and "+sam", "+sam2" or "+segment-anything"."""
    own: tuple[Repository, ...]
    besides: str | None
    if cutter == "segment-anything":
        own, cut = (), loaders.segment_anything
        needs: tuple[str, ...] = ("torchvision", "segment_anything")
        besides = "give SAM's weights as cutter_path, see docs/models.md"
    else:
        own = ({"sam": catalogue.SAM, "sam2": catalogue.SAM2}[cutter],)
        cut = partial(loaders.sam, cutter, own[0])
        needs = ("torchvision",) if cutter == "sam2" else ()
        besides = None
    card = boxes.card
    name = f"{card.name}+{cutter}"
    both = replace(
        card,
        name=name,
        kind="masks",
        about=f"{card.name}, its boxes cut out by {cutter}: parts without what is around them",
        licence=card.licence
        if card.licence == catalogue.SAM_LICENCE
        else f"{card.licence} (boxes), {catalogue.SAM_LICENCE} (masks)",
        weights="; ".join([card.weights, *map(str, own)]),
    )
    repositories = (boxes.repository, *own)
    return (
        both,
        partial(loaders.refined, both, load, cut),
        partial(_why_not, name, (*_LIBRARY, *packages, *needs), repositories, besides),
        partial(_pull, name, repositories),
    )


ROWS: tuple[Row, ...] = (
    *(_row(published, load, *packages) for published, load, packages in _BOXES),
    _row(catalogue.CLIPSEG, partial(loaders.clipseg, catalogue.CLIPSEG)),
    _row(catalogue.CLIP, partial(loaders.patches, catalogue.CLIP, "clip")),
    _row(catalogue.SIGLIP, partial(loaders.patches, catalogue.SIGLIP, "siglip")),
    _row(catalogue.SAM3, partial(loaders.sam3, catalogue.SAM3), "torchvision"),
    *(_cut(*row, cutter) for cutter in ("sam", "sam2") for row in _BOXES),
    # To compare with: its weights have to be converted first.
    _cut(*_BOXES[0], "segment-anything"),
)
