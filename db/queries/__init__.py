"""What CLI, dashboard and statistics read: named queries that return frozen values. They change nothing.

Queries that must agree with one another run in one REPEATABLE READ, READ ONLY transaction (`db.engine.reading`).
Token ids and step texts load only where a query says so.
"""

from db.errors import UnknownJobError, UnknownProblemError
from db.queries.attempts import Attempt
from db.queries.candidates import JobCandidates, candidates
from db.queries.experiments import (
    Arm,
    ExperimentDetail,
    ExperimentFilter,
    ExperimentSummary,
    JobCounts,
    experiment,
    list_experiments,
    stopped,
    twin,
)
from db.queries.fleet import Fleet, Worker, fleet, models, verifiers, workers
from db.queries.history import RanArm, pace, ran_arms, succeeded_jobs
from db.queries.journal import NOTHING_KEPT, GrowingStep, KeptJournal, growing_steps, kept_journal
from db.queries.overview.bills import Bill, Charged, bills
from db.queries.overview.ended_badly import EndedBadly, ended_badly
from db.queries.overview.failures import Failures, failure_named, failures
from db.queries.overview.listing import Facets, Listed, ListOrder, ListPage, facets, list_page
from db.queries.overview.paces import Pace, model_paces, paces
from db.queries.overview.scores import ArmScore, arm_scores
from db.queries.overview.working import QueuedJob, RunningJob, queued_job, running_jobs
from db.queries.people.annotations import Annotation, Said, annotation_tags, annotations, said_earlier
from db.queries.people.judgements import Judged, Pair, StoredJudgement, judged, judgements, next_pair
from db.queries.progress import Progress, progress, worked_s
from db.queries.provenance import MadeBy, made_by, swaps, told
from db.queries.reading.log_probs import TokenLogProbs, log_probs, log_probs_scan
from db.queries.reading.problem import AskedJob, ProblemDetail, problem
from db.queries.reading.steps import Span, StepIds, StoredStep, pieces, steps, trace_ids
from db.queries.reading.tree import TreeNode, nodes
from db.queries.rollups import RollupColumns, rollups
from db.queries.samples import ArmSamples, arm_samples, problem_contents, problem_keys
from db.queries.standing import Demand, OpenExperiment, Standing, standing
from db.queries.totals import ArmTotals, arm_totals
from db.queries.trace import StoredTrace, TraceDetail, trace
from db.queries.trace_candidates import StoredCandidate, StoredGrade
from db.queries.trace_filter import TraceFilter
from db.queries.trace_list import (
    Neighbours,
    TraceCounts,
    TraceOrder,
    TracePage,
    TraceSummary,
    count_traces,
    levels,
    list_rows,
    list_traces,
    neighbours,
)
from db.queries.waiting import Missing, Waiting, Why, waiting, waiting_of_job

__all__ = [
    "NOTHING_KEPT",
    "Annotation",
    "Arm",
    "ArmSamples",
    "ArmScore",
    "ArmTotals",
    "AskedJob",
    "Attempt",
    "Bill",
    "Charged",
    "Demand",
    "EndedBadly",
    "ExperimentDetail",
    "ExperimentFilter",
    "ExperimentSummary",
    "Facets",
    "Failures",
    "Fleet",
    "GrowingStep",
    "JobCandidates",
    "JobCounts",
    "Judged",
    "KeptJournal",
    "ListOrder",
    "ListPage",
    "Listed",
    "MadeBy",
    "Missing",
    "Neighbours",
    "OpenExperiment",
    "Pace",
    "Pair",
    "ProblemDetail",
    "Progress",
    "QueuedJob",
    "RanArm",
    "RollupColumns",
    "RunningJob",
    "Said",
    "Span",
    "Standing",
    "StepIds",
    "StoredCandidate",
    "StoredGrade",
    "StoredJudgement",
    "StoredStep",
    "StoredTrace",
    "TokenLogProbs",
    "TraceCounts",
    "TraceDetail",
    "TraceFilter",
    "TraceOrder",
    "TracePage",
    "TraceSummary",
    "TreeNode",
    "UnknownJobError",
    "UnknownProblemError",
    "Waiting",
    "Why",
    "Worker",
    "annotation_tags",
    "annotations",
    "arm_samples",
    "arm_scores",
    "arm_totals",
    "bills",
    "candidates",
    "count_traces",
    "ended_badly",
    "experiment",
    "facets",
    "failure_named",
    "failures",
    "fleet",
    "growing_steps",
    "judged",
    "judgements",
    "kept_journal",
    "levels",
    "list_experiments",
    "list_page",
    "list_rows",
    "list_traces",
    "log_probs",
    "log_probs_scan",
    "made_by",
    "model_paces",
    "models",
    "neighbours",
    "next_pair",
    "nodes",
    "pace",
    "paces",
    "pieces",
    "problem",
    "problem_contents",
    "problem_keys",
    "progress",
    "queued_job",
    "ran_arms",
    "rollups",
    "running_jobs",
    "said_earlier",
    "standing",
    "steps",
    "stopped",
    "succeeded_jobs",
    "swaps",
    "told",
    "trace",
    "trace_ids",
    "twin",
    "verifiers",
    "waiting",
    "waiting_of_job",
    "worked_s",
    "workers",
]
