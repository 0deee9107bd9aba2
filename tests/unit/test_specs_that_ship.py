"""The specs in specs/: each is right, fits the registry that its head comment asks for, and twins are alike."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from overthink.estimate import estimate
from overthink.specs import load_specs
from overthink.stack.vllm import TINY_MODEL, ServedModel, write_registry
from scaling.abilities import Ability
from scaling.spec import Submission, yaml12
from worker.engines.kinds import ENGINES
from worker.registry import Registry

SPECS = Path(__file__).resolve().parents[2] / "specs"
FILES = sorted(SPECS.rglob("*.yaml"))
TWIN = "-tiny"
TWINS = [path for path in FILES if path.stem.endswith(TWIN)]
EMBEDDED = [path for path in FILES if path in TWINS or path.stem in ("demo", "search")]
OTHERS = [path for path in FILES if path not in EMBEDDED]

Shape = tuple[Any, ...]


def of(files: list[Path]) -> Any:
    return pytest.mark.parametrize("path", files, ids=lambda path: path.relative_to(SPECS).with_suffix("").as_posix())


@dataclass(frozen=True)
class Model:
    """As a worker would announce it."""

    context_length: int
    engine: str
    abilities: frozenset[Ability]


@dataclass(frozen=True)
class Verifier:
    scores_steps: bool = True


def head(text: str) -> list[str]:
    """The comment that a file begins with, without its marks."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line[1:])
    return lines


def registry_in(text: str) -> Registry:
    """What the head comment says is to be pasted: the block that begins with `models:`."""
    lines = head(text)
    begin = lines.index("   models:")
    block = []
    for line in lines[begin:]:
        if not line.startswith("   "):
            break
        block.append(line[3:])
    return Registry.model_validate(yaml12.load("\n".join(block)))


def served_in(text: str) -> Mapping[str, int]:
    """The context of each model that the head comment has served, by the server's name for it."""
    found = re.findall(r"^   vllm serve (\S+).* --max-model-len (\d+)", "\n".join(head(text)), re.MULTILINE)
    return {name: int(length) for name, length in found}


def embedded(folder: Path) -> Registry:
    write_registry(folder / "models.yaml", "http://127.0.0.1:1")
    return Registry.load(folder / "models.yaml")


def limits(registry: Registry, context: Mapping[str, int]) -> dict[str, Model]:
    return {
        name: Model(context[entry.served_as or name], entry.engine, ENGINES[entry.engine].abilities)
        for name, entry in registry.models.items()
    }


def read(path: Path) -> list[Submission]:
    """What a file asks for: of each of its data sets an experiment."""
    return [spec.submission for spec in load_specs(path).specs]


def stem_of_original(path: Path) -> str:
    return path.stem.removesuffix(TWIN)


def shapes(text: str) -> list[Shape]:
    """Of the arms as written: the strategy, and which of its settings are said. Numbers and names are left out."""
    arms: Any = yaml12.load(text)["arms"]
    return list(dict.fromkeys(shape(arm) for arm in arms))


def shape(strategy: Mapping[str, Any]) -> Shape:
    said = sorted(set(strategy) - {"strategy", "model", "chain", "sampling", "prompt"})
    chain = strategy.get("chain")
    return (strategy["strategy"], *said, *([] if chain is None else [shape(chain)]))


@of(FILES)
def test_a_spec_expands_and_names_its_arms_apart(path: Path) -> None:
    for submission in read(path):
        arms = submission.expand()
        assert len({arm.label for arm in arms}) == len(arms)


def test_no_two_specs_have_one_name() -> None:
    """`overthink results NAME` takes the newest of a name."""
    names = [submission.name for path in FILES for submission in read(path)]
    assert sorted(set(names)) == sorted(names)


@of(EMBEDDED)
def test_an_embedded_spec_fits_the_embedded_stack_and_its_dry_run_is_bounded(path: Path, tmp_path: Path) -> None:
    registry = embedded(tmp_path)
    context = dict.fromkeys((entry.served_as or name for name, entry in registry.models.items()), 0)
    models = limits(registry, dict.fromkeys(context, ServedModel(TINY_MODEL).context_length))
    (submission,) = read(path)
    assert submission.check_against(models, dict.fromkeys(registry.verifiers, Verifier())) == ()
    assert submission.size(models).generated_tokens is not None
    assert estimate(submission).notes == ()


@of(OTHERS)
def test_another_spec_fits_the_registry_of_its_head_comment(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    registry, context = registry_in(text), served_in(text)
    submissions, models = read(path), limits(registry, context)
    assert [submission.data_set.name for submission in submissions] == list(registry.data_sets)
    submission = submissions[0]
    assert submission.check_against(models, dict.fromkeys(registry.verifiers, Verifier())) == ()
    asked = {arm.model for arm in submission.expand()} | {arm.strategy.verifier_name for arm in submission.expand()}
    assert asked - {None} == {*registry.models, *registry.verifiers}, "what is to be served, and nothing more, is asked"


@of(OTHERS)
def test_what_a_spec_says_that_it_costs_is_what_its_dry_run_says(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    submissions, models = read(path), limits(registry_in(text), served_in(text))
    said = re.findall(r"([\d,]+)(?: generated tokens)? on (\d+) problems", " ".join(" ".join(head(text)).split()))
    for submission, (tokens, problems) in zip(submissions, said, strict=True):
        data_set = submission.data_set.model_copy(update={"limit": int(problems)})
        asked = submission.model_copy(update={"data_set": data_set}).size(models)
        assert f"{asked.generated_tokens:,}" == tokens


@of(TWINS)
def test_a_twin_has_the_strategies_of_its_original(path: Path) -> None:
    original = path.with_stem(stem_of_original(path))
    assert shapes(path.read_text(encoding="utf-8")) == shapes(original.read_text(encoding="utf-8"))


@of(OTHERS)
def test_every_other_spec_has_a_twin(path: Path) -> None:
    assert path.with_stem(path.stem + TWIN) in TWINS


@of(TWINS)
def test_a_twin_is_judged_as_its_original_is(path: Path) -> None:
    twin, original = (read(path.with_stem(stem))[0].verdict for stem in (path.stem, stem_of_original(path)))
    assert (twin is None) == (original is None)
    if twin and original:
        assert (twin.axes, twin.primary_axis, twin.margin, twin.primary.claim) == (
            original.axes, original.primary_axis, original.margin, original.primary.claim
        )  # fmt: skip
        assert set(twin.claims) == set(original.claims)


def test_a_twin_that_lacks_a_strategy_or_a_swept_setting_would_be_found() -> None:
    chain = "chain: {strategy: budget_forcing, waits: 2}"
    original = f"arms: [{{strategy: chain_of_thought}}, {{strategy: majority_vote, samples: [8, 16], {chain}}}]"
    assert shapes(original.replace("[8, 16]", "4").replace("waits: 2", "waits: [0, 1]")) == shapes(original)
    assert shapes(original.replace("{strategy: chain_of_thought}, ", "")) != shapes(original)
    assert shapes(original.replace(", waits: 2", "")) != shapes(original)


@of(OTHERS)
def test_what_was_never_run_says_so_and_names_its_twin(path: Path) -> None:
    said = " ".join(" ".join(head(path.read_text(encoding="utf-8"))).split())
    assert "ever run here" in said
    assert f"{path.stem}{TWIN}.yaml" in said
