"""Arms may sample, and be prompted, otherwise than their experiment. Those that are there have nothing otherwise."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("""
    ALTER TABLE arms
        ADD COLUMN sampling jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN prompt jsonb NOT NULL DEFAULT '{}'
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE arms DROP COLUMN sampling, DROP COLUMN prompt")
