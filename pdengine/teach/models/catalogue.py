"""The published models that can be teachers: what they are, where their weights are, their terms.

No library is imported here, so that they can be listed without one.
"""

from __future__ import annotations

from dataclasses import dataclass

from pdengine.teach.card import TeacherCard
from pdengine.teach.models.weights import Repository

# No revision is pinned: none has been checked against the hub.  A commit is to be looked up and
# written here, never guessed.
_PAGE = "see the model's page"


@dataclass(frozen=True)
class Published:
    """A model with its card.

    Attributes:
        card: what it is.
        repository: of its weights.
    """

    card: TeacherCard
    repository: Repository


def _published(
    name: str, kind: str, about: str, licence: str, repository: Repository, **card: str
) -> Published:
    said = {"extra": "teach", "weights": str(repository), **card}
    return Published(TeacherCard(name, kind, about, licence, **said), repository)


GROUNDING_DINO_TINY = _published(
    "grounding-dino-tiny",
    "boxes",
    "boxes around what phrases name, all read in one caption",
    "Apache-2.0",
    Repository("IDEA-Research/grounding-dino-tiny"),
)
GROUNDING_DINO_BASE = _published(
    "grounding-dino-base",
    "boxes",
    "as grounding-dino-tiny, with a larger image tower",
    "Apache-2.0",
    Repository("IDEA-Research/grounding-dino-base"),
)
OWLV2_BASE = _published(
    "owlv2-base",
    "boxes",
    "boxes for a sentence per part; a further name costs next to nothing",
    "Apache-2.0",
    Repository("google/owlv2-base-patch16-ensemble"),
)
OWLV2_LARGE = _published(
    "owlv2-large",
    "boxes",
    "as owlv2-base, with a larger image tower",
    "Apache-2.0",
    Repository("google/owlv2-large-patch14-ensemble"),
)
OWLVIT_BASE = _published(
    "owlvit-base",
    "boxes",
    "as owlv2-base, with coarse patches: the quickest detector on a CPU",
    "Apache-2.0",
    Repository("google/owlvit-base-patch32"),
)
CLIPSEG = _published(
    "clipseg",
    "pixels",
    "a heat map per phrase; quick on a CPU",
    _PAGE,
    Repository("CIDAS/clipseg-rd64-refined"),
    trains_others="unclear",
)
CLIP = _published(
    "clip-dense",
    "pixels",
    "what every patch resembles, by CLIP alone; coarse",
    "MIT",
    Repository("openai/clip-vit-base-patch16"),
    limits="its model card advises against deployment without tests of one's own",
)
SIGLIP = _published(
    "siglip-dense",
    "pixels",
    "as clip-dense, by SigLIP 2",
    "Apache-2.0",
    Repository("google/siglip2-base-patch16-224"),
)
FLORENCE = _published(
    "florence-2-base",
    "boxes",
    "boxes for a phrase by a small language model; says no score",
    "MIT",
    Repository("florence-community/Florence-2-base"),
)
SAM3 = _published(
    "sam3",
    "masks",
    "a mask for every instance of a phrase",
    "SAM License",
    Repository("facebook/sam3", gated=True),
    limits="a licence of its own: " + _PAGE,
    trains_others="unclear",
)

# What turns boxes into masks: "NAME+sam" and so on.
SAM = Repository("facebook/sam-vit-base")
SAM2 = Repository("facebook/sam2.1-hiera-small")
SAM_LICENCE = "Apache-2.0"  # of both, and of the package segment-anything
