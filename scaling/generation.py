"""One step on its way: generated segment by segment until a delimiter, the end of the sequence or its limit.

Each segment is a request with a seed of its own, always, so that where a run was interrupted leaves no mark on what it
generates.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nlargest

from scaling.delimiters import Delimiter, first_delimiter, num_kept
from scaling.protocols import Engine, RequestRefusedError
from scaling.types import Completion, FinishReason, Ids, Path, Request, Sampling, Step, total_if_known

MAX_EMPTY_ANSWERS = 5
"""A server may answer with nothing once; one that does so again and again would be asked for ever."""


def derive_seed(key: str, path: Path, segment: int) -> int:
    """A 63-bit seed, the same on every machine."""
    digest = hashlib.sha256(f"{key}/{'.'.join(map(str, path))}/{segment}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a step is over, and how many of its ids stay in the context."""

    reason: FinishReason
    num_kept: int
    delimiter: Delimiter | None


@dataclass(frozen=True, slots=True)
class Asking:
    """What every request of a step has in common. `top_logprobs` is None where nobody asks for confidences."""

    engine: Engine
    sampling: Sampling
    seed_key: str
    top_logprobs: int | None = None


class Generation:
    """`step` grows with every segment; `confidences` has one number for each token generated, if asked for.

    Requests of its own branch have put the first `num_computed` ids of the context through the model.
    """

    def __init__(
        self,
        asking: Asking,
        context: Ids,
        step: Step,
        max_tokens: int,
        delimiters: Sequence[Delimiter],
        num_computed: int = 0,
    ) -> None:
        self.step = step
        self.confidences: tuple[float, ...] = ()
        self._asking = asking
        self._context = context
        self._max_tokens = max_tokens
        self._delimiters = delimiters
        self._num_computed = num_computed
        self._num_empty = 0

    async def extend(self) -> Ending | None:
        """One more segment. Returns how it ended the step; None if there is more to come.

        Raises RequestRefusedError after MAX_EMPTY_ANSWERS in a row that had nothing in them.
        """
        completion = await self._asking.engine.complete(self._request())
        self.step = _extended(self.step, completion, self._num_computed)
        self._num_computed = len(self._context) + len(self.step.ids)
        self._num_empty = 0 if completion.token_ids else self._num_empty + 1
        if self._asking.top_logprobs is not None:
            self.confidences += _confidences(completion, self._asking.top_logprobs)
        ending = await self._ending(completion)
        if ending is None and self._num_empty >= MAX_EMPTY_ANSWERS:
            raise RequestRefusedError(
                f"the server answered {self._num_empty} times in a row without a token, after {len(self.step.ids)} of "
                f"at most {self._max_tokens}, and says that its answers ended by length; look at the server's log"
            )
        return ending

    async def end(self, ending: Ending) -> Step:
        """The step with what does not stay set aside, and the text of what stays."""
        step, detokenize = self.step, self._asking.engine.detokenize
        kept, dropped = step.ids[: ending.num_kept], step.ids[ending.num_kept :]
        last = dropped or (kept[-1:] if ending.delimiter and ending.delimiter.is_looked_for else ())
        tail = await detokenize(last) if last else ""
        # Segments may have split a character, and a server cuts its text where a stop string ends inside a token.
        is_whole = step.requests == 1 and step.text.endswith(tail)
        text = (step.text.removesuffix(tail) if dropped else step.text) if is_whole else await detokenize(kept)
        return replace(step, ids=kept, dropped_ids=dropped, text=text, finish_reason=ending.reason)

    def _request(self) -> Request:
        step, asking = self.step, self._asking
        return Request(
            prompt=self._context + step.ids,
            max_tokens=min(asking.sampling.segment_tokens, self._max_tokens - step.generated_tokens),
            seed=derive_seed(asking.seed_key, step.path, step.requests),
            sampling=asking.sampling,
            stop=tuple(delimiter.text for delimiter in self._delimiters if delimiter.is_looked_for),
            stop_token_ids=tuple(delimiter.ids[0] for delimiter in self._delimiters if delimiter.is_single_token),
            top_logprobs=asking.top_logprobs,
        )

    async def _ending(self, completion: Completion) -> Ending | None:
        step = self.step
        if found := first_delimiter(step.text, [each for each in self._delimiters if each.is_looked_for]):
            count = await num_kept(found, step.ids, step.text, self._asking.engine.detokenize)
            return Ending(FinishReason.STOP, count, found)
        if completion.finish_reason is FinishReason.STOP and not self._is_blank(completion):
            single = next((each for each in self._delimiters if each.ids == step.ids[-1:]), None)
            return Ending(FinishReason.STOP, len(step.ids) - (not (single and single.is_kept)), single)
        if step.generated_tokens >= self._max_tokens:
            return Ending(FinishReason.LENGTH, len(step.ids), None)
        return None

    def _is_blank(self, completion: Completion) -> bool:
        """The server stopped at a step delimiter before which nothing stands yet: there is more to come."""
        is_at_delimiter = any(each.ends_step and completion.text.endswith(each.text) for each in self._delimiters)
        return is_at_delimiter and not self.step.text.strip()


def _extended(step: Step, completion: Completion, num_computed: int) -> Step:
    cached = completion.cached_tokens
    shared = None if cached is None else max(0, cached - num_computed)
    return replace(
        step,
        ids=step.ids + completion.token_ids,
        text=step.text + completion.text,
        prompt_tokens=step.prompt_tokens + completion.prompt_tokens,
        cached_tokens=total_if_known((step.cached_tokens, completion.cached_tokens)),
        shared_tokens=total_if_known((step.shared_tokens, shared)),
        generated_tokens=step.generated_tokens + completion.generated_tokens,
        requests=step.requests + 1,
        seconds=step.seconds + completion.seconds,
        queue_seconds=total_if_known((step.queue_seconds, completion.queue_seconds)),
        gate_seconds=step.gate_seconds + completion.gate_seconds,
        retry_seconds=step.retry_seconds + completion.retry_seconds,
    )


def _confidences(completion: Completion, top: int) -> tuple[float, ...]:
    """For each token the mean of its `top` largest log-probs, negated [DeepConf §3.1]. A server may tell one more."""
    if completion.logprobs is None:
        raise RequestRefusedError("the server returns no log-probs, which confidences are made of; ask vLLM for them")
    largest = [nlargest(top, told.values()) for told in completion.logprobs]
    return tuple(-sum(values) / len(values) for values in largest)
