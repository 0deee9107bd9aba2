"""Where the prompt ends and the thinking begins: chat templates may open it themselves, wholly or in part. Pure."""

import re

OPENERS = ("<think>", "<thinking>", "<thought>", "<reasoning>", "[THINK]", "<|begin_of_thought|>", "<|im_start|>think")
"""With which known models open their thinking."""


def missing_start(prompt: str, start: str) -> str:
    """What of the thinking start `prompt` does not end with yet.

    A template that ends in `<think>` lacks the newline of `<think>\\n`, one that ends in `<think>\\n\\n` lacks nothing:
    whitespace behind the opening is the template's own business. The start counts as begun by whole tags only, so that
    a question that ends in `<` opens no thought.
    """
    written = prompt.rstrip()
    blank = prompt[len(written) :]
    for begun in _beginnings(start):
        if written.endswith(begun.strip()):
            rest = start[len(begun) :]
            gap = rest[: len(rest) - len(rest.lstrip())]
            return rest[len(blank) :] if gap.startswith(blank) else rest.lstrip()
    return start


def opened_in(text: str) -> str | None:
    """The first known opening of a thought in `text` that nothing behind it closes; None if there is none."""
    found = [(text.find(opener), opener) for opener in OPENERS if opener in text]
    place, opener = min(found, default=(0, None))
    return None if opener is None or _is_closed(text[place + len(opener) :]) else opener


def _is_closed(text: str) -> bool:
    return re.search(r"</\w+>|\[/\w+\]|<\|end_of_thought\|>", text) is not None


def _beginnings(start: str) -> list[str]:
    """The start without the whitespace at its end, then what ends in a tag, the longest first."""
    ends = [tag.end() for tag in re.finditer(r"[>\]]", start)]
    whole = len(start.rstrip())
    return [start[:end] for end in sorted({*ends, whole}, reverse=True) if start[:end].strip()]
