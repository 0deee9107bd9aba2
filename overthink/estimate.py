"""What a submission would cost at most, before anything is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from pydantic import JsonValue
from sqlalchemy import Engine

from db.problems import Fingerprints, fingerprints
from db.records import ServedModel
from db.settings import settings
from results.columns import plain
from results.forecast.bill import ArmBill, Bill, Range, bill
from scaling.compute.model_facts import PricePerMillion
from scaling.spec import ExperimentSize, Submission
from scaling.statistics.power import DISCORDANT, Power, power_of
from scaling.strategy import counted
from worker.datasets import DataSetError
from worker.datasets.of_spec import load_data_set
from worker.registry import Registry


@dataclass(frozen=True, slots=True)
class Estimate:
    """Upper bounds, and what keeps them from being known."""

    size: ExperimentSize
    notes: tuple[str, ...] = ()
    output_price: float | None = None
    """US dollars that its generated tokens cost at most; None: their number or a price is not known."""
    bill: Bill | None = None
    """What it will probably cost; None: no database was asked, or the number of problems is not known."""
    power: Power | None = None
    """What difference it can show; None: there is nothing to compare, or the number of problems is not known."""

    @property
    def sentence(self) -> str:
        size = self.size
        if size.jobs is None or size.problems is None:
            return f"{counted(size.arms, 'arm')}; the number of problems is known when a worker reads the data set."
        on = f"{counted(size.arms, 'arm')} on {counted(size.problems, 'problem')}"
        jobs = f"{on}: {counted(size.jobs, 'job')}, {counted(size.chains or 0, 'chain')}"
        if size.generated_tokens is None:
            return f"{jobs}. Arms without max_thinking_tokens may think as long as the context allows."
        price = "" if self.output_price is None else f", which cost ${self.output_price:,.2f}; prompts come on top"
        return f"{jobs}, at most {size.generated_tokens:,} generated tokens{price}."


class PowerDocument(TypedDict):
    """The smallest difference in accuracy that is found four times in five at p < .05, paired by problem, where
    `discordant` shares of two arms' answers differ; null: none can be. `among` is for one of `comparisons` at once."""

    problems: int
    repeats: int
    discordant: list[float]
    smallest_difference: JsonValue
    comparisons: int
    smallest_difference_among: JsonValue


class BillDocument(TypedDict):
    """What it will probably cost: each as [low, likely, high]. null: not known."""

    generated_tokens: list[float] | None
    seconds: list[float] | None
    dollars: list[float] | None
    jobs_done_before: int
    arms: list[dict[str, JsonValue]]


class EstimateDocument(TypedDict):
    """What `submit --dry-run --json` prints. null: not known here."""

    name: str
    digest: str
    arms: list[Mapping[str, JsonValue]]
    problems: int | None
    jobs: int | None
    most_generated_tokens: int | None
    most_output_price: float | None
    expected: BillDocument | None
    power: PowerDocument | None
    notes: list[str]


def estimate(
    submission: Submission, models: Mapping[str, ServedModel] | None = None, database: Engine | None = None
) -> Estimate:
    """The data set is read here if it can be; a worker, who reads it in earnest, may see other files. `database` has
    what ran before."""
    chosen = settings()
    registry = Registry.load(chosen.models)
    notes: tuple[str, ...] = ()
    asked: Fingerprints | None = None
    try:
        data_set = load_data_set(submission.data_set, registry, chosen.data_dir, database)
        asked = fingerprints(data_set.problems)
        exact = submission.data_set.model_copy(update={"limit": len(data_set.problems)})
        submission = submission.model_copy(update={"data_set": exact})
    except DataSetError as error:
        notes = (f"The data set cannot be read here; a worker will try: {error}",)
    size = submission.size(models)
    power = power_of(size.problems, submission.repeats, size.arms)
    by_model = prices(registry, models or {})
    expected = None if database is None else bill(database, submission, models or {}, by_model, asked)
    return Estimate(size, notes, output_price(size, by_model), expected, power)


def prices(registry: Registry, models: Mapping[str, ServedModel]) -> dict[str, PricePerMillion | None]:
    """As workers announced them, else as the registry here has them."""
    here = {name: entry.price_per_million for name, entry in registry.models.items()}
    return here | {name: model.cost_facts.price_per_million for name, model in models.items()}


def output_price(size: ExperimentSize, by_model: Mapping[str, PricePerMillion | None]) -> float | None:
    total = 0.0
    for name, tokens in (size.generated_by_model or {}).items():
        price = by_model.get(name)
        if price is None:
            return None
        total += tokens * price.output / 1e6
    return total if size.generated_by_model else None


def estimate_document(submission: Submission, expected: Estimate) -> EstimateDocument:
    return {
        "name": submission.name,
        "digest": submission.digest,
        "arms": [
            {"label": arm.label, "model": arm.model, "strategy": arm.strategy.strategy, "params": arm.params}
            for arm in submission.expand()
        ],
        "problems": expected.size.problems,
        "jobs": expected.size.jobs,
        "most_generated_tokens": expected.size.generated_tokens,
        "most_output_price": expected.output_price,
        "expected": None if expected.bill is None else bill_document(expected.bill),
        "power": None if expected.power is None else power_document(expected.power),
        "notes": list(expected.notes),
    }


def bill_document(expected: Bill) -> BillDocument:
    return {
        "generated_tokens": _listed(expected.generated),
        "seconds": _listed(expected.seconds),
        "dollars": _listed(expected.dollars),
        "jobs_done_before": expected.jobs_before,
        "arms": [
            {
                "label": arm.label,
                "by": arm.basis.value,
                "generated_tokens": list(_listed(arm.generated) or []) or None,
                "done_before": _done(arm),
            }
            for arm in expected.arms
        ],
    }


def _done(arm: ArmBill) -> dict[str, JsonValue] | None:
    """`experiment` is the newest that did some of it, `jobs` are those of all of them."""
    if not arm.before:
        return None
    return {"experiment": arm.before[0].experiment_id, "jobs": sum(each.jobs for each in arm.before)}


def _listed(expected: Range | None) -> list[float] | None:
    return None if expected is None else [round(value, 3) for value in (expected.low, expected.likely, expected.high)]


def power_document(power: Power) -> PowerDocument:
    return {
        "problems": power.problems,
        "repeats": power.repeats,
        "discordant": list(DISCORDANT),
        "smallest_difference": plain(power.alone),
        "comparisons": power.comparisons,
        "smallest_difference_among": plain(power.among),
    }
