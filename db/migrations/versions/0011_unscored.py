"""How many candidates of a job could vote and had no score to do it with. Not known of earlier traces."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE traces ADD COLUMN unscored integer")


def downgrade() -> None:
    op.execute("ALTER TABLE traces DROP COLUMN unscored")
