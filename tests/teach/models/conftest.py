"""Published architectures in miniature: random weights, the real processors, tiny vocabularies.

Each is saved as a download is laid out and read back by the code that reads a download.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest
import torch

transformers = pytest.importorskip("transformers", reason='pip install "pdengine[teach]"')

from safetensors.torch import save_file  # noqa: E402
from torch.utils._device import _device_constructors  # noqa: E402

from pdengine.teach.models.torchvision_ops import import_torchvision  # noqa: E402
from pdengine.types import Cameras, Views  # noqa: E402

import_torchvision("tests")  # as loading a model does, before transformers is used

# torch remembers torch.empty here once; it must be torch's own, not the poisoned one, or models
# that are built without memory would be given some.
_device_constructors()

WORDS = ["chair", "seat", "car", "back", "leg", "a", "photo", "of", "the", "wheel"]


def bert_tokeniser() -> Any:
    """Where BERT has its special tokens: Grounding DINO knows them by number."""
    words = [f"[unused{k}]" for k in range(1100)]
    special = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
    for number, word in {**special, 1012: ".", 1029: "?"}.items():
        words[number] = word
    words += [*WORDS, *["##s", "##at", "arm", "##rest"]]
    return transformers.BertTokenizer(vocab={word: k for k, word in enumerate(words)})


def clip_tokeniser(limit: int = 77) -> Any:
    """One token per letter, as CLIP's are before any merge."""
    letters = [chr(k) for k in range(33, 127)] + ["Ġ"]
    words = ["!pad", *letters, *(f"{letter}</w>" for letter in letters)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return transformers.CLIPTokenizer(
        vocab={word: k for k, word in enumerate(words)}, merges=[], model_max_length=limit
    )


def clip_text(**more: Any) -> dict[str, Any]:
    vocabulary = clip_tokeniser().get_vocab()
    return {
        "vocab_size": len(vocabulary),
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "max_position_embeddings": 77,
        "bos_token_id": vocabulary["<|startoftext|>"],
        "eos_token_id": vocabulary["<|endoftext|>"],
        "pad_token_id": vocabulary["<|endoftext|>"],
    } | more


def clip_vision(**more: Any) -> dict[str, Any]:
    return {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "image_size": 64,
        "patch_size": 8,
    } | more


def saved(folder: Path, model: Any, *processors: Any) -> Path:
    """A folder laid out as a download: config.json, model.safetensors, the processors' files."""
    model.eval().save_pretrained(folder)
    for processor in processors:
        processor.save_pretrained(folder)
    return folder


def random_model(model_class: Any, config: Any) -> Any:
    """The same weights every time, large enough that outputs differ from place to place."""
    torch.manual_seed(0)
    model = model_class(config)
    dice = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1 and "norm" not in name:
                weight.copy_(torch.randn(weight.shape, generator=dice) * 0.2)
    return model.eval()


@pytest.fixture(scope="session")
def grounding_dino(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hub = transformers
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
    return saved(tmp_path_factory.mktemp("dino"), model, whole)


def owl(kind: str, folder: Path) -> Path:
    prefix = {"owlvit": "OwlViT", "owlv2": "Owlv2"}[kind]
    part = {name: getattr(transformers, f"{prefix}{name}") for name in ("Config", "Processor")}
    config = part["Config"](text_config=clip_text(), vision_config=clip_vision(), projection_dim=32)
    model = random_model(getattr(transformers, f"{prefix}ForObjectDetection"), config)
    image = getattr(transformers, f"{prefix}ImageProcessorPil")(size={"height": 64, "width": 64})
    return saved(folder, model, part["Processor"](image, clip_tokeniser()))


@pytest.fixture(scope="session")
def owlv2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return owl("owlv2", tmp_path_factory.mktemp("owlv2"))


@pytest.fixture(scope="session")
def owlvit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return owl("owlvit", tmp_path_factory.mktemp("owlvit"))


@pytest.fixture(scope="session")
def clipseg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = transformers.CLIPSegConfig(
        text_config=clip_text(),
        vision_config=clip_vision(),
        projection_dim=32,
        extract_layers=[1, 2, 3],
        reduce_dim=16,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )
    model = random_model(transformers.CLIPSegForImageSegmentation, config)
    image = transformers.ViTImageProcessorPil(size={"height": 64, "width": 64})
    whole = transformers.CLIPSegProcessor(image, clip_tokeniser())
    return saved(tmp_path_factory.mktemp("clipseg"), model, whole)


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    config = transformers.CLIPConfig(
        text_config=clip_text(projection_dim=24),
        vision_config=clip_vision(projection_dim=24),
        projection_dim=24,
    )
    model = random_model(transformers.CLIPModel, config)
    image = transformers.CLIPImageProcessorPil()
    whole = transformers.CLIPProcessor(image, clip_tokeniser())
    return saved(tmp_path_factory.mktemp("clip"), model, whole)


@pytest.fixture(scope="session")
def siglip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SigLIP 2 as it is published: SigLIP's model with Gemma's tokeniser."""
    letters = "abcdefghijklmnopqrstuvwxyz▁"
    words = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *letters]
    tokeniser = transformers.GemmaTokenizer(
        vocab={word: k for k, word in enumerate(words)}, merges=[], padding_side="right"
    )
    text = clip_text(vocab_size=len(tokeniser), pad_token_id=0, eos_token_id=1, bos_token_id=2)
    config = transformers.SiglipConfig(
        text_config=text | {"max_position_embeddings": 64, "projection_size": 32},
        vision_config=clip_vision(),
    )
    model = random_model(transformers.SiglipModel, config)
    image = transformers.SiglipImageProcessorPil(size={"height": 64, "width": 64})
    whole = transformers.SiglipProcessor(image, tokeniser)
    return saved(tmp_path_factory.mktemp("siglip"), model, whole)


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hub = transformers
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
    return saved(tmp_path_factory.mktemp("sam"), model, hub.SamProcessor(image))


@pytest.fixture(scope="session")
def florence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hub = transformers
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
    return saved(tmp_path_factory.mktemp("florence"), model, whole)


@pytest.fixture(scope="session")
def sam2(torchvision: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    hub = transformers
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
    return saved(tmp_path_factory.mktemp("sam2"), model, hub.Sam2Processor(image))


@pytest.fixture(scope="session")
def sam3(torchvision: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    hub = transformers
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
    return saved(tmp_path_factory.mktemp("sam3"), model, whole)


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


@pytest.fixture
def build_small_sam() -> Callable[..., Any]:
    """Builds the model of segment-anything: build_small_sam(seed, side)."""
    return small_sam


@pytest.fixture
def segment_anything(
    torchvision: None, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Weights of the authors' smallest model, where that is small_sam."""
    package = pytest.importorskip("segment_anything", reason="needs segment-anything")
    folder = tmp_path_factory.mktemp("authors")
    save_file(small_sam(0).state_dict(), folder / "sam_vit_b.safetensors")
    small = {"vit_b": lambda checkpoint: small_sam(1)}
    monkeypatch.setattr(package, "sam_model_registry", small)
    return folder


@pytest.fixture(scope="session")
def torchvision() -> None:
    """Skip where it is not."""
    if find_spec("torchvision") is None:
        pytest.skip("needs pip install torchvision")


def views_of(images: torch.Tensor) -> Views:
    """Views that show these pictures; a pixel darker than white shows the shape.

    Args:
        images: [V, H, W, 3] float32 in [0, 1].
    """
    V, H, W, _ = images.shape
    there = (images < 1).any(-1)
    numbers = torch.arange(V * H * W, dtype=torch.int32).view(V, H, W)
    return Views(
        images=images,
        index=torch.where(there, numbers, -1),
        depth=torch.where(there, 1.0, torch.inf),
        normals=torch.zeros(V, H, W, 3),
        cameras=Cameras(torch.eye(3).expand(V, 3, 3), torch.zeros(V, 3), torch.ones(V)),
    )


def noise(count: int, height: int, width: int) -> Views:
    """Views full of smooth random colour, in 255 steps as pictures have them."""
    dice = torch.Generator().manual_seed(height * 1000 + width)
    coarse = torch.rand(count, 3, 5, 5, generator=dice)
    fine = torch.nn.functional.interpolate(coarse, (height, width), mode="bicubic")
    return views_of((fine.clamp(0, 1) * 254).round().permute(0, 2, 3, 1) / 255)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that is opened is a failure."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise AssertionError("a teacher opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def look() -> Callable[[int, int, int], Views]:
    """Makes random views: look(count, height, width)."""
    return noise


@pytest.fixture
def show() -> Callable[[torch.Tensor], Views]:
    """Makes views of given pictures."""
    return views_of


@pytest.fixture
def marked() -> Callable[[int, int, Any], torch.Tensor]:
    """Draws a red rectangle on nearly white: marked(height, width, (x0, y0, x1, y1))."""

    def draw(height: int, width: int, where: tuple[int, int, int, int]) -> torch.Tensor:
        x0, y0, x1, y1 = where
        picture = torch.full((1, height, width, 3), 254 / 255)  # nearly white: all is shape
        picture[:, y0:y1, x0:x1, 1:] = 0.0
        return picture

    return draw


@pytest.fixture
def seen_marker() -> Callable[[torch.Tensor], torch.Tensor]:
    """Finds the red rectangle in what a model is shown.

    It takes pixel values [3, rows, columns] and returns the centre, width and height as shares.
    """

    def find(pixels: torch.Tensor) -> torch.Tensor:
        red = pixels[0] - pixels[1]
        # White and black padding differ by their means alone; red differs by a whole channel.
        rows, columns = (red > red.min() + 0.5 * (red.max() - red.min())).nonzero(as_tuple=True)
        height, width = red.shape
        x0, x1 = float(columns.min()) / width, float(columns.max() + 1) / width
        y0, y1 = float(rows.min()) / height, float(rows.max() + 1) / height
        return torch.tensor([(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0])

    return find
