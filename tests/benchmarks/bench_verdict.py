"""How often the verdict's rule is wrong, and how often it sees what is there: simulated experiments, printed.

A world has problems from easy to hard, and two families of four settings each, at six budgets on each of three axes. A
family's setting is chosen two-fold in five bins of difficulty, as in an experiment, and two more claims are decided
beside it, so that Holm's correction is paid. In the first worlds the families are equal at every budget, setting by
setting; in the others the second is better by five points. `python -m tests.benchmarks.bench_verdict [EXPERIMENTS]`.
"""

import sys
from collections import Counter
from dataclasses import dataclass

import numpy as np

from scaling.arrays import Floats
from scaling.statistics.compute_optimal import Trials, compute_optimal
from scaling.statistics.difficulty import bins_of_equal_size
from scaling.verdict.rule import Contest, Decided, Place, Verdict, decided

NUM_SETTINGS = 4
BUDGETS = tuple(64.0 * 2**number for number in range(6))
AXES = {"tokens": 1.0, "flops": 2.6e9, "seconds": 0.002}
SPREAD = 0.35
"""Of the beta distribution of how likely problems are to be solved: most are nearly always right or nearly never."""


@dataclass(frozen=True)
class World:
    name: str
    problems: int
    repeats: int
    gain: float


WORLDS = [
    *(World("no family is better", problems, 1, 0.0) for problems in (60, 200, 500)),
    World("no family is better", 500, 4, 0.0),
    *(World("5 points better", 500, repeats, 0.05) for repeats in (1, 2, 4)),
]


def main(experiments: int) -> None:
    print(f"{experiments} simulated experiments each; three claims of {len(BUDGETS) * len(AXES)} cells each")
    print(f"{'world':24}{'problems':>9}{'repeats':>9}{'any cell':>11}{'the claim':>11}{'worse':>8}{'equivalent':>12}")
    for world in WORLDS:
        seen = [verdicts_of(world, seed) for seed in range(experiments)]
        cells = sum(any(is_clear(each) for each in claims) for claims in seen)
        claim = Counter(claims[0].verdict for claims in seen)
        shares = [cells, claim[Verdict.BETTER], claim[Verdict.WORSE], claim[Verdict.EQUIVALENT]]
        print(
            f"{world.name:24}{world.problems:>9}{world.repeats:>9}"
            + "".join(
                f"{share / experiments:>{width}.1%}" for share, width in zip(shares, (11, 11, 8, 12), strict=True)
            ),
            flush=True,
        )


def is_clear(claim: Decided) -> bool:
    return any(cell.verdict in (Verdict.BETTER, Verdict.WORSE) for cell in claim.cells)


def verdicts_of(world: World, seed: int) -> list[Decided]:
    """The first claim has the world's gain, the two others none."""
    generator = np.random.default_rng([seed, world.problems, world.repeats])
    return decided(
        [
            contest(name, world, gain, generator)
            for name, gain in (("families", world.gain), ("forcing", 0.0), ("training", 0.0))
        ],
    )


def contest(claim: str, world: World, gain: float, generator: np.random.Generator) -> Contest:
    chance_P = generator.beta(SPREAD, SPREAD, size=world.problems)
    bins = bins_of_equal_size(generator.binomial(8, chance_P) / 8.0, seed=1)
    families = [trials(chance_P, extra, world.repeats, generator) for extra in (0.0, gain)]
    no_cost_P = np.zeros(world.problems)
    best = [[each.correct_P for each in compute_optimal(family, bins, no_cost_P, BUDGETS)] for family in families]
    differences_PB = np.stack([second - first for first, second in zip(*best, strict=True)], axis=1)
    differences_PD = np.tile(differences_PB, len(AXES))
    places = tuple(Place(axis, budget * scale) for axis, scale in AXES.items() for budget in BUDGETS)
    means_D = differences_PD.mean(axis=0)
    return Contest(claim, places, differences_PD, np.ones(len(places), dtype=np.bool_), means_D, means_D)


def trials(chance_P: Floats, extra: float, repeats: int, generator: np.random.Generator) -> Trials:
    """Each setting costs twice the one before; all are as good on average, each better on problems of its own."""
    own_PS = generator.normal(0.0, 0.05, size=(chance_P.size, NUM_SETTINGS))
    own_PS = np.clip(chance_P[:, None] + own_PS, 0, 1)
    lifted_PS = np.clip(own_PS + raised(own_PS, extra), 0, 1)
    correct_PS = generator.binomial(repeats, lifted_PS) / repeats
    cost_S = 60.0 * 2.0 ** np.arange(NUM_SETTINGS)
    cost_PS = cost_S * generator.uniform(0.9, 1.1, size=correct_PS.shape)
    return Trials(tuple(f"setting {number}" for number in range(NUM_SETTINGS)), correct_PS, np.minimum(cost_PS, cost_S))


def raised(chance_PS: Floats, gain: float) -> Floats:
    """By `gain` on average: each problem by a share of what it lacks."""
    lacking_PS = 1 - chance_PS
    return gain * lacking_PS / lacking_PS.mean(axis=0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
