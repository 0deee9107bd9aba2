"""Which token stands where in a step's text, which are hits, and what a chain's means are. Worked by hand."""

import pytest

from scaling.scanners.chain_text import Place
from scaling.scanners.id_chains import IdChain, StepIds, Told, ends_in, mean_of, of_steps
from scaling.scanners.log_probs import LogProbs
from scaling.types import Phase

E_ACUTE = ["a", "\N{REPLACEMENT CHARACTER}", "\N{REPLACEMENT CHARACTER}", "b"]
"""The two bytes of é are two tokens."""


@pytest.mark.parametrize(
    ("text", "tokens", "ends"),
    [
        ("7+1=8", ["7", "+", "1=", "8"], (1, 2, 4, 5)),
        ("aéb", E_ACUTE, (1, 2, 2, 3)),
        ("aé", E_ACUTE[:3], (1, 2, 2)),
        ("ab", ["a", "b", "<end>"], (1, 2, 2)),
        ("ab", ["a", "", "b"], (1, 1, 2)),
        ("", ["<end>"], (0,)),
        ("", [], ()),
        ("\U0001f600!", ["\N{REPLACEMENT CHARACTER}"] * 4 + ["!"], (1, 1, 1, 1, 2)),
    ],
)
def test_a_token_ends_where_the_text_says_what_it_reads(text: str, tokens: list[str], ends: tuple[int, ...]) -> None:
    assert ends_in(text, tokens) == ends


THINK = StepIds((0, 0), Phase.THINKING, False, "7+1", (11, 12, 13))
WAIT = StepIds((0, 0, 0), Phase.THINKING, True, "Wait", (20,))
MORE = StepIds((0, 0, 0, 0), Phase.THINKING, False, " so", (14,))
ANSWER = StepIds((0, 0, 0, 0, 0), Phase.ANSWER, False, "8", (15, 2))
CHAIN = IdChain((1, 9), (THINK, WAIT, MORE, ANSWER), True)
TOLD = [
    Told("<s>", None), Told("q", -9.0), Told("7", -0.5), Told("+", -4.0), Told("1", -0.25), Told("Wait", -12.0),
    Told(" so", -1.25), Told("8", -6.0), Told("</s>", -0.5),
]  # fmt: skip


def test_log_probs_go_to_the_steps_whose_ids_they_are_of() -> None:
    """The prompt's own two are no step's; the first of the first step is conditioned on the prompt and has one."""
    assert CHAIN.ids == (1, 9, 11, 12, 13, 20, 14, 15, 2)
    think, wait, more, answer = of_steps(CHAIN, TOLD)
    assert (think.ends, think.values) == ((1, 2, 3), (-0.5, -4.0, -0.25))
    assert (wait.ends, wait.values) == ((4,), (-12.0,))
    assert (more.ends, more.values) == ((3,), (-1.25,))
    assert (answer.ends, answer.values) == ((1, 1), (-6.0, -0.5))


def test_hits_are_surprising_tokens_of_the_models_own() -> None:
    """Of −.5, −4, −.25, −1.25, −6, −.5 two are below −3; the Wait, −12, is ours."""
    found = LogProbs(of="tiny").found(of_steps(CHAIN, TOLD))
    assert (found.value, found.places) == (2.0, (Place((0, 0), 1, 2, "+"), Place(ANSWER.path, 0, 1, "8")))
    assert LogProbs(of="tiny", below=-7).found(of_steps(CHAIN, TOLD)).value == 0


def test_means_are_over_the_models_own_tokens_of_a_phase() -> None:
    """Thinking: (.5 + 4 + .25 + 1.25) ÷ 4 = 1.5; answer: (6 + .5) ÷ 2 = 3.25."""
    steps = of_steps(CHAIN, TOLD)
    assert mean_of(steps, Phase.THINKING) == pytest.approx(-1.5)
    assert mean_of(steps, Phase.ANSWER) == pytest.approx(-3.25)
    assert mean_of([], Phase.ANSWER) is None


def test_a_first_token_without_a_prompt_has_none_and_what_was_not_told_is_not_known() -> None:
    bare = IdChain((), (THINK, ANSWER), True)
    think, answer = of_steps(bare, [Told("7", None), Told("+", -4.0), Told("1", -0.25), Told("8", -6.0)])
    assert (think.values, answer.values) == ((None, -4.0, -0.25), (-6.0, None))
    assert answer.ends == (1, 1)
    assert mean_of([think], Phase.THINKING) == pytest.approx(-2.125)


def test_a_threshold_is_below_zero() -> None:
    with pytest.raises(ValueError, match="less than 0"):
        LogProbs(of="tiny", below=0)
