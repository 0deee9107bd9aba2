"""One file with a list of data sets is an experiment of each, everything else the same."""

from pathlib import Path

import pytest

from overthink.specs import load_spec, load_specs
from scaling.spec import SpecError, Submission, json_schema
from scaling.spec import text as spec_text
from scaling.spec.several import submissions

FILE = """\
name: protocol
data_set:
  - {name: math500, limit: 100}
  - gpqa
  - {path: data/aime24.jsonl, grader: integer}
models: [tiny]
arms:
  - {strategy: majority_vote, samples: [4, 16]}
seed: 3
"""


def read(text: str = FILE, *overrides: str) -> list[Submission]:
    return submissions(spec_text.read(text, "x.yaml"), overrides)


def faults(text: str, *overrides: str) -> list[str]:
    with pytest.raises(SpecError) as caught:
        read(text, *overrides)
    return str(caught.value).splitlines()


def test_each_is_named_for_its_data_set_or_the_stem_of_its_file_and_differs_in_nothing_else() -> None:
    each = read()
    assert [one.name for one in each] == ["protocol math500", "protocol gpqa", "protocol aime24"]
    assert [(one.data_set.name, one.data_set.path, one.data_set.limit) for one in each] == [
        ("math500", None, 100),
        ("gpqa", None, None),
        (None, "data/aime24.jsonl", None),
    ]
    rest = [one.model_dump(exclude={"name", "data_set"}) for one in each]
    assert rest[0] == rest[1] == rest[2] and rest[0]["seed"] == 3


def test_each_is_the_experiment_that_a_spec_of_its_own_would_be() -> None:
    listed = "  - {name: math500, limit: 100}\n  - gpqa\n  - {path: data/aime24.jsonl, grader: integer}\n"
    alone = FILE.replace("protocol", "protocol math500").replace(
        f"data_set:\n{listed}", "data_set: {name: math500, limit: 100}\n"
    )
    assert read()[0] == Submission.from_yaml(alone)
    assert read()[0].digest == Submission.from_yaml(alone).digest


def test_a_file_with_one_data_set_is_one_experiment_with_the_name_that_it_gives() -> None:
    (one,) = read("name: alone\ndata_set: gpqa\nmodels: [tiny]\narms: [{strategy: chain_of_thought}]\n")
    assert one.name == "alone"


def test_an_override_is_meant_of_every_data_set_unless_it_names_one() -> None:
    assert [one.data_set.limit for one in read(FILE, "data_set.limit=5", "data_set[2].limit=7")] == [5, 5, 7]
    assert [one.name for one in read(FILE, "name=other", "seed=4")] == ["other math500", "other gpqa", "other aime24"]
    assert [one.name for one in read(FILE, "data_set=gpqa")] == ["protocol"]  # no list any more


@pytest.mark.parametrize(
    ("written", "instead", "said"),
    [
        (
            "limit: 100",
            "limt: 100",
            "x.yaml:3: data_set[0].limt: unknown key; did you mean limit? Allowed: name, path, upload, question, "
            "answer, id, level, subject, options, incorrect, grader, limit, seed",
        ),
        ("- gpqa", "- 4", "x.yaml:4: data_set[1]: expected a mapping of keys to values, got 4"),
        (
            ", grader: integer",
            "",
            "x.yaml:5: data_set[2].grader: missing; a file needs one of integer, exact, choice, math",
        ),
        (
            "- gpqa",
            "- math500",
            'x.yaml:4: data_set[1]: is called "math500", as data_set[0] is; give it a spec of its own',
        ),
        ("seed: 3", "seed: -3", "x.yaml:9: seed: expected at least 0, got -3"),
        (
            "samples: [4, 16]",
            "sample: 4",
            "x.yaml:8: arms[0].sample: unknown key; did you mean samples? Allowed: strategy, model, sampling, prompt, "
            "seed, samples, chain",
        ),
    ],
)
def test_what_is_wrong_is_told_once_and_in_its_place(written: str, instead: str, said: str) -> None:
    assert faults(FILE.replace(written, instead)) == [said]


def test_an_empty_list_is_no_data_set() -> None:
    text = "name: none\ndata_set: []\nmodels: [tiny]\narms: [{strategy: chain_of_thought}]\n"
    assert faults(text) == ["x.yaml:2: data_set: empty; give at least one"]


def test_a_name_that_grows_too_long_is_refused() -> None:
    (found,) = faults(FILE.replace("protocol", "p" * 195))
    assert found.startswith("x.yaml:1: name: expected no more characters than 200, got")


def test_who_reads_one_experiment_says_who_takes_several(tmp_path: Path) -> None:
    path = tmp_path / "several.yaml"
    path.write_text(FILE)
    with pytest.raises(SpecError) as caught:
        load_spec(path)
    assert str(caught.value) == (
        f"{path}:2: data_set: a list makes an experiment of each; hand the file to `overthink submit` or `run`, or in "
        "Python to overthink.submit_all"
    )
    assert [each.submission.name for each in load_specs(path).specs] == [
        "protocol math500",
        "protocol gpqa",
        "protocol aime24",
    ]


def test_documents_are_a_list_only_where_the_file_has_one(tmp_path: Path) -> None:
    path = tmp_path / "several.yaml"
    path.write_text(FILE)
    assert load_specs(path).listed(["a", "b", "c"]) == ["a", "b", "c"]
    assert load_specs(path, ["data_set[2]=gsm8k"]).listed(["a"]) == ["a"]
    path.write_text("name: alone\ndata_set: gpqa\nmodels: [tiny]\narms: [{strategy: chain_of_thought}]\n")
    assert load_specs(path).listed(["a"]) == "a"


def test_the_schema_for_editors_takes_one_or_a_list() -> None:
    one, named, several = json_schema()["properties"]["data_set"]["anyOf"]  # type: ignore[index, call-overload]
    assert several["items"] == {"anyOf": [one, named]}
