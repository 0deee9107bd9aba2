"""Training examples of the verifier, which is the same model in grading mode.

The system turn says `Grade each step.`, every line ends in the tag ` +`, and the target at the tag's place is ` +` as
long as all results in force are right and ` -` otherwise, so that the last tag speaks for the whole chain:

    26-6=20 +\\n20-10=11 +\\n11+1=12 +\\n        targets: + - -

At each `=` the target there is the exact result, whatever was written: that teaches arithmetic without slips to the
mode that needs it. In a part of the examples the error is of a kind that the careless solver never makes.
"""

from dataclasses import replace
from random import Random

from demo.ladder import LARGEST_VALUE, Operation, Problem, apply, in_range
from demo.slips import Line, solve
from demo.traces import (
    ANSWER_OPENER,
    CHECK,
    END_TURN,
    EQUALS,
    NEWLINE,
    NUMBER,
    NUMBER_VALUE,
    WAIT,
    Draws,
    Example,
    Pass,
    boxed_answer,
    passes,
    prompt,
)
from demo.vocabulary import ID

GOOD, BAD = ID[" +"], ID[" -"]
GRADE_TURN = [
    *(ID["<|im_start|>"], ID["system"], NEWLINE),
    *(ID["Grade"], ID[" each"], ID[" step"], ID["."], END_TURN, NEWLINE),
]

_OPERATOR = {ID[operator]: operator for operator in "+-*"}
_SHARE_GARBLED = 0.2
_SHARE_ANSWER_GRADED = 0.5


def grading(draws: Draws, waits: int) -> Example:
    """A solution in grading mode: after each line, whether all results in force are right."""
    problem = draws.problem()
    careless = replace(draws, carelessness=draws.carelessness * draws.random.choice((0.3, 0.7, 1.0, 1.5)))
    garbled = not waits and draws.chance(_SHARE_GARBLED)
    done = [garble(careless, problem)] if garbled else passes(careless, problem, waits)
    example = Example()
    example.give(GRADE_TURN + prompt(problem))
    right = False
    for index, this in enumerate(done):
        if index:
            _grade(example, [WAIT, *CHECK[:-1]], right)
        right = True
        for row, line, expected in zip(this.rows, this.in_force, _exact(problem), strict=False):
            right = right and line == expected
            _grade(example, row, right)
        right = right and len(this.in_force) == len(problem.operations)
    if draws.chance(_SHARE_ANSWER_GRADED):
        value = done[-1].in_force[-1].result if done[-1].in_force else problem.start
        _grade(example, [*ANSWER_OPENER, *boxed_answer(value)[:-1]], right)
    _expect_exact_results(example)
    return example


def _exact(problem: Problem) -> list[Line]:
    return solve(Random(0), problem.start, problem.operations, carelessness=0)


def _grade(example: Example, row: list[int], right: bool) -> None:
    example.give(row)
    example.expect(GOOD if right else BAD)
    example.give([GOOD, NEWLINE])


def _expect_exact_results(example: Example) -> None:
    ids = example.ids
    for position in range(len(GRADE_TURN), len(ids)):
        if ids[position] == EQUALS:
            before, operator, operand = ids[position - 3 : position]
            exact = apply(NUMBER_VALUE[before], _OPERATOR[operator], NUMBER_VALUE[operand])
            if in_range(exact):
                example.targets[position] = NUMBER[exact]


def garble(draws: Draws, problem: Problem) -> Pass:
    """A pass with an error of another kind than a slip: an operation left out or misread, or a value miscopied."""
    random, operations = draws.random, list(problem.operations)
    place = random.randrange(len(operations))
    before = solve(random, problem.start, problem.operations[:place], draws.carelessness)
    value = before[-1].result if before else problem.start
    kind = random.choice(("left out", "misread", "miscopied"))
    if kind == "left out":
        del operations[place]
    elif kind == "misread":
        operator, _ = operations[place]
        operations[place] = random.choice((*operations, (operator, random.randint(1, 12))))
    else:
        value = min(LARGEST_VALUE, max(0, value + random.choice((-10, -1, 1, 10))))
    return Pass((), (*before, *_while_in_range(value, operations[place:])))


def _while_in_range(value: int, operations: list[Operation]) -> list[Line]:
    lines: list[Line] = []
    for operator, operand in operations:
        result = apply(value, operator, operand)
        if not in_range(result):
            break
        lines.append(Line(value, operator, operand, result))
        value = result
    return lines
