"""Choices with their options, and why an answer was not read. Not known of earlier grades."""

from alembic import op

revision = "0012"
down_revision = "0011"

REASONS = "'nothing', 'cut', 'abstained', 'ambiguous', 'unreadable', 'in_doubt', 'gave_up', 'reference'"


def upgrade() -> None:
    op.execute("ALTER TABLE problems ADD COLUMN options jsonb")
    replace_graders("'integer', 'exact', 'choice', 'math'")
    for table in ("grades", "traces"):
        check = f"CONSTRAINT ck_{table}_unread CHECK (unread IN ({REASONS}))"
        op.execute(f"ALTER TABLE {table} ADD COLUMN unread varchar(32) {check}")


def downgrade() -> None:
    for table in ("grades", "traces"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN unread")  # and its constraint
    op.execute("UPDATE problems SET grader = 'exact' WHERE grader = 'choice'")
    replace_graders("'integer', 'exact', 'math'")
    op.execute("ALTER TABLE problems DROP COLUMN options")


def replace_graders(names: str) -> None:
    op.execute("ALTER TABLE problems DROP CONSTRAINT ck_problems_grader_name")
    op.execute(f"ALTER TABLE problems ADD CONSTRAINT ck_problems_grader_name CHECK (grader IN ({names}))")
