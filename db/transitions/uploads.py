"""A file that somebody hands in is kept, once."""

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert

from db.models import UploadRow
from db.text import storable
from db.uploads import address_of


def keep_upload(database: Engine, name: str, content: bytes, owner: str) -> str:
    """Its address. A file that is there already stays as it is, with its first name and owner."""
    address = address_of(name, content)
    values = {"address": address, "name": storable(name), "content": content, "owner": storable(owner)}
    with database.begin() as connection:
        connection.execute(insert(UploadRow).values(values).on_conflict_do_nothing(index_elements=["address"]))
    return address
