"""Submissions to start from: the specs of the checkout, and the experiments there are. A file is read, never run."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from pydantic import JsonValue

from scaling.spec import SpecError, Submission, reading, yaml12

SPECS = Path(__file__).resolve().parents[2] / "specs"

BLANK = """\
name: my experiment
data_set: {name: ladder-test, limit: 120}
models: []
arms:
  - strategy: chain_of_thought
  - strategy: budget_forcing
    max_thinking_tokens: [16, 32, 64]
"""


@dataclass(frozen=True, slots=True)
class Preset:
    """A spec by its file's path, without the suffix: `papers/s1-figure-1`."""

    name: str
    text: str

    @property
    def about(self) -> str:
        """How it introduces itself: the first paragraph of the comment at its head; empty without one."""
        lines = takewhile(lambda line: line.startswith("# "), self.text.splitlines())
        return " ".join(line.removeprefix("# ").strip() for line in lines)


def presets(folder: Path = SPECS) -> tuple[Preset, ...]:
    """Every YAML file in the folder, the demo first, then those in its folders: each beside its twin."""
    found = folder.rglob("*.yaml")
    texts = {file.relative_to(folder).with_suffix(""): file.read_text(encoding="utf-8") for file in found}
    order = sorted(texts, key=lambda path: (len(path.parts), path.name != "demo", path))
    return tuple(Preset(path.as_posix(), texts[path]) for path in order)


def alike(spec_yaml: str | None, spec: Mapping[str, JsonValue], digest: str) -> str:
    """What an experiment of this digest ran, and how it is read, as YAML: what was handed in, if that still says it.

    Else the stored spec, with the defaults of its day: overrides were not in the text, and defaults may have changed.
    """
    if spec_yaml is not None and _says(spec_yaml, spec, digest):
        return spec_yaml
    return yaml12.dump(dict(spec))


def _says(text: str, spec: Mapping[str, JsonValue], digest: str) -> bool:
    try:
        said = Submission.from_yaml(text)
    except SpecError:
        return False
    return said.digest == digest and reading(said.scientific) == reading(spec)
