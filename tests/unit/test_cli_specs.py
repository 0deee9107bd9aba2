"""Spec files as the command takes them, without any service."""

from pathlib import Path

import pytest

from overthink.specs import SpecFileError, load_spec
from scaling.spec.errors import SpecError

SPEC = """
name: mine
data_set: {path: problems.jsonl, grader: integer}
models: [tiny]
arms:
  - strategy: budget_forcing
    max_thinking_tokens: [8, 16]
"""


def written(folder: Path, text: str = SPEC) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text)
    return path


def test_a_data_file_beside_the_spec_is_named_in_full(tmp_path: Path) -> None:
    (tmp_path / "problems.jsonl").write_text("{}")
    assert load_spec(written(tmp_path)).submission.data_set.path == str(tmp_path / "problems.jsonl")


def test_a_data_file_that_is_not_here_is_left_to_the_workers(tmp_path: Path) -> None:
    assert load_spec(written(tmp_path)).submission.data_set.path == "problems.jsonl"


def test_a_value_is_replaced_and_the_command_to_go_on_says_so(tmp_path: Path) -> None:
    path = written(tmp_path)
    spec = load_spec(path, ["arms[0].max_thinking_tokens=4", "notes=two words"])
    assert [arm.strategy.thinking_limit for arm in spec.submission.expand()] == [4]
    assert spec.submission.notes == "two words"
    assert spec.run_command == (f"overthink run {path} --set 'arms[0].max_thinking_tokens=4' --set 'notes=two words'")


def test_a_wrong_value_on_the_command_line_is_named_as_such(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"--set repeats=often: repeats: .*often"):
        load_spec(written(tmp_path), ["repeats=often"])


def test_an_unknown_key_is_answered_with_its_line_and_the_nearest_key(tmp_path: Path) -> None:
    path = written(tmp_path, SPEC.replace("max_thinking_tokens", "max_thinking_token"))
    with pytest.raises(SpecError, match=r"mine\.yaml:7: .*did you mean max_thinking_tokens\?"):
        load_spec(path)


def test_a_missing_file_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SpecFileError, match=r"no file .*mime\.yaml; did you mean .*mine\.yaml\?"):
        load_spec(written(tmp_path).with_name("mime.yaml"))


def test_a_folder_is_no_spec(tmp_path: Path) -> None:
    with pytest.raises(SpecFileError, match="is a folder"):
        load_spec(tmp_path)


def test_what_is_not_text_is_no_spec(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"name: \xff")
    with pytest.raises(SpecFileError, match=r"not UTF-8 text \(byte 6\)"):
        load_spec(path)
