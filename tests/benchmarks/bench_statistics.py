"""Seconds that the statistics take for 10,000 problems with 100 candidates each.

Run it with `python -m tests.benchmarks.bench_statistics [--problems 10000] [--candidates 100]`.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from scaling.arrays import Floats
from scaling.statistics import comparisons, estimates
from scaling.statistics.at_k import JobBallot, powers_of_two
from scaling.statistics.compute_optimal import Trials, compute_optimal
from scaling.statistics.difficulty import bins_of_equal_size
from scaling.statistics.equal_compute import CostedCurve, at_equal_compute
from scaling.statistics.s1_metrics import sweep_metrics
from tests.ballots import best_of_curve, maj_curve, pass_curve


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=10_000)
    parser.add_argument("--candidates", type=int, default=100)
    arguments = parser.parse_args()
    of_candidates(arguments.problems, arguments.candidates)
    of_arms(arguments.problems)


def of_candidates(num_problems: int, num_candidates: int) -> None:
    ballots = [ballot(problem, num_candidates) for problem in range(num_problems)]
    ks = powers_of_two(num_candidates)
    print(f"{num_problems:,} problems × {num_candidates} candidates, k = {', '.join(map(str, ks))}")
    timed("pass@k", lambda: pass_curve(ballots, ks))
    timed("maj@k, exact", lambda: maj_curve(ballots, ks))
    timed("best-of-k, naive, exact", lambda: best_of_curve(ballots, ks, "naive"))
    timed("best-of-k, weighted", lambda: best_of_curve(ballots, ks, "weighted"))


def of_arms(num_problems: int) -> None:
    generator = np.random.default_rng(0)
    correct_PS = generator.integers(2, size=(num_problems, 5)).astype(float)
    tokens_PS = generator.gamma(2.0, [50.0, 100, 200, 400, 800], size=(num_problems, 5))
    curve = CostedCurve(tokens_PS, correct_PS)
    bins = bins_of_equal_size(generator.random(num_problems))
    trials = Trials(tuple("abcde"), correct_PS, tokens_PS)
    limits: tuple[Floats, Floats] = (np.zeros(5), np.full(5, 300.0))
    print(f"{num_problems:,} problems × 5 arms")
    timed("accuracy of one arm", lambda: estimates.accuracy(correct_PS[:, :1]))
    timed("mean tokens of one arm, bootstrap", lambda: estimates.mean(tokens_PS[:, :1]))
    timed("paired difference", lambda: comparisons.paired_difference(correct_PS[:, :1], correct_PS[:, 1:2]))
    timed("at equal compute, bootstrap", lambda: at_equal_compute(curve, curve, 500.0))
    timed("Control, Scaling, Performance, bootstrap", lambda: sweep_metrics(tokens_PS, correct_PS, *limits))
    timed("compute-optimal at one budget", lambda: compute_optimal(trials, bins, tokens_PS[:, 0]))


def ballot(problem: int, num_candidates: int) -> JobBallot:
    """Right answers and up to 40 wrong ones of uneven popularity; the verifier's scores lean towards the right ones."""
    generator = np.random.default_rng(problem)
    popularity = generator.dirichlet(np.full(generator.integers(3, 40), 0.3))
    is_right_C = generator.random(num_candidates) < generator.beta(0.5, 0.5)
    answer_C = np.where(is_right_C, 0, 1 + generator.choice(popularity.size, num_candidates, p=popularity))
    score_C = np.clip(generator.normal(0.4 + 0.2 * is_right_C, 0.2), 0.0, 1.0)
    return JobBallot(
        str(problem), tuple(map(str, answer_C.tolist())), tuple(is_right_C.tolist()), tuple(score_C.tolist())
    )


def timed(name: str, compute: Callable[[], object]) -> None:
    started = time.perf_counter()
    compute()
    print(f"  {name:42} {time.perf_counter() - started:8.3f} s", flush=True)


if __name__ == "__main__":
    main()
