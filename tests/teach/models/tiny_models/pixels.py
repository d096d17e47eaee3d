"""CLIPSeg, CLIP and SigLIP."""

from __future__ import annotations

from pathlib import Path

import transformers as hub

from .making import clip_text, clip_tokeniser, clip_vision, random_model, saved


def clipseg(folder: Path) -> Path:
    config = hub.CLIPSegConfig(
        text_config=clip_text(),
        vision_config=clip_vision(),
        projection_dim=32,
        extract_layers=[1, 2, 3],
        reduce_dim=16,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )
    model = random_model(hub.CLIPSegForImageSegmentation, config)
    image = hub.ViTImageProcessorPil(size={"height": 64, "width": 64})
    whole = hub.CLIPSegProcessor(image, clip_tokeniser())
    return saved(folder, model, whole)


def clip(folder: Path) -> Path:
    config = hub.CLIPConfig(
        text_config=clip_text(projection_dim=24),
        vision_config=clip_vision(projection_dim=24),
        projection_dim=24,
    )
    model = random_model(hub.CLIPModel, config)
    image = hub.CLIPImageProcessorPil()
    whole = hub.CLIPProcessor(image, clip_tokeniser())
    return saved(folder, model, whole)


def siglip(folder: Path) -> Path:
    """SigLIP 2 as it is published: SigLIP's model with Gemma's tokeniser."""
    letters = "abcdefghijklmnopqrstuvwxyz▁"
    words = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *letters]
    tokeniser = hub.GemmaTokenizer(
        vocab={word: k for k, word in enumerate(words)},
        merges=[],
        padding_side="right",
        add_bos_token=False,
        add_eos_token=True,
    )
    text = clip_text(vocab_size=len(tokeniser), pad_token_id=0, eos_token_id=1, bos_token_id=2)
    config = hub.SiglipConfig(
        text_config=text | {"max_position_embeddings": 64, "projection_size": 32},
        vision_config=clip_vision(),
    )
    model = random_model(hub.SiglipModel, config)
    image = hub.SiglipImageProcessorPil(size={"height": 64, "width": 64})
    whole = hub.SiglipProcessor(image, tokeniser)
    return saved(folder, model, whole)
