"""One step on its way: generated segment by segment until a delimiter, the end of the sequence or its limit.

Each segment is a request with a seed of its own, always, so that where a run was interrupted leaves no mark on what it
generates. A request may run through the step's delimiter into the next step, where nothing is put between the two and
no limit can be missed: then one request made both, and is told at the first, but for the tokens of the second.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from heapq import nlargest

from scaling.decoding import StepText, complete
from scaling.delimiters import Delimiter, num_kept, stop_by_id, stop_by_text
from scaling.protocols import Engine, RequestRefusedError
from scaling.tape import Behind
from scaling.types import Completion, FinishReason, Ids, Path, Request, Sampling, Step, total_if_known

SEED_DERIVATION = 2
"""The version of `derive_seed` and of the keys it is given: raised by whatever makes an old spec draw other seeds."""

MAX_EMPTY_ANSWERS = 5
"""A server may answer with nothing once; one that does so again and again would be asked for ever."""


def derive_seed(key: str, path: Path, segment: int) -> int:
    """A 63-bit seed, the same on every machine."""
    digest = hashlib.sha256(f"{key}/{'.'.join(map(str, path))}/{segment}".encode()).digest()
    return int.from_bytes(digest[:8]) >> 1


def seed_key(seed: int, problem: str, repeat: int) -> str:
    """What the seeds of a job begin with: of its arm's seed, its problem's id and its repeat."""
    return f"{seed}/{problem}/{repeat}"


def draw_seed(key: str, purpose: str) -> int:
    """For a draw that is not a generation, such as the breaking of a tie."""
    return derive_seed(f"{key}/{purpose}", (), 0)


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
    messages: tuple[dict[str, str], ...] = ()
    """Of an engine that takes no ids, which cannot go on with what it began: a step is one request."""


class Generation:
    """`step` grows with every segment; `confidences` has one number for each token generated, if asked for.

    `goes_on`: the first token ends nothing, as behind a Wait, where [s1] sends `min_tokens=1`. That masks the ids of
    delimiters and of the end of the sequence. A delimiter of several tokens has no such id: the first token is then
    asked for alone, without those that delimiters begin with, and drawn again as long as it may begin one in another
    spelling. What was drawn in vain is counted, and is among the step's `dropped_ids`.

    `most_behind`: as many tokens may be made behind a delimiter. A request for no more of them does not stop there,
    where the delimiter is one id, by which the place is found again. 0: every request stops.
    """

    def __init__(
        self,
        asking: Asking,
        context: Ids,
        step: Step,
        max_tokens: int,
        delimiters: Sequence[Delimiter],
        goes_on: bool = False,
        most_behind: int = 0,
    ) -> None:
        self.step = step
        self.confidences: tuple[float, ...] = ()
        self._asking = asking
        self._context = context
        self._max_tokens = max_tokens
        self._delimiters = delimiters
        self._goes_on = goes_on
        self._looked_for = [each for each in delimiters if each.is_looked_for]
        self._most_behind = 0 if self._looked_for else most_behind
        self._ran_through: Completion | None = None  # what the last request made, if nothing was to stop it
        self._text = StepText(context, asking.engine.detokenize)
        self._begun = 0  # tokens to ask for where a delimiter may have begun, which the next request would not see
        self._num_empty = 0

    def begin(self, behind: Behind) -> Ending | None:
        """With what the request before made of this step already. Returns like `extend`."""
        self.step = replace(self.step, ids=behind.ids, generated_tokens=behind.generated_tokens)
        self.confidences = behind.confidences
        self._text.begin(behind.ids, behind.text)
        is_over = behind.finish_reason is FinishReason.STOP
        return Ending(FinishReason.STOP, len(behind.ids) - 1, None) if is_over else self._limited()

    async def extend(self) -> Ending | None:
        """One more segment. Returns how it ended the step; None if there is more to come.

        Raises RequestRefusedError after MAX_EMPTY_ANSWERS in a row that had nothing in them.
        """
        request = self._request()
        completion = await self._asking.engine.complete(request)
        self._ran_through = None if request.stop or request.stop_token_ids else completion
        is_drawn_again = self._is_opening and await self._may_begin_an_end(request, completion.token_ids)
        self.step = _extended(self.step, completion, is_dropped=is_drawn_again)
        if self._asking.top_logprobs is not None:
            self.confidences += _confidences(completion, self._asking.top_logprobs)
        if not is_drawn_again:
            await self._text.go_on(completion.token_ids, self._text_of_all(completion))
        ending = (None if is_drawn_again else await self._stopped(completion)) or self._limited()
        self._num_empty = 0 if completion.token_ids else self._num_empty + 1
        if ending is None and self._num_empty >= MAX_EMPTY_ANSWERS:
            raise RequestRefusedError(
                f"the server answered {self._num_empty} times in a row without a token, after {len(self.step.ids)} of "
                f"at most {self._max_tokens}, and says that its answers ended by length; look at the server's log"
            )
        return ending

    async def end(self, ending: Ending) -> Behind | None:
        """Sets aside what does not stay, and tells the text of what stays. Returns what is the next step's."""
        text = await self._text_kept(ending)
        behind = self._behind(ending, text)
        kept, dropped = self.step.ids[: ending.num_kept], () if behind else self.step.ids[ending.num_kept :]
        self.step = replace(
            self.step,
            ids=kept,
            dropped_ids=self.step.dropped_ids + dropped,
            generated_tokens=_without(self.step.generated_tokens, behind),
            text=complete(text),
            finish_reason=ending.reason,
        )
        if behind:
            self.confidences = self.confidences[: -len(behind.ids)]
        return behind

    async def _text_kept(self, ending: Ending) -> str:
        """Where the server told the text of all ids, and the delimiter stands there once, nothing has to be decoded."""
        told, delimiter = self._text.told, ending.delimiter
        is_id = delimiter is not None and delimiter.is_kept and not delimiter.is_looked_for
        if delimiter is None or not is_id or told is None or told.count(delimiter.text) != 1:
            return await self._text.of(ending.num_kept)
        return "".join(told.partition(delimiter.text)[:2])

    def _text_of_all(self, completion: Completion) -> str | None:
        """None where a stop string cut it, or may be begun in what the request before told, and end behind half a
        character."""
        is_in_pieces = bool(self._looked_for) and self.step.requests > 1
        is_cut = any(each.text in completion.text for each in self._looked_for)
        return None if is_in_pieces or is_cut else completion.text

    def _behind(self, ending: Ending, kept: str) -> Behind | None:
        """What a request made behind the delimiter that it ran through; None if nothing."""
        ids, told, made = self.step.ids[ending.num_kept :], self._text.told, self.step.generated_tokens
        if self._ran_through is None or ending.delimiter is None or not ids:
            return None
        return Behind(
            ids,
            text=told.removeprefix(kept) if told is not None and told.startswith(kept) else None,
            finish_reason=self._ran_through.finish_reason,
            generated_tokens=None if made is None else min(len(ids), made),
            confidences=self.confidences[-len(ids) :],
        )

    @property
    def _is_opening(self) -> bool:
        """The next token is the first behind a Wait, and has to be looked at before others follow it."""
        is_one_id = all(each.is_single_token for each in self._delimiters)
        return self._goes_on and not self.step.ids and not is_one_id

    async def _may_begin_an_end(self, request: Request, drawn: Ids) -> bool:
        """Never of a token that was not to be drawn: the server masks nothing, and would draw it for ever."""
        text = await self._asking.engine.detokenize(drawn)
        several = [each for each in self._delimiters if not each.is_single_token]
        may_end = any(each.text in text or each.is_begun_in(text) for each in several)
        return may_end and not set(drawn) & set(request.stop_token_ids)

    def _request(self) -> Request:
        step, asking, left = self.step, self._asking, self._max_tokens - self.step.charged_tokens
        segment = left if asking.messages else asking.sampling.segment_tokens
        max_tokens = 1 if self._is_opening else min(self._begun or left, segment, left)
        is_running_through = max_tokens <= self._most_behind
        return Request(
            prompt=self._context + step.ids,
            max_tokens=max_tokens,
            min_tokens=int(self._goes_on and not step.ids),
            seed=derive_seed(asking.seed_key, step.path, step.requests),
            sampling=asking.sampling,
            stop=() if self._is_opening or is_running_through else self._stop_strings,
            stop_token_ids=() if is_running_through else self._stop_ids,
            top_logprobs=asking.top_logprobs,
            messages=asking.messages,
            path=step.path,
        )

    @property
    def _stop_strings(self) -> tuple[str, ...]:
        return tuple(each.text for each in self._looked_for)

    @property
    def _stop_ids(self) -> Ids:
        if self._is_opening:
            return tuple(dict.fromkeys((*(each.ids[0] for each in self._delimiters), *self.step.dropped_ids)))
        return tuple(each.ids[0] for each in self._delimiters if each.is_single_token)

    async def _stopped(self, completion: Completion) -> Ending | None:
        ids, looked_for = self.step.ids, self._looked_for
        by_text = await stop_by_text(len(ids), self._text.of, looked_for) if looked_for else None
        found = [stop for stop in (stop_by_id(ids, self._delimiters), by_text) if stop]
        if found:
            first = min(found, key=lambda stop: stop.num_through)
            return Ending(FinishReason.STOP, await num_kept(first, ids, self._text.of), first.delimiter)
        is_at_string = any(completion.text.endswith(each.text) for each in looked_for)  # that counts for nothing yet
        if completion.finish_reason is FinishReason.STOP and not is_at_string:
            return Ending(FinishReason.STOP, len(ids) - bool(completion.token_ids), None)
        text = await self._text.of(len(ids)) if looked_for else ""
        self._begun = max((len(each.ids) for each in looked_for if each.is_begun_in(text)), default=0)
        return None

    def _limited(self) -> Ending | None:
        is_over = bool(self._asking.messages) or self.step.charged_tokens >= self._max_tokens
        return Ending(FinishReason.LENGTH, len(self.step.ids), None) if is_over else None


def _extended(step: Step, completion: Completion, *, is_dropped: bool) -> Step:
    kept, dropped = ((), completion.token_ids) if is_dropped else (completion.token_ids, ())
    return replace(
        step,
        ids=step.ids + kept,
        dropped_ids=step.dropped_ids + dropped,
        prompt_tokens=total_if_known((step.prompt_tokens, completion.prompt_tokens)),
        cached_tokens=total_if_known((step.cached_tokens, completion.cached_tokens)),
        generated_tokens=total_if_known((step.generated_tokens, completion.generated_tokens)),
        requests=step.requests + 1,
        seconds=step.seconds + completion.seconds,
        queue_seconds=total_if_known((step.queue_seconds, completion.queue_seconds)),
        gate_seconds=step.gate_seconds + completion.gate_seconds,
        retry_seconds=step.retry_seconds + completion.retry_seconds,
        usages=(*step.usages, completion.usage),
    )


def _without(made: int | None, behind: Behind | None) -> int | None:
    """Tokens of a step, less those that are the next one's."""
    given = 0 if behind is None else behind.generated_tokens
    return None if made is None or given is None else made - given


def _confidences(completion: Completion, top: int) -> tuple[float, ...]:
    """For each token the mean of its `top` largest log-probs, negated [DeepConf §3.1]. A server may tell one more."""
    if completion.logprobs is None:
        raise RequestRefusedError("the server returns no log-probs, which confidences are made of; ask vLLM for them")
    largest = [nlargest(top, told.values()) for told in completion.logprobs]
    return tuple(-sum(values) / len(values) for values in largest)
