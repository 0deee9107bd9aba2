"""Files of problems that were handed in with a browser, and which experiments ask what is in them."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, text

from db.engine import reading
from db.rows import read

MOST_UPLOADS = 100

NEWEST = text("""
SELECT address, name, owner, octet_length(content) AS num_bytes, uploaded_at, coalesce(experiments, '{}') AS experiments
FROM uploads LEFT JOIN (
    SELECT spec -> 'data_set' ->> 'upload' AS address, array_agg(id ORDER BY id) AS experiments
    FROM experiments WHERE spec -> 'data_set' ? 'upload' GROUP BY 1
) AS using_it USING (address)
ORDER BY uploaded_at DESC, address LIMIT :most
""")

ONE = text("SELECT name, content FROM uploads WHERE address = :address")


@dataclass(frozen=True, slots=True)
class Upload:
    """`name` and `owner` are its first ones; `experiments` are all whose specs name it, by their ids."""

    address: str
    name: str
    owner: str
    num_bytes: int
    uploaded_at: dt.datetime
    experiments: tuple[int, ...]


def uploads(database: Engine, most: int | None = MOST_UPLOADS) -> tuple[Upload, ...]:
    """The newest first; None: all of them."""
    with reading(database) as connection:
        return tuple(read(Upload, row) for row in connection.execute(NEWEST, {"most": most}))


def uploaded(database: Engine, address: str) -> tuple[str, bytes] | None:
    """The file's name and content; None: there is none of this address."""
    with reading(database) as connection:
        row = connection.execute(ONE, {"address": address}).one_or_none()
    return None if row is None else (row.name, bytes(row.content))
