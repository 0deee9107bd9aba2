"""What was found by what was typed: experiments, problems, and traces with the place."""

from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from db import queries
from db.paths import path_text
from db.search.found import (
    Found,
    FoundExperiment,
    FoundProblem,
    FoundTrace,
    find_experiments,
    find_problems,
    find_traces,
    has_unread_words,
)
from db.search.hits import Hit
from db.search.terms import terms_of
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.harmless import harmless
from overthink.cli.options import Output
from overthink.cli.reading.tables import print_as
from overthink.cli.terminal import plain, table
from results.traces.found import table as table_of


def show_found(typed: str, within: str | None, limit: int, output: Output) -> None:
    """Raises SearchError for what cannot be searched for. CSV has the traces only."""
    terms = terms_of(typed)
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        only = None if within is None else queries.experiment(database, within).id
        experiments = () if only is not None else find_experiments(database, terms, limit)
        problems = find_problems(database, terms, only, limit)
        traces = find_traces(database, terms, only, limit=limit)
        are_all_read = not has_unread_words(database)
    print_as(
        output,
        lambda: {
            "experiments": [{"experiment": each.id, "name": each.name} for each in experiments],
            "problems": [problem_document(each) for each in problems],
            "traces": [trace_document(each) for each in traces.traces],
            "total_traces": traces.total,
            "are_all_traces_searchable": are_all_read,
        },
        lambda: table_of(traces.traces).csv,
        lambda console: print_found(console, experiments, problems, traces, are_all_read),
    )


def problem_document(problem: FoundProblem) -> dict[str, object]:
    return {"experiment": problem.experiment_id, "problem": problem.key, "question": problem.question}


def trace_document(trace: FoundTrace) -> dict[str, object]:
    names = ("arm", "problem", "repeat", "answer")
    told = {name: value for name, value in asdict(trace).items() if name in names}
    ids = {"job": trace.job_id, "experiment": trace.experiment_id}
    return {**ids, **told, "verdict": trace.verdict.value, "hit": trace.hit and hit_document(trace.hit)}


def hit_document(hit: Hit) -> dict[str, object]:
    texts = {"before": hit.before, "said": hit.said, "after": hit.after}
    return {"step": path_text(hit.path), "kind": hit.kind.value, **texts}


def print_found(
    console: Console,
    experiments: tuple[FoundExperiment, ...],
    problems: tuple[FoundProblem, ...],
    traces: Found,
    are_all_read: bool,
) -> None:
    if experiments:
        found = table("experiment", "name", "notes")
        for each in experiments:
            found.add_row(f"#{each.id}", plain(each.name), plain(_line(each.notes)))
        console.print(found)
    if problems:
        found = table("problem", "question", "in experiment")
        for problem in problems:
            found.add_row(plain(problem.key), plain(_line(problem.question)), f"#{problem.experiment_id}")
        console.print(found)
    if traces.traces:
        console.print(_traces_table(traces))
    console.print(_summary(traces) if traces.traces or experiments or problems else "Nothing was found.")
    if not are_all_read:
        console.print("Some traces cannot be found yet: the reconciler is still reading them.")


def _summary(traces: Found) -> str:
    shown = len(traces.traces)
    if traces.older is None:
        return f"{shown} trace{'' if shown == 1 else 's'}."
    of_all = "more" if traces.total is None else f"{traces.total} in all"
    return f"The newest {shown} traces; {of_all}. --limit shows more, --in EXP only those of an experiment."


def _traces_table(traces: Found) -> Table:
    found = table("job", "experiment", "arm", "problem", "verdict", "place")
    for trace in traces.traces:
        place = Text() if trace.hit is None else _place(trace.hit)
        names = (plain(trace.arm), plain(trace.problem))
        found.add_row(str(trace.job_id), f"#{trace.experiment_id}", *names, trace.verdict.value, place)
    return found


def _place(hit: Hit) -> Text:
    before, after = ("…" if hit.is_begun else ""), ("…" if hit.goes_on else "")
    around = Text(before + harmless(_line(hit.before)))
    return around.append(harmless(_line(hit.said)), "bold reverse").append(harmless(_line(hit.after)) + after)


def _line(text: str) -> str:
    return text.replace("\n", " ")
