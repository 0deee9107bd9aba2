"""What a verifier is shown of a branch, and what is known of it already. Pure.

A process reward model is shown the reasoning alone, Waits as they stand: a step's score is then the same whichever
strategy asks for it, a beam that ends is not graded twice, and the line that repeats the result is not taken for a
step of thought (on the tiny model, grading it as well changed nothing measurable). Models that answer inside their
reasoning show their answer with it. An outcome reward model judges solutions, so it is shown the answer too, last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from scaling.answers.after_thinking import answer_text
from scaling.types import Phase, Scores, Step, ThinkingFormat, total_if_known


@dataclass(frozen=True, slots=True)
class Verified:
    """The steps of a branch and the score after each; one score in all from an outcome reward model."""

    steps: tuple[str, ...]
    scores: tuple[float, ...]

    def known(self, steps: Sequence[str]) -> int:
        """How many of `steps` it has the scores of: a step's score depends on nothing that comes after it."""
        count = 0
        while count < min(len(self.steps), len(steps)) and self.steps[count] == steps[count]:
            count += 1
        return count


def shown(branch: Sequence[Step], thinking: ThinkingFormat, *, with_answer: bool) -> tuple[str, ...]:
    """The steps of the reasoning, and the answer as the last if asked for; none of them is empty."""
    reasoning = "".join(_thought(step.text, thinking) for step in branch if step.phase is Phase.THINKING)
    steps = [piece.strip() for piece in reasoning.split(thinking.step_delimiter)]
    return tuple(step for step in (*steps, _answer(branch, thinking).strip() if with_answer else "") if step)


def _answer(branch: Sequence[Step], thinking: ThinkingFormat) -> str:
    """What comes after the reasoning; of a model that answers in its reasoning, what was forced behind it."""
    if thinking.answers_in_thinking:
        return "".join(step.text for step in branch if step.phase is Phase.ANSWER)
    return answer_text(branch, thinking)


def since_prompt(branch: Sequence[Step]) -> Sequence[Step]:
    """What followed the branch's nearest prompt."""
    prompts = [number for number, step in enumerate(branch) if step.phase is Phase.PROMPT]
    return branch[prompts[-1] + 1 :] if prompts else branch


def charged(step: Step, told: Scores) -> Step:
    """The step with what the verifier's calls for it cost."""
    return replace(
        step,
        verifier_tokens=total_if_known((step.verifier_tokens, told.prompt_tokens, told.generated_tokens)),
        verifier_cached_tokens=total_if_known((step.verifier_cached_tokens, told.cached_tokens)),
        verifier_calls=step.verifier_calls + told.calls,
        verifier_seconds=step.verifier_seconds + told.seconds,
        gate_seconds=step.gate_seconds + told.gate_seconds,
        retry_seconds=step.retry_seconds + told.retry_seconds,
        verifier_generated_tokens=total_if_known((step.verifier_generated_tokens, told.generated_tokens)),
        verifier_usages=step.verifier_usages + told.usages,
    )


def spared(step: Step, told: Scores) -> Step:
    """The step with what the verifier's calls for it would have cost, had not another branch shown the same."""
    return replace(step, verifier_spared_usages=step.verifier_spared_usages + told.usages)


def _thought(text: str, thinking: ThinkingFormat) -> str:
    """Without the delimiter that ended it, where that stayed in the context."""
    ends = [at for stop in thinking.stop if (at := text.find(stop)) >= 0]
    return text[: min(ends)] if ends else text
