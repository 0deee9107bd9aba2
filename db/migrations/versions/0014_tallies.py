"""Tallies: what moves with every end of a job. What was spent before is summed once."""

from alembic import op

revision = "0014"
down_revision = "0013"

SPENT = """
INSERT INTO tallies (experiment_id, part, results_version, spent_tokens)
SELECT jobs.experiment_id, 0, 1,
    CASE WHEN bool_or(attempts.generated_tokens IS NULL) THEN NULL ELSE sum(attempts.generated_tokens) END
FROM attempts JOIN jobs ON jobs.id = attempts.job_id
GROUP BY jobs.experiment_id
"""


def upgrade() -> None:
    op.execute("""
    CREATE TABLE tallies (
        experiment_id bigint NOT NULL CONSTRAINT fk_tallies_experiment_id REFERENCES experiments ON DELETE CASCADE,
        part integer NOT NULL,
        results_version bigint NOT NULL,
        spent_tokens bigint,
        CONSTRAINT pk_tallies PRIMARY KEY (experiment_id, part)
    ) WITH (fillfactor = 50)
    """)
    op.execute(SPENT)


def downgrade() -> None:
    op.execute("DROP TABLE tallies")
