"""What we remember, table by table (SQLAlchemy 2). Rows only: transitions and queries hold the behaviour.

Every row hangs on its experiment and goes with it (ON DELETE CASCADE).
"""

from db.models.base import Base, JsonObject, JsonValues
from db.models.experiments import ArmRow, ExperimentRow, ProblemRow, TallyRow
from db.models.fleet import ModelRow, VerifierRow, WorkerRow
from db.models.jobs import AttemptRow, JobRow, JournalRow, ProvenanceRow
from db.models.people import AnnotationRow, JudgementRow
from db.models.scans import FindingRow, ScanRow, StepLogProbsRow
from db.models.traces import CandidateRow, GradeRow, RollupRow, StepRow, TraceRow
from db.models.uploads import UploadRow
from db.models.words import TraceWordsRow, WordsReadRow

__all__ = [
    "AnnotationRow",
    "ArmRow",
    "AttemptRow",
    "Base",
    "CandidateRow",
    "ExperimentRow",
    "FindingRow",
    "GradeRow",
    "JobRow",
    "JournalRow",
    "JsonObject",
    "JsonValues",
    "JudgementRow",
    "ModelRow",
    "ProblemRow",
    "ProvenanceRow",
    "RollupRow",
    "ScanRow",
    "StepLogProbsRow",
    "StepRow",
    "TallyRow",
    "TraceRow",
    "TraceWordsRow",
    "UploadRow",
    "VerifierRow",
    "WordsReadRow",
    "WorkerRow",
]
