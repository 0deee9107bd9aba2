"""The thinking start stands once."""

import pytest

from scaling.opening import missing_start, opened_in


@pytest.mark.parametrize(
    ("prompt", "start", "missing"),
    [
        ("user: 1+1\nassistant\n", "<think>\n", "<think>\n"),
        ("user: 1+1\nassistant\n<think>", "<think>\n", "\n"),
        ("user: 1+1\nassistant\n<think>\n", "<think>\n", ""),
        ("user: 1+1\nassistant\n<think>\n\n", "<think>\n", ""),
        ("user: 1+1\nassistant\n<think> ", "<think>\n", ""),
        ("assistant\n<think>\n", "<think>", ""),
        ("assistant\n", "\n<think>\n", "\n<think>\n"),
        ("assistant\n<think>", "\n<think>\n", "\n"),
        ("<|im_start|>assistant\n", "<|im_start|>think", "<|im_start|>think"),
        ("<|im_start|>assistant\n<|im_start|>think\n", "<|im_start|>think", ""),
        ("<|im_start|>", "<|im_start|>think", "think"),
        ("[THINK]", "[THINK]\n", "\n"),
        # an opening that says more than the template's: NoThinking
        ("<think>", "<think>\nOkay, done.\n</think>\n\n", "\nOkay, done.\n</think>\n\n"),
        ("<think>\n", "<think>\nOkay, done.\n</think>\n\n", "Okay, done.\n</think>\n\n"),
        ("<think>\n\n", "<think>\nOkay, done.\n</think>\n\n", "Okay, done.\n</think>\n\n"),
        # a question that happens to end as a tag begins
        ("is 3 <", "<think>\n", "<think>\n"),
        ("what does <think> do?", "<think>\n", "<think>\n"),
        ("1+1", "", ""),
    ],
)
def test_only_what_is_missing_is_added(prompt: str, start: str, missing: str) -> None:
    assert missing_start(prompt, start) == missing


@pytest.mark.parametrize(
    ("text", "opener"),
    [
        ("<|im_start|>assistant\n<think>\n", "<think>"),
        ("[THINK]\n", "[THINK]"),
        ("<think>\nSo 2 + 3", "<think>"),
        ("<|im_start|>assistant\n<think>\n\n</think>\n\n", None),  # a template that was told not to think
        ("The answer is 5.", None),
    ],
)
def test_an_opened_thought_is_seen_unless_it_is_closed(text: str, opener: str | None) -> None:
    assert opened_in(text) == opener
