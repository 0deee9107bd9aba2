"""YAML 1.2, read into plain values and written out of them.

In YAML 1.1, which most readers still speak, 012 is ten, 2:00 is a hundred and twenty and `no` is false: nothing that
somebody who writes `repeats: 012` would expect.
"""

import io

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

__all__ = ["MarkedYAMLError", "ReaderError", "YAMLError", "dump", "load", "parser"]


def parser() -> YAML:
    """Safe: tags make no objects. Pure Python: its nodes know their lines. For one document only."""
    return YAML(typ="safe", pure=True)


def load(text: str) -> object:
    """The value of one document; None if there is none. Raises YAMLError, also for a key that is given twice."""
    try:
        return parser().load(text)
    except RecursionError as error:
        raise YAMLError("nested too deeply") from error


def dump(value: object, *, is_flow: bool | None = False, width: int = 80) -> str:
    """In the order of `value`. `is_flow`: on one line; False: in blocks; None: only the innermost on one line."""
    writer, stream = parser(), io.StringIO()
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    writer.default_flow_style = is_flow
    writer.width = width
    writer.dump(value, stream)
    return stream.getvalue()
