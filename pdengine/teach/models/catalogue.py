"""The published models that can be teachers: what they are, where their weights are, their terms.

No library is imported here, so that they can be listed without one.
"""

from __future__ import annotations

from dataclasses import dataclass

from pdengine.teach.card import TeacherCard
from pdengine.teach.models.weights import Repository

# Each repository is pinned to a commit, whose files can no longer change.  The commits are those
# that the hub's own pages and files of public projects name; every one is known to hold
# safetensors, see the comment beside it.  None was fetched where this was written.
#
# Licences are those that the hub's page declares and, where it declares none, of the authors'
# repository.  "yes" for trains_others: Apache-2.0 and MIT ask nothing of what a model answers.


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
    # The hub's tree page of this commit lists model.safetensors, 689 MB; its page says apache-2.0.
    Repository("IDEA-Research/grounding-dino-tiny", "a2bb814dd30d776dcf7e30523b00659f4f141c71"),
)
GROUNDING_DINO_BASE = _published(
    "grounding-dino-base",
    "boxes",
    "as grounding-dino-tiny, with a larger image tower",
    "Apache-2.0",
    # model.safetensors, SHA-256 5548f844..., is named with this commit by several projects.
    Repository("IDEA-Research/grounding-dino-base", "12bdfa3120f3e7ec7b434d90674b3396eccf88eb"),
)
OWLV2_BASE = _published(
    "owlv2-base",
    "boxes",
    "boxes for a sentence per part; a further name costs next to nothing",
    "Apache-2.0",
    # model.safetensors, 619,918,824 bytes, SHA-256 e1e130b9...; the hub's page says apache-2.0.
    Repository("google/owlv2-base-patch16-ensemble", "cfd3195ba4ea9592eec887ded089f4c08eff231d"),
)
OWLV2_LARGE = _published(
    "owlv2-large",
    "boxes",
    "as owlv2-base, with a larger image tower",
    "Apache-2.0",
    # The hub's tree page of main, then this commit, lists model.safetensors, 1.75 GB; apache-2.0.
    Repository("google/owlv2-large-patch14-ensemble", "95e26936e865f87db1742128404b3c035d47d89d"),
)
OWLVIT_BASE = _published(
    "owlvit-base",
    "boxes",
    "as owlv2-base, with coarse patches: the quickest detector on a CPU",
    "Apache-2.0",
    # The hub's tree page of this commit lists model.safetensors, 613 MB; apache-2.0.
    Repository("google/owlvit-base-patch32", "cbc355fb364588351c5d51c7f74465e8e7ec6f72"),
)
CLIPSEG = _published(
    "clipseg",
    "pixels",
    "a heat map per phrase; quick on a CPU",
    "Apache-2.0",
    # model.safetensors, 603 MB.  The hub's page, by the authors' institute, says apache-2.0; the
    # MIT licence of their code says that it does not apply to the weights.
    Repository("CIDAS/clipseg-rd64-refined", "999e0328d9e10b484360c477313983f9afdd7050"),
)
CLIP = _published(
    "clip-dense",
    "pixels",
    "what every patch resembles, by CLIP alone; coarse",
    "MIT",
    # main (57c21647...) holds pickles alone.  This is the hub's own conversion of it, which waits
    # as a pull request (refs/pr/17).  The hub's page declares no licence: MIT is openai/CLIP's.
    Repository("openai/clip-vit-base-patch16", "5ef227a78de3f75873f373246dac80def63b0003"),
    limits="its model card puts every deployed use out of scope, surveillance above all",
)
SIGLIP = _published(
    "siglip-dense",
    "pixels",
    "as clip-dense, by SigLIP 2",
    "Apache-2.0",
    # model.safetensors is named with this commit by several projects; the hub says apache-2.0.
    Repository("google/siglip2-base-patch16-224", "75de2d55ec2d0b4efc50b3e9ad70dba96a7b2fa2"),
)
FLORENCE = _published(
    "florence-2-base",
    "boxes",
    "boxes for a phrase by a small language model; says no score",
    "MIT",
    # model.safetensors, 463,178,864 bytes, SHA-256 62f3e696...: Microsoft's weights, MIT, in the
    # form that transformers reads without code of the repository.
    Repository("florence-community/Florence-2-base", "00921df66db728a9ceb750f5eca43e5c203a2051"),
)
SAM3 = _published(
    "sam3",
    "masks",
    "a mask for every instance of a phrase",
    "SAM License",
    # model.safetensors lies beside sam3.pt.  Access is granted by hand, and sometimes refused.
    Repository("facebook/sam3", "3c879f39826c281e95690f02c7821c4de09afae7", gated=True),
    # SAM License of 19 November 2025, in facebookresearch/sam3: worldwide, but for 1.b.v.  Of what
    # a model learns from its answers it says nothing.
    limits="not for military, nuclear or espionage uses, weapons, or where trade sanctions forbid",
    trains_others="unclear",
)

# What turns boxes into masks: "NAME+sam" and so on.
# model.safetensors, 374,979,480 bytes; apache-2.0.
SAM = Repository("facebook/sam-vit-base", "70c1a07f894ebb5b307fd9eaaee97b9dfc16068f", words=False)
# "Add Transformers weights": model.safetensors, SHA-256 0a4067b1...; apache-2.0.
SAM2 = Repository(
    "facebook/sam2.1-hiera-small", "ee5bba1d82bb8749febdf90f45e84b687142ba03", words=False
)
SAM_LICENCE = "Apache-2.0"  # of both, and of the package segment-anything
