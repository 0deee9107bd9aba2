"""What a checkpoint can do: `python -m demo.evaluate DIR --split validation`.

Prints Markdown tables: accuracy by level, against Waits, against a thinking budget, by vote, and by the model's own
grades. The forcing is the service's, string for string, but done in plain torch: an independent check of its curves.
Standard errors are over problems. Use the test split once, for the model that ships.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import product
from operator import itemgetter
from pathlib import Path
from random import Random

import torch

from demo.attempts import Attempt, answered, forced, grades, lines_of, think
from demo.beams import BRANCHES, WIDTH, search
from demo.choices import chosen, grouped, highest, majority, rate
from demo.ladder import LEVELS, TEST_FILE, Problem, draw_split
from demo.network import TinyModel, load
from demo.traces import EQUALS, NUMBER, NUMBER_VALUE, WAIT
from demo.vocabulary import ID

SAMPLES = 16
CHAINS = 4
"""Samples per problem that get Waits and cuts."""

MOST_WAITS = 6
AGGREGATES: dict[str, Callable[[list[float]], float]] = {"last": itemgetter(-1), "min": min}
"""From the scores of a chain's steps to the chain's score."""

BUDGETS = (0, 6, 12, 18, 24, 30, 36, 48, 60, 72)


def correct_by_problem(attempts: Sequence[Attempt], samples: int) -> list[float]:
    return grouped([float(attempt.is_correct) for attempt in attempts], samples)


def by_level(attempts: Sequence[Attempt]) -> str:
    """Accuracy at levels 1 to 5."""
    correct: dict[int, list[bool]] = defaultdict(list)
    for attempt in attempts:
        correct[attempt.problem.level].append(attempt.is_correct)
    return " ".join(f"{sum(correct[level]) / len(correct[level]):.2f}" for level in LEVELS)


def step_errors(attempts: Sequence[Attempt]) -> tuple[float, float]:
    """Share of first-pass lines with a wrong result, and share of chains that do not follow the question."""
    slips = steps = astray = 0
    for attempt in attempts:
        value, lines = attempt.problem.start, lines_of(attempt.thinking)
        followed = len(lines) == len(attempt.problem.operations)
        for line, operation in zip(lines, attempt.problem.operations, strict=False):
            expected = [NUMBER[value], ID[operation[0]], NUMBER[operation[1]], EQUALS]
            if line[:4] != expected or len(line) != 5 or line[4] not in NUMBER_VALUE:
                followed = False
                break
            exact = Problem(value, (operation,)).answer
            value = NUMBER_VALUE[line[4]]
            steps, slips = steps + 1, slips + (value != exact)
        astray += not followed
    return slips / steps if steps else float("nan"), astray / len(attempts)


def repeated(problems: Sequence[Problem], times: int) -> list[Problem]:
    return [problem for problem in problems for _ in range(times)]


def report_samples(model: TinyModel, problems: Sequence[Problem], temperature: float) -> list[Attempt]:
    """Print accuracy without forcing; returns SAMPLES attempts per problem."""
    greedy = answered(model, problems, think(model, problems, [[]] * len(problems), 0), 0)
    many = repeated(problems, SAMPLES)
    attempts = answered(model, many, think(model, many, [[]] * len(many), temperature), temperature)
    slips, astray = step_errors(attempts)
    tokens = sum(len(attempt.thinking) for attempt in attempts) / len(attempts)
    print("\n| | accuracy | levels 1 to 5 |\n|---|---|---|")
    print(f"| pass@1 | {rate(correct_by_problem(attempts, SAMPLES))} | {by_level(attempts)} |")
    print(f"| greedy | {rate(correct_by_problem(greedy, 1))} | {by_level(greedy)} |")
    for size in (4, 16):
        voted = chosen(attempts, [1.0] * len(attempts), SAMPLES, size, majority)
        print(f"| majority of {size} | {voted} | |")
    unparsed = sum(attempt.answer is None for attempt in attempts) / len(attempts)
    print(f"\nthinking tokens {tokens:.1f}; steps slipped {slips:.4f}", end="; ")
    print(f"chains astray {astray:.4f}; unparsed {unparsed:.4f}", flush=True)
    return attempts


def report_grades(model: TinyModel, attempts: Sequence[Attempt]) -> None:
    """Print best-of-N by the model's own grades."""
    print("\n| P(+) | N | naive | weighted |\n|---|---|---|---|")
    for with_answer in (False, True):
        scores = grades(model, attempts, with_answer)
        for name, size in product(AGGREGATES, (4, SAMPLES)):
            totals = [AGGREGATES[name](steps) if steps else 0.0 for steps in scores]
            naive, weighted = (chosen(attempts, totals, SAMPLES, size, choice) for choice in (highest, majority))
            print(f"| {name}{', answer graded' * with_answer} | {size} | {naive} | {weighted} |")


def report_waits(model: TinyModel, attempts: Sequence[Attempt], temperature: float) -> None:
    """Print accuracy after 0 to MOST_WAITS Waits."""
    problems, thinking = [a.problem for a in attempts], [a.thinking for a in attempts]
    print("\n| Waits | accuracy | thinking tokens | levels 1 to 5 |\n|---|---|---|---|")
    for waits in range(MOST_WAITS + 1):
        if waits:
            thinking = think(model, problems, [[*ids, WAIT] for ids in thinking], temperature)
            attempts = answered(model, problems, thinking, temperature)
        tokens = sum(map(len, thinking)) / len(thinking)
        print(
            f"| {waits} | {rate(correct_by_problem(attempts, CHAINS))} | {tokens:.0f} | {by_level(attempts)} |",
            flush=True,
        )


def report_budgets(model: TinyModel, attempts: Sequence[Attempt], temperature: float) -> None:
    """Print accuracy when thinking is cut at each budget; a chain that ended before it is left as it is."""
    print("\n| thinking budget | accuracy | cut | levels 1 to 5 |\n|---|---|---|---|")
    for budget in BUDGETS:
        long = [a for a in attempts if len(a.thinking) > budget]
        cut = iter(forced(model, [a.problem for a in long], [a.thinking[:budget] for a in long], temperature))
        now = [next(cut) if len(a.thinking) > budget else a for a in attempts]
        print(
            f"| {budget} | {rate(correct_by_problem(now, CHAINS))} | {len(long) / len(now):.2f} | {by_level(now)} |",
            flush=True,
        )


def report_beams(model: TinyModel, problems: Sequence[Problem], temperature: float) -> None:
    """Print accuracy of beam search, choosing by the highest score and by weighted vote."""
    found, random = search(model, problems, temperature), Random(0)
    print("\n| beam search | naive | weighted |\n|---|---|---|")
    cells = []
    for choice in (highest, majority):
        answers = [choice([a.answer for a in attempts], scores, random) for attempts, scores in found]
        correct = [float(answer == p.answer) for answer, p in zip(answers, problems, strict=True)]
        cells.append(str(rate(correct)))
    print(f"| N = {WIDTH}, M = {BRANCHES} | {' | '.join(cells)} |")


def test_problems() -> list[Problem]:
    """The problems of the test file, in its order."""
    lines = TEST_FILE.read_text(encoding="utf-8").splitlines()
    return [Problem.parse(json.loads(line)["question"]) for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--temperature", type=float, default=0.8)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, temperature = load(arguments.folder), arguments.temperature
    if arguments.split == "test":
        problems = test_problems()[: arguments.problems]
    else:
        problems = draw_split(Random("ladder-validation"), "validation", arguments.problems)
    print(f"{arguments.split}, {len(problems)} problems, temperature {temperature}")
    attempts = report_samples(model, problems, temperature)
    chains = [attempt for index, attempt in enumerate(attempts) if index % SAMPLES < CHAINS]
    report_waits(model, chains, temperature)
    report_budgets(model, chains, temperature)
    report_grades(model, attempts)
    report_beams(model, problems, temperature)


if __name__ == "__main__":
    main()
