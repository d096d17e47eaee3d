"""What one view costs with each published teacher: true sizes, random weights.

    python bench/teachers.py [--names clipseg,owlvit-base] [--threads 1]

A picture of 224 x 224 pixels and four parts of a chair, through the adapter: picture in, detections
out.  The weights are random, which costs the same; the tokeniser is a stand-in, which costs
microseconds.  Seconds of processor time of the quicker of two runs after one to warm up: on one
thread that is the time it takes on an idle machine, and it means something on a busy one too.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable
from typing import Any

import torch
import transformers as hub
from PIL import Image

from pdengine.teach.models.clip_dense import PatchText, _clip_patches, _siglip_patches
from pdengine.teach.models.clipseg import ClipSeg
from pdengine.teach.models.grounding_dino import GroundingDino
from pdengine.teach.models.owl import Owl
from pdengine.teach.models.phrasing import Phrasing
from pdengine.teach.models.sam import Sam
from pdengine.types import PartList

PARTS = PartList(("back", "seat", "leg", "armrest"), "chair")
CPU = torch.device("cpu")


class Words:
    """A stand-in for a tokeniser: one token per word, with BERT's dots, and any numbers."""

    def __call__(self, text: Any, max_length: int | None = None, **options: Any) -> Any:
        if isinstance(text, str):
            spans = [m.span() for m in re.finditer(r"\w+|[.]", text)]
            ids = [101, *(1012 if text[a] == "." else 2000 for a, _ in spans), 102]
            return {"input_ids": ids, "offset_mapping": [(0, 0), *spans, (0, 0)]}
        rows = [self(one)["input_ids"] for one in text]
        length = max_length or max(map(len, rows))
        padded = [row + [102] * (length - len(row)) for row in rows]
        ids = torch.tensor(padded)
        mask = torch.ones_like(ids)
        return hub.BatchEncoding({"input_ids": ids, "attention_mask": mask})


def adapter(kind: type, model: Any, image: Any, **more: Any) -> Any:
    """An adapter around a model that was never saved."""
    made = object.__new__(kind)
    made.__dict__.update(_name="bench", _model=model.eval(), _image=image, _tokeniser=Words())
    made.__dict__.update(more)
    return made


def grounding_dino() -> Any:
    model = hub.GroundingDinoForObjectDetection(hub.GroundingDinoConfig())
    return adapter(GroundingDino, model, hub.GroundingDinoImageProcessorPil())


def owlvit() -> Any:
    model = hub.OwlViTForObjectDetection(hub.OwlViTConfig())
    return adapter(Owl, model, hub.OwlViTImageProcessorPil(), _kind="owlvit")


def owlv2() -> Any:
    config = hub.Owlv2Config(vision_config={"image_size": 960})
    model = hub.Owlv2ForObjectDetection(config)
    return adapter(Owl, model, hub.Owlv2ImageProcessorPil(), _kind="owlv2")


def clipseg() -> Any:
    config = hub.CLIPSegConfig(
        vision_config={"patch_size": 16}, use_complex_transposed_convolution=True
    )
    image = hub.ViTImageProcessorPil(size={"height": 352, "width": 352})
    model = hub.CLIPSegForImageSegmentation(config)
    return adapter(ClipSeg, model, image, _combine="max", _none=0.0)


def clip() -> Any:
    model = hub.CLIPModel(hub.CLIPConfig(vision_config={"patch_size": 16}))
    grid = {"_side": 448, "_grid": 28, "_embed": _clip_patches}
    return adapter(PatchText, model, hub.CLIPImageProcessorPil(), **grid)


def siglip() -> Any:
    model = hub.SiglipModel(
        hub.SiglipConfig(text_config={"vocab_size": 32_000, "bos_token_id": 0, "eos_token_id": 1})
    )
    grid = {"_side": 448, "_grid": 28, "_embed": _siglip_patches}
    return adapter(PatchText, model, hub.SiglipImageProcessorPil(), **grid)


class Cut:
    """SAM with four boxes, called as a detector is."""

    def __init__(self) -> None:
        processor = hub.SamProcessor(hub.SamImageProcessorPil())
        made = adapter(Sam, hub.SamModel(hub.SamConfig()), None, _kind="sam", _processor=processor)
        self.sam = made

    def __call__(self, images: list[Image.Image], asked: object, device: torch.device) -> Any:
        box = torch.tensor([[20.0, 20, 200, 100], [20, 90, 200, 130], [20, 120, 60, 220]])
        return self.sam(images[0], torch.cat([box, box[:1] + 5]), device)


MODELS: dict[str, tuple[Callable[[], Any], str]] = {
    "owlvit-base": (owlvit, "768 x 768"),
    "clipseg": (clipseg, "352 x 352"),
    "clip-dense": (clip, "448 x 448"),
    "siglip-dense": (siglip, "448 x 448"),
    "grounding-dino-tiny": (grounding_dino, "800 x 800"),
    "owlv2-base": (owlv2, "960 x 960"),
    "+sam": (Cut, "1024 x 1024"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--names", default=",".join(MODELS))
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    asked = Phrasing(("{part}",)).ask(PARTS)
    dice = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 255, (224, 224, 3), generator=dice, dtype=torch.uint8)
    picture = Image.fromarray(pixels.numpy())
    print("| teacher | input, pixels | parameters | processor seconds a view |")
    print("|---|---|---:|---:|")
    for name in options.names.split(","):
        make, size = MODELS[name]
        torch.manual_seed(0)
        model = make()
        count = sum(p.numel() for p in getattr(model, "sam", model)._model.parameters())
        seconds = []
        for _ in range(3):
            start = time.process_time()
            model([picture], asked, CPU)
            seconds.append(time.process_time() - start)
        print(f"| {name} | {size} | {count / 1e6:.0f} M | {min(seconds[1:]):.2f} |", flush=True)
        del model


if __name__ == "__main__":
    main()
