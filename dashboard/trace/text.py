"""A trace as HTML that is safe to show: every character of model text is escaped, long text is cut, forced is marked.

Pure: stored steps in, one string of HTML out. The classes are those of style.css. What the browser is not sent, it
cannot hang on: a text is cut to LONGEST_TEXT characters unless all of it is asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.escaping import in_html
from db.queries import GrowingStep, StepIds, StoredCandidate, StoredStep
from scaling.types import FinishReason, Ids, Path, Phase, StepKind

LONGEST_TEXT = 6_000
"""Characters of one step that are shown; of longer texts the first two thirds and the last third."""
LONGEST_IDS = 400
LONGEST_FACT = 120
STEPS_PER_PAGE = 100

DIRECTION_OVERRIDES = {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
"""Characters that turn the text after them around would make it read as something else: they are named."""
CONTROL_PICTURES = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {127: 0x2421}
"""Control characters as the pictures that Unicode has for them: they would be invisible."""

KIND_NAMES = {
    StepKind.PROMPT: "PROMPT",
    StepKind.THINK: "thinking",
    StepKind.FORCED: "FORCED",
    StepKind.ANSWER: "answer",
    StepKind.STEP: "step",
    StepKind.REVISION: "revision",
    StepKind.ROLLOUT: "rollout",
}
ENDINGS = {FinishReason.STOP: "ended by itself", FinishReason.LENGTH: "cut: tokens ran out"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A number with its name. `mark` is a class that colours its edge: a verdict or `forced`."""

    name: str
    value: str
    mark: str = ""


def branch(leaf: Path) -> tuple[Path, ...]:
    """The steps that the model was conditioned on to reach `leaf`, prompt first, and `leaf` itself."""
    return tuple(leaf[:depth] for depth in range(1, len(leaf) + 1))


def steps_html(
    steps: Sequence[StoredStep],
    ids: Mapping[Path, StepIds] | None = None,
    is_whole: bool = False,
    has_paths: bool = False,
) -> str:
    """Step by step. `ids`: show those given; `is_whole`: cut nothing; `has_paths`: name each step's place."""
    return "".join(step_html(step, (ids or {}).get(step.path), is_whole, has_paths) for step in steps)


def step_html(step: StoredStep, ids: StepIds | None, is_whole: bool, has_paths: bool) -> str:
    facts = " · ".join([*([f"path {path_shown(step.path)}"] if has_paths else []), *step_facts(step)])
    pruned = "" if step.kept else " pruned"
    head = (
        f'<div class="ot-head"><span class="ot-kind">{_title(step)}</span><span class="ot-facts">{facts}</span></div>'
    )
    text = text_html(step.text, is_whole)
    body = f"<details><summary>as the model saw it</summary>{text}</details>" if step.kind is StepKind.PROMPT else text
    below = _dropped_html(step) + _ids_html(ids, is_whole)
    return f'<div class="ot-step {step.kind.value}{pruned}">{head}{body}{below}</div>'


def growing_html(steps: Sequence[GrowingStep]) -> str:
    """Steps of a job that runs, each by its place."""
    return "".join(
        f'<div class="ot-step"><div class="ot-head"><span class="ot-kind">running</span><span class="ot-facts">'
        f"path {path_shown(step.path)} · {_generated(step.generated_tokens)} so far</span></div>"
        f"{text_html(step.text)}</div>"
        for step in steps
    )


def _title(step: StoredStep) -> str:
    pruned = "" if step.kept else "PRUNED "
    name = KIND_NAMES[step.kind]
    if not step.is_forced:
        return pruned + name
    where = "answer opener" if step.phase is Phase.ANSWER else "in the thinking"
    return f"{pruned}✎ {name} — {where}, not the model’s words"


def step_facts(step: StoredStep) -> list[str]:
    """What is worth knowing of a step in a line, in words of our own."""
    facts = []
    if step.is_forced:
        facts.append(tokens(step.forced_tokens))
    elif step.kind is StepKind.PROMPT:
        facts.append(tokens(step.num_ids or None))  # no prompt is empty: its engine takes no ids
    else:
        facts.append(_generated(step.generated_tokens))
    if step.finish_reason is not None:
        facts.append(ENDINGS[step.finish_reason])
    if step.requests:
        facts.append(f"{step.seconds:.2f} s at the server in {step.requests} request{'s' if step.requests > 1 else ''}")
        facts += [f"{lost:.2f} s {where}" for lost, where in _lost_seconds(step) if lost and lost >= 0.01]
        facts.append(f"prompt {known(step.prompt_tokens)}, {known(step.cached_tokens)} cached")
    elif step.kind is StepKind.ANSWER:
        facts.append("in the request of the thinking")
    if step.score is not None:
        facts.append(f"score {step.score:.3f}")
    if step.verifier_tokens != 0:
        facts.append(f"verifier {tokens(step.verifier_tokens)}")
    return facts


def _generated(count: int | None) -> str:
    return "generated tokens not reported" if count is None else f"{tokens(count)} generated"


def _lost_seconds(step: StoredStep) -> tuple[tuple[float | None, str], ...]:
    """Those that its requests spent on our side; None: of before they were told apart."""
    return (step.gate_seconds, "in our gate before"), (step.retry_seconds, "in tries that failed")


def _dropped_html(step: StoredStep) -> str:
    if not step.num_dropped_ids:
        return ""
    return (
        f'<div class="ot-dropped">⌫ then {tokens(step.num_dropped_ids)} generated and dropped '
        "(counted, but not in the context of what follows)</div>"
    )


def _ids_html(ids: StepIds | None, is_whole: bool) -> str:
    if ids is None:
        return ""
    dropped = f"<br>dropped: {ids_text(ids.dropped_ids, is_whole)}" if ids.dropped_ids else ""
    return f'<div class="ot-ids">ids: {ids_text(ids.ids, is_whole) or "none"}{dropped}</div>'


def ids_text(ids: Ids, is_whole: bool) -> str:
    if is_whole or len(ids) <= LONGEST_IDS:
        return " ".join(map(str, ids))
    half = LONGEST_IDS // 2
    first, last = ids[:half], ids[-half:]
    return f"{' '.join(map(str, first))} … {len(ids) - 2 * half:,} more … {' '.join(map(str, last))}"


def text_html(text: str, is_whole: bool = False, css_class: str = "ot-text") -> str:
    """Model text, literally: line breaks kept, control characters as pictures, its direction its own."""
    if not text:
        return '<div class="ot-empty">(no text)</div>'
    return f'<div class="{css_class}" dir="auto">{_escaped(text, is_whole)}</div>'


def _escaped(text: str, is_whole: bool) -> str:
    if is_whole or len(text) <= LONGEST_TEXT:
        return in_html(visible(text))
    head, tail = text[: LONGEST_TEXT * 2 // 3], text[-LONGEST_TEXT // 3 :]
    hidden = len(text) - len(head) - len(tail)
    cut = f'<span class="ot-cut">… {hidden:,} characters not shown …</span>'
    return in_html(visible(head)) + cut + in_html(visible(tail))


def visible(text: str) -> str:
    return text.replace("\r\n", "\n").translate(CONTROL_PICTURES).translate(DIRECTION_OVERRIDES)


def is_cut(steps: Sequence[StoredStep]) -> bool:
    return any(len(step.text) > LONGEST_TEXT for step in steps)


def facts_html(facts: Sequence[Fact]) -> str:
    return f'<div class="ot-facts-table">{"".join(map(_fact_html, facts))}</div>'


def _fact_html(fact: Fact) -> str:
    value = f'<b dir="auto">{_fact_value(fact.value)}</b>'
    return f'<div class="ot-fact {in_html(fact.mark)}">{value}<span>{in_html(fact.name)}</span></div>'


def _fact_value(value: str) -> str:
    return in_html(visible(value if len(value) <= LONGEST_FACT else value[:LONGEST_FACT] + " …"))


def choice_note(candidates: Sequence[StoredCandidate], is_tie: bool) -> str:
    """How the answer that speaks for the job stands among the others, if there was anything to choose."""
    if len(candidates) < 2:
        return ""
    chosen = next(candidate for candidate in candidates if candidate.chosen)
    ballots = [candidate for candidate in candidates if is_ballot(candidate)]
    if not is_ballot(chosen):
        return "No candidate could vote; the first one speaks for the job."
    votes = sum(ballot.key == chosen.key for ballot in ballots)
    drawn = ", a tie that a seeded draw decided" if is_tie else ""
    silent = len(candidates) - len(ballots)
    others = f"; {silent} did not vote" if silent else ""
    return f"The chosen answer has {votes} of {len(ballots)} votes{drawn}{others}.{_score_note(chosen, ballots)}"


def _score_note(chosen: StoredCandidate, ballots: Sequence[StoredCandidate]) -> str:
    """The chosen candidate's rank by score, and its answer's by the sum of scores, among those that were scored."""
    if chosen.score is None:
        return ""
    scores = [(ballot.key, ballot.score) for ballot in ballots if ballot.score is not None]
    sums: dict[str | None, float] = {}
    for key, score in scores:
        sums[key] = sums.get(key, 0.0) + score
    rank = 1 + sum(score > chosen.score for _, score in scores)
    sum_rank = 1 + sum(each > sums[chosen.key] for each in sums.values())
    unscored = len(ballots) - len(scores)
    aside = f" {unscored} had no score and no say." if unscored else ""
    return (
        f" The chosen candidate scores {chosen.score:.3f}, number {rank} of {len(scores)}; the scores for its answer "
        f"add up to {sums[chosen.key]:.3f}, number {sum_rank} of {len(sums)} answers.{aside}"
    )


def is_ballot(candidate: StoredCandidate) -> bool:
    """Its answer could be read, and was not cut short."""
    return candidate.key is not None and not candidate.truncated


def tokens(count: int | None) -> str:
    return "tokens not reported" if count is None else f"{count:,} token{'' if count == 1 else 's'}"


def known(count: int | None) -> str:
    """A count, or that the engine did not report it."""
    return "not reported" if count is None else f"{count:,}"


def path_shown(path: Path) -> str:
    return ".".join(map(str, path))
