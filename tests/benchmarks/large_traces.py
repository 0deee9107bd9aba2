"""Traces as long as they get: a search of 32,000 steps, and a thought of 100,000 tokens before a Wait.

Made through the transitions, texts and ids and all. Run as a script (`python -m tests.benchmarks.large_traces
DATABASE_URL`) to look at them by hand.
"""

import random
import sys
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Engine

from db import transitions
from db.engine import connect
from db.records import Grade
from scaling.types import (
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
from tests.integration.dashboard_world import MODEL, WORKER, ArmPlan, announce, expanded

PROBLEM = Problem("long", "How long is it?", "42", GraderName.INTEGER, "5")
WIDTH, ROUNDS = 1_000, 31
THOUGHT = 100_000
"""Tokens."""
Made = tuple[Trace, list[Grade]]


def search() -> Made:
    """1,000 beams, of which the better half goes on with two steps each: 31,000 steps, 1,000 answers, a prompt."""
    chance = random.Random(3)
    steps, parents = [prompt()], [(0,)] * WIDTH
    for number in range(ROUNDS):
        grown = [scored(chance, (*parent, index), number) for index, parent in children(parents)]
        best = sorted(grown, key=lambda step: -(step.score or 0.0))[: WIDTH // 2]
        parents = [path for step in best for path in (step.path, step.path)]
        steps += grown
    answers = [answer((*step.path, 0), chance.randint(41, 43)) for step in steps[-WIDTH:]]
    return told((*steps, *answers), answers)


def children(parents: Sequence[Path]) -> list[tuple[int, Path]]:
    """Each parent as often as it goes on, with the number of the child."""
    seen: dict[Path, int] = {}
    numbered = []
    for parent in parents:
        numbered.append((seen.get(parent, 0), parent))
        seen[parent] = seen.get(parent, 0) + 1
    return numbered


def scored(chance: random.Random, path: Path, number: int) -> Step:
    text = f"Step {number}: {' '.join(chance.choices(('so', 'then', 'we', 'add', 'carry', 'seven'), k=18))}.\n\n"
    ids = tuple(chance.choices(range(300), k=24))
    return Step(
        path, StepKind.STEP, Phase.THINKING, ids, text, (), 60, 48, 24, 1, 0.1, FinishReason.STOP,
        score=chance.random(),
    )  # fmt: skip


def thought() -> Made:
    """One step of 100,000 tokens, and two more behind Waits, the first of which changes its mind."""
    chance = random.Random(4)
    rounds = [words(chance, size, said) for size, said in ((THOUGHT, 41), (2_000, 42), (2_000, 42))]
    steps, path = [prompt()], (0,)
    for number, (text, ids) in enumerate(rounds):
        path = (*path, 0)
        steps.append(
            Step(path, StepKind.THINK, Phase.THINKING, ids, text, (2,), 9, 0, len(ids) + 1, 9, 6.0, FinishReason.STOP)
        )
        path = (*path, 0)
        forced = ("Wait", Phase.THINKING) if number < 2 else ("</think>", Phase.ANSWER)
        steps.append(Step(path, StepKind.FORCED, forced[1], (7,), forced[0]))
    last = answer((*path, 0), 42)
    return told((*steps, last), [last])


def words(chance: random.Random, num_tokens: int, answer: int) -> tuple[str, tuple[int, ...]]:
    """About four characters a token, in lines as a model writes them."""
    lines, left = [], num_tokens
    while left > 0:
        size = min(left, chance.randint(6, 40))
        lines.append(" ".join(chance.choices(("let", "me", "see", "if", "12+5=17", "holds", "here"), k=size)))
        left -= size
    return "\n".join(lines) + f"\nThe answer is {answer}.\n", tuple(chance.choices(range(500), k=num_tokens))


def prompt() -> Step:
    return Step((0,), StepKind.PROMPT, Phase.PROMPT, tuple(range(9)), f"<|user|>{PROBLEM.question}<|assistant|>")


def answer(path: Path, said: int) -> Step:
    text = f"\\boxed{{{said}}}"
    return Step(path, StepKind.ANSWER, Phase.ANSWER, (5, 6), text, (), 9, 0, 2, 1, 0.1, FinishReason.STOP)


def told(steps: Sequence[Step], ends: Sequence[Step]) -> Made:
    """In path order; the first of those that are right speaks for all."""
    known = {step.path: step for step in steps}
    candidates, grades = [], []
    for end in sorted(ends, key=lambda step: step.path):
        branch = [known[end.path[:depth]] for depth in range(1, len(end.path) + 1)]
        said, counts = end.text[7:-1], Counts.of(branch)
        candidates.append(
            Candidate(end.path, end.text, said, said, False, counts.thinking_tokens, counts.generated_tokens)
        )
        grades.append(Grade(end.path, "integer", "1", Verdict.CORRECT if said == "42" else Verdict.WRONG))
    chosen = next(number for number, grade in enumerate(grades) if grade.verdict is Verdict.CORRECT)
    ordered = tuple(known[path] for path in sorted(known))
    return Trace(ordered, Outcome(tuple(candidates), chosen)), grades


def short() -> Made:
    """A prompt and its answer."""
    last = answer((0, 0), 42)
    return told((prompt(), last), [last])


PLANS: Mapping[str, Callable[[], Made]] = {"32,000 steps": search, "100,000 tokens": thought, "short": short}


def make(engine: Engine) -> dict[str, int]:
    """The ids of the jobs, by what they are. For a database without other jobs that wait."""
    announce(engine)
    expanded(engine, "long traces", [PROBLEM], tuple(ArmPlan(name, "beam_search", {}, 0.5, 1) for name in PLANS))
    made = {}
    while job := transitions.claim(engine, MODEL, WORKER):
        trace, grades = PLANS[job.arm_label]()
        transitions.succeed(engine, job.lease, trace, grades, wall_seconds=9.0)
        made[job.arm_label] = job.job_id
    transitions.close_finished_experiments(engine)
    return made


if __name__ == "__main__":
    print(make(connect(sys.argv[1])))
