"""Grounding DINO, OWL-ViT, OWLv2 and Florence-2."""

from __future__ import annotations

from pathlib import Path

import transformers as hub

from .making import (
    bert_tokeniser,
    clip_text,
    clip_tokeniser,
    clip_vision,
    random_model,
    saved,
)


def grounding_dino(folder: Path) -> Path:
    config = hub.GroundingDinoConfig(
        backbone_config=hub.SwinConfig(
            embed_dim=8,
            depths=[1, 1, 1, 1],
            num_heads=[1, 1, 2, 2],
            window_size=4,
            image_size=64,
            out_indices=[2, 3, 4],
        ),
        text_config=hub.BertConfig(
            vocab_size=len(bert_tokeniser()),
            hidden_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=48,
        ),
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_ffn_dim=48,
        decoder_ffn_dim=48,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=12,
        max_text_len=48,
    )
    model = random_model(hub.GroundingDinoForObjectDetection, config)
    size = {"shortest_edge": 96, "longest_edge": 160}
    image = hub.GroundingDinoImageProcessorPil(size=size)
    whole = hub.GroundingDinoProcessor(image, bert_tokeniser())
    return saved(folder, model, whole)


def owl(kind: str, folder: Path) -> Path:
    prefix = {"owlvit": "OwlViT", "owlv2": "Owlv2"}[kind]
    part = {name: getattr(hub, f"{prefix}{name}") for name in ("Config", "Processor")}
    config = part["Config"](text_config=clip_text(), vision_config=clip_vision(), projection_dim=32)
    model = random_model(getattr(hub, f"{prefix}ForObjectDetection"), config)
    image = getattr(hub, f"{prefix}ImageProcessorPil")(size={"height": 64, "width": 64})
    return saved(folder, model, part["Processor"](image, clip_tokeniser()))


def florence(folder: Path) -> Path:
    letters = [chr(k) for k in range(33, 127)] + ["Ġ"]
    words = ["<s>", "<pad>", "</s>", "<unk>", "<mask>", "<image>", *letters]
    words += [f"<loc_{k}>" for k in range(1000)]
    tokeniser = hub.BartTokenizer(
        vocab={word: k for k, word in enumerate(words)},
        merges=[],
        extra_special_tokens={"image_token": "<image>"},
    )
    tokeniser.add_tokens([f"<loc_{k}>" for k in range(1000)], special_tokens=True)
    config = hub.Florence2Config(
        vision_config=hub.Florence2VisionConfig(
            depths=[1, 1, 1, 1],
            embed_dim=[8, 8, 16, 16],
            num_heads=[1, 1, 2, 2],
            num_groups=[1, 1, 2, 2],
            window_size=4,
            projection_dim=16,
            max_temporal_embeddings=4,
            max_position_embeddings=8,
        ),
        text_config=hub.BartConfig(
            vocab_size=len(tokeniser),
            d_model=16,
            encoder_layers=1,
            decoder_layers=1,
            encoder_attention_heads=2,
            decoder_attention_heads=2,
            encoder_ffn_dim=32,
            decoder_ffn_dim=32,
            max_position_embeddings=256,
            bos_token_id=0,
            pad_token_id=1,
            eos_token_id=2,
            decoder_start_token_id=2,
            forced_bos_token_id=None,
            forced_eos_token_id=None,
        ),
        image_token_id=tokeniser.convert_tokens_to_ids("<image>"),
    )
    model = random_model(hub.Florence2ForConditionalGeneration, config)
    image = hub.CLIPImageProcessorPil(
        size={"height": 64, "width": 64}, do_center_crop=False, image_seq_length=5
    )
    whole = hub.Florence2Processor(
        image,
        tokeniser,
        post_processor_config={"description_with_bboxes_or_polygons": {}},
    )
    return saved(folder, model, whole)
