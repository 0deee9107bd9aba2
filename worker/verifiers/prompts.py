"""A solution as the token ids that a token PRM is asked with, in each layout; and the check that one token decides.

In the chat layout each step, and the tag after it, is tokenised by itself, so that the ids of earlier steps never
change while a solution grows, and the server's prefix cache holds. Plain text is tokenised as a whole, as the model
cards do.
"""

from dataclasses import dataclass

from scaling.protocols import RequestRefusedError
from scaling.types import Ids, Solution
from worker.engines.vllm_connection import VllmConnection
from worker.verifiers.formats import Layout, TagPlace, TokenPrm

PROBE = Solution("1+1+1=?", ("1+1=2", "2+1=3"))
"""What tokenizers and servers are tried with before the first job."""


class FormatMismatchError(RequestRefusedError):
    """The served model does not read this format as described. Mend `format`, `served_as` or `endpoint`."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The ids of the two tokens between which the verifier decides."""

    good: int
    bad: int


def steps_of(solution: Solution) -> tuple[str, ...]:
    """The steps without the whitespace around them, since the format says what stands between. None may be empty."""
    steps = tuple(step.strip() for step in solution.steps)
    if not steps or not all(steps):
        raise ValueError(f"a verifier scores no empty step: {solution.steps!r}; drop what follows the last delimiter")
    if not 0 <= solution.first < len(steps):
        raise ValueError(f"first is {solution.first}, but the solution has steps 0 to {len(steps) - 1}")
    return steps


async def prompts(
    connection: VllmConnection, form: TokenPrm, question: str, steps: tuple[str, ...], first: int
) -> list[Ids]:
    """For each step from `first` on, the ids after which the model's next token is its verdict on that step."""
    ends = range(first + 1, len(steps) + 1)
    if form.layout is not Layout.CHAT:
        return [await _spelled(connection, form, question, steps[:end], "") for end in ends]
    context, found = await _opening(connection, form, question), []
    for number, step in enumerate(steps):
        if number > 0:
            context += await _judged(connection, form, steps[number - 1])
        if number >= first:
            found.append(context + await connection.tokenize(step + _asking(form)))
    return found


async def resolve_verdicts(connection: VllmConnection, form: TokenPrm, name: str) -> Verdicts:
    """Looks up the two tokens in the served tokenizer, in the place where they are read. Raises FormatMismatchError.

    Spelled with either verdict, a solution must differ in exactly one token, the one after the prompt.
    """
    steps = steps_of(PROBE)
    asked = await _spelled(connection, form, PROBE.question, steps, "")
    good = await _spelled(connection, form, PROBE.question, steps, form.good)
    bad = await _spelled(connection, form, PROBE.question, steps, form.bad)
    place = len(asked)
    is_one_token = len(good) == len(bad) > place and good[:place] == bad[:place] == asked
    if not is_one_token or good[place] == bad[place] or good[place + 1 :] != bad[place + 1 :]:
        raise FormatMismatchError(
            f"verifier {name!r}: its verdicts must be one token each, and different; in the tokenizer at "
            f"{connection.endpoint}, {form.good!r} ends in {good[-4:]} and {form.bad!r} in {bad[-4:]}, after a prompt "
            f"that ends in {asked[-4:]}. {REMEDY}"
        )
    found = Verdicts(good[place], bad[place])
    _require_expected(connection, form, name, found)
    if form.read is TagPlace.AFTER_TAG:
        await require_single_token(connection, form.tag, name)
    if form.layout is Layout.CHAT:
        await _require_separable(connection, form, name)
    return found


async def require_single_token(connection: VllmConnection, tag: str, name: str) -> int:
    """The id of a step tag where it follows a step. Raises FormatMismatchError unless it is exactly one token."""
    before = await connection.tokenize(PROBE.steps[0])
    after = await connection.tokenize(PROBE.steps[0] + tag)
    if len(after) != len(before) + 1 or after[:-1] != before:
        raise FormatMismatchError(
            f"verifier {name!r}: the step tag {tag!r} must be one token; the tokenizer at {connection.endpoint} makes "
            f"{after} of {PROBE.steps[0] + tag!r} and {before} of it without the tag. {REMEDY}"
        )
    return after[-1]


async def _require_separable(connection: VllmConnection, form: TokenPrm, name: str) -> None:
    whole = await connection.tokenize(PROBE.steps[0] + form.tag + form.delimiter)
    apart = await _judged(connection, form, PROBE.steps[0])
    if whole != apart:
        raise FormatMismatchError(
            f"verifier {name!r}: the tokenizer at {connection.endpoint} makes {apart} of a step and what follows it, "
            f"{form.tag + form.delimiter!r}, apart, but {whole} of them together; a chat layout needs both to be the "
            f"same. {REMEDY}"
        )


REMEDY = "Mend the verifier's `format` in the registry, or its endpoint, if that serves another model."


def _require_expected(connection: VllmConnection, form: TokenPrm, name: str, found: Verdicts) -> None:
    for text, expected, is_now in ((form.good, form.good_id, found.good), (form.bad, form.bad_id, found.bad)):
        if expected not in (None, is_now):
            raise FormatMismatchError(
                f"verifier {name!r}: its format says that {text!r} is token {expected}; in the tokenizer at "
                f"{connection.endpoint} it is token {is_now}. {REMEDY}"
            )


async def _spelled(
    connection: VllmConnection, form: TokenPrm, question: str, steps: tuple[str, ...], verdict: str
) -> Ids:
    """What is said up to the last step, and then the verdict on it, unless that is empty."""
    if form.layout is Layout.TURNS:
        return await _turns(connection, form, question, steps, verdict)
    last = steps[-1] + _asking(form) + verdict
    if form.layout is Layout.TEXT:
        judged = "".join(step + form.tag + form.delimiter for step in steps[:-1])
        return await connection.tokenize(question + form.separator + judged + last, add_special_tokens=True)
    ids = await _opening(connection, form, question)
    for step in steps[:-1]:
        ids += await _judged(connection, form, step)
    return ids + await connection.tokenize(last)


async def _opening(connection: VllmConnection, form: TokenPrm, question: str) -> Ids:
    return await connection.render([*_system(form), {"role": "user", "content": question}])


async def _judged(connection: VllmConnection, form: TokenPrm, step: str) -> Ids:
    """A step that has its verdict, and what stands before the next one."""
    return await connection.tokenize(step) + await connection.tokenize(form.tag + form.delimiter)


def _asking(form: TokenPrm) -> str:
    """What stands between a step and the verdict on it."""
    return form.tag if form.read is TagPlace.AFTER_TAG else ""


async def _turns(
    connection: VllmConnection, form: TokenPrm, question: str, steps: tuple[str, ...], verdict: str
) -> Ids:
    shown = (question + form.separator + steps[0], *steps[1:])
    messages = _system(form)
    for text in shown:
        messages += [{"role": "user", "content": text}, {"role": "assistant", "content": form.tag}]
    del messages[-1]
    if verdict:
        messages.append({"role": "assistant", "content": verdict})
    return await connection.render(messages, add_generation_prompt=not verdict)


def _system(form: TokenPrm) -> list[dict[str, str]]:
    return [] if form.system is None else [{"role": "system", "content": form.system}]
