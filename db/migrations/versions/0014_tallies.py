"""Tallies: what moves with every end of a job. What was spent before is summed once."""

from alembic import op

revision = "0014"
down_revision = "0013"

SPENT = """
INSERT INTO tallies (experiment_id, part, results_version, spent_tokens, kept_tokens)
SELECT jobs.experiment_id, 0, 1,
    CASE WHEN count(*) = count(attempts.generated_tokens) THEN sum(attempts.generated_tokens) END,
    CASE WHEN count(traces.job_id) = count(traces.generated_tokens) THEN coalesce(sum(traces.generated_tokens), 0) END
FROM attempts JOIN jobs ON jobs.id = attempts.job_id
LEFT JOIN traces ON traces.job_id = jobs.id AND traces.attempt = attempts.attempt
GROUP BY jobs.experiment_id
"""


def upgrade() -> None:
    op.execute("""
    CREATE TABLE tallies (
        experiment_id bigint NOT NULL CONSTRAINT fk_tallies_experiment_id REFERENCES experiments ON DELETE CASCADE,
        part integer NOT NULL,
        results_version bigint NOT NULL,
        spent_tokens bigint,
        kept_tokens bigint,
        CONSTRAINT pk_tallies PRIMARY KEY (experiment_id, part)
    ) WITH (fillfactor = 50)
    """)
    op.execute(SPENT)


def downgrade() -> None:
    op.execute("DROP TABLE tallies")
