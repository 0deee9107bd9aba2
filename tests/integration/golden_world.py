"""A database that is the same each time it is made, with one of everything that a document may have to tell.

`reasoning` has sweeps, votes and best of N, with failed, unparsed, truncated and unscored answers; `later` asks most of
its problems again; `shared` has revisions, by how they share attempts, and a larger model. The others are badly named
and half done, from before some things were counted, not begun, empty, and failed before they began. Whatever is drawn
is drawn by names, so that no order matters.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue
from sqlalchemy import Engine, text

from db import transitions
from db.records import ClaimedJob, Grade, NewArm, NewExperiment, NewWorker, ServedModel, ServedVerifier
from scaling.compute.model_facts import Architecture, CostFacts, PricePerMillion
from scaling.compute.spending import Unknown
from scaling.types import (
    THINKING_FORMATS,
    Candidate,
    Counts,
    FinishReason,
    GraderName,
    Outcome,
    Path,
    Phase,
    Problem,
    Step,
    StepKind,
    Trace,
    Unread,
    Usage,
    Verdict,
)

SMALL, LARGE, JUDGE = "small", "large", "judge"
WORKER = "host:1:a"
COST_FACTS = CostFacts(
    architecture=Architecture(layers=2, heads=2, kv_heads=1, head_size=8),
    gpus=2,
    price_per_million=PricePerMillion(input=1.0, cached_input=0.25, output=10.0),
)
MODELS = {
    SMALL: ServedModel(SMALL, 2048, 680_000, THINKING_FORMATS["think"], "small-served", cost_facts=COST_FACTS),
    LARGE: ServedModel(LARGE, 4096, 2_040_000, THINKING_FORMATS["think"], "large-served", remark="its template is new"),
}
VERIFIER = ServedVerifier(JUDGE, "token_prm", True, 2048, 1_360_000, "judge-served", cost_facts=COST_FACTS)
PRICELESS = {SMALL: replace(MODELS[SMALL], parameters=None, cost_facts=CostFacts())}
SPEC: dict[str, JsonValue] = {
    "data_set": {"name": "ladder-test", "limit": 12, "seed": 0},
    "models": [SMALL],
    "sampling": {"temperature": 0.8, "max_answer_tokens": 16},
    "prompt": {"instruction": "Think."},
    "repeats": 1,
    "seed": 7,
}
BEFORE_COUNTS = (
    "UPDATE traces SET waits = NULL, cuts = NULL, unscored = NULL, right_if_read = NULL, queue_seconds = NULL, "
    "gate_seconds = NULL, retry_seconds = NULL, cached_tokens = NULL, longest_path = NULL WHERE {}",
    "UPDATE attempts SET unknown_requests = NULL, unknown_prompt_tokens = NULL, unknown_generated_tokens = NULL, "
    "unknown_verifier_requests = NULL, unknown_verifier_tokens = NULL WHERE {}",
)
"""How rows look that were written before these things were told."""


@dataclass(frozen=True, slots=True)
class Plan:
    """An arm, how likely a chain of it is right, and what happens to its jobs: shares of them."""

    label: str
    strategy: str
    params: Mapping[str, JsonValue] = field(default_factory=dict)
    right: float = 0.6
    thinking: int = 20
    chains: int = 1
    cut: float = 0.0
    failing: float = 0.0
    unread: float = 0.1
    unscored: float = 0.0
    model: str = SMALL

    @property
    def verifier(self) -> str | None:
        return JUDGE if "verifier" in self.params else None

    @property
    def waits(self) -> int:
        waits = self.params.get("waits", 0)
        return waits if isinstance(waits, int) else 0

    @property
    def arm(self) -> NewArm:
        spec: dict[str, JsonValue] = {"strategy": self.strategy, **self.params}
        return NewArm(self.label, self.model, self.strategy, dict(self.params), spec, self.verifier)


def labelled(strategy: str, right: float, thinking: int, num_chains: int = 1, /, **more: JsonValue) -> Plan:
    label = " ".join([strategy, *(f"{name}={value}" for name, value in more.items())])
    return Plan(label, strategy, more, right, thinking, num_chains)


def forced(right: float, budget: int, thinking: int, waits: int = 0) -> Plan:
    plan = labelled("budget_forcing", right, thinking, max_thinking_tokens=budget, waits=waits)
    return replace(plan, cut=0.75 if budget < 100 else 0.0)


REASONING = (
    replace(labelled("chain_of_thought", 0.6, 24), failing=0.15),
    forced(0.2, 8, 8),
    forced(0.35, 16, 14),
    forced(0.5, 32, 22),
    forced(0.6, 800, 30),
    forced(0.7, 800, 60, waits=1),
    replace(forced(0.8, 800, 90, waits=2), failing=0.1),
    labelled("majority_vote", 0.6, 24, 4, samples=4),
    labelled("majority_vote", 0.6, 24, 8, samples=8),
    replace(labelled("best_of_n", 0.6, 24, 4, samples=4, verifier=JUDGE), unscored=0.15),
    labelled("best_of_n", 0.6, 24, 4, samples=4, verifier=JUDGE, select="naive", aggregate="min"),
)
SHARED = (
    labelled("chain_of_thought", 0.5, 24),
    labelled("majority_vote", 0.6, 24, 4, samples=4),
    labelled("majority_vote", 0.6, 24, 8, samples=8),
    labelled("revisions", 0.5, 20, 4, chains=4, revisions=1),
    labelled("revisions", 0.6, 20, 4, chains=2, revisions=2),
    labelled("revisions", 0.75, 20, 4, chains=1, revisions=4),
    replace(labelled("revisions", 0.6, 20, 2, chains=1, revisions=2), failing=0.2),
    replace(labelled("chain_of_thought", 0.85, 26), label="large chain_of_thought", model=LARGE),
)
LATER = (
    labelled("chain_of_thought", 0.6, 24),
    labelled("majority_vote", 0.6, 24, 4, samples=4),
    replace(labelled("chain_of_thought", 0.9, 60), label='much: "thought"', failing=0.1),
    replace(labelled("best_of_n", 0.7, 24, 4, samples=4, verifier=JUDGE), unscored=0.15),
    replace(labelled("chain_of_thought", 0.85, 26), label="large", model=LARGE),
)
NAMED = (
    Plan('=HYPERLINK("http://evil.example","x"), "quoted"', "chain_of_thought", failing=0.3, unread=0.4),
    Plan("+1", "majority_vote", {"samples": 3}, 0.7, 12, 3, unread=0.3),
    Plan("@SUM(A1)\ttab\nline", "budget_forcing", {"max_thinking_tokens": 8}, 0.3, 8, cut=1.0),
    Plan("-2+3 naïve – 日本語 🙂 [bold]x[/bold]", "budget_forcing", {"max_thinking_tokens": 16}, 0.5, 16, cut=1.0),
)
BADLY = "=cmd|' /C calc'!A0, \"quoted\" – naïve 🙂 [red]x[/red]"


def populate(engine: Engine, digest: str) -> dict[str, int]:
    """The experiments' ids. `digest` is that of a spec which one of them ran before."""
    announce(engine)
    made = {"reasoning": laid_out(engine, "reasoning", REASONING, problems(12), tags=("s1", "a, b"))}
    work(engine, REASONING)
    made["later"] = laid_out(engine, "later", LATER, problems(14)[2:], digest=digest)
    work(engine, LATER)
    made["shared"] = laid_out(engine, "shared", SHARED, problems(8))
    work(engine, SHARED)
    made["before"] = laid_out(engine, "before", LATER[:2], problems(4), models=PRICELESS)
    work(engine, LATER[:2])
    badly = [replace(each, id=f'={each.id}, "ü"') for each in problems(4)]
    made["badly"] = laid_out(engine, BADLY, NAMED, badly, repeats=2, tags=("+1", "@x"))
    work(engine, NAMED, num_jobs=26)
    made["untouched"] = laid_out(engine, "untouched", LATER[:2], problems(3))
    transitions.pause_experiment(engine, made["untouched"])
    made["empty"] = created(engine, "empty")
    made["unread"] = created(engine, "unread")
    transitions.begin_expansion(engine, made["unread"])
    transitions.fail_expansion(engine, made["unread"], "aime24.jsonl: No such file or directory")
    transitions.close_finished_experiments(engine)
    for statement in (*before_counts(made["before"]), *TIMES):
        run(engine, statement)
    return made


def announce(engine: Engine) -> None:
    for model in MODELS.values():
        transitions.announce_model(engine, model)
    transitions.announce_verifier(engine, VERIFIER)
    transitions.announce_worker(engine, NewWorker(WORKER, "host", 1, (SMALL, LARGE), 64, (JUDGE,)))


def problems(number: int) -> list[Problem]:
    return [
        Problem(f"p{i:02}", f"{20 + i} + {i} = ?", str(20 + 2 * i), GraderName.INTEGER, str(1 + i % 3), "sums")
        for i in range(number)
    ]


def created(engine: Engine, name: str, digest: str | None = None, tags: tuple[str, ...] = ()) -> int:
    new = NewExperiment(name, "ann", SPEC, digest or f"digest of {name}", None, 0, tags, f"notes of {name}, =1+1")
    return transitions.create_experiment(engine, new).id


def laid_out(
    engine: Engine,
    name: str,
    plans: Sequence[Plan],
    asked: Sequence[Problem],
    *,
    repeats: int = 1,
    digest: str | None = None,
    models: Mapping[str, ServedModel] = MODELS,
    tags: tuple[str, ...] = (),
) -> int:
    experiment = created(engine, name, digest, tags)
    transitions.begin_expansion(engine, experiment)
    transitions.store_expansion(
        engine,
        experiment,
        [plan.arm for plan in plans],
        asked,
        repeats,
        "f00d" * 16,
        models,
        {JUDGE: VERIFIER},
        {"code": "c0de", "graders": {"integer": "1"}, "seed": None},
    )
    return experiment


def work(engine: Engine, plans: Sequence[Plan], num_jobs: int = 1000) -> None:
    """Takes so many of the jobs that wait, if there are; each ends in one way or another."""
    by_label = {plan.label: plan for plan in plans}
    first = transitions.provenance_id(engine, "first", {"code": "c0de", "model": {"name": SMALL, "vllm": "0.1"}})
    second = transitions.provenance_id(engine, "second", {"code": "c0de", "model": {"name": SMALL, "vllm": "0.2"}})
    for number in range(num_jobs):
        job = claimed(engine, second if number % 5 == 4 else first)
        if job is None:
            return
        end(engine, job, by_label[job.arm_label])


def claimed(engine: Engine, provenance: int) -> ClaimedJob | None:
    for model in MODELS:
        if job := transitions.claim(engine, model, WORKER, verifiers=[JUDGE], provenance=provenance):
            return job
    return None


def end(engine: Engine, job: ClaimedJob, plan: Plan) -> None:
    chance = random.Random(f"{plan.label}/{job.problem.id}/{job.repeat}")
    spent = Counts(10, 4, 5, 0, 0, 5, 0, 0, 0, 0.0, 1.0)
    if job.attempt == 1 and chance.random() < 0.1:
        unknown = Unknown(1, 10, 24, 0, 0)
        transitions.fail_attempt(engine, job.lease, "its connection was lost", spent, retryable=True, unknown=unknown)
    elif chance.random() < plan.failing:
        error = f"RequestRefusedError: =1+1, the prompt of {job.problem.id} is too long"
        transitions.fail_attempt(engine, job.lease, error, spent, retryable=False)
    else:
        trace, grades = answered(job, plan, chance)
        transitions.succeed(engine, job.lease, trace, grades, wall_seconds=round(chance.uniform(0.5, 2.0), 2))


def answered(job: ClaimedJob, plan: Plan, chance: random.Random) -> tuple[Trace, list[Grade]]:
    """The chosen candidate is of the most frequent answer, or of the best score where there are scores."""
    level = int(job.problem.level or "1")
    steps = [Step((0,), StepKind.PROMPT, Phase.PROMPT, tuple(range(10)), job.problem.question)]
    candidates, grades, longest = [], [], []
    for number in range(plan.chains):
        chain = list(chained((0, number), plan, chance))
        verdict = drawn(plan, chance, plan.right + 0.15 * (2 - level))
        candidate, grade = judged(chain, verdict, job.problem.answer, plan, chance)
        steps += chain
        candidates.append(candidate)
        grades.append(grade)
        longest.append(Counts.of(chain).generated_tokens or 0)
    keys = [each.key for each in candidates]
    scores = [each.score or 0.0 for each in candidates]
    chosen = scores.index(max(scores)) if plan.verifier else keys.index(max(keys, key=keys.count))
    is_tie = len(keys) > 1 and keys.count(keys[chosen]) == 1
    return Trace(tuple(steps), Outcome(tuple(candidates), chosen, is_tie), max(longest)), grades


def chained(path: Path, plan: Plan, chance: random.Random) -> Iterator[Step]:
    """Thoughts with Waits between them, and an answer; the verifier's calls stand with the answer."""
    for number in range(plan.waits + 1):
        if number:
            path = (*path, 0)
            yield Step(path, StepKind.FORCED, Phase.THINKING, (55,), "Wait")
            path = (*path, 0)
        tokens = max(1, plan.thinking // (plan.waits + 1) - chance.randint(0, 6))
        yield asked(path, StepKind.THINK, Phase.THINKING, tokens, chance)
    path = (*path, 0)
    yield Step(path, StepKind.FORCED, Phase.ANSWER, (4, 5), "</think>")
    answer = asked((*path, 0), StepKind.ANSWER, Phase.ANSWER, chance.randint(1, 4), chance)
    if plan.verifier:
        usage = Usage(60, 40, 1)
        answer = replace(
            answer, verifier_tokens=61, verifier_cached_tokens=40, verifier_generated_tokens=1, verifier_calls=1,
            verifier_seconds=0.05, verifier_usages=(usage,),
        )  # fmt: skip
    yield answer


def asked(path: Path, kind: StepKind, phase: Phase, tokens: int, chance: random.Random) -> Step:
    usage = Usage(10 + len(path), 8, tokens)
    return Step(
        path, kind, phase, tuple(range(tokens)), "so", (), usage.prompt_tokens, 8, tokens, 1,
        round(chance.uniform(0.1, 0.9), 2), FinishReason.STOP, usages=(usage,), queue_seconds=0.01, gate_seconds=0.02,
        retry_seconds=0.03,
    )  # fmt: skip


def drawn(plan: Plan, chance: random.Random, right: float) -> Verdict:
    if chance.random() < plan.unread:
        return chance.choice((Verdict.UNPARSED, Verdict.TRUNCATED))
    return Verdict.CORRECT if chance.random() < right else Verdict.WRONG


def judged(
    chain: Sequence[Step], verdict: Verdict, reference: str, plan: Plan, chance: random.Random
) -> tuple[Candidate, Grade]:
    path, counts, is_cut = chain[-1].path, Counts.of(chain), chance.random() < plan.cut
    wrong = str(int(reference) + chance.randint(1, 2))
    key = {Verdict.CORRECT: reference, Verdict.UNPARSED: None}.get(verdict, wrong)
    unread = {
        Verdict.TRUNCATED: Unread.CUT,
        Verdict.UNPARSED: chance.choice((Unread.NOTHING, Unread.ABSTAINED, Unread.AMBIGUOUS)),
    }.get(verdict)
    has_score = plan.verifier is not None and chance.random() >= plan.unscored
    last = round(chance.uniform(0.3, 1.0) if verdict is Verdict.CORRECT else chance.uniform(0.0, 0.7), 3)
    scores = (round(chance.random(), 3), last) if has_score else ()
    waits = sum(each.kind is StepKind.FORCED and each.phase is Phase.THINKING for each in chain)
    chance.randint(0, 1)  # so that what follows is drawn as it always was
    candidate = Candidate(
        path, key or "?", key, key, verdict is Verdict.TRUNCATED, counts.thinking_tokens,
        counts.generated_tokens + counts.forced_tokens, last if has_score else None, scores, unread,
        waits, is_cut,
    )  # fmt: skip
    right_if_read = chance.random() < 0.5 if verdict is Verdict.TRUNCATED else None
    return candidate, Grade(path, "integer", "1", verdict, right_if_read, unread)


def before_counts(experiment: int) -> Iterator[str]:
    jobs = f"SELECT id FROM jobs WHERE experiment_id = {experiment}"
    return (statement.format(f"job_id IN ({jobs})") for statement in BEFORE_COUNTS)


TIMES = (
    "UPDATE experiments SET created_at = now() - interval '3 days 2 hours 30 minutes' - id * interval '1 minute'",
    "UPDATE experiments SET started_at = created_at + interval '5 minutes' WHERE started_at IS NOT NULL",
    "UPDATE experiments SET finished_at = created_at + interval '20 minutes 15.25 seconds' "
    "WHERE finished_at IS NOT NULL",
    "UPDATE attempts SET started_at = timestamptz '2026-01-05 12:00:00Z' + job_id * interval '1 second'",
    "UPDATE attempts SET ended_at = started_at + interval '0.75 seconds' WHERE ended_at IS NOT NULL",
    "UPDATE jobs SET not_before = NULL, started_at = timestamptz '2026-01-05 12:00:00Z' + id * interval '1 second' "
    "WHERE started_at IS NOT NULL",
    "UPDATE jobs SET finished_at = started_at + interval '0.75 seconds' WHERE finished_at IS NOT NULL",
)


def run(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text(statement))
