"""What a worker finds amiss with a model that it announces. Of those announced before, nothing is known."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE models ADD COLUMN remark text")


def downgrade() -> None:
    op.execute("ALTER TABLE models DROP COLUMN remark")
