"""Training examples, as token ids: solving, checking after `Wait`, and answering when cut short.

A solving example reads, with every slip of the careless solver a target like any other token:

    <|im_start|>user\\nEvaluate left to right: 26-6-10+1<|im_end|>\\n<|im_start|>assistant\\n<think>\\n
    26-6=20\\n20-10=11\\n11+1=12\\n</think>\\n\\boxed{12}<|im_end|>

`Wait` may stand where `</think>` was about to. Every line is then copied with an exact verdict; after the first `no`
comes the right result, and the rest is worked out anew, carelessly again:

    Wait, check\\n26-6=20 ok\\n20-10=11 no 10\\n10+1=11\\n

No example ever holds a validation or test problem.
"""

from dataclasses import dataclass, field, replace
from random import Random

from demo.ladder import LARGEST_VALUE, Problem, draw
from demo.slips import Line, solve, work_out
from demo.vocabulary import ID

IGNORE = -100
"""Target of a position that is not learned from."""

NUMBER = tuple(ID[str(number)] for number in range(LARGEST_VALUE + 1))
NEWLINE, WAIT, END_THINK, END_TURN = ID["\n"], ID["Wait"], ID["</think>"], ID["<|im_end|>"]
OK, NO, EQUALS, BOXED = ID[" ok"], ID[" no"], ID["="], ID["\\boxed{"]
NUMBER_VALUE = {index: number for number, index in enumerate(NUMBER)}

CHECK = [ID[","], ID[" check"], NEWLINE]
_QUESTION = [
    *(ID["<|im_start|>"], ID["user"], NEWLINE),
    *(ID["Evaluate"], ID[" left"], ID[" to"], ID[" right"], ID[":"], ID[" "]),
]
_START_THINK = [END_TURN, NEWLINE, ID["<|im_start|>"], ID["assistant"], NEWLINE, ID["<think>"], NEWLINE]
ANSWER_OPENER = [END_THINK, NEWLINE]

_SECOND_PASS_CARELESSNESS = 0.8
_SHARE_ENDED_EARLY = 0.04
_LARGE_OPERAND_SHARES = (0.1, 0.3, 0.5, 0.7)


@dataclass
class Example:
    """Token ids under construction, with the target of each position: the id that should come next, or IGNORE."""

    ids: list[int] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)

    def give(self, ids: list[int]) -> None:
        """Append context that is not learned."""
        self.ids += ids
        self.targets += [IGNORE] * len(ids)

    def learn(self, ids: list[int]) -> None:
        """Append text whose every token is a target."""
        if self.targets:
            self.targets[-1] = ids[0]
        self.ids += ids
        self.targets += [*ids[1:], IGNORE]

    def expect(self, target: int) -> None:
        """Make `target` what should come next, whatever is appended after it."""
        self.targets[-1] = target


def prompt(problem: Problem) -> list[int]:
    """The question in the chat template, up to and including the start of thinking."""
    ids = [*_QUESTION, NUMBER[problem.start]]
    for operator, operand in problem.operations:
        ids += [ID[operator], NUMBER[operand]]
    return ids + _START_THINK


def equation(line: Line) -> list[int]:
    """`before operator operand = result`, without a newline."""
    return [NUMBER[line.before], ID[line.operator], NUMBER[line.operand], EQUALS, NUMBER[line.result]]


@dataclass(frozen=True)
class Draws:
    """What an example is drawn from: a random stream and the difficulty that the curriculum has reached."""

    random: Random
    most_operations: int = 10
    carelessness: float = 1.0

    def problem(self) -> Problem:
        """A training problem; validation and test problems are refused."""
        while True:
            count = self.random.randint(1, self.most_operations)
            problem = draw(self.random, count, self.random.choice(_LARGE_OPERAND_SHARES))
            if problem.split == "train":
                return problem

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability


@dataclass(frozen=True)
class Pass:
    """One pass over a problem: the lines it copies from the pass before, with verdicts, and those it writes anew."""

    copied: tuple[Line, ...]
    fresh: tuple[Line, ...]

    @property
    def in_force(self) -> tuple[Line, ...]:
        """The lines as they stand after this pass."""
        return (*(line.corrected for line in self.copied), *self.fresh)

    @property
    def rows(self) -> list[list[int]]:
        """Its lines as token ids, without newlines."""
        checked = [equation(line) + _verdict(line) for line in self.copied]
        return checked + [equation(line) for line in self.fresh]

    def ended_early(self, random: Random) -> "Pass":
        """The same pass broken off, its last fresh lines missing."""
        return replace(self, fresh=self.fresh[: random.randrange(len(self.fresh))])


def _verdict(line: Line) -> list[int]:
    """` ok`, or ` no` and the exact result."""
    return [NO, ID[" "], NUMBER[line.exact]] if line.is_slip else [OK]


def first_pass(draws: Draws, problem: Problem) -> Pass:
    """The problem worked through carelessly."""
    return Pass((), tuple(solve(draws.random, problem.start, problem.operations, draws.carelessness)))


def check(draws: Draws, problem: Problem, last: Pass) -> Pass:
    """The pass after a `Wait`: lines are copied up to the first slip; what follows it is worked out anew."""
    lines = last.in_force
    copied = lines[: next((index for index, line in enumerate(lines, 1) if line.is_slip), len(lines))]
    value = copied[-1].exact if copied else problem.start
    carelessness = draws.carelessness * _SECOND_PASS_CARELESSNESS
    return Pass(copied, tuple(solve(draws.random, value, problem.operations[len(copied) :], carelessness)))


def passes(draws: Draws, problem: Problem, waits: int) -> list[Pass]:
    """A first pass and `waits` checks.

    Now and then a pass that is to be checked breaks off, so that the check learns to finish the problem.
    """
    done = [first_pass(draws, problem)]
    for _ in range(waits):
        if done[-1].fresh and draws.chance(_SHARE_ENDED_EARLY):
            done[-1] = done[-1].ended_early(draws.random)
        done.append(check(draws, problem, done[-1]))
    return done


def solving(draws: Draws, waits: int) -> Example:
    """Thinking with `waits` checks, then the answer.

    Thinking had just ended where `Wait` is put, so `</think>` is still the target there; after a pass that broke off
    nothing is.
    """
    problem = draws.problem()
    example = Example()
    example.give(prompt(problem))
    for index, this in enumerate(done := passes(draws, problem, waits)):
        if index:
            example.give([WAIT])
            example.learn(CHECK)
        for row in this.rows:
            example.learn([*row, NEWLINE])
        if len(this.in_force) == len(problem.operations):
            example.expect(END_THINK)
    example.learn([*ANSWER_OPENER, *boxed_answer(done[-1].in_force[-1].result)])
    return example


def boxed_answer(value: int) -> list[int]:
    return [BOXED, NUMBER[value], ID["}"], END_TURN]


def cut_short(draws: Draws, waits: int) -> Example:
    """Thinking cut anywhere, also before its first token, and the best answer from there.

    Only the answer is learned: what the thinking so far comes to when it is gone on with exactly.
    """
    problem = draws.problem()
    thinking, conclusions = _thinking(problem, passes(draws, problem, waits))
    kept = draws.random.randint(0, len(thinking))
    example = Example()
    example.give(prompt(problem) + thinking[:kept])
    if thinking[kept - 1 : kept] != [NEWLINE] and (kept or draws.chance(0.5)):
        example.give([NEWLINE])
    example.give([*ANSWER_OPENER, BOXED])
    finished = [value for end, value in conclusions if end <= kept]
    example.learn(boxed_answer(finished[-1] if finished else problem.answer)[1:])
    return example


def _thinking(problem: Problem, done: list[Pass]) -> tuple[list[int], list[tuple[int, int]]]:
    """The thinking as ids, and what it comes to after each row: (length in ids, answer)."""
    ids: list[int] = []
    conclusions: list[tuple[int, int]] = []
    for index, this in enumerate(done):
        if index:
            ids += [WAIT, *CHECK]
        for count, (row, line) in enumerate(zip(this.rows, this.in_force, strict=True), 1):
            ids += row
            if count >= len(this.copied):  # before that, what the last pass came to still stands
                value = work_out(line.result, problem.operations[count:])
                conclusions.append((len(ids), value))
            ids.append(NEWLINE)
    return ids, conclusions
