"""What a model's tokens cost, as its registry entry tells: size, attention, prices. What is not told is None.

These are facts, not measurements: Overthink stores them with each experiment as they were when it was expanded.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

INTENSITY = 562.5
"""FLOPs that the hardware does in the time in which it reads a byte: Kinetics' (arXiv 2506.05333), an NVIDIA B200's."""

BYTES = {"float32": 4, "float16": 2, "bfloat16": 2, "float8_e4m3fn": 1, "float8_e5m2": 1}


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Architecture(_Facts):
    """What attention costs: every layer attends to all positions before."""

    layers: int = Field(ge=1)
    heads: int = Field(ge=1, description="of queries")
    kv_heads: int = Field(ge=1, description="of keys and values; as many as heads without grouping")
    head_size: int = Field(ge=1)
    bytes_per_number: int = Field(default=2, ge=1, description="in the cache of keys and values")

    @property
    def flops_per_position(self) -> int:
        """Of one token that attends to one position: its query with the key, and its weight with the value."""
        return 4 * self.layers * self.heads * self.head_size

    @property
    def kv_bytes_per_position(self) -> int:
        """A key and a value for each head of theirs in each layer."""
        return 2 * self.layers * self.kv_heads * self.head_size * self.bytes_per_number

    @classmethod
    def read(cls, path: Path) -> "Architecture":
        """From a model's `config.json`. ValueError where it has no such attention, or cannot be read."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ValueError(f"config {path} cannot be read ({error}); name a model's config.json") from error
        config = told.get("text_config", told) if isinstance(told, dict) else {}
        _require_full_attention(config, path)
        try:
            heads = config["num_attention_heads"]
            return cls(
                layers=config["num_hidden_layers"],
                heads=heads,
                kv_heads=config.get("num_key_value_heads") or heads,
                head_size=config.get("head_dim") or config["hidden_size"] // heads,
                bytes_per_number=BYTES.get(str(config.get("dtype") or config.get("torch_dtype")), 2),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"config {path} does not tell {error}; give architecture: in its place") from error


def _require_full_attention(config: Mapping[str, Any], path: Path) -> None:
    """Latent, linear or sliding attention costs otherwise, and a figure by this formula would be wrong."""
    kinds = set(config.get("layer_types") or ()) - {"full_attention"}
    if config.get("kv_lora_rank"):
        kinds.add("latent attention")
    if kinds:
        raise ValueError(
            f"config {path} has {', '.join(sorted(kinds))}, whose cost is not that of full attention in every layer; "
            "leave config out, or give the architecture: that comes nearest"
        )


class PricePerMillion(_Facts):
    """US dollars for a million tokens."""

    input: float = Field(ge=0, allow_inf_nan=False)
    cached_input: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="None: as input")
    output: float = Field(ge=0, allow_inf_nan=False)

    @property
    def cached(self) -> float:
        return self.input if self.cached_input is None else self.cached_input


class CostFacts(_Facts):
    """What is known beside the parameters."""

    architecture: Architecture | None = Field(default=None, description="for FLOPs with attention and eFLOPs")
    intensity: float = Field(
        default=INTENSITY, gt=0, allow_inf_nan=False, description="FLOPs per byte of the server's GPUs, for eFLOPs"
    )
    gpus: int | None = Field(default=None, ge=1, description="of the server, all replicas together")
    price_per_million: PricePerMillion | None = Field(default=None, description="US dollars for a million tokens")
    price_per_gpu_hour: float | None = Field(default=None, ge=0, allow_inf_nan=False, description="US dollars")

    @model_validator(mode="after")
    def _hours_are_of_gpus(self) -> "CostFacts":
        if self.price_per_gpu_hour is not None and self.gpus is None:
            raise ValueError("price_per_gpu_hour needs gpus: how many GPUs the server has")
        return self


class ModelFacts(CostFacts):
    """All of it."""

    parameters: int | None = None

    @classmethod
    def of(cls, snapshot: object) -> "ModelFacts":
        """From what an experiment keeps of a model; of one that it knows nothing of, nothing."""
        known = snapshot if isinstance(snapshot, Mapping) else {}
        return cls.model_validate({**(known.get("cost_facts") or {}), "parameters": known.get("parameters")})
