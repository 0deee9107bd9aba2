"""A file that somebody hands in is kept, once, until somebody takes it away whom no experiment needs it any more."""

from sqlalchemy import Engine, delete, text
from sqlalchemy.dialects.postgresql import insert

from db.errors import UnknownUploadError, UploadInUseError
from db.models import UploadRow
from db.status import CLOSED_EXPERIMENTS
from db.text import storable
from db.uploads import address_of

NEEDED_BY = text("""
SELECT id, name FROM experiments
WHERE spec -> 'data_set' ->> 'upload' = :address AND NOT status = ANY (:closed) ORDER BY id
""")


def keep_upload(database: Engine, name: str, content: bytes, owner: str) -> str:
    """Its address. A file that is there already stays as it is, with its first name and owner."""
    address = address_of(name, content)
    values = {"address": address, "name": storable(name), "content": content, "owner": storable(owner)}
    with database.begin() as connection:
        connection.execute(insert(UploadRow).values(values).on_conflict_do_nothing(index_elements=["address"]))
    return address


def delete_upload(database: Engine, address: str) -> None:
    """For ever. Raises UnknownUploadError, and UploadInUseError while an experiment that has not ended names it.

    Those that have ended keep what they asked; to run one again the file has to be handed in again.
    """
    with database.begin() as connection:
        closed = [status.value for status in CLOSED_EXPERIMENTS]
        if needing := connection.execute(NEEDED_BY, {"address": address, "closed": closed}).all():
            named = ", ".join(f"{row.name} #{row.id}" for row in needing)
            raise UploadInUseError(f"{address} is not deleted: {named} asks what is in it, and has not ended")
        if not connection.execute(delete(UploadRow).where(UploadRow.address == address)).rowcount:
            raise UnknownUploadError(f"there is no upload {address}; `overthink uploads` lists them")
