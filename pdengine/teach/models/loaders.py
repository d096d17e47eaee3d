"""Teachers from published models: options in, a teacher out.  The libraries are imported here."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from pdengine.errors import ConfigError
from pdengine.teach.card import TeacherCard
from pdengine.teach.models.boxes import BoxSettings, BoxTeacher
from pdengine.teach.models.catalogue import Published
from pdengine.teach.models.dense import DenseSettings, PixelTeacher
from pdengine.teach.models.loading import HALF
from pdengine.teach.models.phrasing import Phrasing, make_phrasing
from pdengine.teach.models.refine import Cutter, MaskTeacher
from pdengine.teach.models.weights import CUTTER_PATH, Repository, find_weights
from pdengine.teach.protocol import Teacher

# Nothing here fetches weights, offline or not: that is what pull is for.
_Path = str | Path | None


Model = TypeVar("Model")
Made = TypeVar("Made")
Settings = TypeVar("Settings")


def _folder(published: Published, path: _Path) -> Path:
    return find_weights(published.card.name, published.repository, path)


def _made(
    teacher: Callable[[TeacherCard, Model, Phrasing, Settings], Made],
    published: Published,
    model: Callable[[str, Path], Model],
    path: _Path,
    phrasing: Phrasing,
    settings: Settings,
) -> Made:
    """A teacher of a model that is made from a name and the folder of its weights."""
    card = published.card
    return teacher(card, model(card.name, _folder(published, path)), phrasing, settings)


def grounding_dino(
    published: Published,
    *,
    offline: bool = False,
    path: _Path = None,
    phrases: _Path = None,
    threshold: float = 0.25,
    overlap: float = 0.5,
    combine: str = "max",
    batch: int = 4,
    precision: str = HALF,
) -> BoxTeacher:
    """Grounding DINO, tiny or base.

    Args:
        published: which.
        offline: as for every teacher.
        path: a folder with the weights; None looks in the cache of the hub.
        phrases: a JSON file with phrases per part; None uses the templates.
        threshold: boxes that score less are dropped.
        overlap: see BoxSettings.
        combine: see BoxSettings.
        batch: see BoxSettings.
        precision: on a GPU, see loading.asked.
    """
    from pdengine.teach.models.grounding_dino import TEMPLATES, GroundingDino

    settings = BoxSettings(threshold, overlap, combine, batch)
    phrasing = make_phrasing(TEMPLATES, phrases, combine)
    model = partial(GroundingDino, precision=precision)
    return _made(BoxTeacher, published, model, path, phrasing, settings)


def owl(
    published: Published,
    kind: str,
    *,
    offline: bool = False,
    path: _Path = None,
    phrases: _Path = None,
    threshold: float = 0.1,
    overlap: float = 0.5,
    combine: str = "max",
    batch: int = 4,
    precision: str = HALF,
) -> BoxTeacher:
    """OWL-ViT or OWLv2; options as for grounding_dino."""
    from pdengine.teach.models.owl import TEMPLATES, Owl

    settings = BoxSettings(threshold, overlap, combine, batch)
    phrasing = make_phrasing(TEMPLATES, phrases, combine)
    model = partial(Owl, kind=kind, precision=precision)
    return _made(BoxTeacher, published, model, path, phrasing, settings)


def clipseg(
    published: Published,
    *,
    offline: bool = False,
    path: _Path = None,
    phrases: _Path = None,
    combine: str = "max",
    none: float = 0.0,
    batch: int = 4,
    precision: str = HALF,
) -> PixelTeacher:
    """CLIPSeg.

    Args:
        published: which.
        offline: as for every teacher.
        path: a folder with the weights; None looks in the cache of the hub.
        phrases: a JSON file with phrases per part; None uses the templates.
        combine: "max" or "mean" over the phrases of a part.
        none: the log-odds of "none of them"; lower finds more.
        batch: views at once.
        precision: on a GPU, see loading.asked.
    """
    from pdengine.teach.models.clipseg import TEMPLATES, ClipSeg

    model = partial(ClipSeg, combine=combine, none=none, precision=precision)
    phrasing = make_phrasing(TEMPLATES, phrases, combine)
    settings = DenseSettings(batch=batch)
    return _made(PixelTeacher, published, model, path, phrasing, settings)


def patches(
    published: Published,
    kind: str,
    *,
    offline: bool = False,
    path: _Path = None,
    phrases: _Path = None,
    look: str = "colour",
    side: int = 448,
    batch: int = 4,
    precision: str = HALF,
) -> PixelTeacher:
    """CLIP or SigLIP, patch by patch.

    Args:
        published: which.
        kind: "clip" or "siglip".
        offline: as for every teacher.
        path: a folder with the weights; None looks in the cache of the hub.
        phrases: a JSON file with phrases per part; None uses the templates.
        look: "colour", or "depth" to show depth as brightness (PointCLIP V2).
        side: height and width that views are squashed to, in pixels: more is finer and slower.
        batch: views at once.
        precision: on a GPU, see loading.asked.
    """
    from pdengine.teach.models.clip_dense import TEMPLATES, PatchText

    settings = DenseSettings(look, batch)
    phrasing = make_phrasing(TEMPLATES[look], phrases)
    model = partial(PatchText, kind=kind, side=side, precision=precision)
    return _made(PixelTeacher, published, model, path, phrasing, settings)


def refined(
    card: TeacherCard,
    find: Callable[..., Teacher],
    cutter: Callable[[str, _Path, str], Cutter],
    *,
    offline: bool = False,
    cutter_path: _Path = None,
    precision: str = HALF,
    **options: Any,
) -> MaskTeacher:
    """A box teacher whose boxes are cut out.

    Args:
        card: of the two together.
        find: makes the box teacher.
        cutter: makes what cuts, from a name for messages, the path and the precision.
        offline: as for every teacher.
        cutter_path: a folder with the cutter's weights; None looks in the cache of the hub.
        precision: of both, on a GPU, see loading.asked.
        options: of the box teacher; its path is that of its own weights.

    Raises:
        ConfigError: the box teacher has no such option.
    """
    try:
        inspect.signature(find).bind(offline=offline, precision=precision, **options)
    except TypeError as error:
        raise ConfigError(f"teacher {card.name}: {error}") from None
    cut = cutter(
        card.name, cutter_path, precision
    )  # first: it may lack a package that only it needs
    return MaskTeacher(card, find(offline=offline, precision=precision, **options), cut)


def sam(kind: str, repository: Repository, name: str, path: _Path, precision: str = HALF) -> Cutter:
    """SAM ("sam") or SAM 2 ("sam2") of transformers."""
    from pdengine.teach.models.sam import Sam

    return Sam(name, find_weights(name, repository, path, CUTTER_PATH), kind, precision)


def segment_anything(name: str, path: _Path, precision: str = HALF) -> Cutter:
    """SAM of the package segment-anything."""
    from pdengine.teach.models.segment_anything import SegmentAnything, find_file

    return SegmentAnything(name, find_file(name, path), precision)


def florence(
    published: Published,
    *,
    offline: bool = False,
    path: _Path = None,
    phrases: _Path = None,
    score: float = 0.5,
    overlap: float = 0.5,
    batch: int = 4,
    precision: str = HALF,
) -> BoxTeacher:
    """Florence-2, which says no score: every box carries `score`; else as for grounding_dino."""
    from pdengine.teach.models.florence import TEMPLATES, Florence

    settings = BoxSettings(threshold=score, overlap=overlap, batch=batch)
    phrasing = make_phrasing(TEMPLATES, phrases)
    model = partial(Florence, score=score, precision=precision)
    return _made(BoxTeacher, published, model, path, phrasing, settings)


def sam3(
    published: Published,
    *,
    offline: bool = False,
    path: _Path = None,
    phrases: _Path = None,
    threshold: float = 0.3,
    overlap: float = 0.5,
    batch: int = 1,
    precision: str = HALF,
) -> Teacher:
    """SAM 3 by text; options as for grounding_dino."""
    from pdengine.teach.models.sam3 import TEMPLATES, Sam3

    settings = BoxSettings(threshold, overlap, batch=batch)
    phrasing = make_phrasing(TEMPLATES, phrases)
    return Sam3(published.card, _folder(published, path), phrasing, settings, precision)
