"""Arms may have seeds of their own. Those that are there have their experiment's."""

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.execute("ALTER TABLE arms ADD COLUMN seed bigint")


def downgrade() -> None:
    op.execute("ALTER TABLE arms DROP COLUMN seed")
