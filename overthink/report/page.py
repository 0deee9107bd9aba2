"""What the report says, section by section, for its template to set. Every sentence is `results.verdict.words`'s, or
describes what was done."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from pydantic import JsonValue

from overthink.report import plots, sources
from overthink.report.methods import methods_words
from overthink.stack.vllm import SERVED_AS
from results import ArmResult, Claimed, Joined, Measurements, Standing, Verdicts, arm_results, arms
from results.columns import Column, Columns, Table
from results.verdict import VERDICT, missing, places_table
from results.verdict.words import (
    SIGNS,
    WHY,
    band_title,
    claim_words,
    notes_of,
    primary_words,
    rule_words,
    standing_words,
    verdict_on,
    where_words,
)
from results.wording import INSTRUMENT_CHECK, budget_shown, moment, points, points_interval
from scaling.compute.axes import Axis
from scaling.spec import yaml12

COUNTS = (
    "label", "model", "accuracy", "ci_low", "n", "done", "failed", "if_missing_right", "truncated", "unparsed",
    "unscored", "ties", "thinking_tokens_mean", "generated_tokens_total", "verifier_tokens_total",
)  # fmt: skip

CHOSEN: Columns[Standing] = (
    Column("axis", lambda it: it.axis.label, "axis"),
    Column("budget", lambda it: it.budget, "budget", show=budget_shown),
    Column("first", lambda it: " / ".join(it.first.settings), "first family"),
    Column("second", lambda it: " / ".join(it.second.settings), "second family"),
)


@dataclass(frozen=True, slots=True)
class Plotted:
    svg: Markup
    caption: str


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("overthink.report", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    told = (
        band_title, budget_shown, chosen_table, claim_words, counts_of, places_table, plots.plots_words, points,
        points_interval, standing_words, verdict_on, where_words,
    )  # fmt: skip
    made.globals.update(signs=SIGNS, **{each.__name__: each for each in told})
    return made


def report_html(measurements: Measurements, found: Verdicts, now: dt.datetime) -> str:
    works = sources.used(measurements, found)
    results = arm_results(measurements)
    return environment().get_template("report.html.j2").render(
        name=measurements.experiment.summary.name,
        experiments=[each.experiment for each in parts_of(measurements)],
        joined=measurements.words if isinstance(measurements, Joined) else "",
        unfinished=tuple(unfinished(measurements)),
        instrument_check=INSTRUMENT_CHECK if is_instrument_check(measurements) else "",
        question=VERDICT.title,
        primary=primary_words(found),
        found=found,
        rule=rule_words(found.rule),
        left_out=tuple(notes_of(found)),
        plotted={each.claim.name: plotted(each, found.rule.margin) for each in found.claims},
        axes=tuple(dict.fromkeys(axis for each in found.claims for axis in each.axes)),
        missing=missing([each.claim for each in found.claims], measurements.experiment),
        counts=counts_table(results),
        count_notes=tuple(arms.notes(results)),
        families=families_table(measurements, found),
        methods=methods_words(measurements, found, works),
        works=works,
        specs={each.experiment.id: spec_yaml(each) for each in parts_of(measurements)},
        provenance={each.experiment.id: provenance_yaml(each) for each in parts_of(measurements)},
        written=moment(now),
    )  # fmt: skip


def parts_of(measurements: Measurements) -> Sequence[Measurements]:
    return measurements.parts if isinstance(measurements, Joined) else (measurements,)


def is_instrument_check(measurements: Measurements) -> bool:
    return any(each.arm.model == SERVED_AS for each in measurements.samples)


def unfinished(measurements: Measurements) -> Iterator[str]:
    """What is still to come: then nothing is settled."""
    for each in parts_of(measurements):
        summary = each.experiment.summary
        if not summary.status.is_closed:
            yield (
                f"Experiment {summary.id} ({summary.name}) is {summary.status.shown}: {summary.jobs.done:,} of "
                f"{summary.jobs.total:,} jobs are done. Bands hold for one look at the end; all "
                "that stands here may change."
            )


def plotted(claimed: Claimed, margin: float) -> list[Plotted]:
    return [Plotted(plots.claim_svg(claimed, axis, margin), plots.caption(claimed, axis)) for axis in claimed.axes]


def counts_of(axis: Axis) -> str:
    """What it counts that others do not."""
    return WHY.get(axis, axis.counts).removeprefix("on it ")


def chosen_table(claimed: Claimed) -> Table[Standing]:
    return Table(CHOSEN, claimed.standings, once=1)


def counts_table(results: Sequence[ArmResult]) -> Table[ArmResult]:
    """How many problems, and all that clouds the accuracies."""
    return Table(arms.COLUMNS, results, order=COUNTS)


Member = tuple[str, str, str]
FAMILIES: Columns[Member] = (
    Column("claim", lambda it: it[0], "claim"),
    Column("family", lambda it: it[1], "family"),
    Column("arm", lambda it: it[2], "arm"),
)


def families_table(measurements: Measurements, found: Verdicts) -> Table[Member]:
    labels = {each.arm.id: each.arm.label for each in measurements.samples}
    members = [
        (claimed.claim.name, family.name, labels[arm])
        for claimed in found.claims
        if claimed.standings
        for family in (claimed.claim.first, claimed.claim.second)
        for arm in family.arms
    ]
    return Table(FAMILIES, members, once=2)


def spec_yaml(measurements: Measurements) -> str:
    """As it was handed in."""
    experiment = measurements.experiment
    return experiment.spec_yaml or yaml12.dump(experiment.spec)


def provenance_yaml(measurements: Measurements) -> str:
    from overthink.cli.reading.experiments import provenance_document

    experiment = measurements.experiment
    facts: Mapping[str, JsonValue] = {
        "experiment": experiment.id,
        "digest": experiment.summary.digest,
        **provenance_document(experiment, measurements.made_by()),
    }
    return str(yaml12.dump(facts))


__all__ = ["report_html"]
