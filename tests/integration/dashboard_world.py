"""A database with something to look at: a finished sweep, one that runs, one that failed, and one of hostile texts.

Made through the same transitions that the service uses. Accuracies are drawn with a seed; the texts look like the
tiny model's. Run as a script (`python -m tests.integration.dashboard_world DATABASE_URL`) to look at it by hand.
"""

import random
import sys
from dataclasses import dataclass

from sqlalchemy import Engine

from db import queries, transitions
from db.engine import connect
from db.opinions import Choice, Judgement, Opinion, Rating, Shown
from db.records import ClaimedJob, Grade, NewArm, NewExperiment, NewWorker, ServedModel, ServedVerifier
from scaling.scanners.matching import Pattern
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
    Verdict,
)
from tests.integration.scenes import scan_here

MODEL = "ladder-tiny"
WORKER = "host-a:4242:6f1c"
SERVED = ServedModel(MODEL, 2048, 680_000, THINKING_FORMATS["think"], MODEL)
JUDGE = ServedVerifier("ladder-tiny-prm", "token_prm", True, 2048, 680_000, MODEL)
SPENT = Counts(40, 32, 21, 0, 0, 21, 0, 0, 0, 0.0, 0.4)
SPEC: dict[str, object] = {
    "name": "demo",
    "data_set": {"name": "ladder-test", "limit": 120, "seed": 0},
    "models": [MODEL],
    "arms": [{"strategy": "chain_of_thought"}, {"strategy": "budget_forcing", "max_thinking_tokens": [8, 16, 32]}],
    "sampling": {"temperature": 0.8, "max_answer_tokens": 64},
    "prompt": {"instruction": ""},
    "repeats": 1,
    "seed": 0,
}
SPEC_YAML = """\
name: demo
data_set: {name: ladder-test, limit: 120}
models: [ladder-tiny]
arms:
  - strategy: chain_of_thought
"""

HOSTILE = {
    "script": "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><b>bold?</b>",
    "markdown": "# heading\n**bold** _it_ [link](javascript:alert(1)) | a | b |\n:red[red] :material/delete:",
    "latex": r"$\frac{1}{2}$ and $$\int_0^1 x$$ \boxed{7}",
    "nul": "a\x00b\ud800c\x1b[31mred",
    "rtl": "\u202eevil\u202c שלום עולם مرحبا",
    "long": "x" * 1_000_000,
    "lines": "1+1=2\n" * 8_000,
}


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """An arm, how likely it is right, and what a chain of it costs."""

    label: str
    strategy: str
    params: dict[str, object]
    chance: float
    thinking: int
    samples: int = 1

    @property
    def new(self) -> NewArm:
        spec = {"strategy": self.strategy, **{name: self.params[name] for name in self.params if name != "chain"}}
        return NewArm(self.label, MODEL, self.strategy, self.params, spec)  # type: ignore[arg-type]

    @property
    def waits(self) -> int:
        value = self.params.get("waits", 0)
        assert isinstance(value, int)
        return value


def cut(budget: int, chance: float) -> ArmPlan:
    label = f"budget_forcing max_thinking_tokens={budget}"
    return ArmPlan(label, "budget_forcing", {"max_thinking_tokens": budget, "waits": 0}, chance, budget - 1)


def waiting(waits: int, chance: float) -> ArmPlan:
    label = f"budget_forcing waits={waits} max_thinking_tokens=800"
    params = {"max_thinking_tokens": 800, "waits": waits}
    return ArmPlan(label, "budget_forcing", dict(params), chance, 36 + 44 * waits)


def vote(samples: int, chance: float) -> ArmPlan:
    params = {"samples": samples, "chain": "chain_of_thought"}
    return ArmPlan(f"majority_vote samples={samples}", "majority_vote", dict(params), chance, 36, samples)


def revising(chains: int, attempts: int, chance: float) -> ArmPlan:
    params = {"chains": chains, "revisions": attempts, "chain": "chain_of_thought"}
    return ArmPlan(f"revisions chains={chains} revisions={attempts}", "revisions", dict(params), chance, 36, 4)


ARMS = (
    ArmPlan("chain_of_thought", "chain_of_thought", {"max_thinking_tokens": None}, 0.66, 36),
    cut(8, 0.05),
    cut(16, 0.25),
    cut(32, 0.47),
    waiting(0, 0.65),
    waiting(1, 0.78),
    waiting(2, 0.83),
    vote(8, 0.68),
)


def ladder(number: int) -> list[Problem]:
    chance = random.Random(7)
    made = []
    for i in range(number):
        operands = [chance.randint(1, 12) for _ in range(2 + i % 5)]
        made.append(
            Problem(
                f"ladder-test-{i + 1:04d}",
                "Evaluate left to right: 20" + "".join(f"+{operand}" for operand in operands),
                str(20 + sum(operands)),
                GraderName.INTEGER,
                str(1 + i % 5),
                "ladder",
            )
        )
    return made


def revisions(engine: Engine, num_problems: int = 12) -> int:
    """One budget of four attempts, shared in three ways. For an empty database: it takes whatever job there is."""
    announce(engine)
    arms = (revising(4, 1, 0.5), revising(2, 2, 0.6), revising(1, 4, 0.7))
    experiment = expanded(engine, "revisions", ladder(num_problems), arms)
    finish(engine, experiment, arms)
    return experiment


def announce(engine: Engine) -> None:
    transitions.announce_model(engine, SERVED)
    transitions.announce_verifier(engine, JUDGE)
    transitions.announce_worker(engine, NewWorker(WORKER, "host-a", 4242, (MODEL,), 64, (JUDGE.name,)))


def populate(engine: Engine, num_problems: int = 12) -> dict[str, int]:
    """Everything, and the ids of the experiments by what they are."""
    announce(engine)
    made = {"demo": expanded(engine, "demo", ladder(num_problems), ARMS, tags=("demo", "tiny"))}
    finish(engine, made["demo"])
    speak(engine, made["demo"])
    scan_here(engine, made["demo"], Pattern(pattern="ok"))
    made["hostile"] = hostile(engine)
    made["failed"] = failed(engine)
    made["running"] = expanded(engine, "waits on ladder", ladder(num_problems), ARMS[:5], owner="bo", tags=("waits",))
    run_partly(engine, 2 * num_problems)
    return made


def speak(engine: Engine, experiment: int) -> None:
    """Two people say something of one trace, and judge the first problems of two arms: one pair both of them."""
    arm, *_, vote = queries.arm_samples(engine, experiment)
    job = int(arm.job_id_J[-1])
    transitions.annotate_job(engine, job, "ann", Opinion("counts twice", Rating.FAIR, ("loop", "arithmetic")))
    transitions.annotate_job(engine, job, "<b>bob</b>", Opinion(rating=Rating.POOR))
    (chain, other), (voted, besides) = (each.job_id_J[:2].tolist() for each in (arm, vote))
    transitions.judge(engine, "ann", Judgement(chain, voted, Choice.RIGHT))
    transitions.judge(engine, "<b>bob</b>", Judgement(voted, chain, Choice.LEFT))
    transitions.judge(engine, "ann", Judgement(besides, other, Choice.TIE, Shown.ANSWER))


def expanded(
    engine: Engine,
    name: str,
    problems: list[Problem],
    arms: tuple[ArmPlan, ...],
    owner: str = "ann",
    tags: tuple[str, ...] = (),
) -> int:
    spec = {**SPEC, "name": name}
    new = NewExperiment(name, owner, spec, f"digest of {name}", SPEC_YAML, 0, tags, "What Waits buy. *Not* Markdown.")  # type: ignore[arg-type]
    experiment = transitions.create_experiment(engine, new).id
    transitions.begin_expansion(engine, experiment)
    new_arms = [plan.new for plan in arms]
    transitions.store_expansion(engine, experiment, new_arms, problems, 1, "f00d" * 16, {MODEL: SERVED})
    return experiment


def finish(engine: Engine, experiment: int, arms: tuple[ArmPlan, ...] = ARMS) -> None:
    plans = {plan.label: plan for plan in arms}
    while job := transitions.claim(engine, MODEL, WORKER):
        assert job.experiment_id == experiment
        trace, grades = ladder_trace(job, plans[job.arm_label])
        transitions.succeed(engine, job.lease, trace, grades, wall_seconds=0.7)
    transitions.close_finished_experiments(engine)


def run_partly(engine: Engine, num_jobs: int) -> None:
    """The first job fails for good, the second has lost an attempt, and the last four are being worked on."""
    first, second = claimed(engine), claimed(engine)
    error = "RequestRefusedError: the prompt has 4,000 tokens and <b>ladder-tiny</b> takes 2,048"
    transitions.fail_attempt(engine, first.lease, error, SPENT, retryable=False)
    transitions.free_expired_leases(engine, lease_ttl_s=-60.0)
    assert second is not None
    plans = {plan.label: plan for plan in ARMS}
    for _ in range(num_jobs):
        job = claimed(engine)
        transitions.succeed(engine, job.lease, *ladder_trace(job, plans[job.arm_label]), wall_seconds=0.7)
    for _ in range(4):
        claimed(engine)


def claimed(engine: Engine) -> ClaimedJob:
    job = transitions.claim(engine, MODEL, WORKER)
    assert job is not None
    return job


def failed(engine: Engine) -> int:
    new = NewExperiment("<b>aime</b> *forcing*", "ann", {**SPEC, "name": "aime"}, "digest of aime")  # type: ignore[arg-type]
    experiment = transitions.create_experiment(engine, new).id
    transitions.begin_expansion(engine, experiment)
    error = "aime24.jsonl: No such file or directory. Expected a .jsonl or .csv file that the worker can read."
    transitions.fail_expansion(engine, experiment, error)
    return experiment


def hostile(engine: Engine) -> int:
    """One arm, one problem per text; the text is question, thinking and answer at once (NUL only in the latter two)."""
    problems = [
        Problem(
            name,
            text if name in ("script", "markdown", "latex", "rtl") else name,
            "7",
            GraderName.EXACT,
            "<i>1</i>",
            "hostile",
        )
        for name, text in HOSTILE.items()
    ]
    experiment = expanded(engine, "hostile texts", problems, ARMS[:1], tags=("<b>",))
    while job := transitions.claim(engine, MODEL, WORKER):
        trace, grades = text_trace(HOSTILE[job.problem.id])
        transitions.succeed(engine, job.lease, trace, grades, wall_seconds=1.0)
    transitions.close_finished_experiments(engine)
    return experiment


def text_trace(text: str) -> tuple[Trace, list[Grade]]:
    ids = tuple(range(3_000))
    steps = (
        Step((0,), StepKind.PROMPT, Phase.PROMPT, (1, 2), text),
        Step(
            (0, 0),
            StepKind.THINK,
            Phase.THINKING,
            ids,
            text,
            (),
            2,
            0,
            3_000,
            3,
            2.0,
            FinishReason.STOP,
        ),
        Step((0, 0, 0), StepKind.FORCED, Phase.ANSWER, (4,), text[:2_000]),
        Step((0, 0, 0, 0), StepKind.ANSWER, Phase.ANSWER, (8,), text[:2_000], (), 6, 3, 1, 1, 0.2, FinishReason.STOP),
    )
    path = (0, 0, 0, 0)
    candidate = Candidate(path, text[:2_000], text[:200], text[:200], False, 3_001, 3_002)
    return Trace(steps, Outcome((candidate,), 0)), [Grade(path, "exact", "1", Verdict.WRONG)]


def ladder_trace(job: ClaimedJob, plan: ArmPlan) -> tuple[Trace, list[Grade]]:
    """Chains under one prompt, as the strategies make them; right with the plan's chance, harder levels less often."""
    chance = random.Random(f"{job.problem.id}/{plan.label}")
    level = int(job.problem.level or "1")
    rendered = f"<|im_start|>user\n{job.problem.question}<|im_end|>\n<|im_start|>assistant\n<think>\n"
    steps = [Step((0,), StepKind.PROMPT, Phase.PROMPT, tuple(range(40)), rendered)]
    candidates, grades = [], []
    for sample in range(plan.samples):
        is_right = chance.random() < plan.chance + 0.08 * (3 - level)
        answer = job.problem.answer if is_right else str(int(job.problem.answer) + chance.randint(1, 2))
        chain = ladder_chain(job, plan, sample, answer, chance)
        steps += chain
        counts = Counts.of(chain)
        total = counts.generated_tokens + counts.forced_tokens
        path = chain[-1].path
        candidates.append(Candidate(path, f"\\boxed{{{answer}}}", answer, answer, False, counts.thinking_tokens, total))
        verdict = Verdict.CORRECT if is_right else Verdict.WRONG
        if plan.label.endswith("=8") and sample == 0 and level == 5:
            verdict = Verdict.UNPARSED
        grades.append(Grade(path, "integer", "1", verdict))
    keys = [candidate.key for candidate in candidates]
    return Trace(tuple(steps), Outcome(tuple(candidates), chosen=keys.index(max(keys, key=keys.count)))), grades


def ladder_chain(job: ClaimedJob, plan: ArmPlan, sample: int, answer: str, chance: random.Random) -> list[Step]:
    lines = ladder_lines(job.problem.question, answer)
    ids = tuple(chance.randint(10, 300) for _ in range(max(1, plan.thinking // (1 + plan.waits))))
    path: Path = (0, sample)
    is_forced = plan.strategy == "budget_forcing"
    is_cut = is_forced and plan.thinking < 36
    reason = FinishReason.LENGTH if is_cut else FinishReason.STOP
    dropped = (7,) if is_forced and not is_cut else ()
    text = lines if not is_cut else lines[: plan.thinking]
    steps = [think(path, ids, text, dropped, reason)]
    for _ in range(plan.waits):
        path = (*path, 0)
        steps.append(Step(path, StepKind.FORCED, Phase.THINKING, (55,), "Wait"))
        path = (*path, 0)
        checked = ", check\n" + "".join(f"{line} ok\n" for line in lines.splitlines())
        steps.append(think(path, ids, checked, (7,), FinishReason.STOP))
    if is_forced:
        path = (*path, 0)
        opener = "\n</think>\n\\boxed{" if is_cut else "</think>\n"
        steps.append(Step(path, StepKind.FORCED, Phase.ANSWER, (3, 4, 5)[: 3 if is_cut else 2], opener))
    path = (*path, 0)
    said = f"{answer}}}" if is_cut else f"\\boxed{{{answer}}}"
    steps.append(Step(path, StepKind.ANSWER, Phase.ANSWER, (8, 9), said, (2,), 60, 48, 3, 1, 0.08, FinishReason.STOP))
    return steps


def think(path: Path, ids: tuple[int, ...], text: str, dropped: tuple[int, ...], reason: FinishReason) -> Step:
    generated = len(ids) + len(dropped)
    return Step(path, StepKind.THINK, Phase.THINKING, ids, text, dropped, 40, 32, generated, 1, 0.3, reason)


def ladder_lines(question: str, answer: str) -> str:
    """`20+3=23` and so on; the last line says `answer`, right or not."""
    start, *operands = question.rpartition(" ")[2].split("+")
    total, lines = int(start), []
    for operand in operands:
        lines.append(f"{total}+{operand}={total + int(operand)}\n")
        total += int(operand)
    last = lines[-1].partition("=")[0]
    return "".join(lines[:-1]) + f"{last}={answer}\n"


if __name__ == "__main__":
    print(populate(connect(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 12))
