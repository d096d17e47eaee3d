"""What one view costs with each published teacher: true sizes, random weights.

    python bench/teachers.py [--names clipseg,owlvit-base] [--threads 1] [--runs 3]

A picture of 224 x 224 pixels and four parts of a chair, through the adapter: picture in, detections
out.  The weights are random, which costs the same; the tokeniser is a stand-in, which costs
microseconds.  Florence-2 writes 24 words for each phrase, as many as four boxes take.  Seconds of
processor time of the quickest run but the first, which warms up: on one thread that is the time it
takes on an idle machine, and it means something on a busy one too.  --runs 1 only shows that a
model works.  Memory is the most that the process has held.  Each model has a process of its own.

The sizes are those of the published files: 4 bytes per parameter are their length, but for +sam2's,
which also holds what follows things through a video.  +sam2 and sam3 need torchvision, see
docs/models.md.
"""

from __future__ import annotations

import argparse
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import torch
from PIL import Image

from pdengine.teach.models.boxes import BoxSettings
from pdengine.teach.models.clip_dense import PatchText, _clip_patches, _siglip_patches
from pdengine.teach.models.clipseg import ClipSeg
from pdengine.teach.models.florence import Florence
from pdengine.teach.models.grounding_dino import GroundingDino
from pdengine.teach.models.loading import library
from pdengine.teach.models.owl import Owl
from pdengine.teach.models.phrasing import Phrasing
from pdengine.teach.models.sam import Sam
from pdengine.teach.models.sam3 import Sam3
from pdengine.types import PartList

hub = library("bench")  # transformers, as the teachers import it
PARTS = PartList(("back", "seat", "leg", "armrest"), "chair")
CPU = torch.device("cpu")
SIDE = 224  # pixels of a view
WORDS = 24  # that Florence-2 writes for a phrase


class Words:
    """A stand-in for a tokeniser: one token per word, with BERT's dots, and any numbers."""

    unk_token_id = 100

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


def grounding_dino(**backbone: Any) -> Any:
    config = hub.GroundingDinoConfig()
    if backbone:
        swin = hub.SwinConfig(**backbone, out_indices=[2, 3, 4])
        config = hub.GroundingDinoConfig(backbone_config=swin)
    model = hub.GroundingDinoForObjectDetection(config)
    return adapter(GroundingDino, model, hub.GroundingDinoImageProcessorPil())


def grounding_dino_base() -> Any:
    depths, heads = [2, 2, 18, 2], [4, 8, 16, 32]
    return grounding_dino(
        embed_dim=128, depths=depths, num_heads=heads, window_size=12, image_size=384
    )


def owlvit() -> Any:
    model = hub.OwlViTForObjectDetection(hub.OwlViTConfig())
    return adapter(Owl, model, hub.OwlViTImageProcessorPil(), _kind="owlvit")


def owlv2(side: int = 960, text: Any = None, **vision: Any) -> Any:
    sizes = {"text_config": text, "projection_dim": 768} if text else {}
    config = hub.Owlv2Config(vision_config={"image_size": side, **vision}, **sizes)
    image = hub.Owlv2ImageProcessorPil(size={"height": side, "width": side})
    return adapter(Owl, hub.Owlv2ForObjectDetection(config), image, _kind="owlv2")


def owlv2_large() -> Any:
    def wide(size: int, layers: int) -> dict[str, int]:
        return {
            "hidden_size": size,
            "intermediate_size": 4 * size,
            "num_hidden_layers": layers,
            "num_attention_heads": size // 64,
        }

    return owlv2(1008, wide(768, 12), patch_size=14, **wide(1024, 24))


def clipseg() -> Any:
    config = hub.CLIPSegConfig(
        vision_config={"patch_size": 16}, use_complex_transposed_convolution=True
    )
    image = hub.ViTImageProcessorPil(size={"height": 352, "width": 352})
    model = hub.CLIPSegForImageSegmentation(config)
    return adapter(ClipSeg, model, image, _combine="max", _none=0.0)


def clip() -> Any:
    model = hub.CLIPModel(hub.CLIPConfig(vision_config={"patch_size": 16}))
    grid = {"_side": 448, "_grid": 28, "_kind": "clip", "_embed": _clip_patches}
    return adapter(PatchText, model, hub.CLIPImageProcessorPil(), **grid)


def siglip() -> Any:
    model = hub.SiglipModel(
        hub.SiglipConfig(text_config={"vocab_size": 32_000, "bos_token_id": 0, "eos_token_id": 1})
    )
    grid = {"_side": 448, "_grid": 28, "_kind": "siglip", "_embed": _siglip_patches}
    return adapter(PatchText, model, hub.SiglipImageProcessorPil(), **grid)


def florence() -> Any:
    words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<image>", "Ġ", *map(chr, range(33, 127))]
    tokeniser = hub.BartTokenizer(
        vocab={word: k for k, word in enumerate(words)},
        merges=[],
        extra_special_tokens={"image_token": "<image>"},
    )
    both = {f"{half}_layers": 6 for half in ("encoder", "decoder")}
    both |= {f"{half}_ffn_dim": 3072 for half in ("encoder", "decoder")}
    both |= {f"{half}_attention_heads": 12 for half in ("encoder", "decoder")}
    config = hub.Florence2Config(
        vision_config={"projection_dim": 768},
        text_config=hub.BartConfig(vocab_size=51_289, d_model=768, **both),
        image_token_id=tokeniser.convert_tokens_to_ids("<image>"),
    )
    model = hub.Florence2ForConditionalGeneration(config)
    model.generation_config.min_new_tokens = WORDS
    made = adapter(Florence, model, None, _score=0.5, _longest=WORDS)
    image = hub.CLIPImageProcessorPil(size={"height": 768, "width": 768}, do_center_crop=False)
    image.image_seq_length = made._image_words(768, 768)
    said = {"description_with_bboxes_or_polygons": {}}
    made._processor = hub.Florence2Processor(image, tokeniser, post_processor_config=said)
    return made


class Concepts:
    """SAM 3, called as a detector is."""

    def __init__(self) -> None:
        settings = BoxSettings(0.3, batch=1)  # the default of --teacher sam3
        model, image = hub.Sam3Model(hub.Sam3Config()), hub.Sam3ImageProcessor()
        self.held = adapter(Sam3, model, image, name="bench", _settings=settings)

    def __call__(self, images: list[Image.Image], asked: Any, device: torch.device) -> Any:
        views = SimpleNamespace(images=torch.empty(0, device=device), size=(SIDE, SIDE))
        return self.held._see(images, asked, self.held._tokens(asked), views)


class Cut:
    """SAM or SAM 2 with four boxes, called as a detector is."""

    def __init__(self, kind: str, model: Any, processor: Any) -> None:
        self.held = adapter(Sam, model, None, _kind=kind, _processor=processor)

    def __call__(self, images: list[Image.Image], asked: object, device: torch.device) -> Any:
        box = torch.tensor([[20.0, 20, 200, 100], [20, 90, 200, 130], [20, 120, 60, 220]])
        return self.held(images[0], torch.cat([box, box[:1] + 5]), device)


def sam() -> Cut:
    processor = hub.SamProcessor(hub.SamImageProcessorPil())
    return Cut("sam", hub.SamModel(hub.SamConfig()), processor)


def sam2() -> Cut:
    small = hub.Sam2HieraDetConfig(
        blocks_per_stage=[1, 2, 11, 2], global_attention_blocks=[7, 10, 13]
    )
    config = hub.Sam2Config(vision_config=hub.Sam2VisionConfig(backbone_config=small))
    return Cut("sam2", hub.Sam2Model(config), hub.Sam2Processor(hub.Sam2ImageProcessor()))


MODELS: dict[str, tuple[Callable[[], Any], str]] = {
    "owlvit-base": (owlvit, "768 x 768"),
    "clipseg": (clipseg, "352 x 352"),
    "clip-dense": (clip, "448 x 448"),
    "siglip-dense": (siglip, "448 x 448"),
    "grounding-dino-tiny": (grounding_dino, "800 x 800"),
    "grounding-dino-base": (grounding_dino_base, "800 x 800"),
    "owlv2-base": (owlv2, "960 x 960"),
    "owlv2-large": (owlv2_large, "1008 x 1008"),
    "florence-2-base": (florence, "768 x 768"),
    "+sam": (sam, "1024 x 1024"),
    "+sam2": (sam2, "1024 x 1024"),
    "sam3": (Concepts, "1008 x 1008"),
}


def measured(name: str, runs: int) -> str:
    """A row of the table."""
    make, size = MODELS[name]
    asked = Phrasing(("{part}",)).ask(PARTS)
    dice = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 255, (SIDE, SIDE, 3), generator=dice, dtype=torch.uint8)
    torch.manual_seed(0)
    model = make()
    count = sum(p.numel() for p in getattr(model, "held", model)._model.parameters())
    seconds = []
    for _ in range(runs):
        start = time.process_time()
        model([Image.fromarray(pixels.numpy())], asked, CPU)
        seconds.append(time.process_time() - start)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # kB on Linux
    said = f"{min(seconds[1:]):.2f}" if runs > 1 else "works"
    return f"| {name} | {size} | {count / 1e6:.1f} M | {memory:.1f} GB | {said} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--names", default=",".join(MODELS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--row", choices=MODELS, help="only this row, in this process")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.row:
        print(measured(options.row, options.runs), flush=True)
        return
    print("| teacher | input, pixels | parameters | memory | processor seconds a view |")
    print("|---|---|---:|---:|---:|", flush=True)
    same = ["--threads", str(options.threads), "--runs", str(options.runs)]
    for name in options.names.split(","):
        subprocess.run([sys.executable, __file__, "--row", name, *same], check=True)


if __name__ == "__main__":
    main()
