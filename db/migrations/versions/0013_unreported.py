"""Counts of tokens that an engine does not report are NULL."""

from alembic import op

revision = "0013"
down_revision = "0012"

COUNTS = ("prompt_tokens", "thinking_tokens", "answer_tokens", "generated_tokens", "verifier_tokens")
NULLABLE = {
    "attempts": COUNTS,
    "traces": COUNTS,
    "steps": ("prompt_tokens", "generated_tokens", "verifier_tokens"),
    "candidates": ("thinking_tokens", "total_tokens"),
}


def upgrade() -> None:
    for table, columns in NULLABLE.items():
        op.execute(f"ALTER TABLE {table} {', '.join(f'ALTER {name} DROP NOT NULL' for name in columns)}")


def downgrade() -> None:
    """Refused by PostgreSQL where a count is not known: it has no number to become."""
    for table, columns in NULLABLE.items():
        op.execute(f"ALTER TABLE {table} {', '.join(f'ALTER {name} SET NOT NULL' for name in columns)}")
