"""Populations of problems whose true means are known, and how often an interval covers them.

A problem's difficulty is drawn from a Beta distribution (or from a few kinds), its answers by coins of that difficulty.
So the truth that an interval should cover is a formula, not another simulation. Axes: E experiments, P problems.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.at_k import maj_at_k, pass_at_k
from scaling.statistics.intervals import NORMAL_975, Interval
from tests.ballots import best_of_k

Estimator = Callable[[Floats], Interval]


@dataclass(frozen=True, slots=True)
class Beta:
    """Difficulties with this mean. Small concentrations are problems that are always or never solved."""

    mean: float
    concentration: float

    def draw(self, generator: np.random.Generator, shape: tuple[int, int]) -> Floats:
        return generator.beta(self.mean * self.concentration, (1 - self.mean) * self.concentration, shape)

    def chance_of_a_success(self, tries: int) -> float:
        """E[1 − (1 − p)^k] = 1 − Π (b + i)/(a + b + i), i < k."""
        b = (1 - self.mean) * self.concentration
        return 1 - math.prod((b + each) / (self.concentration + each) for each in range(tries))


def accuracies(problems: Beta, repeats: int, size: tuple[int, int], generator: np.random.Generator) -> Floats:
    """Means over repeats, experiments × problems. The truth is `problems.mean`."""
    return generator.binomial(repeats, problems.draw(generator, size)) / repeats


def unequal_accuracies(problems: Beta, size: tuple[int, int], generator: np.random.Generator) -> Floats:
    """As `accuracies`, of one to four repeats: two fifths of the other three failed."""
    repeats_EP = 1 + generator.binomial(3, 0.6, size)
    return generator.binomial(repeats_EP, problems.draw(generator, size)) / repeats_EP


def two_kinds(
    easy: float, hard: float, mean: float, repeats: int, size: tuple[int, int], generator: np.random.Generator
) -> Floats:
    """Accuracies of problems that are solved with one of two chances, mixed to have this mean."""
    is_easy_EP = generator.random(size) < (mean - hard) / (easy - hard)
    return generator.binomial(repeats, np.where(is_easy_EP, easy, hard)) / repeats


def differences(
    problems: Beta, gain: float, repeats: int, size: tuple[int, int], generator: np.random.Generator
) -> Floats:
    """Second minus first; the second solves a share `gain` of what the first does not. Truth: gain · (1 − mean)."""
    chance_EP = problems.draw(generator, size)
    first_EP = generator.binomial(repeats, chance_EP)
    second_EP = generator.binomial(repeats, chance_EP + gain * (1 - chance_EP))
    return (second_EP - first_EP) / repeats


def passes(problems: Beta, candidates: int, k: int, size: tuple[int, int], generator: np.random.Generator) -> Floats:
    """pass@k of each problem. The truth is `problems.chance_of_a_success(k)`."""
    value_C = np.array([pass_at_k(candidates, num_correct, k) for num_correct in range(candidates + 1)])
    return value_C[generator.binomial(candidates, problems.draw(generator, size))]


CANDIDATES = 8


def bests(problems: Beta, k: int, size: tuple[int, int], generator: np.random.Generator) -> tuple[Floats, float]:
    """Naive best-of-k of CANDIDATES, where right ones score as the larger of two uniform numbers, wrong ones as one.

    The value is looked up by which places, from the best score downwards, are right. The truth is the chance that the
    best of k new candidates is right, E ∫ k · 2ps · (ps² + (1 − p)s)^(k−1) ds, by a sum over p and s.
    """
    place_value = np.array([_best_of(pattern, k) for pattern in range(2**CANDIDATES)])
    chance_EPC = problems.draw(generator, size)[:, :, None]
    is_right_EPC = generator.random((*size, CANDIDATES)) < chance_EPC
    score_EPC = np.where(
        is_right_EPC, generator.random(is_right_EPC.shape) ** 0.5, generator.random(is_right_EPC.shape)
    )
    ordered_EPC = np.take_along_axis(is_right_EPC, np.argsort(-score_EPC, axis=2), axis=2)
    p = problems.draw(np.random.default_rng(0), (1, 20_000))[0, :, None]
    s = (np.arange(200) + 0.5) / 200
    truth = float((k * 2 * p * s * (p * s**2 + (1 - p) * s) ** (k - 1)).mean())
    return place_value[ordered_EPC @ (1 << np.arange(CANDIDATES))], truth


def _best_of(pattern: int, k: int) -> float:
    is_right = [bool(pattern >> place & 1) for place in range(CANDIDATES)]
    return best_of_k([-float(place) for place in range(CANDIDATES)], is_right, is_right, k, "naive")


KINDS = np.array([[0.75, 0.15, 0.05, 0.05], [0.45, 0.35, 0.1, 0.1], [0.25, 0.45, 0.1, 0.2], [0.05, 0.3, 0.5, 0.15]])
"""Chances of the right answer, of two wrong ones and of none, for four kinds of problems."""
VOTERS = 8


def votes(shares: Floats, k: int, size: tuple[int, int], generator: np.random.Generator) -> tuple[Floats, float]:
    """maj@k of each problem, its kind drawn with these shares; and the truth, summed over all patterns of answers."""
    patterns = list(_patterns(VOTERS, KINDS.shape[1]))
    value_A = np.array([_maj_of(pattern, k) for pattern in patterns])
    chance_KA = np.array([[_multinomial(pattern, kind) for pattern in patterns] for kind in KINDS])
    chance_A = shares @ chance_KA
    drawn_EP = generator.choice(len(patterns), p=chance_A / chance_A.sum(), size=size)
    return value_A[drawn_EP], float(chance_A @ value_A)


def coverage(values_EP: Floats, truth: float, interval: Estimator) -> float:
    """Share of experiments whose interval holds the truth."""
    lows_highs = np.array([interval(values_P) for values_P in values_EP])
    return float(np.mean((lows_highs[:, 0] <= truth + 1e-12) & (truth - 1e-12 <= lows_highs[:, 1])))


def exact_coverage(num_problems: int, share: float, interval: Estimator) -> float:
    """Of one right or wrong answer per problem: the sum over the binomial distribution, without any simulation."""
    covered = 0.0
    for num_right in range(num_problems + 1):
        low, high = interval(np.array([1.0] * num_right + [0.0] * (num_problems - num_right)))
        if low - 1e-12 <= share <= high + 1e-12:
            covered += math.comb(num_problems, num_right) * share**num_right * (1 - share) ** (num_problems - num_right)
    return covered


def exact_coverage_of_flips(num_problems: int, lost: float, gained: float, interval: Estimator) -> float:
    """Of the difference of one answer each, where problems are lost and gained with these chances: exact sums."""
    covered, chances = 0.0, np.array([gained, lost, 1 - gained - lost])
    for flips in _patterns(num_problems, 3):
        low, high = interval(np.repeat([1.0, -1.0, 0.0], flips))
        if low - 1e-12 <= gained - lost <= high + 1e-12:
            covered += _multinomial(flips, chances)
    return covered


def _patterns(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in _patterns(total - first, parts - 1))


def _maj_of(pattern: tuple[int, ...], k: int) -> float:
    keys = [key for key, count in zip(("right", "wrong", "worse", None), pattern, strict=True) for _ in range(count)]
    return maj_at_k(keys, [key == "right" for key in keys], k)


def _multinomial(pattern: tuple[int, ...], chances: Floats) -> float:
    ways = math.factorial(sum(pattern)) / math.prod(map(math.factorial, pattern))
    return float(ways * np.prod(chances**pattern))


def wilson(successes: float, n: int) -> Interval:
    """Wilson's score interval for one proportion of n independent trials. `successes` may be a sum of shares."""
    share, z2 = successes / n, NORMAL_975**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = NORMAL_975 * math.sqrt(max(share * (1 - share), 0.0) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, min(centre - half, share)), min(1.0, max(centre + half, share))
