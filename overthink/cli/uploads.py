"""`overthink uploads`: the files of problems that were handed in with a browser, and deleting them."""

import sys
from collections.abc import Sequence

import typer
from pydantic import JsonValue

from db import transitions
from db.errors import UnknownUploadError
from db.queries.data_sets import Upload, uploads
from overthink import embedded
from overthink.cli import terminal
from overthink.cli.terminal import plain, print_document, table
from results.wording import moment


def show(address: str | None, *, unused: bool, delete: bool, yes: bool, as_json: bool) -> None:
    """Lists them, and deletes those that are listed."""
    if delete and address is None and not unused:
        raise typer.BadParameter("--delete takes an ADDRESS, or --unused for all that no experiment asks")
    if delete and not yes and not sys.stdin.isatty():
        raise typer.BadParameter("--delete asks first, and there is nobody here to ask: add --yes")
    with embedded.database_at_hand(terminal.standard_error()) as (_, database):
        found = chosen(uploads(database, most=None), address, unused=unused)
        is_deleted = delete and bool(found) and (yes or typer.confirm(f"Delete {told(found)}, for ever?", err=True))
        for each in found if is_deleted else ():
            transitions.delete_upload(database, each.address)
    if as_json:
        print_document([{**document(each), "deleted": is_deleted} for each in found])
    elif is_deleted:
        print(f"Deleted: {told(found)}.")
    else:
        _print(found)


def chosen(known: Sequence[Upload], address: str | None, *, unused: bool) -> tuple[Upload, ...]:
    """By how the address begins. Raises UnknownUploadError."""
    found = tuple(each for each in known if not (unused and each.experiments))
    if address is None:
        return found
    named = tuple(each for each in found if each.address.startswith(address))
    if len(named) != 1:
        count = "no upload" if not named else f"{len(named)} uploads"
        raise UnknownUploadError(f"{count} of an address that begins with {address!r}; `overthink uploads` lists them")
    return named


def told(found: Sequence[Upload]) -> str:
    count = "1 file" if len(found) == 1 else f"{len(found):,} files"
    return f"{count}, {sum(each.num_bytes for each in found) / 1e6:,.1f} MB"


def document(upload: Upload) -> dict[str, JsonValue]:
    return {
        "address": upload.address,
        "name": upload.name,
        "owner": upload.owner,
        "bytes": upload.num_bytes,
        "uploaded_at": upload.uploaded_at.isoformat(),
        "experiments": list(upload.experiments),
    }


def _print(found: Sequence[Upload]) -> None:
    if not found:
        print("There is none.")
        return
    made = table("file", "address", "owner", "uploaded", "MB", "experiments", numbers=("MB",))
    for each in found:
        asked_by = ", ".join(map(str, each.experiments)) or "none"
        size = f"{each.num_bytes / 1e6:,.1f}"
        made.add_row(plain(each.name), each.address, plain(each.owner), moment(each.uploaded_at), size, asked_by)
    terminal.standard_output().print(made)
