"""What people say is added, never changed: a later opinion counts in place of an earlier one. Only a judgement can be
taken back, by who made it."""

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.exc import IntegrityError

from db.errors import UnknownExperimentError, UnknownJobError
from db.opinions import Judgement, Opinion, OpinionError, checked, person_named
from db.text import storable

OF_JOB = text("""
INSERT INTO annotations (experiment_id, job_id, person, note, rating, tags)
SELECT experiment_id, id, :person, :note, :rating, CAST(:tags AS text[]) FROM jobs WHERE id = :target
RETURNING id
""")
OF_EXPERIMENT = text("""
INSERT INTO annotations (experiment_id, person, note, tags)
SELECT id, :person, :note, '{}' FROM experiments WHERE id = :target
RETURNING id
""")

JUDGE = text("""
INSERT INTO judgements (experiment_id, left_job_id, right_job_id, person, choice, shown)
SELECT left_jobs.experiment_id, left_jobs.id, right_jobs.id, :person, :choice, :shown
FROM jobs AS left_jobs JOIN jobs AS right_jobs USING (experiment_id, problem_id)
WHERE left_jobs.id = :left_job AND right_jobs.id = :right_job AND left_jobs.arm_id <> right_jobs.arm_id
  AND left_jobs.status = 'succeeded' AND right_jobs.status = 'succeeded'
RETURNING id
""")

TAKE_BACK = text("""
DELETE FROM judgements
WHERE id = (
    SELECT max(id) FROM judgements WHERE experiment_id = :experiment_id AND person = :person
)
""")


def annotate_job(database: Engine, job_id: int, person: str, opinion: Opinion) -> None:
    """What the person says of the job's trace from now on. Raises UnknownJobError and OpinionError."""
    _annotate(database, OF_JOB, job_id, person, opinion, UnknownJobError(f"there is no job {job_id}"))


def annotate_experiment(database: Engine, experiment_id: int, person: str, note: str) -> None:
    """What the person says of the experiment from now on. Raises UnknownExperimentError and OpinionError."""
    unknown = UnknownExperimentError(f"there is no experiment {experiment_id}; `overthink status` lists them")
    _annotate(database, OF_EXPERIMENT, experiment_id, person, Opinion(note), unknown)


def judge(database: Engine, person: str, judgement: Judgement) -> None:
    """OpinionError if the two are no pair: finished jobs of one problem and experiment, under two arms; or if the
    person has judged this pair before."""
    values = {
        "left_job": judgement.left_job,
        "right_job": judgement.right_job,
        "person": storable(person_named(person)),
        "choice": judgement.choice,
        "shown": judgement.shown,
    }
    pair = f"jobs {judgement.left_job} and {judgement.right_job}"
    try:
        with database.begin() as connection:
            if connection.execute(JUDGE, values).one_or_none() is None:
                raise OpinionError(f"{pair} are not finished jobs of one problem under two arms of one experiment")
    except IntegrityError as error:
        raise OpinionError(f"{person} has judged {pair} already, or they were deleted meanwhile") from error


def take_back_judgement(database: Engine, experiment_id: int, person: str) -> bool:
    """The latest that the person made in the experiment; False if there is none."""
    values = {"experiment_id": experiment_id, "person": storable(person_named(person))}
    with database.begin() as connection:
        return connection.execute(TAKE_BACK, values).rowcount > 0


def _annotate(
    database: Engine, statement: TextClause, target: int, person: str, opinion: Opinion, unknown: Exception
) -> None:
    said = checked(opinion)
    values = {
        "target": target,
        "person": storable(person_named(person)),
        "note": storable(said.note),
        "rating": said.rating,
        "tags": [storable(each) for each in said.tags],
    }
    with database.begin() as connection:
        if connection.execute(statement, values).one_or_none() is None:
            raise unknown
