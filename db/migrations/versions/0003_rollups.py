"""Rollups: what k of each finished job's candidates would have given. Older jobs are rolled up as they are read."""

from alembic import op

revision = "0003"
down_revision = "0002"

UPGRADE = """
CREATE TABLE rollups (
    job_id bigint NOT NULL,
    ks integer[] NOT NULL,
    pass_at_k double precision[] NOT NULL,
    maj_at_k double precision[] NOT NULL,
    best_of_k double precision[],
    weighted_of_k double precision[],
    weighted_error double precision NOT NULL,
    mean_final_score double precision,
    CONSTRAINT pk_rollups PRIMARY KEY (job_id),
    CONSTRAINT fk_rollups_job_id FOREIGN KEY (job_id) REFERENCES traces (job_id) ON DELETE CASCADE
);
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE rollups")
