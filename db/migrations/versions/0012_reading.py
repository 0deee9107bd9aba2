"""Choices with their options, and why an answer was not read. Not known of earlier grades."""

from alembic import op

revision = "0012"
down_revision = "0011"

REASONS = "'nothing', 'cut', 'abstained', 'ambiguous', 'unreadable', 'in_doubt', 'gave_up', 'reference'"


def upgrade() -> None:
    """Rows are looked at when no table is locked any more for those who write; begun anew, it finds its columns."""
    op.execute("ALTER TABLE problems ADD COLUMN IF NOT EXISTS options jsonb")
    replace_check("problems", "grader_name", "grader IN ('integer', 'exact', 'choice', 'math')")
    for table in ("grades", "traces"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS unread varchar(32)")
        replace_check(table, "unread", f"unread IN ({REASONS})")
    with op.get_context().autocommit_block():
        for table, name in (("problems", "grader_name"), ("grades", "unread"), ("traces", "unread")):
            validate(table, name)


def downgrade() -> None:
    for table in ("grades", "traces"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN unread")  # and its constraint
    op.execute("UPDATE problems SET grader = 'exact' WHERE grader = 'choice'")
    replace_check("problems", "grader_name", "grader IN ('integer', 'exact', 'math')")
    validate("problems", "grader_name")
    op.execute("ALTER TABLE problems DROP COLUMN options")


def replace_check(table: str, name: str, condition: str) -> None:
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_{name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({condition}) NOT VALID")


def validate(table: str, name: str) -> None:
    op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT ck_{table}_{name}")
