"""Spending: what is not known of it and at most how much, and the servers' seconds apart from ours."""

from alembic import op

from db.migrations.batches import in_batches

revision = "0010"
down_revision = "0009"

COUNTED = ("attempts", "traces", "steps")
COUNTS = {
    "queue_seconds": "double precision",
    "gate_seconds": "double precision",
    "retry_seconds": "double precision",
}
UNKNOWN = (
    "unknown_requests",
    "unknown_prompt_tokens",
    "unknown_generated_tokens",
    "unknown_verifier_requests",
    "unknown_verifier_tokens",
)
SETTLED = """
UPDATE attempts SET is_settled = true
WHERE job_id >= :first AND job_id < :end AND outcome IN ('succeeded', 'failed', 'released')
"""


def upgrade() -> None:
    """Of rows from before, none of this is known: NULL."""
    for table in COUNTED:
        for name, kind in COUNTS.items():
            op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}")
    for name in UNKNOWN:
        op.execute(f"ALTER TABLE attempts ADD COLUMN IF NOT EXISTS {name} integer")
    op.execute("ALTER TABLE attempts ADD COLUMN IF NOT EXISTS is_settled boolean DEFAULT false NOT NULL")
    in_batches(SETTLED)


def downgrade() -> None:
    for table in COUNTED:
        for name in COUNTS:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
    for name in (*UNKNOWN, "is_settled"):
        op.execute(f"ALTER TABLE attempts DROP COLUMN {name}")
