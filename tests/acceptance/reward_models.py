"""Real reward models with small random weights: a folder that vLLM can serve, and the plain PyTorch forward pass.

Their tokenizer is the tiny model's with the step tag of Qwen2.5-Math-PRM added to it.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import AutoTokenizer, Qwen2Config, Qwen2Model

from overthink.stack.vllm import TINY_MODEL

TAG = "<extra_0>"
TAG_ID = 318
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt")
SIZES: dict[str, Any] = {
    "vocab_size": 320,
    "hidden_size": 64,  # 32 for each head, the least that vLLM takes on a CPU
    "intermediate_size": 96,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 512,
    "initializer_range": 0.2,  # so large that no two places look alike
}


@dataclass(frozen=True)
class RewardModel:
    """A folder with weights, and the same weights in PyTorch. `head` makes numbers of the last hidden states."""

    folder: Path
    body: Qwen2Model
    head: torch.nn.Module

    def logits(self, messages: list[dict[str, str]]) -> tuple[list[int], torch.Tensor]:
        """The ids of a conversation, and the head's numbers at each of them (tokens × labels)."""
        tokenizer = AutoTokenizer.from_pretrained(self.folder)
        text = tokenizer.apply_chat_template(messages, tokenize=False)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            hidden = self.body(torch.tensor([ids])).last_hidden_state
            return ids, self.head(hidden)[0]


def process_reward_model(folder: Path) -> RewardModel:
    """Qwen2ForProcessRewardModel, as in Qwen2.5-Math-PRM: a head of two layers and two classes."""
    width = SIZES["hidden_size"]
    torch.manual_seed(0)
    head = torch.nn.Sequential(torch.nn.Linear(width, width), torch.nn.ReLU(), torch.nn.Linear(width, 2))
    torch.nn.init.normal_(head[0].weight, std=0.5)
    torch.nn.init.normal_(head[2].weight, std=0.5)  # so large that scores spread over 0..1
    return _written(folder, head, "Qwen2ForProcessRewardModel", num_labels=2)


def outcome_reward_model(folder: Path) -> RewardModel:
    """Qwen2ForSequenceClassification with one label, as in Skywork-Reward-V2."""
    torch.manual_seed(1)
    head = torch.nn.Linear(SIZES["hidden_size"], 1, bias=False)
    return _written(folder, head, "Qwen2ForSequenceClassification", num_labels=1)


def _written(folder: Path, head: torch.nn.Module, architecture: str, num_labels: int) -> RewardModel:
    config = Qwen2Config(**SIZES, architectures=[architecture], num_labels=num_labels, dtype="float32", pad_token_id=0)
    body = Qwen2Model(config).eval()
    weights = {f"model.{name}": value for name, value in body.state_dict().items()}
    weights |= {f"score.{name}": value for name, value in head.state_dict().items()}
    folder.mkdir(parents=True)
    save_file({name: value.contiguous() for name, value in weights.items()}, folder / "model.safetensors")
    config.save_pretrained(folder)
    _write_tokenizer(folder)
    return RewardModel(folder, body, head.eval())


def _write_tokenizer(folder: Path) -> None:
    for name in TOKENIZER_FILES:
        shutil.copy(TINY_MODEL / name, folder / name)
    tag = {"content": TAG, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    tokenizer["added_tokens"].append({"id": TAG_ID, **tag})
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    settings["added_tokens_decoder"][str(TAG_ID)] = tag
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
