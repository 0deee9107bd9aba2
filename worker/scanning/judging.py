"""Asking a judge about traces, many at once, through the gate that jobs go through: behind all of them.

What it costs is the scan's own. Before a slice is asked, what it may cost at most is told; afterwards what it did cost.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from db.queries.scanning import ScannedTrace
from scaling.abilities import Ability
from scaling.compute.spending import Unknown
from scaling.protocols import EngineUnavailableError, RequestRefusedError
from scaling.scanners.chain_text import ChainText
from scaling.scanners.judge import Judge
from scaling.scanners.scanner import Finding, Found, UnscannableError
from scaling.types import Completion, Counts, FinishReason, Ids, Request, Sampling
from worker.engines.caller import Caller
from worker.engines.served import ServedEngine
from worker.spending.account import Account, Size

BEHIND_ALL_JOBS = 1_000_000
"""In a caller's order, where jobs have at most 1,000."""
GREEDY = Sampling(temperature=0.0)


@dataclass(frozen=True, slots=True)
class Question:
    """What a judge is asked about one trace; `prompt` empty: its engine takes no ids."""

    job_id: int
    messages: tuple[dict[str, str], ...]
    prompt: Ids
    max_tokens: int
    size: Size


@dataclass(frozen=True, slots=True)
class Judged:
    """A slice. `unavailable`: the judge's server was away for some of it, which have no finding."""

    findings: dict[int, Finding]
    spent: Counts
    unknown: Unknown
    unavailable: str | None = None


class Judging:
    """One scan's judge. Its methods run on the loop."""

    def __init__(self, judge: Judge, engine: ServedEngine, scan_id: int) -> None:
        self._judge = judge
        self._account = Account()
        self._engine = engine.for_job(Caller((BEHIND_ALL_JOBS, scan_id), self._account))
        self._places = asyncio.Semaphore(engine.connection.gate.size)

    async def questions(self, traces: Sequence[ScannedTrace]) -> "tuple[list[Question], dict[int, Finding]]":
        """What is to be asked, and findings of what cannot be. Raises EngineUnavailableError."""
        made = await asyncio.gather(*map(self._question, traces))
        asked = [each for each in made if isinstance(each, Question)]
        refused = {job_id: Finding.of([(True, why)]) for job_id, why in (e for e in made if isinstance(e, tuple))}
        return asked, refused

    async def ask(self, questions: Sequence[Question]) -> Judged:
        self._account = Account()
        self._engine = self._engine.for_job(Caller(self._engine.caller.order, self._account))
        answers = await asyncio.gather(*map(self._ask, questions), return_exceptions=True)
        findings: dict[int, Finding] = {}
        unavailable: str | None = None
        for question, answer in zip(questions, answers, strict=True):
            if isinstance(answer, EngineUnavailableError):
                unavailable = str(answer)
            elif isinstance(answer, Found | UnscannableError):
                findings[question.job_id] = Finding.of([(True, answer)])
            elif isinstance(answer, BaseException):
                raise answer
        return Judged(findings, self._account.counts, self._account.unknown, unavailable)

    async def _question(self, trace: ScannedTrace) -> "Question | tuple[int, UnscannableError]":
        text = self._judge.asked(_chosen(trace), trace.question, trace.answer, trace.reference)
        messages = ({"role": "user", "content": text},)
        context = self._engine.context_length
        if Ability.TOKEN_IDS not in self._engine.abilities:
            limit = self._judge.max_tokens
            return Question(trace.job_id, messages, (), limit, Size(context, limit))
        prompt = await self._engine.render(list(messages))
        limit = min(self._judge.max_tokens, context - len(prompt))
        if limit < 1:
            return trace.job_id, UnscannableError(
                f"the trace with what is asked takes {len(prompt):,} tokens, and the judge's context is {context:,}"
            )
        return Question(trace.job_id, messages, prompt, limit, Size(len(prompt), limit))

    async def _ask(self, question: Question) -> Found | UnscannableError:
        try:
            async with self._places:
                said = await self._engine.complete(
                    Request(
                        prompt=question.prompt,
                        max_tokens=question.max_tokens,
                        seed=self._judge.seed,
                        sampling=GREEDY,
                        messages=() if question.prompt else question.messages,
                    )
                )
            return await self._read(said, question.max_tokens)
        except (UnscannableError, RequestRefusedError) as error:
            return UnscannableError(str(error))

    async def _read(self, said: Completion, limit: int) -> Found:
        """Of ids the last one ends the sequence, and is none of its words."""
        if said.finish_reason is FinishReason.LENGTH:
            raise UnscannableError(f"the judge had not answered after {limit:,} tokens")
        has_ids = bool(said.token_ids)
        return self._judge.read(await self._engine.detokenize(said.token_ids[:-1]) if has_ids else said.text)


def _chosen(trace: ScannedTrace) -> ChainText:
    return next(chain for chain in trace.chains if chain.is_chosen)


class Sized(Protocol):
    """What is asked of a model."""

    @property
    def size(self) -> Size: ...


def bound_of(questions: Sequence[Sized]) -> Unknown:
    """What they may cost at most, each asked once."""
    return sum((each.size.bound for each in questions), Unknown())
