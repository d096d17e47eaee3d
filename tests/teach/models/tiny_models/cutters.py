"""SAM, SAM 2, SAM 3, and the SAM of segment-anything."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch
import transformers as hub
from safetensors.torch import load_file, save_file

from .making import clip_text, clip_tokeniser, random_model, saved


def sam(folder: Path) -> Path:
    config = hub.SamConfig(
        vision_config=hub.SamVisionConfig(
            hidden_size=32,
            output_channels=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=64,
            patch_size=8,
            window_size=4,
            global_attn_indexes=[1],
            num_pos_feats=8,
            mlp_dim=48,
        ),
        prompt_encoder_config=hub.SamPromptEncoderConfig(
            hidden_size=16, image_size=64, patch_size=8, mask_input_channels=4
        ),
        mask_decoder_config=hub.SamMaskDecoderConfig(
            hidden_size=16, mlp_dim=32, num_attention_heads=2, iou_head_hidden_dim=16
        ),
    )
    model = random_model(hub.SamModel, config)
    image = hub.SamImageProcessorPil(
        size={"longest_edge": 64},
        pad_size={"height": 64, "width": 64},
        mask_size={"longest_edge": 16},
        mask_pad_size={"height": 16, "width": 16},
    )
    return saved(folder, model, hub.SamProcessor(image))


def sam2(folder: Path) -> Path:
    config = hub.Sam2Config(
        vision_config=hub.Sam2VisionConfig(
            backbone_config=hub.Sam2HieraDetConfig(
                hidden_size=8,
                num_attention_heads=1,
                image_size=[128, 128],
                blocks_per_stage=[1, 1, 2, 1],
                embed_dim_per_stage=[8, 16, 32, 64],
                num_attention_heads_per_stage=[1, 1, 2, 2],
                window_size_per_stage=[4, 4, 4, 4],
                window_positional_embedding_background_size=[4, 4],
                global_attention_blocks=[3],
            ),
            backbone_channel_list=[64, 32, 16, 8],
            backbone_feature_sizes=[[32, 32], [16, 16], [8, 8]],
            fpn_hidden_size=16,
        ),
        prompt_encoder_config=hub.Sam2PromptEncoderConfig(
            hidden_size=16, image_size=128, patch_size=16, mask_input_channels=4
        ),
        mask_decoder_config=hub.Sam2MaskDecoderConfig(
            hidden_size=16, mlp_dim=32, num_attention_heads=2, iou_head_hidden_dim=16
        ),
    )
    model = random_model(hub.Sam2Model, config)
    image = hub.Sam2ImageProcessor(size={"height": 128, "width": 128})
    return saved(folder, model, hub.Sam2Processor(image))


def sam3(folder: Path) -> Path:
    small = {"hidden_size": 32, "num_attention_heads": 2, "intermediate_size": 48}
    config = hub.Sam3Config(
        vision_config=hub.Sam3VisionConfig(
            backbone_config=hub.Sam3ViTConfig(
                **small,
                num_hidden_layers=2,
                image_size=112,
                pretrain_image_size=56,
                window_size=4,
                global_attn_indexes=[1],
            ),
            fpn_hidden_size=32,
        ),
        text_config=hub.CLIPTextConfig(**clip_text(max_position_embeddings=32, projection_dim=32)),
        geometry_encoder_config=hub.Sam3GeometryEncoderConfig(**small, num_layers=1),
        detr_encoder_config=hub.Sam3DETREncoderConfig(**small, num_layers=1),
        detr_decoder_config=hub.Sam3DETRDecoderConfig(**small, num_layers=2, num_queries=8),
        mask_decoder_config=hub.Sam3MaskDecoderConfig(hidden_size=32, num_attention_heads=2),
    )
    model = random_model(hub.Sam3Model, config)
    image = hub.Sam3ImageProcessor(size={"height": 112, "width": 112})
    whole = hub.Sam3Processor(image, clip_tokeniser(32))
    return saved(folder, model, whole)


def as_video(model: Path, folder: Path, video: Any, config: Any, inside: str) -> Path:
    """Lay a model out as the video model that contains it.

    Args:
        model: folder with the model.
        folder: to be made.
        video: class of the video model, whose names of weights are taken; what is not the model's
            own is no weight.
        config: of the video model.
        inside: what stands before the model's own names.
    """
    shutil.copytree(model, folder)
    with torch.device("meta"):
        names = video(config).state_dict().keys()
    own = load_file(model / "model.safetensors")
    assert {inside + name for name in own} < set(names)
    laid = {name: own.get(name.removeprefix(inside), torch.zeros(1)) for name in names}
    save_file(laid, folder / "model.safetensors", {"format": "pt"})
    config.save_pretrained(folder)
    return folder


def small_sam(seed: int, side: int = 128) -> Any:
    """The model of segment-anything, narrow, with the twelve blocks of the smallest published."""
    from segment_anything import modeling

    grid, width = side // 16, 32
    torch.manual_seed(seed)
    model = modeling.Sam(
        modeling.ImageEncoderViT(
            img_size=side,
            embed_dim=24,
            depth=12,
            num_heads=2,
            out_chans=width,
            use_rel_pos=True,
            window_size=4,
            global_attn_indexes=(11,),
        ),
        modeling.PromptEncoder(width, (grid, grid), (side, side), mask_in_chans=16),
        modeling.MaskDecoder(
            transformer_dim=width,
            transformer=modeling.TwoWayTransformer(2, width, num_heads=2, mlp_dim=48),
        ),
    )
    with torch.no_grad():
        for weight in model.mask_decoder.parameters():
            if weight.ndim > 1:
                weight.copy_(torch.randn(weight.shape) * 0.2)
    return model.eval()
