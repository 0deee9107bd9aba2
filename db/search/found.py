"""What is found in everything that is stored: experiments, problems, and traces with the place."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import OperationalError

from db.engine import reading
from db.rows import read
from db.search.hits import Hit, hits_of
from db.search.terms import SearchError, Terms, texts_have, values_of
from db.status import ExperimentStatus
from scaling.types import Verdict

PATIENCE_S = 15
MOST_COUNTED = 1_000


@dataclass(frozen=True, slots=True)
class FoundExperiment:
    id: int
    name: str
    owner: str
    status: ExperimentStatus
    created_at: dt.datetime
    notes: str


@dataclass(frozen=True, slots=True)
class FoundProblem:
    """As the newest experiment that has it asks it; `experiments` do."""

    experiment_id: int
    experiment: str
    key: str
    question: str
    answer: str
    experiments: int


@dataclass(frozen=True, slots=True)
class FoundTrace:
    """`hit` None: its step has gone since."""

    job_id: int
    experiment_id: int
    experiment: str
    arm: str
    problem: str
    repeat: int
    verdict: Verdict
    answer: str | None
    hit: Hit | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page of traces, the newest first. `older`: where the next page begins, None: there is none."""

    traces: tuple[FoundTrace, ...]
    older: int | None
    total: int | None
    """None: not known, for they are more than MOST_COUNTED or would all have to be read to be counted."""


UNREAD = text("""
SELECT EXISTS (
    SELECT FROM tallies LEFT JOIN words_read ON words_read.experiment_id = tallies.experiment_id
    GROUP BY tallies.experiment_id, words_read.results_version
    HAVING sum(tallies.results_version) IS DISTINCT FROM words_read.results_version
)
""")


@contextmanager
def searching(database: Engine) -> Iterator[Connection]:
    """A snapshot. Raises SearchError for what takes too long."""
    try:
        with reading(database) as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE_S}s'"))
            yield connection
    except OperationalError as error:
        if not isinstance(error.orig, psycopg.errors.QueryCanceled):
            raise
        raise SearchError(
            f"this takes more than {PATIENCE_S} s: its words are in too many traces. Add a rarer word, or search in "
            "one experiment"
        ) from error


def _have(terms: Terms, what: str) -> str:
    """The condition that a text has all terms, as they were typed, whatever the case."""
    return " AND ".join(f"strpos(lower({what}), lower(:said_{at})) > 0" for at in range(len(terms)))


def find_experiments(database: Engine, terms: Terms, limit: int = 20) -> tuple[FoundExperiment, ...]:
    """By name, notes, owner and tags, the newest first. Raises SearchError."""
    what = "concat_ws(E'\\n', name, owner, array_to_string(tags, E'\\n'), notes)"
    query = text(f"""
    SELECT id, name, owner, status, created_at, left(notes, 300) AS notes
    FROM experiments WHERE {_have(terms, what)} ORDER BY created_at DESC, id DESC LIMIT :limit
    """)
    with searching(database) as connection:
        rows = connection.execute(query, {**values_of(terms), "limit": limit})
        return tuple(read(FoundExperiment, row) for row in rows)


def find_problems(
    database: Engine, terms: Terms, experiment_id: int | None = None, limit: int = 20
) -> tuple[FoundProblem, ...]:
    """By id and question, each question once: as the newest experiment has it. Raises SearchError."""
    only = "" if experiment_id is None else "AND experiment_id = :experiment_id"
    query = text(f"""
    SELECT found.*, experiments.name AS experiment
    FROM (
        SELECT DISTINCT ON (key, md5(question)) experiment_id, key, left(question, 300) AS question, answer,
            count(*) OVER (PARTITION BY key, md5(question)) AS experiments
        FROM problems WHERE {_have(terms, "problems.key || ' ' || problems.question")} {only}
        ORDER BY key, md5(question), experiment_id DESC
    ) AS found JOIN experiments ON experiments.id = found.experiment_id
    ORDER BY found.experiment_id DESC, found.key LIMIT :limit
    """)
    with searching(database) as connection:
        rows = connection.execute(query, {**values_of(terms), "experiment_id": experiment_id, "limit": limit})
        return tuple(read(FoundProblem, row) for row in rows)


def has_unread_words(database: Engine) -> bool:
    """Whether there are traces that cannot be found yet."""
    with reading(database) as connection:
        return bool(connection.execute(UNREAD).scalar_one())


def with_words(experiment_id: int | None) -> str:
    """The ids of jobs whose traces have the words, in everything or in one experiment."""
    among = "" if experiment_id is None else "JOIN jobs ON jobs.id = trace_words.job_id"
    only = "" if experiment_id is None else "AND jobs.experiment_id = :experiment_id"
    return f"""
    SELECT trace_words.job_id FROM trace_words {among}
    WHERE trace_words.words @@ CAST(:said_words AS tsquery) {only}"""


def find_traces(
    database: Engine, terms: Terms, experiment_id: int | None = None, older: int | None = None, limit: int = 20
) -> Found:
    """The newest first, from the job `older` on. Raises SearchError."""
    values = {**values_of(terms), "experiment_id": experiment_id, "older": older, "limit": limit + 1}
    with searching(database) as connection:
        rows = connection.execute(_traces(terms, experiment_id), values).all()
        hits = hits_of(connection, [row.job_id for row in rows[:limit]], terms)
        total = connection.execute(_total(experiment_id), values).scalar_one() if _are_words(terms) else None
    return Found(
        traces=tuple(read(FoundTrace, row, hit=hits.get(row.job_id)) for row in rows[:limit]),
        older=rows[limit].job_id if len(rows) > limit else None,
        total=total if total is None or total <= MOST_COUNTED else None,
    )


def _are_words(terms: Terms) -> bool:
    return all(term.is_word for term in terms)


def _traces(terms: Terms, experiment_id: int | None) -> TextClause:
    return text(f"""
    WITH found AS MATERIALIZED (
        SELECT job_id FROM ({with_words(experiment_id)}) AS worded
        WHERE (CAST(:older AS bigint) IS NULL OR job_id <= :older) AND {texts_have(terms, "worded.job_id")}
        ORDER BY job_id DESC LIMIT :limit
    )
    SELECT jobs.id AS job_id, jobs.experiment_id, experiments.name AS experiment, arms.label AS arm,
        problems.key AS problem, jobs.repeat, traces.verdict, traces.answer
    FROM found JOIN jobs ON jobs.id = found.job_id
    JOIN experiments ON experiments.id = jobs.experiment_id JOIN arms ON arms.id = jobs.arm_id
    JOIN problems ON problems.id = jobs.problem_id JOIN traces ON traces.job_id = jobs.id
    ORDER BY jobs.id DESC
    """)


def _total(experiment_id: int | None) -> TextClause:
    return text(f"SELECT count(*) FROM ({with_words(experiment_id)} LIMIT {MOST_COUNTED + 1}) AS worded")
