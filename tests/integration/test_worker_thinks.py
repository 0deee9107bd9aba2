"""A model that thinks though it is registered as one that does not: the worker says so when it meets it."""

from typing import Any

import pytest

from scaling.types import THINKING_FORMATS
from tests.integration.fake_vllm import fake_vllm
from worker.registry import Registry
from worker.servers import serve


async def remark(thinking: str = "plain", **options: Any) -> str | None:
    """What is announced of the model."""
    with fake_vllm(**options) as server:
        model = {"endpoint": server.endpoint, "served_as": "fake", "thinking": thinking}
        registry = Registry.model_validate({"models": {"mine": model}})
        serving = await serve(registry, ["mine"], timeout_s=5.0)
        await serving.close()
    (announced,) = serving.announced
    assert announced.thinking == THINKING_FORMATS[thinking]
    assert server.num_asked == 0  # nothing that is counted was asked for
    return announced.remark


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"template_end": "<think>\n"}, "its chat template opens a thought with <think>"),
        ({"template_end": "[THINK]"}, r"its chat template opens a thought with \[THINK\]"),
        ({"chat": {"content": "<think>\nThe user wants"}}, "its answers open a thought with <think>"),
        ({"chat": {"content": None, "reasoning": "The user wants"}}, "its answers open a thought with <think>"),
    ],
)
async def test_a_model_that_thinks_and_is_registered_as_plain_is_announced_with_what_to_mend(
    options: dict[str, Any], found: str
) -> None:
    said = await remark(**options)
    assert said is not None
    with pytest.raises(ValueError, match=f"registered without a thinking format, but {found}; give it `thinking:"):
        raise ValueError(said)


@pytest.mark.parametrize(
    "options",
    [
        {},  # a server without a chat
        {"chat": {"content": "2 + 3 = 5"}},
        {"chat": {"content": "5"}, "template_end": "<think>\n\n</think>\n\n"},  # told not to think
        {"template_end": "<think>\n", "thinking": "think"},  # registered as what it is
    ],
)
async def test_of_other_models_nothing_is_said(options: dict[str, Any]) -> None:
    assert await remark(**options) is None
