"""Asking a model for the log-probs of traces that it made: one request a chain, through the gate, behind all jobs.

What it costs is the scan's own, and told as a judge's is.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from db.queries.scanning import TraceIds
from scaling.protocols import EngineUnavailableError, RequestRefusedError
from scaling.scanners.id_chains import IdChain, StepLogProbs, mean_of, of_steps
from scaling.scanners.log_probs import LogProbs
from scaling.scanners.scanner import Finding, UnscannableError
from scaling.types import Phase
from worker.engines.caller import Caller
from worker.engines.served import ServedEngine
from worker.scanning.judging import BEHIND_ALL_JOBS, Judged
from worker.spending.account import Account, Size


@dataclass(frozen=True, slots=True)
class ChainQuestion:
    """One chain of a trace."""

    job_id: int
    chain: IdChain
    size: Size


Scored = list[StepLogProbs] | UnscannableError


class Scoring:
    """One scan's model. Its methods run on the loop."""

    def __init__(self, scanner: LogProbs, engine: ServedEngine, scan_id: int) -> None:
        self._scanner = scanner
        self._engine = engine
        self._order = (BEHIND_ALL_JOBS, scan_id)
        self._places = asyncio.Semaphore(engine.connection.gate.size)

    async def questions(self, traces: Sequence[TraceIds]) -> tuple[list[ChainQuestion], dict[int, Finding]]:
        return [self._question(trace.job_id, chain) for trace in traces for chain in trace.chains], {}

    def _question(self, job_id: int, chain: IdChain) -> ChainQuestion:
        asked = min(len(chain.ids), self._engine.context_length - 1)
        return ChainQuestion(job_id, chain, Size(asked, 1, may_read_cache=False))

    async def ask(self, questions: Sequence[ChainQuestion]) -> Judged:
        """A trace of which a chain could not be asked, for its server is away, has no finding."""
        account = Account()
        engine = self._engine.for_job(Caller(self._order, account))
        answers = await asyncio.gather(*(self._ask(engine, each.chain) for each in questions), return_exceptions=True)
        of_jobs: dict[int, list[tuple[bool, Scored]]] = {each.job_id: [] for each in questions}
        unavailable: str | None = None
        for question, answer in zip(questions, answers, strict=True):
            if isinstance(answer, EngineUnavailableError):
                unavailable = str(answer)
                of_jobs.pop(question.job_id, None)
            elif isinstance(answer, BaseException) and not isinstance(answer, UnscannableError):
                raise answer
            elif question.job_id in of_jobs:
                of_jobs[question.job_id].append((question.chain.is_chosen, answer))
        findings = {job_id: self._finding(scored) for job_id, scored in of_jobs.items()}
        return Judged(findings, account.counts, account.unknown, unavailable)

    async def _ask(self, engine: ServedEngine, chain: IdChain) -> Scored:
        try:
            async with self._places:
                return of_steps(chain, await engine.log_probs(chain.ids))
        except RequestRefusedError as error:
            return UnscannableError(str(error))

    def _finding(self, scored: Sequence[tuple[bool, Scored]]) -> Finding:
        looked_at = [
            (is_chosen, each if isinstance(each, UnscannableError) else self._scanner.found(each))
            for is_chosen, each in scored
        ]
        chains = [each for _, each in scored if not isinstance(each, UnscannableError)]
        once = {step.step.path: step for chain in chains for step in chain}
        steps = list(once.values())
        return replace(
            Finding.of(looked_at),
            log_probs=tuple(steps),
            thinking_log_prob=mean_of(steps, Phase.THINKING),
            answer_log_prob=mean_of(steps, Phase.ANSWER),
        )
