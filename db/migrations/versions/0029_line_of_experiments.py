"""The index of open experiments holds what their line is made of: a claim reads it and no rows."""

from alembic import op

revision = "0029"
down_revision = "0028"

OPEN = "WHERE status IN ('queued', 'expanding', 'running', 'paused')"


def upgrade() -> None:
    op.execute("DROP INDEX ix_experiments_open")
    op.execute(f"CREATE INDEX ix_experiments_open ON experiments (status, owner, priority, created_at, id) {OPEN}")


def downgrade() -> None:
    op.execute("DROP INDEX ix_experiments_open")
    op.execute(f"CREATE INDEX ix_experiments_open ON experiments (status) {OPEN}")
