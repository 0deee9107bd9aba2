"""A step's path as text: (0, 3, 0) is "0.3.0"."""

from scaling.types import Path


def path_text(path: Path) -> str:
    return ".".join(map(str, path))


def parse_path(text: str) -> Path:
    return tuple(map(int, text.split(".")))
