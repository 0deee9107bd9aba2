"""An experiment as a folder of Parquet files that any tool reads, and back into a database of that schema or later.

Tables and columns are read off the models: a new one needs nothing here. Ids are numbers from 0 within the archive, so
that it says the same wherever it was made. An archive is trusted as the database is: digests find damage, not malice.
"""

from db.archive.manifest import ArchiveError, Manifest
from db.archive.removal import remove
from db.archive.restoring import Restored, restore
from db.archive.writing import archive

__all__ = ["ArchiveError", "Manifest", "Restored", "archive", "remove", "restore"]
