"""Waits forced, thoughts cut, and the limits of the method that candidates met. Not known of earlier traces."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("ALTER TABLE traces ADD COLUMN waits integer, ADD COLUMN cuts integer")
    op.execute("ALTER TABLE candidates ADD COLUMN note text")


def downgrade() -> None:
    op.execute("ALTER TABLE candidates DROP COLUMN note")
    op.execute("ALTER TABLE traces DROP COLUMN cuts, DROP COLUMN waits")
