"""The adapters for models behind vLLM's `/pooling`: step-pooling PRMs and outcome reward models.

One request scores a whole solution. The server applies the chat template; a solution that is longer than its context
is refused by it, never cut, and goes without a score.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from scaling.protocols import RequestRefusedError
from scaling.types import Scores, Solution
from worker.engines.caller import Caller
from worker.engines.http import Reply
from worker.engines.responses import understood
from worker.engines.vllm_connection import VllmConnection
from worker.spending.account import Size
from worker.verifiers.formats import OutcomeRm, RewardPlace, StepPoolingPrm
from worker.verifiers.prompts import PROBE, REMEDY, FormatMismatchError, require_single_token, steps_of
from worker.verifiers.reach import require_fitting_turns, require_no_tag, require_numbers

READ_NO_CACHE = frozenset({"token_classify"})
"""Tasks for which vLLM computes every token anew, since it reads all of their last hidden states. It reports no cached
tokens of any pooling task: of these it is 0, of `classify` it is unknown."""

Number = float | None
"""None: JSON has no NaN, so that a server may write null for it."""
Row = list[Number]


class _Pooled(TypedDict):
    data: list[Row] | Row


class _Answer(TypedDict):
    """The part of vLLM's answer that is read."""

    data: Annotated[list[_Pooled], Field(min_length=1, max_length=1)]


_ANSWER = TypeAdapter(_Answer)


@dataclass(frozen=True, slots=True)
class Pooled:
    """What one request to `/pooling` gave: a row of numbers for each place that the model was read at."""

    rows: tuple[Row, ...]
    reply: Reply[_Answer]

    def scores(self, values: Iterable[Number]) -> Scores:
        cost = self.reply.cost
        return Scores(
            values=tuple(math.nan if value is None else value for value in values),
            prompt_tokens=cost.prompt_tokens,
            cached_tokens=cost.cached_tokens,
            generated_tokens=cost.generated_tokens,
            calls=1,
            seconds=self.reply.server_seconds,
            gate_seconds=self.reply.gate_seconds,
            retry_seconds=self.reply.retry_seconds,
            usages=(cost.usage,),
        )


@dataclass(frozen=True, slots=True)
class StepPoolingVerifier:
    """Scores each step by the probability of the second class at the tag that follows it."""

    name: str
    connection: VllmConnection
    form: StepPoolingPrm
    caller: Caller = field(default_factory=Caller)

    scores_steps = True

    @classmethod
    async def check(cls, connection: VllmConnection, form: StepPoolingPrm, name: str) -> "StepPoolingVerifier":
        """Scores a probe: raises FormatMismatchError unless there is one row of two probabilities for each step."""
        tag_id = await require_single_token(connection, form.tag, name)
        verifier = cls(name, connection, form)
        rows = (await verifier._pool(PROBE)).rows
        if [len(row) for row in rows] != [2] * len(PROBE.steps):
            raise FormatMismatchError(
                f"verifier {name!r}: {connection.endpoint} returns {_shape(rows)} for {len(PROBE.steps)} steps, "
                f"expected 2 numbers for each. Serve it with --runner pooling and --pooler-config "
                f'\'{{"tok_pooling_type": "STEP", "step_tag_id": {tag_id}}}\', or mend its format in the registry.'
            )
        return verifier

    def for_job(self, caller: Caller) -> "StepPoolingVerifier":
        return replace(self, caller=caller)

    async def score(self, solution: Solution) -> Scores:
        require_no_tag(solution, self.form.tag)
        pooled = await self._pool(solution)
        if [len(row) for row in pooled.rows] != [2] * len(solution.steps):
            raise RequestRefusedError(
                f"{self.connection.endpoint} returns {_shape(pooled.rows)} for {len(solution.steps)} steps, expected "
                "2 numbers for each"
            )
        return require_numbers(pooled.scores(good for _, good in pooled.rows[solution.first :]), solution, self.name)

    async def _pool(self, solution: Solution) -> Pooled:
        answer = "".join(step + self.form.tag for step in steps_of(solution))
        return await pool(self.connection, "token_classify", self.form.system, solution.question, answer, self.caller)


@dataclass(frozen=True, slots=True)
class OutcomeVerifier:
    """Scores a whole solution, whatever its steps are."""

    name: str
    connection: VllmConnection
    form: OutcomeRm
    caller: Caller = field(default_factory=Caller)

    scores_steps = False

    @classmethod
    async def check(cls, connection: VllmConnection, form: OutcomeRm, name: str) -> "OutcomeVerifier":
        """Scores a probe: raises FormatMismatchError unless there is one number."""
        verifier = cls(name, connection, form)
        rows = (await verifier._pool(PROBE)).rows
        is_scalar = all(len(row) == 1 for row in rows) and (len(rows) == 1 or form.read is RewardPlace.LAST_TOKEN)
        if not rows or not is_scalar:
            raise FormatMismatchError(
                f"verifier {name!r}: {connection.endpoint} returns {_shape(rows)} for a solution, expected one number"
                f"{' for each token' if form.read is RewardPlace.LAST_TOKEN else ''}. {REMEDY}"
            )
        return verifier

    def for_job(self, caller: Caller) -> "OutcomeVerifier":
        return replace(self, caller=caller)

    async def score(self, solution: Solution) -> Scores:
        pooled = await self._pool(solution)
        if not pooled.rows or len(pooled.rows[-1]) != 1:
            raise RequestRefusedError(
                f"{self.connection.endpoint} returns {_shape(pooled.rows)} for a solution, expected one number"
            )
        (reward,) = pooled.rows[-1]
        value = _logistic(reward) if self.form.logistic and reward is not None else reward
        return require_numbers(pooled.scores([value]), solution, self.name)

    async def _pool(self, solution: Solution) -> Pooled:
        form, answer = self.form, self.form.delimiter.join(steps_of(solution))
        return await pool(
            self.connection, form.read.value, form.system, solution.question, answer, self.caller, raw=True
        )


async def pool(
    connection: VllmConnection,
    task: str,
    system: str | None,
    question: str,
    answer: str,
    caller: Caller,
    *,
    raw: bool = False,
) -> Pooled:
    """One conversation read by the model's head. `raw`: its own numbers, not probabilities made of them."""
    turns = [] if system is None else [("system", system)]
    turns += [("user", question), ("assistant", answer)]
    messages = [{"role": role, "content": content} for role, content in turns]
    body: dict[str, object] = {
        "task": task,
        "messages": messages,
        "add_generation_prompt": False,
        "use_activation": not raw,
    }
    size = Size(connection.report.context_length, 0, may_read_cache=task not in READ_NO_CACHE, is_verifier=True)
    try:
        reply = await connection.ask("/pooling", body, lambda told: understood(_ANSWER, told), size, caller)
    except RequestRefusedError:
        await require_fitting_turns(connection, messages)
        raise
    (pooled,) = reply.content["data"]
    rows = [row if isinstance(row, list) else [row] for row in pooled["data"]]
    return Pooled(tuple(rows), reply)


def _shape(rows: tuple[Row, ...]) -> str:
    return f"{len(rows)} rows of {sorted({len(row) for row in rows})} numbers"


def _logistic(reward: float) -> float:
    return 1.0 / (1.0 + math.exp(min(-reward, 700.0)))
