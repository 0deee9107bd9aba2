"""Qwen2 in plain torch, small enough to train on one CPU core.

The parameters carry the names of transformers' `Qwen2ForCausalLM`, so the state dict is the checkpoint: vLLM and
transformers load what `save` writes without conversion. Sizes: B sequences, T positions, H heads.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from demo.vocabulary import CONTEXT_LENGTH, ID, VOCABULARY_SIZE, write_tokenizer


@dataclass(frozen=True)
class Architecture:
    """The shape of the network; the defaults are the tiny model's, 697,056 parameters."""

    hidden_size: int = 96
    layers: int = 6
    heads: int = 3
    feed_forward_size: int = 256
    rope_theta: float = 10_000.0
    norm_epsilon: float = 1e-6

    @property
    def head_size(self) -> int:
        return self.hidden_size // self.heads


Cache = list[tuple[Tensor, Tensor]]
"""Keys and values of every layer, each B x H x T x head size."""


class Norm(nn.Module):
    """Root mean square norm."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.hidden_size))
        self.epsilon = shape.norm_epsilon

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


class Attention(nn.Module):
    """Causal self-attention with rotary positions."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        size, self.heads = shape.hidden_size, shape.heads
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(size, size) for _ in range(3))
        self.o_proj = nn.Linear(size, size, bias=False)

    def forward(
        self, x: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor | None, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        queries = rotate(self._split_heads(self.q_proj(x)), cosine, sine)
        keys = rotate(self._split_heads(self.k_proj(x)), cosine, sine)
        values = self._split_heads(self.v_proj(x))
        if past is not None:
            keys, values = torch.cat((past[0], keys), 2), torch.cat((past[1], values), 2)
        mixed = functional.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, is_causal=mask is None)
        return self.o_proj(mixed.transpose(1, 2).flatten(2)), (keys, values)

    def _split_heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)


class FeedForward(nn.Module):
    """Gated feed-forward layer."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        size, inner = shape.hidden_size, shape.feed_forward_size
        self.gate_proj = nn.Linear(size, inner, bias=False)
        self.up_proj = nn.Linear(size, inner, bias=False)
        self.down_proj = nn.Linear(inner, size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """Attention, then feed-forward, each on a normed residual stream."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.input_layernorm, self.self_attn = Norm(shape), Attention(shape)
        self.post_attention_layernorm, self.mlp = Norm(shape), FeedForward(shape)

    def forward(
        self, x: Tensor, cosine: Tensor, sine: Tensor, mask: Tensor | None, past: tuple[Tensor, Tensor] | None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        attended, present = self.self_attn(self.input_layernorm(x), cosine, sine, mask, past)
        x = x + attended
        return x + self.mlp(self.post_attention_layernorm(x)), present


class Decoder(nn.Module):
    """Embedding, layers and final norm."""

    def __init__(self, shape: Architecture) -> None:
        super().__init__()
        self.embed_tokens = nn.Embedding(VOCABULARY_SIZE, shape.hidden_size)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = Norm(shape)


class TinyModel(nn.Module):
    """The language model; its output weights are its embedding."""

    def __init__(self, shape: Architecture | None = None) -> None:
        super().__init__()
        self.shape = shape or Architecture()
        self.model = Decoder(self.shape)
        angles = _angles(self.shape)
        self.register_buffer("cosine", angles.cos(), persistent=False)
        self.register_buffer("sine", angles.sin(), persistent=False)
        for name, parameter in self.named_parameters():
            _initialise(name, parameter)

    def hidden(self, ids: Tensor) -> Tensor:
        """Final hidden states, B x T x hidden size, of sequences that start at position 0."""
        cosine, sine = self.cosine[: ids.shape[1]], self.sine[: ids.shape[1]]
        x = self.model.embed_tokens(ids)
        for layer in self.model.layers:
            x, _ = layer(x, cosine, sine, None, None)
        return self.model.norm(x)

    def extend(self, ids: Tensor, positions: Tensor, mask: Tensor, past: Cache | None) -> tuple[Tensor, Cache]:
        """Logits after the last of `ids` (B x T), given what `past` holds; and the cache, extended by `ids`.

        `mask` is B x 1 x T x all positions so far, true where attention may look.
        """
        cosine, sine = self.cosine[positions][:, None], self.sine[positions][:, None]
        x, present = self.model.embed_tokens(ids), []
        for index, layer in enumerate(self.model.layers):
            x, cache = layer(x, cosine, sine, mask, None if past is None else past[index])
            present.append(cache)
        return self.logits(self.model.norm(x[:, -1])), present

    def logits(self, hidden: Tensor) -> Tensor:
        return hidden @ self.model.embed_tokens.weight.t()


def rotate(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Rotary position embedding, in Qwen2's half-split layout."""
    first, second = x.chunk(2, -1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), -1)


def _angles(shape: Architecture) -> Tensor:
    frequencies = shape.rope_theta ** (-torch.arange(0, shape.head_size, 2) / shape.head_size)
    return torch.arange(CONTEXT_LENGTH)[:, None] * frequencies


def _initialise(name: str, parameter: nn.Parameter) -> None:
    """Normal weights scaled by fan-in, half of that where a layer writes to the residual stream; zero biases."""
    if name.endswith("embed_tokens.weight"):
        nn.init.normal_(parameter, std=0.05)
    elif parameter.dim() == 2:
        writes = name.endswith(("o_proj.weight", "down_proj.weight"))
        nn.init.normal_(parameter, std=parameter.shape[1] ** -0.5 * (0.5 if writes else 1.0))
    elif name.endswith("bias"):
        nn.init.zeros_(parameter)


def save(model: TinyModel, folder: Path) -> None:
    """Write weights, configuration and tokenizer, as vLLM and transformers want them."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(model.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    _write_json(folder / "config.json", _configuration(model.shape))
    _write_json(
        folder / "generation_config.json",
        {
            "eos_token_id": [ID["<|im_end|>"]],
            "pad_token_id": ID["<|endoftext|>"],
            "do_sample": True,
            "temperature": 1.0,
        },
    )
    write_tokenizer(folder)


def load(folder: Path) -> TinyModel:
    """The model that `save` wrote, ready to be evaluated."""
    configuration = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    model = TinyModel(
        Architecture(
            hidden_size=configuration["hidden_size"],
            layers=configuration["num_hidden_layers"],
            heads=configuration["num_attention_heads"],
            feed_forward_size=configuration["intermediate_size"],
            rope_theta=configuration["rope_parameters"]["rope_theta"],
            norm_epsilon=configuration["rms_norm_eps"],
        )
    )
    model.load_state_dict(load_file(folder / "model.safetensors"))
    return model.eval()


def _configuration(shape: Architecture) -> dict[str, object]:
    return {
        "architectures": ["Qwen2ForCausalLM"],
        "model_type": "qwen2",
        "dtype": "float32",
        "vocab_size": VOCABULARY_SIZE,
        "hidden_size": shape.hidden_size,
        "intermediate_size": shape.feed_forward_size,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.heads,
        "hidden_act": "silu",
        "rms_norm_eps": shape.norm_epsilon,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.rope_theta},
        "max_position_embeddings": CONTEXT_LENGTH,
        "tie_word_embeddings": True,
        "attention_dropout": 0.0,
        "use_sliding_window": False,
        "use_cache": True,
        "bos_token_id": None,
        "eos_token_id": ID["<|im_end|>"],
        "pad_token_id": ID["<|endoftext|>"],
    }


def _write_json(path: Path, value: dict[str, object]) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")
