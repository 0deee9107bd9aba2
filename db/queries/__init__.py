"""What CLI, dashboard and statistics read: named queries that return frozen values. They change nothing.

Queries that must agree with one another run in one REPEATABLE READ, READ ONLY transaction (`db.engine.reading`).
Token ids and step texts load only where a query says so.
"""

from db.errors import UnknownJobError
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
from db.queries.failures import Failures, failures
from db.queries.fleet import Fleet, Worker, fleet, models, verifiers, workers
from db.queries.history import RanArm, pace, ran_arms, succeeded_jobs
from db.queries.journal import NOTHING_KEPT, GrowingStep, KeptJournal, growing_steps, kept_journal
from db.queries.people.annotations import Annotation, Said, annotation_tags, annotations, said_earlier
from db.queries.people.judgements import Judged, Pair, StoredJudgement, judged, judgements, next_pair
from db.queries.progress import Progress, progress, worked_s
from db.queries.provenance import MadeBy, made_by, swaps, told
from db.queries.rollups import RollupColumns, rollups
from db.queries.samples import ArmSamples, arm_samples, problem_contents, problem_keys
from db.queries.standing import OpenExperiment, Standing, standing
from db.queries.steps import StepIds, StoredStep, steps, trace_ids
from db.queries.totals import ArmTotals, arm_totals
from db.queries.trace import StoredTrace, TraceDetail, trace
from db.queries.trace_candidates import StoredCandidate, StoredGrade
from db.queries.trace_list import (
    Neighbours,
    TraceFilter,
    TraceOrder,
    TracePage,
    TraceSummary,
    levels,
    list_traces,
    neighbours,
)
from db.queries.tree import TreeNode
from db.queries.waiting import Missing, Waiting, Why, waiting, waiting_of_job

__all__ = [
    "NOTHING_KEPT",
    "Annotation",
    "Arm",
    "ArmSamples",
    "ArmTotals",
    "Attempt",
    "ExperimentDetail",
    "ExperimentFilter",
    "ExperimentSummary",
    "Failures",
    "Fleet",
    "GrowingStep",
    "JobCandidates",
    "JobCounts",
    "Judged",
    "KeptJournal",
    "MadeBy",
    "Missing",
    "Neighbours",
    "OpenExperiment",
    "Pair",
    "Progress",
    "RanArm",
    "RollupColumns",
    "Said",
    "Standing",
    "StepIds",
    "StoredCandidate",
    "StoredGrade",
    "StoredJudgement",
    "StoredStep",
    "StoredTrace",
    "TraceDetail",
    "TraceFilter",
    "TraceOrder",
    "TracePage",
    "TraceSummary",
    "TreeNode",
    "UnknownJobError",
    "Waiting",
    "Why",
    "Worker",
    "annotation_tags",
    "annotations",
    "arm_samples",
    "arm_totals",
    "candidates",
    "experiment",
    "failures",
    "fleet",
    "growing_steps",
    "judged",
    "judgements",
    "kept_journal",
    "levels",
    "list_experiments",
    "list_traces",
    "made_by",
    "models",
    "neighbours",
    "next_pair",
    "pace",
    "problem_contents",
    "problem_keys",
    "progress",
    "ran_arms",
    "rollups",
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
