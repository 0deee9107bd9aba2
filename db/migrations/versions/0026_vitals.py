"""What a worker tells of itself and its servers. Of those that are there it is not known."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("ALTER TABLE workers ADD COLUMN vitals jsonb, ADD COLUMN vitals_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE workers DROP COLUMN vitals, DROP COLUMN vitals_at")
