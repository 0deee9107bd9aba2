"""The words of traces, by which their texts are searched. Those of traces that are there are read by the reconciler."""

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE trace_words (
        job_id bigint NOT NULL,
        words tsvector NOT NULL,
        CONSTRAINT pk_trace_words PRIMARY KEY (job_id),
        CONSTRAINT fk_trace_words_job_id FOREIGN KEY (job_id) REFERENCES traces ON DELETE CASCADE
    )
    """)
    op.execute("CREATE INDEX ix_trace_words_words ON trace_words USING gin (words)")
    op.execute("""
    CREATE TABLE words_read (
        experiment_id bigint NOT NULL,
        results_version bigint NOT NULL,
        CONSTRAINT pk_words_read PRIMARY KEY (experiment_id),
        CONSTRAINT fk_words_read_experiment_id FOREIGN KEY (experiment_id) REFERENCES experiments ON DELETE CASCADE
    )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE words_read")
    op.execute("DROP TABLE trace_words")
