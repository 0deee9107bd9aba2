"""The ladder's held-out problems stay held out, its training traces are exact, and the model card tells the truth."""

import json
from collections import Counter
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from tokenizers import Tokenizer

from demo import ladder
from demo.curriculum import MIXTURE, WARM_UP_MIXTURE, examples
from demo.grading import grading
from demo.ladder import LEVELS, TEST_FILE, TEST_PROBLEMS, Problem, draw_level
from demo.slips import Line, slips, solve, trickiness
from demo.traces import IGNORE, Draws, Example, Pass, check, cut_short, first_pass, solving
from demo.vocabulary import CHAT_TEMPLATE, ID, text, write_tokenizer

MODEL = Path(ladder.__file__).parent / "tiny_model"
CARD = (MODEL / "README.md").read_text(encoding="utf-8")


def problems_on_file() -> list[dict[str, str]]:
    return [json.loads(line) for line in TEST_FILE.read_text(encoding="utf-8").splitlines()]


def question_in(example: Example) -> str:
    return text(example.ids).split("user\n")[1].split("<|im_end|>")[0]


def test_every_problem_on_file_is_in_the_test_split_and_has_its_answer() -> None:
    for record in problems_on_file():
        problem = Problem.parse(record["question"])
        assert ladder.split(record["question"]) == "test"
        assert problem.question == record["question"]
        assert str(problem.answer) == record["answer"]
        assert str(problem.level) == record["level"]


def test_the_file_holds_300_different_problems_and_every_prefix_of_it_is_balanced() -> None:
    records = problems_on_file()
    assert len({record["question"] for record in records}) == len(records) == TEST_PROBLEMS == 300
    assert [record["id"] for record in records[:2]] == ["ladder-test-0001", "ladder-test-0002"]
    for count in range(len(LEVELS), TEST_PROBLEMS + 1, len(LEVELS)):
        levels = Counter(record["level"] for record in records[:count])
        assert set(levels.values()) == {count // len(LEVELS)}


def test_the_file_is_written_again_byte_for_byte(tmp_path: Path) -> None:
    ladder.write_test_file(tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == TEST_FILE.read_bytes()


@pytest.mark.parametrize("path", [TEST_FILE, MODEL / "model.safetensors"], ids=lambda path: path.name)
def test_the_card_names_the_digest_of(path: Path) -> None:
    assert sha256(path.read_bytes()).hexdigest() in CARD


def test_evaluation_is_left_to_right_without_precedence() -> None:
    # 2+3 = 5, 5*4 = 20 (precedence would give 14), 20-6 = 14
    problem = Problem.parse("Evaluate left to right: 2+3*4-6")
    assert problem == Problem(2, (("+", 3), ("*", 4), ("-", 6)))
    assert problem.values == (5, 20, 14)


def test_levels_have_2_then_3_to_4_up_to_9_to_10_operations() -> None:
    random = Random(0)
    counts = {level: {len(draw_level(random, level).operations) for _ in range(50)} for level in LEVELS}
    assert counts == {1: {2}, 2: {3, 4}, 3: {5, 6}, 4: {7, 8}, 5: {9, 10}}


def test_one_in_twenty_questions_is_a_test_question_and_one_a_validation_question() -> None:
    random = Random(0)
    shares = Counter(draw_level(random, 5).split for _ in range(20_000))
    # 5 % of 20,000 is 1,000; five standard deviations are 5 * sqrt(20,000 * .05 * .95) = 154
    assert abs(shares["test"] - 1000) < 154
    assert abs(shares["validation"] - 1000) < 154


@pytest.mark.parametrize("progress", [0.0, 0.15, 0.5])
def test_training_never_sees_a_validation_or_test_problem(progress: float) -> None:
    drawn = islice(examples(seed=3, progress=lambda: progress), 3000)
    assert {ladder.split(question_in(example)) for example in drawn} == {"train"}


def test_training_examples_are_the_same_for_the_same_seed() -> None:
    first, again, other = (list(islice(examples(seed, lambda: 0.5), 200)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


@pytest.mark.parametrize("mixture", [MIXTURE, WARM_UP_MIXTURE], ids=["main", "warm-up"])
def test_a_mixture_sums_to_one(mixture: dict[object, float]) -> None:
    assert sum(mixture.values()) == pytest.approx(1)


def test_the_tokenizer_gives_the_ids_that_training_used_and_gives_their_text_back() -> None:
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    for example in islice(examples(seed=5, progress=lambda: 0.5), 500):
        written = text(example.ids)
        assert tokenizer.encode(written).ids == example.ids
        assert tokenizer.decode(example.ids, skip_special_tokens=False) == written


def test_the_tokenizer_takes_any_text() -> None:
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    odd = "Héllo ☃, what is 12345 + 7?\n\n\tThink for up to 64 tokens."
    assert tokenizer.decode(tokenizer.encode(odd).ids) == odd


def test_the_tokenizer_files_are_what_the_code_writes(tmp_path: Path) -> None:
    write_tokenizer(tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (MODEL / path.name).read_bytes(), path.name


def test_the_chat_template_starts_thinking() -> None:
    assert "<|im_start|>assistant\\n<think>\\n" in CHAT_TEMPLATE
    example = solving(Draws(Random(0)), waits=0)
    assert "<|im_end|>\n<|im_start|>assistant\n<think>\n" in text(example.ids)


def test_a_check_copies_up_to_the_first_slip_and_starts_anew_there() -> None:
    # 26-6=20 is right, 20-10=11 is a slip (10), and 11+1=12 follows from it
    problem = Problem(26, (("-", 6), ("-", 10), ("+", 1)))
    last = Pass((), (Line(26, "-", 6, 20), Line(20, "-", 10, 11), Line(11, "+", 1, 12)))
    checked = check(Draws(Random(0), carelessness=0), problem, last)
    assert [text(row) for row in checked.rows] == ["26-6=20 ok", "20-10=11 no 10", "10+1=11"]
    assert [line.result for line in checked.in_force] == list(problem.values)


def test_a_check_of_thinking_that_broke_off_finishes_the_problem() -> None:
    problem = Problem(26, (("-", 6), ("-", 10), ("+", 1)))
    checked = check(Draws(Random(0), carelessness=0), problem, Pass((), (Line(26, "-", 6, 20),)))
    assert [text(row) for row in checked.rows] == ["26-6=20 ok", "20-10=10", "10+1=11"]


def test_the_end_of_thinking_is_learned_where_wait_is_put() -> None:
    example = solving(Draws(Random(1)), waits=2)
    waits = [place for place, index in enumerate(example.ids) if index == ID["Wait"]]
    assert len(waits) == 2
    assert [example.targets[place - 1] for place in waits] == [ID["</think>"]] * 2


def test_only_the_answer_is_learned_from_thinking_that_was_cut() -> None:
    for seed in range(200):
        example = cut_short(Draws(Random(seed)), waits=seed % 3)
        learned = [target for target in example.targets if target != IGNORE]
        assert text(learned[1:]) == "}<|im_end|>"
        assert text(example.ids).endswith(f"\n</think>\n\\boxed{{{text(learned)}")


def test_a_cut_after_a_slip_goes_on_from_the_slip_and_does_not_undo_it() -> None:
    for seed in range(200):
        draws = Draws(Random(seed))
        example = cut_short(draws, waits=0)
        thinking = text(example.ids).split("<think>\n")[1].split("\n</think>")[0]
        finished = [line for line in thinking.split("\n") if line.count("=") == 1 and line[-1] != "="]
        problem = Problem.parse(question_in(example))
        if finished:
            # Multi-digit results are single tokens, so a line that has a result has all of it.
            start = int(finished[-1].split("=")[1])
            expected = Problem(start, problem.operations[len(finished) :])
            assert text(example.ids).endswith(f"boxed{{{expected.answer if expected.operations else start}}}<|im_end|>")


def test_grades_turn_to_minus_at_the_first_wrong_line_and_stay_there() -> None:
    for seed in range(300):
        example = grading(Draws(Random(seed)), waits=0)
        problem = Problem.parse(question_in(example))
        tagged = [place for place, index in enumerate(example.ids) if index == ID[" +"]]
        signs = "".join(text([example.targets[place - 1]]).strip() for place in tagged)
        lines = text(example.ids).split("<think>\n")[1].split(" +\n")
        right = 0
        for line, value in zip(lines, problem.values, strict=False):
            if not line.endswith(f"={value}"):
                break
            right += 1
        assert "-+" not in signs
        assert len(signs.rstrip("-")) <= right + 1


def test_a_forgotten_carry_is_the_likeliest_slip_of_a_tricky_step() -> None:
    # 28+9 = 37; 8+9 = 17 carries deep into the units, and without the carry it is 27
    assert trickiness(28, "+", 9) == 4
    results, weights = slips(28, "+", 9)
    assert results[weights.index(max(weights))] == 27


def test_a_careless_solver_never_leaves_the_range() -> None:
    random = Random(0)
    for _ in range(500):
        problem = draw_level(random, 5)
        for line in solve(random, problem.start, problem.operations, carelessness=1.5):
            assert 0 <= line.result <= 49


def test_a_careful_solver_is_exact() -> None:
    problem = draw_level(Random(0), 5)
    pass_ = first_pass(Draws(Random(0), carelessness=0), problem)
    assert tuple(line.result for line in pass_.in_force) == problem.values
