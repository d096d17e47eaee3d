"""A teacher's answer as a small file of tensors, bit for bit.

One line of JSON (format, decoded bytes, their sha256), then safetensors bytes, deflated.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from pdengine.io import replace_file
from pdengine.teach.proposing import Proposal
from pdengine.types import Boxes, Detections, Masks, PartList, PixelScores, Views

_MAGIC = "pdengine answer 1"
_MOST_BYTES = 4 << 30  # 1,000 views of 512 px with 4 parts
_LONGEST_HEADER = 1000


class DamagedAnswer(Exception):  # noqa: N818, it is no error of the caller's: the answer is had anew
    """A file is not what write_answer wrote."""


def write_answer(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write the file, whole or not at all.

    Raises:
        SaveError: it cannot be written.
    """
    plain = save({name: tensor.cpu().contiguous() for name, tensor in tensors.items()})
    header = {"format": _MAGIC, "bytes": len(plain), "sha256": hashlib.sha256(plain).hexdigest()}
    # Level 6 would save 1.4 % of the embedded teacher's scores, in 1.3 times the time.
    replace_file(path, [json.dumps(header).encode() + b"\n", zlib.compress(plain, 1)])


def read_answer(path: Path) -> dict[str, Tensor] | None:
    """The tensors of a file, or None where there is none.

    Raises:
        DamagedAnswer: it is not whole, or not of this format.
    """
    try:
        with open(path, "rb") as file:
            header = json.loads(file.readline(_LONGEST_HEADER))
            if header["format"] != _MAGIC or not 0 <= header["bytes"] <= _MOST_BYTES:
                raise DamagedAnswer(f"its header says {header}")
            stored = file.read(_MOST_BYTES)
        # Never more than the header allows, whatever the bytes would decode to.
        plain = zlib.decompressobj().decompress(stored, header["bytes"] + 1)
        if hashlib.sha256(plain).hexdigest() != header["sha256"]:
            raise DamagedAnswer("its digest is another one")
        return load(plain)
    except FileNotFoundError:
        return None
    except (
        *(OSError, ValueError, KeyError, TypeError, RecursionError),
        *(zlib.error, SafetensorError),
    ) as error:
        raise DamagedAnswer(" ".join(str(error).split())[:200]) from error


def pack_detections(answer: Detections, views: Views) -> dict[str, Tensor]:
    """Boxes as they are, masks as bits, scores without the pixels that show nothing."""
    if isinstance(answer, PixelScores):
        return _pack_scores(answer.score.detach().cpu(), views.index.cpu() >= 0)
    rows = {name: getattr(answer, name).detach() for name in ("view", "label", "score")}
    if isinstance(answer, Boxes):
        return {"box": answer.box.detach(), **rows}
    bits = torch.from_numpy(np.packbits(answer.mask.cpu().numpy()))
    return {"mask": bits, "shape": torch.tensor(answer.mask.shape), **rows}


def unpack_detections(packed: dict[str, Tensor], views: Views) -> Detections:
    """What pack_detections packed, on the views' device.

    Raises:
        DamagedAnswer: it is something else.
    """
    device = views.depth.device
    try:
        if "planes" in packed:
            return PixelScores(_unpack_scores(packed, views.index.cpu() >= 0).to(device))
        rows = {name: packed[name].to(device) for name in ("view", "label", "score")}
        if "box" in packed:
            return Boxes(packed["box"].to(device), **rows)
        shape = packed["shape"].tolist()
        count = int(np.prod(shape, dtype=np.int64))
        bits = np.unpackbits(packed["mask"].numpy(), count=count)
        mask = torch.from_numpy(bits.astype(np.bool_)).reshape(shape)
        return Masks(mask.to(device), **rows)
    except (KeyError, TypeError, ValueError, RuntimeError, IndexError) as error:
        raise DamagedAnswer(" ".join(str(error).split())[:200]) from error


def _pack_scores(score: Tensor, covered: Tensor) -> dict[str, Tensor]:
    """Scores [V, R, H, W]; only those of covered pixels [V, H, W] where the others are +0."""
    by_pixel = score.movedim(1, -1)  # [V, H, W, R]
    outside = by_pixel[~covered]
    some = not bool((outside != 0).any() | outside.signbit().any())
    values = (by_pixel[covered].T if some else score).contiguous()
    return {
        # First bytes of all numbers, then the second ones, ...: neighbours share the first.  It
        # saves 17 % and half of the time.
        "planes": values.view(torch.uint8).reshape(-1, values.element_size()).T,
        "type": torch.zeros(0, dtype=values.dtype),
        "shape": torch.tensor(values.shape),
        "covered": torch.tensor(some),
    }


def _unpack_scores(packed: dict[str, Tensor], covered: Tensor) -> Tensor:
    planes, dtype = packed["planes"], packed["type"].dtype
    values = planes.T.contiguous().view(dtype).reshape(packed["shape"].tolist())
    if not bool(packed["covered"]):
        return values
    score = torch.zeros(*covered.shape, len(values), dtype=dtype)
    score[covered] = values.T
    return score.movedim(-1, 1).contiguous()


def pack_direction(answer: Tensor) -> dict[str, Tensor]:
    """One tensor as it is."""
    return {"up": answer.detach()}


def unpack_direction(packed: dict[str, Tensor], views: Views) -> Tensor:
    """What pack_direction packed, on the views' device.

    Raises:
        DamagedAnswer: it is something else.
    """
    if "up" not in packed:
        raise DamagedAnswer("it holds no direction")
    return packed["up"].to(views.depth.device)


def pack_proposals(answer: Sequence[Proposal]) -> dict[str, Tensor]:
    """Names and exact probabilities, as JSON in bytes."""
    said = [
        [p.category, float(p.probability), list(p.parts.names), p.parts.category] for p in answer
    ]
    return {"json": torch.from_numpy(np.frombuffer(json.dumps(said).encode(), np.uint8).copy())}


def unpack_proposals(packed: dict[str, Tensor]) -> tuple[Proposal, ...]:
    """What pack_proposals packed.

    Raises:
        DamagedAnswer: it is something else.
    """
    try:
        said = json.loads(packed["json"].numpy().tobytes())
        return tuple(
            Proposal(category, chance, PartList(tuple(names), own))
            for category, chance, names, own in said
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DamagedAnswer(" ".join(str(error).split())[:200]) from error
