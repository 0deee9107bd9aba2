"""Filling columns of tables that may be large: whoever writes to one waits for a batch of rows, never for the table.

What a migration did before is committed by then, and if it is interrupted it begins anew: it has to bear finding its
columns there, and its rows filled.
"""

from alembic import op
from sqlalchemy import text

JOBS = 10_000
"""At once; tenths of a second."""


def in_batches(statement: str) -> None:
    """Runs it for the jobs from `:first` up to but without `:end`, and so on, each time in a transaction of its own."""
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        lowest, highest = connection.execute(text("SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM jobs")).one()
        for first in range(lowest, highest + 1, JOBS):
            connection.execute(text(statement), {"first": first, "end": first + JOBS})
