"""What a model's tokens cost, as its registry entry tells."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scaling.compute.model_facts import Architecture, CostFacts, ModelFacts, PricePerMillion

QWEN3 = {
    "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128,
    "hidden_size": 1024, "torch_dtype": "bfloat16",
}  # fmt: skip


def config(folder: Path, told: dict[str, Any]) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(told))
    return path


def test_an_architecture_is_read_from_a_config(tmp_path: Path) -> None:
    assert Architecture.read(config(tmp_path, QWEN3)) == Architecture(
        layers=28, heads=16, kv_heads=8, head_size=128, bytes_per_number=2
    )


def test_what_a_config_leaves_out_follows_from_the_rest(tmp_path: Path) -> None:
    """No groups: as many heads of keys as of queries. Head size: 96 / 3."""
    told = {"num_hidden_layers": 6, "num_attention_heads": 3, "hidden_size": 96, "dtype": "float32"}
    made = Architecture.read(config(tmp_path, told))
    assert (made.kv_heads, made.head_size, made.bytes_per_number) == (3, 32, 4)
    assert (made.flops_per_position, made.kv_bytes_per_position) == (4 * 6 * 3 * 32, 2 * 6 * 3 * 32 * 4)


def test_the_text_model_of_a_multimodal_config_is_read(tmp_path: Path) -> None:
    assert Architecture.read(config(tmp_path, {"text_config": QWEN3})).layers == 28


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"num_hidden_layers": 2}, "does not tell 'num_attention_heads'; give architecture: in its place"),
        ({**QWEN3, "kv_lora_rank": 512}, "has latent attention, whose cost is not that of full attention"),
        ({**QWEN3, "layer_types": ["full_attention", "linear_attention"]}, "has linear_attention, whose cost"),
        ([], "does not tell 'num_attention_heads'"),
    ],
)
def test_a_config_of_another_attention_is_refused_with_the_reason(tmp_path: Path, told: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Architecture.read(config(tmp_path, told))


def test_a_config_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"config .*nowhere.json cannot be read"):
        Architecture.read(tmp_path / "nowhere.json")


def test_cached_input_costs_as_much_as_other_unless_a_price_is_given() -> None:
    assert PricePerMillion(input=2, output=8).cached == 2
    assert PricePerMillion(input=2, cached_input=0, output=8).cached == 0


def test_a_price_of_gpu_hours_needs_the_number_of_gpus() -> None:
    with pytest.raises(ValidationError, match="price_per_gpu_hour needs gpus"):
        CostFacts(price_per_gpu_hour=2.0)


def test_facts_come_back_from_what_an_experiment_keeps() -> None:
    facts = CostFacts(gpus=2, architecture=Architecture(layers=1, heads=1, kv_heads=1, head_size=1))
    kept = {"parameters": 7, "cost_facts": facts.model_dump(mode="json"), "served_as": "x"}
    assert ModelFacts.of(kept) == ModelFacts(parameters=7, **dict(facts))
    assert ModelFacts.of({"parameters": 7}) == ModelFacts(parameters=7)  # of before there were others
    assert ModelFacts.of(None) == ModelFacts()
