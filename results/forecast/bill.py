"""What an experiment will probably cost, before it is run: from what its arms, or arms like them, took before.

Three numbers each: low, likely and high; what it can cost at most is another question (`ExperimentSpec.size`). An arm
that ran before is expected to take what it took, whatever the problems were; its low and high are a 95 % prediction
interval of the sum over its jobs (mean ± 1.96 · sd · √(J + J²/n) for J jobs, of which n were seen). An arm that did not
is expected to generate with each chain what arms of the same strategy did, or else all arms on its model; low and high
are the extremes of those. Where nothing ran on the model, nothing is expected. Data sets differ: these are guides.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError
from sqlalchemy import Engine

from db import queries
from db.problems import Fingerprints
from db.queries import RanArm
from db.records import ServedModel
from results.forecast.before import RunBefore, done_before
from scaling.compute.model_facts import PricePerMillion
from scaling.spec import Submission
from scaling.spec.arms import ArmSpec
from scaling.strategies import STRATEGY
from scaling.strategy import Strategy
from scaling.types import PromptFormat, Sampling

NORMAL = 1.96


@dataclass(frozen=True, slots=True)
class Range:
    """Of tokens, seconds or US dollars."""

    low: float
    likely: float
    high: float

    def __add__(self, other: "Range") -> "Range":
        return Range(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def times(self, factor: float) -> "Range":
        return Range(factor * self.low, factor * self.likely, factor * self.high)

    def at_most(self, bound: float | None) -> "Range":
        if bound is None:
            return self
        return Range(min(self.low, bound), min(self.likely, bound), min(self.high, bound))


class Basis(StrEnum):
    """What an arm's tokens are expected by."""

    ITSELF = "it ran before"
    STRATEGY = "arms of its strategy"
    MODEL = "arms on its model"
    NOTHING = "nothing ran on its model"


@dataclass(frozen=True, slots=True)
class ArmBill:
    """An arm of the spec. None: not known."""

    label: str
    model: str
    basis: Basis
    generated: Range | None
    prompts: Range | None
    """Tokens of the prompts of all its requests."""
    before: tuple[RunBefore, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """Of all arms together. None: some arm's is not known, or a model's pace or price."""

    arms: tuple[ArmBill, ...]
    jobs: int
    generated: Range | None
    seconds: Range | None
    dollars: Range | None

    @property
    def before(self) -> tuple[RunBefore, ...]:
        return tuple(each for arm in self.arms for each in arm.before)

    @property
    def jobs_before(self) -> int:
        return sum(each.jobs for each in self.before)

    @property
    def unknown(self) -> tuple[ArmBill, ...]:
        return tuple(arm for arm in self.arms if arm.generated is None)


def bill(
    database: Engine,
    submission: Submission,
    models: Mapping[str, ServedModel],
    prices: Mapping[str, PricePerMillion | None],
    asked: Fingerprints | None = None,
) -> Bill | None:
    """`asked` are the problems, where they can be read here. None: how many there are is not known before a worker
    reads them."""
    problems = submission.data_set.limit if asked is None else len(asked)
    if problems is None:
        return None
    arms = submission.expand()
    names = {arm.model for arm in arms}
    ran = {name: tuple(map(_Ran.of, queries.ran_arms(database, name))) for name in names}
    jobs = problems * submission.repeats
    same = [
        [each.arm for each in ran[arm.model] if each.asked == (arm.strategy, arm.sampling, arm.prompt)] for arm in arms
    ]
    before = done_before(database, submission, list(zip(arms, same, strict=True)), asked)
    billed = zip(arms, same, before, strict=True)
    lines = tuple(_arm_bill(submission, arm, its, ran[arm.model], jobs, models, done) for arm, its, done in billed)
    paces = {name: queries.pace(database, name) for name in names}
    return Bill(lines, jobs * len(arms), _sum(lines), _seconds(lines, paces), _dollars(lines, prices))


@dataclass(frozen=True, slots=True)
class _Ran:
    """An arm that ran, and how it asked; None: in a way that is not known any more."""

    arm: RanArm
    asked: tuple[Strategy, Sampling, PromptFormat] | None

    @classmethod
    def of(cls, arm: RanArm) -> "_Ran":
        try:
            asked = (
                STRATEGY.validate_python(arm.strategy_spec),
                Sampling.model_validate(arm.sampling),
                PromptFormat.model_validate(arm.prompt),
            )
        except ValidationError:
            return cls(arm, None)
        return cls(arm, asked)

    @property
    def num_chains(self) -> int:
        return self.asked[0].num_chains if self.asked else 1


def _arm_bill(
    submission: Submission,
    arm: ArmSpec,
    same: Sequence[RanArm],
    ran: Sequence[_Ran],
    jobs: int,
    models: Mapping[str, ServedModel],
    before: tuple[RunBefore, ...],
) -> ArmBill:
    """`same` are those of `ran` that asked in this arm's way."""
    basis, generated, prompts = _expected(arm, same, ran, jobs)
    most = submission.most_per_job(arm, models)
    bounded = generated.at_most(None if most is None else most * jobs) if generated else None
    return ArmBill(arm.label, arm.model, basis, bounded, prompts, before)


def _expected(
    arm: ArmSpec, same: Sequence[RanArm], ran: Sequence[_Ran], jobs: int
) -> tuple[Basis, Range | None, Range | None]:
    """By what, and the tokens that are generated, and those of prompts."""
    if same:
        likely = predicted(same[0].generated_mean, same[0].generated_sd, same[0].jobs, jobs)
        return Basis.ITSELF, likely, _spread([same[0].prompt_mean], jobs)
    known = [each for each in ran if each.asked is not None]
    alike = [each for each in known if each.arm.strategy_spec["strategy"] == arm.strategy.strategy]
    chosen = alike or known
    if not chosen:
        return Basis.NOTHING, None, None
    chains = jobs * arm.strategy.num_chains
    generated = _spread([each.arm.generated_mean / each.num_chains for each in chosen], chains)
    prompts = _spread([each.arm.prompt_mean and each.arm.prompt_mean / each.num_chains for each in chosen], chains)
    return (Basis.STRATEGY if alike else Basis.MODEL), generated, prompts


def _spread(means: Sequence[float | None], count: int) -> Range | None:
    """Of `count` chains or jobs, by what each of those took that ran before. None: none of them says."""
    known = sorted(mean for mean in means if mean is not None)
    return Range(known[0], known[len(known) // 2], known[-1]).times(count) if known else None


def predicted(mean: float, sd: float | None, seen: int, jobs: int) -> Range:
    """The sum over `jobs` more jobs, where `seen` had this mean and standard deviation; of one alone there is none."""
    half = NORMAL * (mean if sd is None else sd) * math.sqrt(jobs + jobs**2 / seen)
    return Range(max(0.0, jobs * mean - half), jobs * mean, jobs * mean + half)


def _sum(lines: Sequence[ArmBill]) -> Range | None:
    known = [line.generated for line in lines if line.generated is not None]
    return sum(known, Range(0.0, 0.0, 0.0)) if len(known) == len(lines) else None


def _by_model(lines: Sequence[ArmBill]) -> dict[str, Range | None]:
    return {name: _sum([line for line in lines if line.model == name]) for name in {line.model for line in lines}}


def _seconds(lines: Sequence[ArmBill], paces: Mapping[str, float | None]) -> Range | None:
    """As if the models worked one after another, which they do on one machine."""
    total = Range(0.0, 0.0, 0.0)
    for name, generated in _by_model(lines).items():
        tokens_per_s = paces.get(name)
        if generated is None or not tokens_per_s:
            return None
        total += generated.times(1 / tokens_per_s)
    return total


def _dollars(lines: Sequence[ArmBill], prices: Mapping[str, PricePerMillion | None]) -> Range | None:
    """Prompts at the full price: what a server's cache spares is not foreseen."""
    total = Range(0.0, 0.0, 0.0)
    for line in lines:
        price = prices.get(line.model)
        if price is None or line.generated is None or line.prompts is None:
            return None
        total += line.generated.times(price.output / 1e6) + line.prompts.times(price.input / 1e6)
    return total
