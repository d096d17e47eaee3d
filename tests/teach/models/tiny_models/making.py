"""What several of the models are made of: vocabularies, towers, random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import transformers as hub

WORDS = ["chair", "seat", "car", "back", "leg", "a", "photo", "of", "the", "wheel"]


def bert_tokeniser() -> Any:
    """Where BERT has its special tokens: Grounding DINO knows them by number."""
    words = [f"[unused{k}]" for k in range(1100)]
    special = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
    for number, word in {**special, 1012: ".", 1029: "?"}.items():
        words[number] = word
    words += [*WORDS, *["##s", "##at", "arm", "##rest"]]
    return hub.BertTokenizer(vocab={word: k for k, word in enumerate(words)})


def clip_tokeniser(limit: int = 77) -> Any:
    """One token per letter, as CLIP's are before any merge."""
    letters = [chr(k) for k in range(33, 127)] + ["Ġ"]
    words = ["!pad", *letters, *(f"{letter}</w>" for letter in letters)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return hub.CLIPTokenizer(
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
