"""Errors that differ in numbers, ids, paths and quoted texts only are one kind of error; names stay what they are."""

import pytest

from db.signatures import MOST_CHARACTERS, signature


@pytest.mark.parametrize(
    ("error", "common"),
    [
        ("prompt of 3,029 tokens exceeds the context of 1,024", "prompt of N tokens exceeds the context of N"),
        ("no answer within 0.5 s after 12 tries", "no answer within N s after N tries"),
        ("1 of 2", "N of N"),
        ("problem h 03: its prompt of 7 tokens is long", "problem …: its prompt of N tokens is long"),
        ("no live worker serves qwen2.5-7B", "no live worker serves qwen2.5-7B"),
        ("http://gpu-3:8000/v1/completions: 503 Service Unavailable", "URL N Service Unavailable"),
        ("cannot open (/data/run-7/aime.jsonl)", "cannot open (PATH)"),
        ("true and/or false", "true and/or false"),
        ("request 0f8fad5b-d9cb-469f-a165-70867728950e was lost", "request ID was lost"),
        ("object at 0x7f3a12", "object at ID"),
        ('no such data set: "gsm8k"', 'no such data set: "…"'),
        ("the model’s <b>text</b> :material/delete:", "the model’s <b>text</b> :material/delete:"),
        ("", ""),
    ],
)
def test_the_signature_of_an_error(error: str, common: str) -> None:
    assert signature(error) == common


def test_a_signature_has_a_signature_of_its_own_and_is_short() -> None:
    for error in ("prompt of 3,029 tokens", 'no "x" in http://a:1/b', "lost 0x12 in /a/b"):
        assert signature(signature(error)) == signature(error)
    assert len(signature("é" * 5000)) == MOST_CHARACTERS
