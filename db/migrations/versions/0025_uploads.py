"""Files of problems that were handed in with a browser."""

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.execute("""
    CREATE TABLE uploads (
        address text NOT NULL,
        name text NOT NULL,
        content bytea NOT NULL CONSTRAINT ck_uploads_size CHECK (octet_length(content) <= 16777216),
        owner text NOT NULL,
        uploaded_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT pk_uploads PRIMARY KEY (address)
    )
    """)


def downgrade() -> None:
    op.execute("DROP TABLE uploads")
