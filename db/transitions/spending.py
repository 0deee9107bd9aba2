"""What attempts have spent: told while they run, and once more, for good, when they were cancelled or fenced out."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Engine, text

from db.counts import SPENDING_COLUMNS, spending_values
from db.records import Lease
from db.transitions.journal import keep
from db.transitions.tallies import added
from scaling.compute.spending import NOTHING_UNKNOWN, Unknown
from scaling.journal.entries import Entry
from scaling.types import Counts

ARRAYS = ", ".join(
    f"CAST(:{name} AS {'double precision' if name.endswith('seconds') else 'integer'}[])" for name in SPENDING_COLUMNS
)

# What a running attempt has spent so far is in no result; what one that has ended spent is.
VERSIONS = "CASE WHEN attempts.outcome = 'running' THEN 0 ELSE 1 END AS versions"
TOKENS = "attempts.generated_tokens - {before}.generated_tokens AS tokens"
BY_EXPERIMENT = "SELECT jobs.experiment_id, versions, tokens FROM changed JOIN jobs ON jobs.id = changed.job_id"

# Attempts whose last word was said are left as they are. Who is being written to is left for the next time, so that
# this waits for nobody and nobody waits for it in a circle. It is told of lost and cancelled attempts too: they spend.
TELL = text(f"""
WITH told AS (
    SELECT * FROM unnest(CAST(:job_ids AS bigint[]), CAST(:attempts AS integer[]), {ARRAYS})
        AS told (job_id, attempt, {", ".join(SPENDING_COLUMNS)})
), free AS (
    SELECT attempts.job_id, attempts.attempt, attempts.generated_tokens
    FROM attempts JOIN told USING (job_id, attempt)
    WHERE NOT attempts.is_settled
    FOR UPDATE OF attempts SKIP LOCKED
), changed AS (
    UPDATE attempts SET {", ".join(f"{name} = told.{name}" for name in SPENDING_COLUMNS)}
    FROM told JOIN free USING (job_id, attempt)
    WHERE attempts.job_id = told.job_id AND attempts.attempt = told.attempt
    RETURNING attempts.job_id, attempts.attempt, {VERSIONS}, {TOKENS.format(before="free")}
), tallied AS (
    {added(BY_EXPERIMENT)}
)
SELECT job_id, attempt FROM changed
""")

SETTLE = text(f"""
WITH told AS (
    SELECT job_id, attempt, generated_tokens FROM attempts
    WHERE job_id = :job_id AND attempt = :attempt AND NOT is_settled
    FOR UPDATE
), changed AS (
    UPDATE attempts SET is_settled = true, {", ".join(f"{name} = :{name}" for name in SPENDING_COLUMNS)}
    FROM told
    WHERE attempts.job_id = told.job_id AND attempts.attempt = told.attempt
    RETURNING attempts.job_id, {VERSIONS}, {TOKENS.format(before="told")}
)
{added(BY_EXPERIMENT)}
""")


def tell_spending(
    database: Engine,
    spent: Mapping[Lease, tuple[Counts, Unknown]],
    journal: Mapping[Lease, Sequence[Entry]] = MappingProxyType({}),
) -> frozenset[Lease]:
    """What running attempts have spent so far and may spend before the next telling, in one statement. With it goes the
    `journal` of what that bought, as far as they own their jobs: whatever is kept has been counted.

    Returns those that are told of now; the others were being written to, or said their last word.
    """
    leases = sorted(spent)
    values = [spending_values(*spent[lease]) for lease in leases]
    arrays = {name: [each[name] for each in values] for name in SPENDING_COLUMNS}
    jobs = {"job_ids": [lease.job_id for lease in leases], "attempts": [lease.attempt for lease in leases]}
    with database.begin() as connection:
        told = frozenset(Lease(*row) for row in connection.execute(TELL, {**jobs, **arrays}))
        keep(connection, {lease: entries for lease, entries in journal.items() if lease in told})
        return told


def settle_spending(database: Engine, lease: Lease, spent: Counts, unknown: Unknown = NOTHING_UNKNOWN) -> None:
    """The last word on what a cancelled or fenced-out attempt spent. Leaves everything else as it is."""
    fence = {"job_id": lease.job_id, "attempt": lease.attempt}
    with database.begin() as connection:
        connection.execute(SETTLE, {**fence, **spending_values(spent, unknown)})
