"""What people say of traces and experiments: read anew each time, for it is little, and to be seen as soon as said."""

from dashboard.data.connection import asked
from db import queries, transitions
from db.opinions import Opinion
from db.queries import Annotation, Said


def annotations(experiment_id: int, job_id: int | None = None) -> tuple[Annotation, ...]:
    with asked() as engine:
        return queries.annotations(engine, experiment_id, job_id)


def said_earlier(experiment_id: int, job_id: int | None, person: str) -> tuple[Said, ...]:
    with asked() as engine:
        return queries.said_earlier(engine, experiment_id, job_id, person)


def annotation_tags(experiment_id: int) -> tuple[str, ...]:
    with asked() as engine:
        return queries.annotation_tags(engine, experiment_id)


def annotate(experiment_id: int, job_id: int | None, person: str, opinion: Opinion) -> None:
    """Raises OpinionError, and what is said of an experiment or a job that is gone."""
    with asked() as engine:
        if job_id is None:
            transitions.annotate_experiment(engine, experiment_id, person, opinion.note)
        else:
            transitions.annotate_job(engine, job_id, person, opinion)
