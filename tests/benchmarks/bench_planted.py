"""Planted truths, found again: experiments whose families differ in a known way, judged by all of `results.verdict`.

Chains of a problem are right with a chance of its own. Votes are of 16 such chains; of Waits each world says what they
make of that chance. So what each family's best setting truly reaches within a budget is known exactly, and stands
beside what an experiment measured, and beside what is said of it. `python -m tests.benchmarks.bench_planted
[EXPERIMENTS] [--draw FILE.svg]`.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from results.verdict import VERDICT, Claimed, Standing
from scaling.arrays import Floats
from scaling.statistics.at_k import maj_at_k, powers_of_two
from scaling.verdict.rule import Verdict
from tests.planted import PlantedArm, measured

PROBLEMS, REPEATS, SAMPLES, CHAIN = 200, 4, 16, 32.0
"""CHAIN is the tokens of one chain; with w Waits it has 1 + w times as many."""
WAITS = (0, 1, 3, 7)
SPREAD = 0.35


def _voted(chance_P: Floats, k: int) -> Floats:
    """The chance that a vote of k such chains, of SAMPLES, is right; of wrong answers no two agree."""
    of_c = np.array([maj_at_k(_keys(c), [True] * c + [False] * (SAMPLES - c), k) for c in range(SAMPLES + 1)])
    counts = np.arange(SAMPLES + 1)
    logs = np.array([_log_choose(SAMPLES, c) for c in counts])
    inside_P = np.clip(chance_P, 1e-9, 1 - 1e-9)[:, None]
    pmf_PC = np.exp(logs + counts * np.log(inside_P) + (SAMPLES - counts) * np.log1p(-inside_P))
    voted_P: Floats = pmf_PC @ of_c
    return np.clip(voted_P, 0, 1)


def _keys(correct: int) -> list[str]:
    return ["correct"] * correct + [f"wrong {number}" for number in range(SAMPLES - correct)]


def _log_choose(n: int, k: int) -> float:
    return float(np.log(np.arange(n - k + 1, n + 1)).sum() - np.log(np.arange(1, k + 1)).sum())


@dataclass(frozen=True)
class World:
    """`forced` is the chance with so many Waits, of the chance without."""

    name: str
    forced: Callable[[Floats, int], Floats]


def _mends(share: float) -> Callable[[Floats, int], Floats]:
    """Each Wait mends this share of what is still wrong."""
    return lambda chance_P, waits: 1 - (1 - chance_P) * (1 - share) ** waits


WORLDS = (
    World("Waits help more than votes", _mends(0.35)),
    World("no family is better", lambda chance_P, waits: _voted(chance_P, 1 + waits)),
    World("the first Wait helps, and votes catch up", lambda chance_P, waits: _mends(0.3)(chance_P, min(waits, 1))),
    World("Waits do nothing", lambda chance_P, waits: chance_P),
)


def truth(world: World, chance_P: Floats, budget: float) -> tuple[float, float]:
    """What the best of the votes, and of the Waits, truly reaches within it."""
    votes = [_voted(chance_P, k).mean() for k in powers_of_two(SAMPLES) if k * CHAIN <= budget]
    waits = [world.forced(chance_P, each).mean() for each in WAITS if (1 + each) * CHAIN <= budget]
    return max(votes), max(waits)


def judged(world: World, seed: int) -> tuple[Floats, Claimed]:
    generator = np.random.default_rng(seed)
    chance_P = generator.beta(SPREAD, SPREAD, size=PROBLEMS)

    def drawn(chances_P: Floats, candidates: int) -> Floats:
        shape = (PROBLEMS, REPEATS, candidates)
        return np.asarray(generator.random(shape) < chances_P[:, None, None], dtype=float)

    vote = PlantedArm(
        {"strategy": "majority_vote", "samples": SAMPLES},
        drawn(chance_P, SAMPLES),
        np.full((PROBLEMS, REPEATS, SAMPLES), CHAIN),
    )
    forced = [
        PlantedArm(
            {"strategy": "budget_forcing", "max_thinking_tokens": 800, "waits": waits},
            drawn(np.clip(world.forced(chance_P, waits), 0, 1), 1),
            np.full((PROBLEMS, REPEATS, 1), CHAIN * (1 + waits)),
        )
        for waits in WAITS
    ]
    found = VERDICT.answer(measured([vote, *forced]), axes="generated-by-all,flops-with-attention")
    (claimed,) = [each for each in found.claims if each.standings]
    return chance_P, claimed


HEADER = (
    f"{'budget':>8}{'votes, truth':>14}{'measured':>10}{'Waits, truth':>14}{'measured':>10}{'points':>8}{'band':>16}"
)


def draw(file: str) -> None:
    """One experiment of each world: truths as lines, what was measured as marks with their intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 3.4), layout="constrained")
    for axes, world in zip(figure.subplots(1, len(WORLDS), sharey=True), WORLDS, strict=True):
        chance_P, claimed = judged(world, seed=0)
        standings = claimed.on(claimed.axes[0])
        budgets = [each.budget for each in standings]
        truths = zip(*(truth(world, chance_P, budget) for budget in budgets), strict=True)
        sides = [[each.first for each in standings], [each.second for each in standings]]
        for name, colour, true, reached in zip(("votes", "Waits"), ("grey", "crimson"), truths, sides, strict=True):
            accuracies = [each.accuracy for each in reached]
            ends = [[it.value - it.low for it in accuracies], [it.high - it.value for it in accuracies]]
            axes.plot(budgets, true, color=colour, label=f"{name}, truth")
            axes.errorbar(budgets, [it.value for it in accuracies], ends, fmt="o", color=colour, capsize=3)
        axes.set_xscale("log", base=2)
        axes.set_title(f"{world.name}:\n{claimed.verdict.value}", fontsize=9)
        axes.set_xlabel("budget, tokens a problem")
    figure.axes[0].legend(fontsize=8)
    figure.savefig(file)


def main(experiments: int) -> None:
    print(f"{PROBLEMS} problems × {REPEATS} repeats; one experiment of each world, and {experiments} of them in shares")
    for world in WORLDS:
        chance_P, claimed = judged(world, seed=0)
        print(f"\n{world.name}: {claimed.verdict.value}")
        print(HEADER)
        for standing in claimed.on(claimed.axes[0]):
            print(_row(standing, *truth(world, chance_P, standing.budget)))
        _shares(world, experiments)


def _row(standing: Standing, votes: float, waits: float) -> str:
    band = standing.band
    return (
        f"{standing.budget:>8,.0f}{votes:>14.1%}{standing.first.accuracy.value:>10.1%}{waits:>14.1%}"
        f"{standing.second.accuracy.value:>10.1%}{100 * band.value:>+8.1f}"
        f"{f'{100 * band.low:+.1f} … {100 * band.high:+.1f}':>16}  {standing.verdict.value}"
    )


def _shares(world: World, experiments: int) -> None:
    said: Counter[Verdict] = Counter()
    inside = wrong = 0
    for seed in range(1, experiments + 1):
        chance_P, claimed = judged(world, seed)
        said[claimed.verdict] += 1
        pairs = [(each, _true_difference(world, chance_P, each.budget)) for each in claimed.on(claimed.axes[0])]
        inside += all(each.band.low <= difference <= each.band.high for each, difference in pairs)
        wrong += any(WRONG.get(each.verdict, lambda _: False)(difference) for each, difference in pairs)
    listed = ", ".join(f"{verdict.value} {count / experiments:.0%}" for verdict, count in said.most_common())
    print(
        f"the claim: {listed}; all truths in their bands {inside / experiments:.0%}; "
        f"something wrongly said {wrong / experiments:.0%}",
        flush=True,
    )


def _true_difference(world: World, chance_P: Floats, budget: float) -> float:
    votes, waits = truth(world, chance_P, budget)
    return waits - votes


WRONG: Mapping[Verdict, Callable[[float], bool]] = {
    Verdict.BETTER: lambda difference: difference <= 0,
    Verdict.WORSE: lambda difference: difference >= 0,
    Verdict.EQUIVALENT: lambda difference: abs(difference) > 0.02,
}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("experiments", type=int, nargs="?", default=30)
    parser.add_argument("--draw", metavar="FILE.svg")
    told = parser.parse_args()
    if told.draw:
        draw(told.draw)
    main(told.experiments)
