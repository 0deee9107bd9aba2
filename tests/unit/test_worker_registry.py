"""The model registry says what it means, and what is wrong with it."""

from pathlib import Path

import pytest

from scaling.compute.model_facts import Architecture, CostFacts, PricePerMillion
from scaling.types import THINKING_FORMATS, ThinkingFormat
from worker.registry import ModelVerifierEntry, Registry, RegistryError, UnknownNameError
from worker.servers import servers_of
from worker.verifiers.formats import PRESETS, StepPoolingPrm


def written(folder: Path, text: str) -> Path:
    path = folder / "models.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_model_needs_no_more_than_an_endpoint(tmp_path: Path) -> None:
    registry = Registry.load(written(tmp_path, "models: {tiny: {endpoint: 'http://localhost:8000/v1/'}}"))

    entry = registry.model("tiny")
    assert entry.endpoint == "http://localhost:8000"
    assert entry.thinking == THINKING_FORMATS["plain"]
    assert entry.key is None


def test_a_thinking_format_is_a_name_or_a_mapping(tmp_path: Path) -> None:
    text = """
models:
  named: {endpoint: "http://a", thinking: s1}
  own: {endpoint: "http://b", thinking: {start: "<t>", stop: ["</t>"], answer_opener: "</t>"}}
"""
    registry = Registry.load(written(tmp_path, text))

    assert registry.model("named").thinking == THINKING_FORMATS["s1"]
    assert registry.model("own").thinking == ThinkingFormat(start="<t>", stop=("</t>",), answer_opener="</t>")


def test_a_key_may_be_kept_in_the_environment_and_is_never_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TINY_KEY", "from-environment")
    text = "models: {a: {endpoint: 'http://a', api_key: {env: TINY_KEY}}, b: {endpoint: 'http://b', api_key: written}}"
    registry = Registry.load(written(tmp_path, text))

    assert registry.model("a").key == "from-environment"
    assert registry.model("b").key == "written"
    assert "written" not in repr(registry)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("models: {a: {endpoint: 'http://a', thinkng: s1}}", "models.a.thinkng.*did you mean 'thinking'"),
        ("models: {a: {endpoint: 'http://a', thinking: thin}}", "unknown thinking format 'thin'; did you mean 'think'"),
        ("models: {a: {}}", "models.a.endpoint: Field required"),
        ("model: {}", "model: .*did you mean 'models'"),
        ("verifiers: {v: {model: a, format: lader}}", "verifiers.v.format: .*'lader'; did you mean 'ladder'"),
        ("verifiers: {v: {model: a, format: ladder}}", "verifiers.v.model: there is no model 'a' here"),
        ("verifiers: {v: {endpoint: 'http://a'}}", "verifiers.v.format: Field required"),
        ("verifiers: {v: {format: ladder}}", "verifiers.v.endpoint: Field required"),
        (
            "verifiers: {v: {endpoint: 'http://a', format: ladder, max_request: 1}}",
            "verifiers.v.max_request: .*did you mean 'max_requests'",
        ),
        (
            "verifiers: {v: {model: a, format: ladder, max_requests: 1}}",
            r"verifiers.v.max_requests: .*Known: format, model\.",
        ),
        (
            "verifiers: {v: {endpoint: 'http://a', format: {kind: step_pooling_prm, tags: x}}}",
            "verifiers.v.format.tags: .*did you mean 'tag'",
        ),
        (
            "{models: {a: {endpoint: 'http://a'}}, verifiers: {a: {model: a, format: ladder}}}",
            "verifiers.a: a model has this name already",
        ),
        (
            "models: {a: {endpoint: 'http://a', architecture: {layer: 1, heads: 1, kv_heads: 1, head_size: 1}}}",
            "models.a.architecture.layer: .*did you mean 'layers'",
        ),
        (
            "verifiers: {v: {endpoint: 'http://a', format: ladder, price_per_million: {input: 1, ouput: 2}}}",
            "verifiers.v.price_per_million.ouput: .*did you mean 'output'",
        ),
        ("models: {a: {endpoint: 'http://a', price_per_gpu_hour: 2}}", "models.a: .*price_per_gpu_hour needs gpus"),
        ("models: {a: {endpoint: 'http://a', config: nowhere.json}}", r"models.a: .*nowhere.json cannot be read"),
        (
            "models: {a: {endpoint: 'http://a', config: x, architecture: {}}}",
            "models.a: .*give architecture, or the config that it is read from, not both",
        ),
        (
            "models: {a: {endpoint: 'http://a', engine: vlm}}",
            "a.engine: unknown engine 'vlm'; did you mean 'vllm'",
        ),
        (
            "models: {a: {endpoint: 'http://a', context_length: 9}}",
            "a.context_length: vLLM tells it itself; drop it",
        ),
        (
            "models: {a: {endpoint: 'http://a', engine: chat}}",
            "a.context_length: missing; a chat server does not",
        ),
        (
            "models: {a: {endpoint: 'http://a', engine: chat, context_length: 9, thinking: s1}}",
            "models.a.thinking: a chat server marks thoughts itself, if at all; leave it out",
        ),
        (
            "verifiers: {v: {endpoint: 'http://a', engine: chat, context_length: 9, format: skywork-reward-v2}}",
            "verifiers.v: the engine chat has no head to score with; the kind outcome_rm needs one that can",
        ),
        (
            "{models: {a: {endpoint: 'http://a', engine: chat, context_length: 9}},"
            " verifiers: {v: {model: a, format: ladder}}}",
            "verifiers.v: the engine chat tells no log-probs and tells no log-probs of prompts and takes no token ids",
        ),
        (
            "models: {s1: {endpoint: 'http://a', base: qwen}, qwen2: {endpoint: 'http://a'}}",
            "models.s1.base: there is no model 'qwen' here; did you mean 'qwen2'",
        ),
        ("models: {s1: {endpoint: 'http://a', base: s1}}", "models.s1.base: no model is its own"),
        (
            "{models: {a: {endpoint: 'http://a/v1', max_requests: 64}},"
            " verifiers: {v: {endpoint: 'http://a', format: ladder, max_requests: 8}}}",
            r"verifiers.v.max_requests: 8, and models.a.max_requests: 64 are of one server, http://a, which has one",
        ),
        ("models: [", "is not YAML"),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_the_nearest_right_word(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(RegistryError, match=message):
        Registry.load(written(tmp_path, text))


def test_a_server_has_one_limit_for_all_that_it_serves(tmp_path: Path) -> None:
    text = """
models: {a: {endpoint: 'http://a'}, b: {endpoint: 'http://a/v1', max_requests: 9}, c: {endpoint: 'http://c'}}
verifiers: {v: {endpoint: 'http://a/', format: ladder}}
"""
    registry = Registry.load(written(tmp_path, text))
    assert [registry.server(name).max_requests for name in "abvc"] == [9, 9, 9, 128]


def test_a_missing_file_names_the_setting(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match=r"nowhere.yaml: No such file.*OVERTHINK_MODELS"):
        Registry.load(tmp_path / "nowhere.yaml")


def test_an_unknown_model_is_told_the_nearest(tmp_path: Path) -> None:
    registry = Registry.load(written(tmp_path, "models: {ladder-tiny: {endpoint: 'http://a'}}"))

    with pytest.raises(UnknownNameError, match="did you mean 'ladder-tiny'"):
        registry.model("ladder-tyni")


def test_a_verifier_is_a_registered_model_or_a_server_of_its_own_and_its_format_a_name_or_a_mapping(
    tmp_path: Path,
) -> None:
    text = """
models: {tiny: {endpoint: "http://a", parameters: 7}}
verifiers:
  tiny-prm: {model: tiny, format: ladder}
  own: {endpoint: "http://b/v1", format: {kind: step_pooling_prm, tag: "<step>"}, parameters: 9, api_key: written}
"""
    registry = Registry.load(written(tmp_path, text))

    shared, own = registry.verifier("tiny-prm"), registry.verifier("own")
    assert isinstance(shared, ModelVerifierEntry) and shared.format == PRESETS["ladder"]
    assert own.format == StepPoolingPrm(tag="<step>")
    assert (registry.server("own").endpoint, registry.server("own").key) == ("http://b", "written")
    assert servers_of(registry, ["tiny"]) == {"tiny": registry.model("tiny"), "own": own}
    with pytest.raises(UnknownNameError, match="did you mean 'tiny-prm'"):
        registry.verifier("tiny-pmr")


def test_what_tokens_cost_stands_with_the_server_and_its_architecture_may_be_read_from_a_config(tmp_path: Path) -> None:
    """The config is looked for from the registry's folder. A verifier of a model has the model's facts."""
    (tmp_path / "tiny.json").write_text('{"num_hidden_layers": 6, "num_attention_heads": 3, "hidden_size": 96}')
    text = """
models: {tiny: {endpoint: "http://a", config: tiny.json, gpus: 2, price_per_gpu_hour: 3.5}}
verifiers:
  self: {model: tiny, format: ladder}
  own: {endpoint: "http://b", format: ladder, price_per_million: {input: 0.1, output: 0.4}, intensity: 295}
"""
    registry = Registry.load(written(tmp_path, text))

    architecture = Architecture(layers=6, heads=3, kv_heads=3, head_size=32)
    assert registry.server("tiny").cost_facts == CostFacts(architecture=architecture, gpus=2, price_per_gpu_hour=3.5)
    price = PricePerMillion(input=0.1, output=0.4)
    assert registry.server("own").cost_facts == CostFacts(price_per_million=price, intensity=295)


def test_every_preset_can_be_written_out_as_a_mapping() -> None:
    for name, form in PRESETS.items():
        entry = {"endpoint": "http://a", "format": form.model_dump(mode="json")}
        assert Registry.model_validate({"verifiers": {name: entry}}).verifier(name).format == form
