"""Verifiers: what workers announce, which arms ask them, what they cost, and the scores of each candidate's steps."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Rows of before this migration called no verifier: what they cost is 0, and known.
UPGRADE = """
CREATE TABLE verifiers (
    name text NOT NULL,
    kind text NOT NULL,
    scores_steps boolean NOT NULL,
    context_length integer NOT NULL,
    parameters bigint,
    served_as text NOT NULL,
    announced_at timestamptz NOT NULL,
    CONSTRAINT pk_verifiers PRIMARY KEY (name)
);
ALTER TABLE workers ADD COLUMN verifiers text[] DEFAULT '{}' NOT NULL;
ALTER TABLE arms ADD COLUMN verifier text;
CREATE INDEX ix_arms_verifier ON arms (experiment_id, model, verifier) WHERE verifier IS NOT NULL;
ALTER TABLE candidates ADD COLUMN step_scores double precision[] DEFAULT '{}' NOT NULL;
"""

COUNTED = ("attempts", "traces", "steps")
COUNTS = {
    "verifier_cached_tokens": "integer DEFAULT 0",
    "verifier_calls": "integer DEFAULT 0 NOT NULL",
    "verifier_seconds": "double precision DEFAULT 0 NOT NULL",
}


def upgrade() -> None:
    op.execute(UPGRADE)
    for table in COUNTED:
        for name, definition in COUNTS.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {definition}")
            op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT")
    op.execute("ALTER TABLE candidates ALTER COLUMN step_scores DROP DEFAULT")
    op.execute("ALTER TABLE workers ALTER COLUMN verifiers DROP DEFAULT")


def downgrade() -> None:
    op.execute("DROP TABLE verifiers")
    op.execute("ALTER TABLE workers DROP COLUMN verifiers")
    op.execute("ALTER TABLE arms DROP COLUMN verifier")  # and its index
    op.execute("ALTER TABLE candidates DROP COLUMN step_scores")
    for table in COUNTED:
        for name in COUNTS:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
