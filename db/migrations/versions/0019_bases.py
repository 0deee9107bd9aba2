"""Which model another was trained from. Of those that are there it is not known."""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("ALTER TABLE models ADD COLUMN base text")


def downgrade() -> None:
    op.execute("ALTER TABLE models DROP COLUMN base")
