"""Log-probs of tokens, which a scan asks a model for. Of findings that are there nobody asked."""

from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.execute("ALTER TABLE scans ADD COLUMN made_by text")
    op.execute("""
    ALTER TABLE findings
        ADD COLUMN thinking_log_prob double precision, ADD COLUMN answer_log_prob double precision
    """)
    op.execute("""
    CREATE TABLE step_log_probs (
        scan_id bigint NOT NULL,
        job_id bigint NOT NULL,
        path text NOT NULL,
        ends integer[] NOT NULL,
        log_probs real[] NOT NULL,
        CONSTRAINT pk_step_log_probs PRIMARY KEY (scan_id, job_id, path),
        CONSTRAINT fk_step_log_probs_scan_id FOREIGN KEY (scan_id, job_id)
            REFERENCES findings (scan_id, job_id) ON DELETE CASCADE,
        CONSTRAINT fk_step_log_probs_job_id FOREIGN KEY (job_id, path)
            REFERENCES steps (job_id, path) ON DELETE CASCADE
    )
    """)
    op.execute("CREATE INDEX ix_step_log_probs_job_id ON step_log_probs (job_id)")


def downgrade() -> None:
    op.execute("DROP TABLE step_log_probs")
    op.execute("ALTER TABLE findings DROP COLUMN thinking_log_prob, DROP COLUMN answer_log_prob")
    op.execute("ALTER TABLE scans DROP COLUMN made_by")
