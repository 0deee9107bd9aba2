"""Where a scan found something, arm by arm, and how often traces with a hit are correct.

A trace counts as one with a hit, where it is held against its verdict, if the chain has one whose answer speaks for the
job: a vote of 16 has sixteen chances of a hit, and one verdict. Shares of hits are over all chains.

That is association. Hard problems have long traces, and long traces more of everything; and where arms differ in hits,
as they do in Waits, accuracy with and without a hit over all arms compares arms. The paired difference is within the
problems, and within the arm, that have traces of both kinds: it takes problem and arm out of it, and nothing else.

Suffixes: P problems, R repeats; for all arms together, R runs over the repeats of all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np

from db.queries.samples import VERDICTS
from db.queries.scanning import ArmFindings, Scan, scan_named
from results.columns import Column, Columns, Table, any_of
from results.measured.measurements import Measurements
from results.questions import Question
from results.wording import UNKNOWN, accuracy, amount, slope
from scaling.arrays import Floats
from scaling.statistics import estimates
from scaling.statistics.estimates import Estimate, problem_means
from scaling.statistics.intervals import difference_interval
from scaling.types import Verdict

ALL = "all arms"


@dataclass(frozen=True, slots=True)
class ArmHits:
    """One arm, or all together. `hit` is the share of chains with a hit, `value` the mean of their numbers, both means
    over problems; `correct_with` and `correct_without` the accuracy of traces whose chosen chain has a hit, and has
    none; `within` the difference of the two over the problems that have both, in one arm. `by_verdict` counts traces
    with a hit in the chosen chain, and all that were looked at.
    """

    label: str
    scan: Scan
    traces: int
    untold: int
    hit: Estimate
    value: Estimate
    correct_with: Estimate
    correct_without: Estimate
    within: Estimate
    thinking_log_prob: Estimate
    answer_log_prob: Estimate
    """Means over problems of what a model says of its own tokens, in nats."""
    by_verdict: tuple[tuple[int, int], ...]
    """In the order of `VERDICTS`."""


@dataclass(frozen=True, slots=True)
class Hits:
    """In arm order; with several arms, all of them together last."""

    scan: Scan
    arms: tuple[ArmHits, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was found in problems × repeats. NaN: not looked at, or nothing can be said."""

    hit_PR: Floats
    value_PR: Floats
    chosen_PR: Floats
    verdict_PR: Floats
    thinking_log_prob_PR: Floats
    answer_log_prob_PR: Floats

    @classmethod
    def of(cls, found: ArmFindings, num_problems: int) -> "Looked":
        with np.errstate(invalid="ignore"):
            share_J = found.hits_J / found.chains_J
        values = (
            share_J, found.value_J, found.is_chosen_hit_J, found.verdict_number_J,
            found.thinking_log_prob_J, found.answer_log_prob_J,
        )  # fmt: skip
        return cls(*(_spread(found, each, num_problems) for each in values))

    @classmethod
    def together(cls, parts: Sequence["Looked"]) -> "Looked":
        return cls(*(np.hstack([getattr(part, name) for part in parts]) for name in cls.__slots__))

    @property
    def correct_PR(self) -> Floats:
        is_correct_PR = self.verdict_PR == VERDICTS.index(Verdict.CORRECT)
        return np.where(np.isnan(self.verdict_PR), nan, is_correct_PR)

    def correct_if(self, is_hit: bool) -> Floats:
        return np.where(self.chosen_PR == is_hit, self.correct_PR, nan)


def hits(measurements: Measurements, scan: str | None = None) -> Hits:
    """`scan` by number or name; without one, the newest. Raises UnknownScanError."""
    chosen = scan_named(measurements.scans(), scan)
    found = measurements.arm_findings(chosen.id)
    looked = {
        arm.label: Looked.of(found[arm.id], measurements.experiment.num_problems)
        for arm in measurements.experiment.arms
        if arm.id in found
    }
    rows = [_arm_hits(label, chosen, (each,)) for label, each in looked.items()]
    if len(looked) > 1:
        rows.append(_arm_hits(ALL, chosen, tuple(looked.values())))
    return Hits(chosen, tuple(rows))


def _arm_hits(label: str, scan: Scan, arms: Sequence[Looked]) -> ArmHits:
    looked = Looked.together(arms)
    of_verdicts = [looked.verdict_PR == number for number in range(len(VERDICTS))]
    traces = int((~np.isnan(looked.verdict_PR)).sum())
    return ArmHits(
        label=label,
        scan=scan,
        traces=traces,
        untold=traces - int((~np.isnan(looked.value_PR)).sum()),
        hit=estimates.share(looked.hit_PR),
        value=estimates.mean(looked.value_PR),
        correct_with=estimates.share(looked.correct_if(True)),
        correct_without=estimates.share(looked.correct_if(False)),
        within=_within(arms),
        thinking_log_prob=estimates.mean(looked.thinking_log_prob_PR),
        answer_log_prob=estimates.mean(looked.answer_log_prob_PR),
        by_verdict=tuple((int((looked.chosen_PR[each] == 1).sum()), int(each.sum())) for each in of_verdicts),
    )


def _within(arms: Sequence[Looked]) -> Estimate:
    """Accuracy with a hit less that without, of the problems that have both in one arm; of several arms, their mean."""
    of_arms = [problem_means(each.correct_if(True)) - problem_means(each.correct_if(False)) for each in arms]
    difference_P = problem_means(np.stack(of_arms, axis=1))
    known_P = difference_P[~np.isnan(difference_P)]
    if not known_P.size:
        return Estimate.unknown()
    return Estimate(float(known_P.mean()), *difference_interval(known_P), known_P.size)


def _spread(found: ArmFindings, values_J: np.ndarray, num_problems: int) -> Floats:
    values_PR = np.full((num_problems, int(found.repeat_J.max(initial=0)) + 1), nan)
    values_PR[found.problem_J, found.repeat_J] = values_J
    return values_PR


def _share(
    name: str, of: Callable[[ArmHits], Estimate], title: str, help: str, show: Callable[[Estimate], str] = accuracy
) -> Columns[ArmHits]:
    """With its interval: one column for people, four for machines."""
    return (
        Column(name, lambda it: of(it).value, title, help, show, of),
        Column(f"{name}_ci_low", lambda it: of(it).low),
        Column(f"{name}_ci_high", lambda it: of(it).high),
        Column(f"{name}_n", lambda it: of(it).n),
    )


def _amount(mean: Estimate) -> str:
    return amount(mean.value)


def _where(needed: Callable[[Sequence[ArmHits]], bool], columns: Columns[ArmHits]) -> Columns[ArmHits]:
    """The columns, shown to people where they say something."""
    shown, *others = columns
    return replace(shown, needed=needed), *others


def _of_verdict(number: int, verdict: Verdict) -> Columns[ArmHits]:
    return (
        Column(verdict.value, lambda it: it.by_verdict[number][1]),
        Column(
            f"{verdict.value}_with_hit", lambda it: it.by_verdict[number][0], f"of {verdict.value}",
            f"of the traces that are {verdict.value}, those whose chosen chain has a hit",
            lambda counts: f"{counts[0]:,} / {counts[1]:,}" if counts[1] else UNKNOWN,
            lambda it: it.by_verdict[number],
            any_of(lambda it: it.by_verdict[number][1]),
        ),
    )  # fmt: skip


def _log_prob(phase: str, of: Callable[[ArmHits], Estimate]) -> Columns[ArmHits]:
    title, help = f"{phase}, nats", f"mean log-prob of the model's own tokens, {phase}; mean over problems"
    columns = _share(f"{phase}_log_prob", of, title, help, _amount)
    return _where(any_of(lambda it: of(it).n), columns)


COLUMNS: Columns[ArmHits] = (
    Column("label", lambda it: it.label, "arm", has_arms=True),
    Column("scan", lambda it: it.scan.id),
    Column("name", lambda it: it.scan.name),
    Column("traces", lambda it: it.traces, "traces", "that were looked at"),
    Column(
        "untold", lambda it: it.untold, "untold", "traces of which nothing could be said",
        needed=any_of(lambda it: it.untold),
    ),
    *_share("hit", lambda it: it.hit, "chains with a hit", "a problem's mean, 95 % interval over problems"),
    *_where(
        lambda rows: any(it.value != it.hit for it in rows),
        _share("value", lambda it: it.value, "number", "a chain's, mean over problems", _amount),
    ),
    *_share("correct_with", lambda it: it.correct_with, "accuracy with a hit", "in the chosen chain"),
    *_share("correct_without", lambda it: it.correct_without, "without", "accuracy with no hit in the chosen chain"),
    *_where(
        any_of(lambda it: it.within.n),
        _share(
            "within", lambda it: it.within, "within problems",
            "points that traces with a hit are more accurate, where a problem has both kinds in one arm", slope,
        ),
    ),
    *(column for number, verdict in enumerate(VERDICTS) for column in _of_verdict(number, verdict)),
    *_log_prob("thinking", lambda it: it.thinking_log_prob),
    *_log_prob("answer", lambda it: it.answer_log_prob),
)  # fmt: skip


def table(found: Hits) -> Table[ArmHits]:
    return Table(COLUMNS, found.arms, tuple(_notes(found)))


def _notes(found: Hits) -> Iterator[str]:
    scan = found.scan
    yield f"Scan {scan.id}, {scan.name}: {scan.scanned:,} of {scan.traces:,} traces, {scan.hit:,} with a hit."
    if scan.unscanned:
        yield f"{scan.unscanned:,} traces are there that it has not looked at: scan again, and it goes on with them."
    if scan.untold:
        yield f"Nothing could be said of {scan.untold:,} traces: they are in no share."
    yield (
        "Accuracy with and without a hit is association, not effect: hard problems have longer traces, and longer "
        "traces more of everything; over all arms it compares arms, too. Within problems, problem and arm are the "
        "same: that takes repeats."
    )
    if scan.model is not None:
        yield _spent(scan)


def _spent(scan: Scan) -> str:
    known = "unknown" if scan.generated_tokens is None else f"{scan.generated_tokens:,}"
    read = "unknown" if scan.prompt_tokens is None else f"{scan.prompt_tokens:,}"
    said = f"{scan.model} read {read} and generated {known} tokens for it, which are in no other count"
    if scan.unknown_requests:
        tokens = scan.unknown_prompt_tokens + scan.unknown_generated_tokens
        said += (
            f"; of {scan.unknown_requests:,} requests at most, {tokens:,} tokens at most, nobody knows what they cost"
        )
    return f"{said}."


SCANS = Question("scans", "Where did a scan find something, and are those traces as often correct?", hits, table)
