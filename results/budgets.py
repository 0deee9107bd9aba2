"""Do arms keep to the thinking tokens that they were given? What jobs took against what they may take [s1 §3.2]."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from db.queries import Arm, ArmSamples
from results.columns import Column, Columns, Table, estimate
from results.measured.costs import requested_thinking
from results.measured.measurements import Measurements, shape_over, spread
from results.questions import Question
from results.wording import amount
from scaling.statistics import estimates
from scaling.statistics.estimates import Estimate, problem_means
from scaling.statistics.percentiles import Percentiles, percentiles


@dataclass(frozen=True, slots=True)
class BudgetUse:
    """Of an arm that was given a number of thinking tokens, `requested` a job, and has a result.

    `taken` is the mean over problems, `problems` the percentiles of what problems took, each the mean over its repeats;
    `over` of its `jobs` with a result took more than they were given.
    """

    arm: Arm
    requested: int
    taken: Estimate
    problems: Percentiles
    jobs: int
    over: int
    failed: int

    @property
    def is_over(self) -> bool:
        """On average."""
        return self.taken.value > self.requested


@dataclass(frozen=True, slots=True)
class Budgets:
    """In arm order. `unlimited` are the labels of the arms that have results but were given no number of tokens."""

    uses: tuple[BudgetUse, ...]
    unlimited: tuple[str, ...]


def budgets(measurements: Measurements) -> Budgets:
    measured = [each for each in measurements.samples if each.job_id_J.size]
    given = [(each, requested_thinking(each.arm)) for each in measured]
    return Budgets(
        uses=tuple(budget_use(each, requested) for each, requested in given if requested is not None),
        unlimited=tuple(each.arm.label for each, requested in given if requested is None),
    )


def budget_use(samples: ArmSamples, requested: int) -> BudgetUse:
    tokens_PR = spread(samples, samples.thinking_tokens_J, shape_over([samples]))
    return BudgetUse(
        arm=samples.arm,
        requested=requested,
        taken=estimates.mean(tokens_PR),
        problems=percentiles(problem_means(tokens_PR)),
        jobs=int((~np.isnan(samples.thinking_tokens_J)).sum()),
        over=int((samples.thinking_tokens_J > requested).sum()),
        failed=samples.jobs.failed,
    )


def _tokens_interval(taken: Estimate) -> str:
    return f"{amount(taken.low)} … {amount(taken.high)}"


COLUMNS: Columns[BudgetUse] = (
    Column("label", lambda it: it.arm.label, "arm"),
    Column("requested", lambda it: it.requested, "given", "thinking tokens a job"),
    *estimate(
        "thinking_tokens_mean", lambda it: it.taken, "taken", "mean thinking tokens per problem",
        show=lambda taken: amount(taken.value), interval=_tokens_interval,
    ),
    Column("n", lambda it: it.taken.n, "n", "problems with a result"),
    Column("percentile_10", lambda it: it.problems.tenth, "10 %", "of problems took up to so many tokens"),
    Column("median", lambda it: it.problems.median, "50 %", "of problems took up to so many tokens"),
    Column("percentile_90", lambda it: it.problems.ninetieth, "90 %", "of problems took up to so many tokens"),
    Column("is_over", lambda it: it.is_over),
    Column("jobs", lambda it: it.jobs, "jobs", "with a result"),
    Column("jobs_over", lambda it: it.over, "over", "jobs that took more than they were given"),
    Column("failed", lambda it: it.failed, "failed", "jobs without a result"),
)  # fmt: skip


def _table(found: Budgets) -> Table[BudgetUse]:
    return Table(COLUMNS, found.uses, tuple(_notes(found)))


def _notes(found: Budgets) -> Iterator[str]:
    over, jobs = sum(each.over for each in found.uses), sum(each.jobs for each in found.uses)
    if found.uses:
        yield (
            f"{sum(each.is_over for each in found.uses)} of {len(found.uses)} arms took more on average than they were "
            f"given; {over:,} of their {jobs:,} jobs did. A job's budget is that of all its chains; of an arm that is "
            "told how long to think, what it is told."
        )
    if found.unlimited:
        yield f"Given no number of thinking tokens, and so not here: {', '.join(found.unlimited)}."


BUDGETS = Question("budgets", "Do arms keep to the thinking tokens that they were given?", budgets, _table)
