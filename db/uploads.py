"""What an uploaded file is called: by its content, so that a spec that names it means the same problems for ever.

`3f9c….csv`: the SHA-256 of its bytes, and its suffixes, which say how it is read. Pure.
"""

from hashlib import sha256
from pathlib import PurePath

MAX_BYTES = 16 << 20
"""Of a file as it is uploaded. What is larger belongs on the workers' own disks."""


def address_of(name: str, content: bytes) -> str:
    suffixes = [suffix.lower() for suffix in PurePath(name).suffixes[-2:]]
    kept = suffixes if suffixes[-1:] == [".gz"] else suffixes[-1:]
    return sha256(content).hexdigest() + "".join(kept)
