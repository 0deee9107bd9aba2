"""What the pages read and do. The only cache, and the only place that knows where the database is.

What is costly is cached under a revision, which is the version of an experiment's results. Everything else is at most
FRESH_S old. A running experiment has a new version with each job that ends, so whatever grows with its jobs is kept for
a few revisions only.
"""

from dashboard.data.answers import answer, axis_notes, hardness, joined, measurements, num_scored_candidates
from dashboard.data.catalogue import (
    MOST_EXPERIMENTS,
    Revision,
    arm_totals,
    experiment,
    experiments,
    made_by,
    on_the_same_data,
    others_to_draw,
    progress,
    twin,
    worked_s,
)
from dashboard.data.connection import NotConfiguredError
from dashboard.data.jobs import (
    MOST_TREES,
    growing_steps,
    levels,
    neighbours,
    pieces,
    problem,
    step_heads,
    steps,
    trace,
    trace_ids,
    trace_text,
    traces,
    tree,
    whole_texts,
)
from dashboard.data.overview import bills, ended_badly, facets, leaders, list_page, paces
from dashboard.data.people import annotate, annotation_tags, annotations, said_earlier
from dashboard.data.service import redis_problem, standing, waiting, waiting_of_job
from dashboard.data.steering import check, hand_in, steer

__all__ = [
    "MOST_EXPERIMENTS",
    "MOST_TREES",
    "NotConfiguredError",
    "Revision",
    "annotate",
    "annotation_tags",
    "annotations",
    "answer",
    "arm_totals",
    "axis_notes",
    "bills",
    "check",
    "ended_badly",
    "experiment",
    "experiments",
    "facets",
    "growing_steps",
    "hand_in",
    "hardness",
    "joined",
    "leaders",
    "levels",
    "list_page",
    "made_by",
    "measurements",
    "neighbours",
    "num_scored_candidates",
    "on_the_same_data",
    "others_to_draw",
    "paces",
    "pieces",
    "problem",
    "progress",
    "redis_problem",
    "said_earlier",
    "standing",
    "steer",
    "step_heads",
    "steps",
    "trace",
    "trace_ids",
    "trace_text",
    "traces",
    "tree",
    "twin",
    "waiting",
    "waiting_of_job",
    "whole_texts",
    "worked_s",
]
