"""Seconds that finding equal answers adds to a job, and that ÷ the seconds of reading and judging its answers.

Every answer is spelled otherwise, which is the worst case: n keys are n²/2 pairs. Numbers, numbers that hardly differ,
formulas, and a tenth as many values as spellings. Each job has a fresh grader, so that nothing is remembered; its
processes are warm.

Run it with `python -m tests.benchmarks.bench_votes [--candidates 16 64 1024]`.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence

from scaling.answers.equivalence import Equivalence
from scaling.types import Candidate, GraderName, Outcome, Problem
from worker.graders.grading import Grading
from worker.graders.mathematics import MathGrader

KINDS: dict[str, Callable[[int], str]] = {
    "numbers": lambda n: f"\\frac{{{7 * n + 3}}}{{11}}",
    "close numbers": lambda n: f"\\frac{{{2 * n + 1}}}{{{2 * n + 3}}}",
    "formulas": lambda n: f"x^2+{n + 2}x-{2 * n + 1}\\sqrt{{{n + 2}}}",
    "ten spellings each": lambda n: f"{n // 10 + 2}x+{n % 10}y-{n % 10}y",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, nargs="+", default=[16, 64, 1024])
    sizes = parser.parse_args().candidates
    asyncio.run(measured(sizes))


async def measured(sizes: Sequence[int]) -> None:
    print(f"{'answers':22}{'n':>6}{'clusters':>10}{'read, judged':>14}{'compared':>10}{'ratio':>8}")
    for kind, spelling in KINDS.items():
        for size in sizes:
            await job(kind, [spelling(number) for number in range(size)])


async def job(kind: str, spellings: Sequence[str]) -> None:
    grading = Grading(MathGrader())
    problem = Problem("p", "q", "x+1", GraderName.MATH)
    await grading.equal(problem, "x+2", "y+2")
    started = time.perf_counter()
    candidates = [await read(grading, problem, place, text) for place, text in enumerate(spellings)]
    await grading.grade(problem, Outcome(tuple(candidates), chosen=0))
    judged = time.perf_counter()
    clustered = await Equivalence(grading).clustered(problem, candidates)
    ended = time.perf_counter()
    clusters = len({each.key for each in clustered})
    read_s, compared_s = judged - started, ended - judged
    print(
        f"{kind:22}{len(spellings):6}{clusters:10}{read_s:12.3f} s{compared_s:8.3f} s{compared_s / read_s:8.2f}",
        flush=True,
    )
    grading.close()


async def read(grading: Grading, problem: Problem, place: int, text: str) -> Candidate:
    told = await grading.read(problem, f"\\boxed{{{text}}}")
    return Candidate((0, place), text, told.answer, told.key, False, 1, 1)


if __name__ == "__main__":
    main()
