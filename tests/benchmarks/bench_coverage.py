"""How often the 95 % intervals cover a known truth, in per cent; and what other intervals would have covered.

Columns are problems and accuracy. Run it with `python -m tests.benchmarks.bench_coverage [--experiments 4000]`.
"""

import argparse

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.bootstrap import expanded_percentiles
from scaling.statistics.intervals import Interval, difference_interval, share_interval
from tests.populations import (
    Beta,
    Estimator,
    accuracies,
    bests,
    coverage,
    differences,
    exact_coverage,
    exact_coverage_of_flips,
    passes,
    two_kinds,
    unequal_accuracies,
    votes,
    wilson,
)

NUM_RESAMPLES = 2000
SIZES = [(n, mean) for n in (30, 200, 1000) for mean in (0.1, 0.3, 0.5, 0.7, 0.9)]
FLIPS = ((0.001, 0.001), (0.02, 0.02), (0.001, 0.067), (0.02, 0.087), (0.1, 0.1), (0.1, 0.167), (0.05, 0.45))
CROWDS = {"hard": (0.1, 0.1, 0.1, 0.7), "mixed": (0.2, 0.2, 0.3, 0.3), "easy": (0.7, 0.2, 0.1, 0.0)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--experiments", type=int, default=4000)
    experiments = parser.parse_args().experiments
    print(f"{'':44}" + "".join(f"{f'{n} {mean:.1f}':>9}" for n, mean in SIZES))
    one_answer()
    repeated(experiments)
    of_pass_at_k(experiments)
    of_best_of_k(experiments)
    paired(experiments)
    of_maj_at_k(experiments)


def one_answer() -> None:
    for name, interval in {"ours": share_interval, "Wilson": of_wilson, "bootstrap": percentiles}.items():
        row(f"one answer each, {name} (exact)", [exact_coverage(n, mean, interval) for n, mean in SIZES])


def repeated(experiments: int) -> None:
    for repeats, concentration in ((2, 0.2), (4, 0.5), (4, 8.0), (16, 2.0), (16, 1e6)):
        of_size = [
            (accuracies(Beta(mean, concentration), repeats, (experiments, n), seeded(n)), mean) for n, mean in SIZES
        ]
        rows(f"{repeats} repeats, Beta {concentration:g}", of_size, share_interval)

    of_size = [(unequal_accuracies(Beta(mean, 1), (experiments, n), seeded(n)), mean) for n, mean in SIZES]
    rows("1 to 4 repeats, Beta 1", of_size, share_interval)
    for easy, hard in ((0.98, 0.0), (1.0, 0.02)):
        of_size = [(two_kinds(easy, hard, mean, 4, (experiments, n), seeded(n)), mean) for n, mean in SIZES]
        rows(f"4 repeats, chances {easy:g} and {hard:g}", of_size, share_interval)


def of_best_of_k(experiments: int) -> None:
    few = [(n, mean) for n, mean in SIZES if n < 1000]
    of_size = [bests(Beta(mean, 2), 4, (experiments // 2, n), seeded(n)) for n, mean in few]
    rows("best of 4 of 8", of_size, share_interval)


def of_pass_at_k(experiments: int) -> None:
    for k in (4, 16):
        of_size = [
            (passes(Beta(mean, 2), 16, k, (experiments, n), seeded(n)), Beta(mean, 2).chance_of_a_success(k))
            for n, mean in SIZES
        ]
        rows(f"pass@{k} of 16", of_size, share_interval)


def paired(experiments: int) -> None:
    for repeats, gain in ((1, 0.0), (1, 0.2), (4, 0.2), (16, 0.1)):
        of_size = [
            (differences(Beta(mean, 2), gain, repeats, (experiments, n), seeded(n)), gain * (1 - mean))
            for n, mean in SIZES
        ]
        rows(f"difference, {repeats} repeats, gain {gain}", of_size, difference_interval)
    print("\nDifference of one answer each (exact), by the chances to lose and to gain a problem")
    for lost, gained in FLIPS:
        of_size = {n: exact_coverage_of_flips(n, lost, gained, difference_interval) for n in (30, 100)}
        print(f"  {lost:5} {gained:5}: " + ", ".join(f"{n} problems {share:.1%}" for n, share in of_size.items()))


def of_maj_at_k(experiments: int) -> None:
    print("\nmaj@5 of 8 candidates")
    for name, shares in CROWDS.items():
        for n in (30, 200, 1000):
            values_EP, truth = votes(np.array(shares), 5, (experiments, n), seeded(n))
            print(f"  {name:6} {n:5} problems, {truth:.3f}: {coverage(values_EP, truth, share_interval):6.1%}")


def rows(name: str, of_size: list[tuple[Floats, float]], interval: Estimator) -> None:
    row(f"{name}, ours", [coverage(values_EP, truth, interval) for values_EP, truth in of_size])
    few = [coverage(values_EP[:500], truth, percentiles) for values_EP, truth in of_size[:5]]
    row(f"{name}, bootstrap", few)


def row(name: str, shares: list[float]) -> None:
    print(f"{name:44}" + "".join(f"{share:9.1%}" for share in shares), flush=True)


def of_wilson(values_P: Floats) -> Interval:
    return wilson(float(values_P.sum()), values_P.size)


def percentiles(values_P: Floats) -> Interval:
    """The plain percentile bootstrap over problems."""
    distinct, counts = np.unique(values_P, return_counts=True)
    drawn_B = seeded(0).multinomial(values_P.size, counts / values_P.size, NUM_RESAMPLES) @ distinct / values_P.size
    return expanded_percentiles(drawn_B, 1_000_000)  # with a million problems the expansion is none


def seeded(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


if __name__ == "__main__":
    main()
