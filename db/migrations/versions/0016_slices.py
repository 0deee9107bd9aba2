"""How many jobs an experiment comes to, and how many of them are laid out. Not kept of those from before."""

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("ALTER TABLE experiments ADD COLUMN num_jobs bigint, ADD COLUMN num_laid_out bigint NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE experiments DROP COLUMN num_jobs, DROP COLUMN num_laid_out")
