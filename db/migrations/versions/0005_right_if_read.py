"""Of truncated answers, whether what stands there would be right if it were read. Not known of earlier ones."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("ALTER TABLE grades ADD COLUMN right_if_read boolean")
    op.execute("ALTER TABLE traces ADD COLUMN right_if_read boolean")


def downgrade() -> None:
    op.execute("ALTER TABLE traces DROP COLUMN right_if_read")
    op.execute("ALTER TABLE grades DROP COLUMN right_if_read")
