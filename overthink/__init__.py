"""The face of the project: the `overthink` command, the Python API and the embedded stack.

`overthink.submit`, `submit_all`, `wait`, `results`, `frame`, `search`, `archive` and `restore` are `overthink.api`'s,
loaded when first used: the command line starts without them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from overthink.api import archive, frame, restore, results, search, submit, submit_all, wait

__all__ = ["archive", "frame", "restore", "results", "search", "submit", "submit_all", "wait"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'overthink' has no attribute {name!r}; it has {', '.join(__all__)}")
    from overthink import api

    return getattr(api, name)
