"""The list of experiments, page by page: filtered, ordered and cut in SQL, then looked at more closely."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Engine, TextClause, text

from db.engine import reading
from db.problems import NUM_PROBLEMS
from db.queries.experiments import JOB_COUNTS, MATCHING, TALLY, ExperimentFilter, ExperimentSummary, experiment_summary
from db.rows import read


class ListOrder(StrEnum):
    """How the list is ordered; ties by age, the newest first."""

    NEWEST = "newest"
    OLDEST = "oldest"
    NAME = "name"
    STATUS = "status"  # alike ones together
    OWNER = "owner"
    TOKENS = "tokens"  # the most spent first; where some engine counts none, last
    FINISHED = "finished"  # the last to end first; open ones last


NEWEST_FIRST = "experiments.created_at DESC, experiments.id DESC"
SPENT = """(
    SELECT CASE WHEN count(*) = count(spent_tokens) THEN coalesce(sum(spent_tokens), 0) END
    FROM tallies WHERE tallies.experiment_id = experiments.id
)"""
ORDER_BY = {
    ListOrder.NEWEST: NEWEST_FIRST,
    ListOrder.OLDEST: "experiments.created_at, experiments.id",
    ListOrder.NAME: f"lower(experiments.name), {NEWEST_FIRST}",
    ListOrder.STATUS: f"experiments.status, {NEWEST_FIRST}",
    ListOrder.OWNER: f"lower(experiments.owner), {NEWEST_FIRST}",
    ListOrder.TOKENS: f"{SPENT} DESC NULLS LAST, {NEWEST_FIRST}",
    ListOrder.FINISHED: f"experiments.finished_at DESC NULLS LAST, {NEWEST_FIRST}",
}

COUNTS = text(f"SELECT status, count(*) AS experiments FROM experiments {MATCHING} GROUP BY status")

OWNERS = text("SELECT DISTINCT owner FROM experiments ORDER BY owner")
TAGS = text("SELECT DISTINCT tag FROM experiments CROSS JOIN LATERAL unnest(tags) AS each (tag) ORDER BY tag")
MODELS = text("""
SELECT DISTINCT model FROM experiments
CROSS JOIN LATERAL jsonb_array_elements_text(spec -> 'models') AS each (model)
WHERE jsonb_typeof(spec -> 'models') = 'array' ORDER BY model
""")


def page_query(order: ListOrder) -> TextClause:
    """The page is cut first; then jobs, arms and problems of just these experiments are looked at."""
    return text(f"""
        SELECT experiments.*, counts.*, tally.*,
            coalesce(spec -> 'data_set' ->> 'name', spec -> 'data_set' ->> 'path',
                (SELECT name FROM uploads WHERE address = spec -> 'data_set' ->> 'upload')) AS data_set,
            {NUM_PROBLEMS} AS num_problems,
            (SELECT nullif(count(*), 0) FROM arms WHERE arms.experiment_id = experiments.id) AS num_arms,
            CASE WHEN jsonb_typeof(spec -> 'models') = 'array'
                THEN ARRAY(SELECT jsonb_array_elements_text(spec -> 'models')) ELSE '{{}}' END AS named_models
        FROM (
            SELECT * FROM experiments {MATCHING} ORDER BY {ORDER_BY[order]} LIMIT :limit OFFSET :offset
        ) AS experiments
        CROSS JOIN LATERAL ({JOB_COUNTS}) AS counts
        CROSS JOIN LATERAL ({TALLY}) AS tally
        ORDER BY {ORDER_BY[order]}
        """)


PAGES = {order: page_query(order) for order in ListOrder}


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the list."""

    summary: ExperimentSummary
    named_models: tuple[str, ...]
    data_set: str | None
    """Its name, the path of its file, or how it was called when it was uploaded."""
    num_problems: int | None
    """None, here and below: not laid out yet."""
    num_arms: int | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """`counts` are of all that match but for the status that was asked for, by status."""

    listed: tuple[Listed, ...]
    total: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Facets:
    """What experiments can be filtered by, in order."""

    owners: tuple[str, ...]
    tags: tuple[str, ...]
    models: tuple[str, ...]


def list_page(
    database: Engine, matching: ExperimentFilter, order: ListOrder = ListOrder.NEWEST, limit: int = 50, offset: int = 0
) -> ListPage:
    of_any_status = {**matching.values, "status": None}
    with reading(database) as connection:
        counts = {row.status: int(row.experiments) for row in connection.execute(COUNTS, of_any_status)}
        rows = connection.execute(PAGES[order], {**matching.values, "limit": limit, "offset": offset})
        listed = tuple(read(Listed, row, summary=experiment_summary(row)) for row in rows)
    total = sum(counts.values()) if matching.status is None else counts.get(matching.status.value, 0)
    return ListPage(listed, total, counts)


def facets(database: Engine) -> Facets:
    with reading(database) as connection:
        owners, tags, models = (tuple(connection.execute(each).scalars()) for each in (OWNERS, TAGS, MODELS))
    return Facets(owners, tags, models)
