"""The journal has a row for each telling, not for each response. What running jobs were told is kept."""

from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute("ALTER TABLE journal DROP CONSTRAINT pk_journal")
    op.execute("""
    ALTER TABLE journal ADD COLUMN keys bytea[], ADD COLUMN paths text[], ADD COLUMN responses bytea[],
        ALTER COLUMN key DROP NOT NULL, ALTER COLUMN response DROP NOT NULL
    """)
    op.execute("""
    WITH single AS (DELETE FROM journal RETURNING *)
    INSERT INTO journal (job_id, attempt, position, keys, paths, responses, cache_salt, kept_at)
    SELECT job_id, attempt, min(position), array_agg(key ORDER BY position), array_agg(path ORDER BY position),
        array_agg(response ORDER BY position), cache_salt, kept_at
    FROM single GROUP BY job_id, attempt, cache_salt, kept_at
    """)
    op.execute("""
    ALTER TABLE journal DROP COLUMN key, DROP COLUMN path, DROP COLUMN response, ALTER COLUMN keys SET NOT NULL,
        ALTER COLUMN paths SET NOT NULL, ALTER COLUMN responses SET NOT NULL,
        ADD CONSTRAINT pk_journal PRIMARY KEY (job_id, position)
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE journal DROP CONSTRAINT pk_journal")
    op.execute("""
    ALTER TABLE journal ADD COLUMN key bytea, ADD COLUMN path text, ADD COLUMN response bytea,
        ALTER COLUMN keys DROP NOT NULL, ALTER COLUMN paths DROP NOT NULL, ALTER COLUMN responses DROP NOT NULL
    """)
    op.execute("""
    WITH packed AS (DELETE FROM journal RETURNING *)
    INSERT INTO journal (job_id, attempt, position, key, path, response, cache_salt, kept_at)
    SELECT DISTINCT ON (job_id, told.key) job_id, attempt, position + told.place - 1, told.key, told.path,
        told.response, cache_salt, kept_at
    FROM packed, unnest(keys, paths, responses) WITH ORDINALITY AS told (key, path, response, place)
    ORDER BY job_id, told.key, position
    """)
    op.execute("""
    ALTER TABLE journal DROP COLUMN keys, DROP COLUMN paths, DROP COLUMN responses, ALTER COLUMN key SET NOT NULL,
        ALTER COLUMN response SET NOT NULL, ADD CONSTRAINT pk_journal PRIMARY KEY (job_id, key)
    """)
