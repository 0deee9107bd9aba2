"""Spec files, as commands and Python callers give them."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scaling.errors import BadInputError, nearest
from scaling.spec import Submission
from scaling.spec import text as spec_text
from scaling.spec.several import has_list, submissions


class SpecFileError(BadInputError):
    """There is no spec to read at the path given. The message names the nearest file."""


@dataclass(frozen=True, slots=True)
class LoadedSpec:
    """A validated submission and where it came from. `text` is the file's, without overrides."""

    path: Path
    overrides: tuple[str, ...]
    text: str
    submission: Submission

    @property
    def run_command(self) -> str:
        """What to type to run just this."""
        sets = [word for override in self.overrides for word in ("--set", override)]
        return shlex.join(["overthink", "run", str(self.path), *sets])


@dataclass(frozen=True, slots=True)
class LoadedSpecs:
    """What a file asks for: one experiment, or one of each data set where it `has_list`."""

    specs: tuple[LoadedSpec, ...]
    has_list: bool

    def listed(self, documents: Sequence[object]) -> object:
        """Of each a document: a list only where the file has one."""
        return list(documents) if self.has_list else documents[0]


def load_spec(path: Path, overrides: Sequence[str] = ()) -> LoadedSpec:
    """Of a file that asks for one experiment. Raises SpecFileError and SpecError."""
    text = _read(path)
    return _loaded(path, overrides, text, Submission.from_yaml(text, source=str(path)).with_overrides(overrides))


def load_specs(path: Path, overrides: Sequence[str] = ()) -> LoadedSpecs:
    """Raises SpecFileError, and SpecError with the faults of all."""
    text = _read(path)
    read = spec_text.read(text, str(path))
    made = submissions(read, overrides)
    return LoadedSpecs(tuple(_loaded(path, overrides, text, each) for each in made), has_list(read.data))


def _loaded(path: Path, overrides: Sequence[str], text: str, submission: Submission) -> LoadedSpec:
    return LoadedSpec(path, tuple(overrides), text, with_data_file_found(submission, path.resolve().parent))


def with_data_file_found(submission: Submission, folder: Path) -> Submission:
    """A relative data file that lies in the spec's folder is named in full, since workers run elsewhere.

    Any other path is left to the workers, who look it up in their OVERTHINK_DATA_DIR.
    """
    path = submission.data_set.path
    if path is None or not (folder / path).is_file():
        return submission
    data_set = submission.data_set.model_copy(update={"path": str((folder / path).resolve())})
    return submission.model_copy(update={"data_set": data_set})


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SpecFileError(f"there is no file {path}{_nearest(path)}") from None
    except IsADirectoryError:
        raise SpecFileError(f"{path} is a folder; give one spec in it{_nearest(path / 'spec.yaml')}") from None
    except UnicodeDecodeError as error:
        raise SpecFileError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise SpecFileError(f"{path} cannot be read: {error.strerror}") from None


def _nearest(path: Path) -> str:
    """`; did you mean specs/demo.yaml?`, among the specs beside it and in specs/."""
    known = sorted(filter(_has_arms, {*path.parent.glob("*.y*ml"), *Path("specs").rglob("*.y*ml")}))
    by_name = {file.stem: file for file in known}
    near = nearest(path.stem, list(by_name))
    if near:
        return f"; did you mean {by_name[near[0]]}?"
    return f". Specs here: {', '.join(map(str, known))}" if known else ""


def _has_arms(file: Path) -> bool:
    """Other files beside it are YAML, too."""
    try:
        return "\narms:" in file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
