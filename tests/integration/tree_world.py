"""Traces of searches to look at: trees as the strategies leave them, with scores and texts drawn with a seed.

Run as a script (`python -m tests.integration.tree_world DATABASE_URL`) to look at them by hand.
"""

import math
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Engine

from db import transitions
from db.engine import connect
from db.records import Grade, NewWorker
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
from tests.integration.dashboard_world import MODEL, SERVED, WORKER, ArmPlan, expanded, ladder_trace

PROBLEM = Problem("ladder-test-0042", "Evaluate left to right: 20+3+9+4+7+12+5+8+2+6", "76", GraderName.INTEGER, "5")
REBASE_TEMPERATURE = 0.2


@dataclass
class Growth:
    """A tree that grows from the prompt. Good steps have likely good children."""

    chance: random.Random
    steps: dict[Path, Step] = field(default_factory=dict)

    def __post_init__(self) -> None:
        text = f"<|im_start|>user\n{PROBLEM.question}<|im_end|>\n<|im_start|>assistant\n<think>\n"
        self.steps[(0,)] = Step((0,), StepKind.PROMPT, Phase.PROMPT, tuple(range(40)), text)

    def step(self, parent: Path, index: int, kind: StepKind = StepKind.STEP) -> Step:
        before = self.steps[parent].score
        score = min(0.999, max(0.001, self.chance.gauss(0.55 if before is None else 0.1 + 0.75 * before, 0.17)))
        path = (*parent, index)
        ids = tuple(self.chance.randint(10, 300) for _ in range(self.chance.randint(6, 14)))
        total = 20 + 3 * len(path)
        text = f"{total}+{len(path)}={total + len(path) + (score < 0.4)}\n"
        made = Step(path, kind, Phase.THINKING, ids, text, (), 60, 48, len(ids), 1, 0.1, FinishReason.STOP)
        made = replace(
            made, score=score, verifier_tokens=90 + len(path), verifier_cached_tokens=80, verifier_calls=1,
            verifier_seconds=0.02,
        )  # fmt: skip
        self.steps[path] = made
        return made

    def prune(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.steps[step.path] = replace(self.steps[step.path], kept=False)

    def answer(self, parent: Path) -> Path:
        path, score = (*parent, 0), self.steps[parent].score or 0.0
        said = PROBLEM.answer if self.chance.random() < score else str(76 + self.chance.randint(1, 3))
        self.steps[path] = Step(
            path, StepKind.ANSWER, Phase.ANSWER, (8, 9), f"\\boxed{{{said}}}", (2,), 90, 80, 3, 1, 0.1,
            FinishReason.STOP, score=score,
        )  # fmt: skip
        return path

    def trace(self, ends: Sequence[Path]) -> tuple[Trace, list[Grade]]:
        """The candidates' scores are those of their last steps; the answer with the largest sum of them wins."""
        candidates = [self.candidate(path) for path in sorted(ends)]
        sums: dict[str | None, float] = {}
        for each in candidates:
            sums[each.key] = sums.get(each.key, 0.0) + (each.score or 0.0)
        winner = max(sums, key=lambda key: sums[key])
        best = max((each for each in candidates if each.key == winner), key=lambda each: each.score or 0.0)
        verdicts = [Verdict.CORRECT if each.answer == PROBLEM.answer else Verdict.WRONG for each in candidates]
        grades = [Grade(each.path, "integer", "1", verdict) for each, verdict in zip(candidates, verdicts, strict=True)]
        steps = tuple(self.steps[path] for path in sorted(self.steps))
        return Trace(steps, Outcome(tuple(candidates), candidates.index(best))), grades

    def candidate(self, path: Path) -> Candidate:
        branch = [self.steps[path[:depth]] for depth in range(1, len(path) + 1)]
        counts, said = Counts.of(branch), self.steps[path].text[7:-1]
        return Candidate(
            path, self.steps[path].text, said, said, False, counts.thinking_tokens, counts.generated_tokens,
            self.steps[path].score, tuple(step.score for step in branch if step.score is not None),
        )  # fmt: skip


def by_score(step: Step) -> float:
    return step.score or 0.0


def beam_search(beams: int = 16, width: int = 4, rounds: int = 10, rollout: int = 0) -> tuple[Trace, list[Grade]]:
    """N = beams, M = width; with a rollout, lookahead search. All beams end in the last round."""
    growth = Growth(random.Random(5 + rollout))
    parents: list[Path] = [(0,)]
    grown: list[Step] = []
    for number in range(rounds):
        share = beams // len(parents)
        grown = [growth.step(parent, index) for parent in parents for index in range(share)]
        for step in grown:
            below = step.path
            for ahead in range(rollout):
                below = growth.step(below, width if ahead == 0 else 0, StepKind.ROLLOUT).path
        best = sorted(grown, key=by_score, reverse=True)[: beams // width]
        parents = [step.path for step in best]
        if number < rounds - 1:
            growth.prune([step for step in grown if step not in best])
    return growth.trace([growth.answer(step.path) for step in grown])


def rebase(slots: int = 128, num_nodes: int = 2_000) -> tuple[Trace, list[Grade]]:
    """Slots are shared out by exp(score / T); leaves that end give theirs up. `num_nodes` nodes in all."""
    growth = Growth(random.Random(11))
    ends: list[Path] = []
    live = [growth.step((0,), index) for index in range(slots)]
    while live and len(growth.steps) + len(ends) + 2 * len(live) < num_nodes:
        live = [step for step in live if not ended(growth, step, ends)]
        grown: list[Step] = []
        for step, number in shares(live, slots - len(ends)):
            grown += [growth.step(step.path, index) for index in range(number)]
            if not number:
                growth.prune([step])
        live = grown
    left = num_nodes - len(growth.steps) - len(live)
    live += [growth.step(live[0].path[:-1], 1_000 + index) for index in range(left // 2)]
    return growth.trace([*ends, *(growth.answer(step.path) for step in live)])


def ended(growth: Growth, step: Step, ends: list[Path]) -> bool:
    if len(step.path) < 6 or growth.chance.random() > 0.06:
        return False
    ends.append(growth.answer(step.path))
    return True


def shares(live: Sequence[Step], slots: int) -> list[tuple[Step, int]]:
    """[REBASE]: n_i = ceil(W · e^(s_i / T) / Σ remaining), highest first, subtracting."""
    ordered = sorted(live, key=by_score, reverse=True)
    weights = [math.exp(by_score(step) / REBASE_TEMPERATURE) for step in ordered]
    shared = []
    for position, step in enumerate(ordered):
        number = math.ceil(slots * weights[position] / sum(weights[position:])) if slots else 0
        slots -= number
        shared.append((step, number))
    return shared


PLANS: dict[str, Callable[[], tuple[Trace, list[Grade]]]] = {
    "beam_search beams=16 width=4": beam_search,
    "lookahead beams=8 width=4 rollout=2": lambda: beam_search(8, 4, 5, 2),
    "rebase width=128": rebase,
}
VOTE = ArmPlan("majority_vote samples=16", "majority_vote", {"samples": 16}, 0.7, 36, 16)
FORCED = ArmPlan("budget_forcing waits=2", "budget_forcing", {"max_thinking_tokens": 800, "waits": 2}, 0.8, 124)


def populate(engine: Engine) -> dict[str, int]:
    """One problem under each kind of arm; the ids of the jobs by arm."""
    transitions.announce_model(engine, SERVED)
    transitions.announce_worker(engine, NewWorker(WORKER, "host-a", 4242, (MODEL,), 64))
    searches = tuple(ArmPlan(label, label.split()[0], {}, 0.8, 0) for label in PLANS)
    expanded(engine, "search", [PROBLEM], (*searches, VOTE, FORCED))
    made = {}
    while job := transitions.claim(engine, MODEL, WORKER):
        plan = next((each for each in (VOTE, FORCED) if each.label == job.arm_label), None)
        trace, grades = PLANS[job.arm_label]() if plan is None else ladder_trace(job, plan)
        transitions.succeed(engine, job.lease, trace, grades, wall_seconds=3.1)
        made[job.arm_label] = job.job_id
    transitions.close_finished_experiments(engine)
    return made


if __name__ == "__main__":
    print(populate(connect(sys.argv[1])))
