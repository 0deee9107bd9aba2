"""What is read of vLLM's log-probs over a prompt, and what is no answer."""

import pytest

from scaling.scanners.id_chains import Told
from worker.engines.responses import MalformedAnswerError
from worker.engines.vllm_prompt import told_of


def answer(*told: object) -> dict[str, object]:
    return {"choices": [{"prompt_logprobs": list(told)}]}


def token(number: int, log_prob: float, reads: str) -> dict[str, object]:
    return {str(number): {"logprob": log_prob, "rank": 3, "decoded_token": reads}}


def test_the_first_token_has_none_and_each_other_its_own() -> None:
    told = told_of(answer(None, token(7, -0.5, "a"), token(8, -9999.0, "b")), (6, 7, 8))
    assert told == (Told("", None), Told("a", -0.5), Told("b", None))


@pytest.mark.parametrize(
    "said",
    [answer(None), answer(None, None), answer(None, token(9, -0.5, "a")), {"choices": [{}]}, {"choices": []}],
    ids=["too few", "none of the second", "of another", "none", "no choice"],
)
def test_anything_else_is_no_answer(said: object) -> None:
    with pytest.raises(MalformedAnswerError):
        told_of(said, (6, 7))
