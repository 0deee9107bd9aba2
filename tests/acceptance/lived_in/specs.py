"""What is run for the tests of this folder: small, and of every kind that a page has to show."""

import json
from pathlib import Path

DEMO = """
name: small demo
data_set: {name: ladder-test, limit: 20}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
  - {strategy: budget_forcing, max_thinking_tokens: 8}
  - {strategy: budget_forcing, waits: [1, 2], max_thinking_tokens: 800}
  - {strategy: majority_vote, samples: 8}
sampling: {temperature: 0.8, max_answer_tokens: 64}
"""
SEARCH = """
name: small search
data_set: {name: ladder-test, limit: 6}
models: [ladder-tiny]
arms:
  - {strategy: best_of_n, samples: 4, verifier: ladder-tiny-prm}
  - {strategy: beam_search, width: 4, branches: 2, verifier: ladder-tiny-prm}
  - {strategy: revisions, chains: 2, revisions: 2, verifier: ladder-tiny-prm}
sampling: {temperature: 0.8, max_answer_tokens: 64}
"""
CUT = """
name: answers cut
data_set: {name: ladder-test, limit: 4}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
sampling: {temperature: 0.8, max_answer_tokens: 2}
"""
OLD = """
name: graded long ago
data_set: {name: ladder-test, limit: 3}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
sampling: {temperature: 0.8, max_answer_tokens: 63}
"""
CAPPED = """
name: capped
data_set: {name: ladder-test, limit: 300}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
sampling: {temperature: 0.8, max_answer_tokens: 64}
token_cap: 4000
"""
UNSERVED = """
name: for nobody
data_set: {name: ladder-test, limit: 4}
models: [ghost-7B]
arms:
  - strategy: chain_of_thought
"""
WORK = """
name: work
data_set: {name: ladder-test, limit: 200}
models: [ladder-tiny]
arms:
  - {strategy: budget_forcing, waits: [4, 6], max_thinking_tokens: 800}
  - {strategy: majority_vote, samples: 16}
sampling: {temperature: 0.8, max_answer_tokens: 64}
"""
"""Goes on for long enough to be paused, cancelled, killed, and looked at meanwhile."""
TOO_LONG = """
name: too long
data_set: {path: long.jsonl, grader: integer}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
  - {strategy: majority_vote, samples: 4}
"""
NUM_TOO_LONG = 2


def _too_long() -> list[dict[str, str]]:
    questions = ["1+2", "2+3", *["+".join(["1"] * 3_000)] * NUM_TOO_LONG]
    return [{"id": f"p{at}", "question": each, "answer": "3"} for at, each in enumerate(questions)]


def written(folder: Path, name: str, text: str) -> Path:
    """The spec as a file, with its data file beside it where it is `TOO_LONG`: a worker may be reading it later on."""
    if text == TOO_LONG:
        (folder / "long.jsonl").write_text("\n".join(map(json.dumps, _too_long())))
    path = folder / f"{name}.yaml"
    path.write_text(text)
    return path
