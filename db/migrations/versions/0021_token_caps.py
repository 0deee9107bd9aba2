"""How many tokens an experiment may generate. Those that are there have no such cap."""

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.execute("ALTER TABLE experiments ADD COLUMN token_cap bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE experiments DROP COLUMN token_cap")
