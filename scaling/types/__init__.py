"""The nouns of an experiment, frozen: problems, formats, requests, traces."""

from scaling.types.formats import THINKING_FORMATS, PromptFormat, Sampling, ThinkingFormat
from scaling.types.problems import GraderName, Problem, Reading, Unread, Verdict
from scaling.types.requests import Completion, FinishReason, Ids, Path, Request, Scores, Solution, Usage
from scaling.types.traces import (
    Candidate,
    Counts,
    Outcome,
    Phase,
    Step,
    StepKind,
    Trace,
    thinking_tokens,
    total_if_known,
)

__all__ = [
    "THINKING_FORMATS",
    "Candidate",
    "Completion",
    "Counts",
    "FinishReason",
    "GraderName",
    "Ids",
    "Outcome",
    "Path",
    "Phase",
    "Problem",
    "PromptFormat",
    "Reading",
    "Request",
    "Sampling",
    "Scores",
    "Solution",
    "Step",
    "StepKind",
    "ThinkingFormat",
    "Trace",
    "Unread",
    "Usage",
    "Verdict",
    "thinking_tokens",
    "total_if_known",
]
