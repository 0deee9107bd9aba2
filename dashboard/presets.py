"""Submissions to start from: the specs of the checkout, and the experiments there are. A file is read, never run."""

from dataclasses import dataclass
from pathlib import Path

SPECS = Path(__file__).resolve().parent.parent / "specs"

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
    """A spec by its file's name."""

    name: str
    text: str


def presets(folder: Path = SPECS) -> tuple[Preset, ...]:
    """Every YAML file in the folder, the demo first."""
    files = sorted(folder.glob("*.yaml"), key=lambda file: (file.stem != "demo", file.stem))
    return tuple(Preset(file.stem, file.read_text(encoding="utf-8")) for file in files)
