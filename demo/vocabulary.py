"""The tiny model's tokens, and the tokenizer files that make vLLM and transformers agree about them.

A byte-level tokenizer without merges, so that any text can be encoded, in which the numbers 10..49 and the words of
the task are single tokens. It loads as a `Qwen2Tokenizer`. Training builds token ids from `ID` directly and never
tokenizes; a test checks that both roads give the same ids.
"""

import json
from pathlib import Path
from typing import Any

from demo.ladder import LARGEST_VALUE

SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
"""Control tokens, left out when text is decoded for people."""

WORDS = (
    *("<think>", "</think>"),
    *("\n", *(chr(code) for code in range(32, 127))),
    *(str(number) for number in range(10, LARGEST_VALUE + 1)),
    *("system", "user", "assistant", "Evaluate", " left", " to", " right", "Wait", " check", " ok", " no"),
    *("\\boxed{", "Grade", " each", " step", " +", " -"),
)

CONTEXT_LENGTH = 1024

CHAT_TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n' }}{%- endif %}"
)


def _byte_characters() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte, which byte-level vocabularies are written in."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printable]
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + index) for index, byte in enumerate(hidden)}


def _is_added(token: str) -> bool:
    return len(token) > 1


def _model_vocabulary() -> dict[str, int]:
    """The vocabulary as the tokenizer file spells it: task words as they are, single bytes by stand-in."""
    stand_in = _byte_characters()
    spelled = [token if _is_added(token) else stand_in[ord(token)] for token in (*SPECIAL, *WORDS)]
    spelled += [character for character in stand_in.values() if character not in set(spelled)]
    return {token: index for index, token in enumerate(spelled)}


ID: dict[str, int] = {token: index for index, token in enumerate((*SPECIAL, *WORDS))}
VOCABULARY_SIZE = len(_model_vocabulary())


def text(ids: list[int]) -> str:
    """What ids below `len(ID)` say; for reading and for tests."""
    tokens = (*SPECIAL, *WORDS)
    return "".join(tokens[index] for index in ids)


def write_tokenizer(folder: Path) -> None:
    """Write `tokenizer.json`, `tokenizer_config.json`, `vocab.json` and `merges.txt`."""
    added = [_added_token(token) for token in ID if _is_added(token)]
    _write_json(folder / "tokenizer.json", _tokenizer(added))
    _write_json(folder / "tokenizer_config.json", _tokenizer_config(added))
    _write_json(folder / "vocab.json", _model_vocabulary())
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")


def _added_token(token: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": ID[token], "content": token, **flags, "special": token in SPECIAL}


def _tokenizer(added: list[dict[str, Any]]) -> dict[str, Any]:
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": _model_vocabulary(),
            "merges": [],
        },
    }


def _tokenizer_config(added: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "tokenizer_class": "Qwen2Tokenizer",
        "added_tokens_decoder": {
            str(token["id"]): {key: value for key, value in token.items() if key != "id"} for token in added
        },
        "bos_token": None,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "model_max_length": CONTEXT_LENGTH,
        "chat_template": CHAT_TEMPLATE,
    }


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
