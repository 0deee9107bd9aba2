"""What a finished job is remembered by: the statistics over jobs read these few numbers, not its candidates.

Made once, when the job ends, since they depend on nothing else. Everything is for k in powers of two up to the job's
number of candidates, and that number itself.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scaling.compute.work import longest_of_k
from scaling.statistics.at_k import JobBallot, best_of_k_mean, maj_at_k, pass_at_k, powers_of_two
from scaling.types import Candidate, Path, Trace, Verdict

WEIGHTED_ERROR = 0.005
"""Standard error of a job's weighted best-of-k where it is a Monte-Carlo. Over 25 problems the mean's is a tenth of a
point, the precision that is drawn; for fewer problems the curve is made anew from their few candidates."""


@dataclass(frozen=True, slots=True)
class Rollup:
    """Chances that k of a job's candidates are right, one for each of `ks`; `best` and `weighted` are None unscored.

    `weighted_error` is the largest Monte-Carlo error among `weighted`, 0 where it is exact. `mean_final_score` is the
    verifier's, over the candidates that it scored; None: it scored none.
    """

    ks: tuple[int, ...]
    pass_at_k: tuple[float, ...]
    maj_at_k: tuple[float, ...]
    best_of_k: tuple[float, ...] | None
    weighted_of_k: tuple[float, ...] | None
    weighted_error: float
    mean_final_score: float | None
    longest_of_k: tuple[float, ...] | None = None
    """Tokens on the longest path of k chains; None: it has no chain of its own for each candidate, or nobody knows."""

    @property
    def share_correct(self) -> float:
        """Of the candidates: the job's pass@1."""
        return self.pass_at_k[0]


def roll_up_trace(trace: Trace, verdicts: Mapping[Path, Verdict], seed: int) -> Rollup:
    """Of a job that ends now; `verdicts` has one for each candidate's path."""
    made = roll_up_candidates(trace.outcome.candidates, verdicts, seed)
    return replace(made, longest_of_k=longest_of_k(trace, made.ks))


def roll_up_candidates(candidates: Sequence[Candidate], verdicts: Mapping[Path, Verdict], seed: int) -> Rollup:
    """Of candidates that are read anew; what their paths were long is not told."""
    ballot = JobBallot.of(
        problem="",  # its own is of no matter within one job
        keys=[candidate.key for candidate in candidates],
        verdicts=[verdicts[candidate.path] for candidate in candidates],
        scores=[math.nan if candidate.score is None else candidate.score for candidate in candidates],
    )
    return roll_up(ballot, [candidate.step_scores for candidate in candidates], seed)


def roll_up(job: JobBallot, step_scores: Sequence[Sequence[float]], seed: int = 0) -> Rollup:
    """`step_scores` are the verifier's, of each candidate; empty where it did not look. `seed` is the Monte-Carlo's."""
    ks, num_candidates = powers_of_two(len(job.keys)), len(job.keys)
    is_scored = any(not math.isnan(score) for score in job.scores)
    weighted = [
        best_of_k_mean(job.scores, job.keys, job.correct, k, "weighted", seed, WEIGHTED_ERROR)
        for k in (ks if is_scored else ())
    ]
    finals = [scores[-1] for scores in step_scores if scores]
    return Rollup(
        ks=ks,
        pass_at_k=tuple(pass_at_k(num_candidates, sum(job.correct), k) for k in ks),
        maj_at_k=tuple(maj_at_k(job.keys, job.correct, k) for k in ks),
        best_of_k=tuple(best_of_k_mean(job.scores, job.keys, job.correct, k, "naive").value for k in ks)
        if is_scored
        else None,
        weighted_of_k=tuple(mean.value for mean in weighted) or None,
        weighted_error=max((mean.standard_error for mean in weighted), default=0.0),
        mean_final_score=math.fsum(finals) / len(finals) if finals else None,
    )
