"""All that was counted of a job, and at how many tries, as quiet tables."""

from collections.abc import Iterator, Mapping, Sequence

from dashboard.escaping import in_html
from dashboard.trace.text import known, tokens
from db.queries import Attempt, ExperimentSummary, StoredTrace, TraceDetail
from results.wording import duration, moment
from scaling.types import Counts


def counts_html(trace: StoredTrace) -> str:
    """The engine's own counts, over all chains."""
    return quiet_table(
        "Counts",
        {**_tokens(trace.counts), **_seconds(trace.counts), "took, from claim to end": took(trace.wall_seconds)},
    )


def _tokens(counts: Counts) -> dict[str, str]:
    verifier = {"verifier tokens": known(counts.verifier_tokens)} if counts.verifier_tokens != 0 else {}
    return {
        "thinking tokens, forced included": known(counts.thinking_tokens),
        "forced tokens, openers included": f"{counts.forced_tokens:,}",
        "answer tokens": known(counts.answer_tokens),
        "generated tokens": known(counts.generated_tokens),
        "prompt tokens, all requests": known(counts.prompt_tokens),
        "of them cached": known(counts.cached_tokens),
        **verifier,
    }


def _seconds(counts: Counts) -> dict[str, str]:
    return {
        "seconds at servers": f"{counts.seconds + counts.verifier_seconds:.2f}",
        "of them in the generator's queue": seconds_told(counts.queue_seconds),
        "seconds in our gate": seconds_told(counts.gate_seconds),
        "seconds of failed tries": seconds_told(counts.retry_seconds),
    }


def job_html(job: TraceDetail, experiment: ExperimentSummary) -> str:
    """What was run, under its whole name."""
    told = {
        "experiment": experiment.name,
        "arm": job.arm.label,
        "model": job.arm.model,
        "verifier": job.arm.verifier,
        "repeat": str(job.repeat) if job.repeat else None,
        "level": job.problem.level,
        "subject": job.problem.subject,
        "job": str(job.job_id),
    }
    return quiet_table("Job", {name: value for name, value in told.items() if value is not None})


def quiet_table(name: str, facts: Mapping[str, str]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{in_html(title)}</th><td><bdi>{in_html(value)}</bdi></td></tr>'
        for title, value in facts.items()
    )
    return f'<table class="ot-quiet" aria-label="{in_html(name)}"><tbody>{rows}</tbody></table>'


def attempts_html(attempts: Sequence[Attempt]) -> str:
    """Each with what it spent, on what it may have spent besides, and why it ended."""
    return f'<ol class="ot-attempts" aria-label="Attempts">{"".join(map(_attempt_html, attempts))}</ol>'


def _attempt_html(attempt: Attempt) -> str:
    facts = [attempt.worker, f"{moment(attempt.started_at)} – {moment(attempt.ended_at)}", *_spent(attempt)]
    told = " · ".join(in_html(fact) for fact in facts)
    error = f'<div class="ot-plain" dir="auto">{in_html(attempt.error)}</div>' if attempt.error else ""
    return f'<li value="{attempt.attempt}"><b>{in_html(attempt.outcome.value)}</b> <span>{told}</span>{error}</li>'


def _spent(attempt: Attempt) -> Iterator[str]:
    spent = attempt.spent.generated_tokens
    yield "generated tokens not reported" if spent is None else f"{tokens(spent)} generated"
    unknown = attempt.unknown
    if unknown is None:
        yield "what it spent besides is not known"
    elif unknown.all_requests:
        yield f"{unknown.all_requests:,} requests of unknown cost, {unknown.all_tokens:,} tokens at most"


def seconds_told(seconds: float | None) -> str:
    return "not told" if seconds is None else f"{seconds:.2f}"


def took(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds < 60 else duration(seconds)
