"""What is said of a step of a trace, and its text as it may be shown: in words of ours, and nothing hidden. Pure.

What comes of it is plain text. It is put on the page as text, never as markup.
"""

from dataclasses import dataclass

from db.queries import StoredStep
from scaling.types import FinishReason, Ids, Path, Phase, StepKind

DIRECTION_OVERRIDES = {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Characters that turn the text after them around would make it read as something else: they are named."""
CONTROL_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {127: 0x2421}
"""Control characters as the pictures that Unicode has for them: they would be invisible."""

KIND_NAMES = {
    StepKind.PROMPT: "prompt",
    StepKind.THINK: "thinking",
    StepKind.FORCED: "✎ FORCED",
    StepKind.ANSWER: "answer",
    StepKind.STEP: "step",
    StepKind.REVISION: "✎ OUR PROMPT",
    StepKind.ROLLOUT: "rollout",
}
WHOSE = {
    StepKind.PROMPT: "as the model saw it",
    StepKind.REVISION: "shows earlier attempts and asks for another, not the model’s words",
    StepKind.ROLLOUT: "informs a score, no answer comes of it",
}
DROPPED = "counted, but not in the context of what follows"
ENDINGS = {FinishReason.STOP: "ended by itself", FinishReason.LENGTH: "cut: tokens ran out"}


@dataclass(frozen=True, slots=True)
class Head:
    """The line above a step's text."""

    label: str
    facts: str


def branch(leaf: Path) -> tuple[Path, ...]:
    """The steps that the model was conditioned on to reach `leaf`, prompt first, and `leaf` itself."""
    return tuple(leaf[:depth] for depth in range(1, len(leaf) + 1))


def head(step: StoredStep, title: str = "") -> Head:
    """`title` is what the outline calls it."""
    pruned = "" if step.kept else "PRUNED "
    said = [title, whose(step), *step_facts(step)]
    return Head(pruned + KIND_NAMES[step.kind], " · ".join(each for each in said if each))


def whose(step: StoredStep) -> str:
    if not step.is_forced:
        return WHOSE.get(step.kind, "")
    where = "answer opener" if step.phase is Phase.ANSWER else "in the thinking"
    return f"{where}, not the model’s words"


def step_facts(step: StoredStep) -> list[str]:
    """What is worth knowing of a step in a line, in words of our own."""
    facts = []
    if step.is_forced:
        facts.append(tokens(step.forced_tokens))
    elif step.kind in (StepKind.PROMPT, StepKind.REVISION):
        facts.append(tokens(step.num_ids or None))  # no prompt is empty: its engine takes no ids
    else:
        facts.append(generated(step.generated_tokens))
    if step.finish_reason is not None:
        facts.append(ENDINGS[step.finish_reason])
    if step.score is not None:
        facts.append(f"score {step.score:.3f}")
    if step.requests:
        facts.append(f"{step.seconds:.2f} s at the server in {step.requests} request{'s' if step.requests > 1 else ''}")
        facts += [f"{lost:.2f} s {where}" for lost, where in _lost_seconds(step) if lost and lost >= 0.01]
        facts.append(f"prompt {known(step.prompt_tokens)}, {known(step.cached_tokens)} cached")
    elif step.kind is StepKind.ANSWER:
        facts.append("in the request of the thinking")
    if step.verifier_tokens != 0:
        facts.append(f"verifier {tokens(step.verifier_tokens)}")
    return facts


def generated(count: int | None) -> str:
    return "generated tokens not reported" if count is None else f"{tokens(count)} generated"


def _lost_seconds(step: StoredStep) -> tuple[tuple[float | None, str], ...]:
    """Those that its requests spent on our side; None: of before they were told apart."""
    return (step.gate_seconds, "in our gate before"), (step.retry_seconds, "in tries that failed")


def dropped(num_ids: int) -> str:
    """What stands below a step that was longer than its context shows; empty if it was not."""
    return f"⌫ then {tokens(num_ids)} generated and dropped" if num_ids else ""


def ids_text(ids: Ids) -> str:
    return " ".join(map(str, ids))


def visible(text: str) -> str:
    """Model text, literally: line breaks kept, control characters as pictures, what turns text around named."""
    return text.replace("\r\n", "\n").translate(CONTROL_PICTURES).translate(DIRECTION_OVERRIDES)


def tokens(count: int | None) -> str:
    return "tokens not reported" if count is None else f"{count:,} token{'' if count == 1 else 's'}"


def known(count: int | None) -> str:
    """A count, or that the engine did not report it."""
    return "not reported" if count is None else f"{count:,}"


def path_shown(path: Path) -> str:
    return ".".join(map(str, path))
