"""What is typed into the form is what YAML would have said, and what the form cannot say it refuses."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, JsonValue
from streamlit.testing.v1 import AppTest

from dashboard.form.draft import (
    Draft,
    StrategyDraft,
    document,
    draft_of,
    faults,
    strategy_document,
    strategy_draft,
)
from dashboard.form.fields import form_fields, kind_of, labelled
from dashboard.form.presets import BLANK, Preset, presets
from dashboard.form.typed_values import Kind, pieces, read, typed
from scaling.chains import CHAINS, AnyChain
from scaling.chains.chain_of_thought import ChainOfThought
from scaling.record import Recorder
from scaling.spec import Submission, yaml12
from scaling.spec.errors import SpecError
from scaling.strategies import STRATEGIES
from scaling.strategy import Strategy
from scaling.types import Outcome, Problem, Sampling

DRAFT = Draft(
    name="waits",
    data_set={"name": "ladder-test", "limit": "60"},
    models=("ladder-tiny",),
    arms=(
        StrategyDraft("budget_forcing", {"max_thinking_tokens": "400", "waits": "0, 1,2", "wait": 'Wait | ""'}),
        StrategyDraft(
            "majority_vote", {"samples": "16"}, StrategyDraft("budget_forcing", {"max_thinking_tokens": "64"})
        ),
        StrategyDraft(
            "chain_of_thought",
            models=("instruct",),
            sampling={"temperature": "0.2, 0.5", "top_k": "none"},
            prompt={"instruction": "Think step by step."},
            seed="1, 2",
        ),
    ),
    sampling={"temperature": "0.8", "max_answer_tokens": "64"},
    numbers={"seed": "7"},
    tags=("demo",),
)
SAID = """
name: waits
data_set: {name: ladder-test, limit: 60}
models: [ladder-tiny]
arms:
  - {strategy: budget_forcing, max_thinking_tokens: 400, waits: [0, 1, 2], wait: [Wait, ""]}
  - {strategy: majority_vote, samples: 16, chain: {strategy: budget_forcing, max_thinking_tokens: 64}}
  - strategy: chain_of_thought
    model: instruct
    seed: [1, 2]
    sampling: {temperature: [0.2, 0.5], top_k: null}
    prompt: {instruction: Think step by step.}
sampling: {temperature: 0.8, max_answer_tokens: 64}
seed: 7
tags: [demo]
"""


def test_the_form_and_yaml_make_the_same_submission() -> None:
    by_form, by_yaml = Submission.from_data(document(DRAFT)), Submission.from_yaml(SAID)
    assert by_form == by_yaml
    assert by_form.digest == by_yaml.digest


def fits_the_form(preset: Preset) -> bool:
    """It asks one data set."""
    said: Any = yaml12.load(preset.text)
    return not isinstance(said["data_set"], list)


@pytest.mark.parametrize("preset", [each for each in presets() if fits_the_form(each)], ids=lambda preset: preset.name)
def test_every_preset_is_the_same_submission_after_going_through_the_form(preset: Any) -> None:
    submission = Submission.from_yaml(preset.text)
    assert Submission.from_data(document(draft_of(yaml12.load(preset.text)))) == submission
    written = submission.model_dump(mode="json", exclude_defaults=True)
    assert Submission.from_data(document(draft_of(written))) == submission


def test_a_draft_goes_through_its_document_unchanged() -> None:
    assert document(draft_of(document(DRAFT))) == document(DRAFT)


def test_what_an_arm_has_otherwise_and_no_field_can_say_is_left_to_yaml() -> None:
    said = {"strategy": "chain_of_thought", "prompt": {"system": None}}
    with pytest.raises(ValueError, match="no way to say system: None of an arm; edit it as YAML"):
        strategy_draft(said, STRATEGIES)
    with pytest.raises(ValueError, match="the form has no field 'sampling'"):
        strategy_draft({"strategy": "chain_of_thought", "sampling": {}}, CHAINS)  # of a vote's chain


def test_the_blank_form_needs_nothing_but_a_model() -> None:
    said = yaml12.load(BLANK)
    with pytest.raises(SpecError) as refused:
        Submission.from_data(document(draft_of(said)))
    assert [problem.path for problem in refused.value.faults] == ["models"]
    assert Submission.from_data(document(draft_of({**said, "models": ["ladder-tiny"]}))).name == "my experiment"


def test_a_strategys_fields_are_drawn_from_its_model() -> None:
    fields = {field.name: field for field in form_fields(STRATEGIES["budget_forcing"])}
    assert list(fields) == ["max_thinking_tokens", "waits", "wait", "at_limit"]
    assert fields["max_thinking_tokens"].default is None  # must be given
    assert (fields["waits"].kind, fields["waits"].default) == (Kind.NUMBER, "0")
    assert (fields["wait"].kind, fields["wait"].default) == (Kind.TEXT, "Wait")
    assert fields["waits"].help


def test_a_vote_takes_a_chain() -> None:
    kinds = {field.name: field.kind for field in form_fields(STRATEGIES["majority_vote"])}
    assert kinds == {"samples": Kind.NUMBER, "chain": Kind.CHAIN}
    assert kind_of(Sampling.model_fields["top_k"]) is Kind.NUMBER


class MadeUp(Strategy):
    """What a search may need: a closed choice, a name that must be given, a number that may be none."""

    strategy: Literal["made_up"] = "made_up"
    samples: int = Field(ge=1)
    select: Literal["naive", "weighted"] = Field(default="weighted", description="how an answer wins")
    verifier: str
    temperature: float = 0.2
    max_rounds: int | None = None
    chain: AnyChain = ChainOfThought()

    async def solve(self, problem: Problem, recorder: Recorder) -> Outcome:
        raise NotImplementedError


def test_a_new_strategy_needs_no_form_of_its_own() -> None:
    fields = {each.name: (each.kind, each.default, each.options) for each in form_fields(MadeUp, ("prm", "rm"))}
    assert fields == {
        "samples": (Kind.NUMBER, None, ()),
        "select": (Kind.CHOICE, "weighted", ("naive", "weighted")),
        "verifier": (Kind.NAME, None, ("prm", "rm")),
        "temperature": (Kind.NUMBER, "0.2", ()),
        "max_rounds": (Kind.NUMBER, "none", ()),
        "chain": (Kind.CHAIN, None, ()),
    }


def test_a_choice_of_several_is_a_sweep() -> None:
    draft = StrategyDraft("made_up", {"samples": "8", "select": "naive | weighted", "verifier": "prm"})
    said = strategy_document(draft, {"made_up": MadeUp})
    assert said == {"strategy": "made_up", "samples": 8, "select": ["naive", "weighted"], "verifier": "prm"}
    assert strategy_draft(said, {"made_up": MadeUp}) == draft


def choice_page() -> None:
    import streamlit

    from dashboard.form import written
    from dashboard.form.fields import FormField
    from dashboard.form.inputs import text_field
    from dashboard.form.typed_values import Kind

    written.begin("blank", "name: x")
    select = FormField("select", Kind.CHOICE, "", "weighted", ("naive", "weighted"))
    streamlit.text(text_field("select", select, "naive | nave"))


def test_a_choice_is_picked_from_a_list_and_keeps_what_is_not_in_it_for_the_spec_to_refuse() -> None:
    app = AppTest.from_function(choice_page)
    app.run()
    assert app.multiselect[0].options == ["naive", "weighted", "nave"]
    assert app.text[0].value == "naive | nave"
    app.multiselect[0].set_value(["weighted", "naive"]).run()
    assert not app.exception and app.text[0].value == "weighted | naive"


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("8", Kind.NUMBER, 8),
        ("8, 16,32", Kind.NUMBER, [8, 16, 32]),
        ("0.5", Kind.NUMBER, 0.5),
        ("none, 8", Kind.NUMBER, [None, 8]),
        ("eight", Kind.NUMBER, "eight"),  # for the spec to refuse in its place
        ("Wait, but", Kind.TEXT, "Wait, but"),  # a comma is no sweep in a text
        ("Wait | Hmm", Kind.TEXT, ["Wait", "Hmm"]),
        ('""', Kind.TEXT, ""),
        ('" a|b"', Kind.TEXT, " a|b"),
        ("true", Kind.FLAG, True),
    ],
)
def test_what_is_typed_is_read_as_yaml_would(text: str, kind: Kind, value: object) -> None:
    assert read(text, kind) == value


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4, unique=True))
def test_any_texts_survive_being_typed_and_read(texts: list[str]) -> None:
    value = texts if len(texts) > 1 else texts[0]
    assert read(typed(value, Kind.TEXT), Kind.TEXT) == value  # type: ignore[arg-type]


@given(st.lists(st.one_of(st.none(), st.integers(-(10**12), 10**12)), min_size=2, max_size=5))
def test_any_numbers_survive_being_typed_and_read(numbers: list[int | None]) -> None:
    assert read(typed(list(numbers), Kind.NUMBER), Kind.NUMBER) == numbers


def test_a_bar_inside_quotes_does_not_part() -> None:
    assert pieces('a | "b | c" |d') == ["a", '"b | c"', "d"]


@pytest.mark.parametrize(
    "said",
    [
        {"arms": [{"strategy": "beam"}]},
        {"arms": [{"strategy": "budget_forcing", "wats": 2}]},
        {"arms": "chain_of_thought"},
        {"sampling": 3},
    ],
)
def test_what_the_form_has_no_field_for_is_refused_not_dropped(said: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="edit it as YAML"):
        draft_of(said)


def test_a_file_of_several_data_sets_is_handed_to_the_command() -> None:
    with pytest.raises(ValueError, match="a list makes an experiment of each; hand the file to `overthink submit`"):
        draft_of({"name": "several", "data_set": ["math500", "gpqa"]})


def test_presets_are_read_from_a_folder_the_demo_first_and_those_of_papers_last(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    for name in ("aime", "demo", "papers/a-tiny", "papers/a", "zeta-tiny", "zeta"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\n")
    found = [preset.name for preset in presets(tmp_path)]
    assert found == ["demo", "aime", "zeta", "zeta-tiny", "papers/a", "papers/a-tiny"]


def test_a_preset_is_introduced_by_the_first_paragraph_of_its_comment() -> None:
    assert Preset("x", "# What it asks,\n# in two lines.\n#\n# What it needs.\nname: x\n").about == (
        "What it asks, in two lines."
    )
    assert Preset("x", "name: x\n# not at its head\n").about == ""


def refusals(draft: Draft) -> dict[str, str]:
    """What is wrong with a draft, by place."""
    found = faults(draft)
    if not found:
        try:
            Submission.from_data(document(draft), source="form")
        except SpecError as error:
            found = error.faults
    return {problem.path: problem.message for problem in found}


def forced(**texts: str) -> Draft:
    arm = StrategyDraft("budget_forcing", {"max_thinking_tokens": "100", "waits": "1", **texts})
    return Draft(name="n", data_set={"name": "ladder-test"}, models=("m",), arms=(arm,))


@pytest.mark.parametrize(
    ("typed_text", "place", "said"),
    [
        ("1,,2", "[1]", "nothing stands here"),
        (",", "[0]", "nothing stands here"),
        ("1, 2,", "[2]", "nothing stands here"),
        ("1;2", "[0]", '"1;2" is no number. Several stand apart by commas: 1, 2'),
        ("1 2", "[0]", '"1 2" is no number. Several stand apart by commas: 1, 2'),
        ("4, 1/2", "[1]", '"1/2" is no number'),
        ("１", "", 'expected a whole number, got "１"'),
        ("٣", "", 'expected a whole number, got "٣"'),
        ("1e3", "", "expected a whole number, got 1000.0"),
        ("1e400", "", "expected a whole number, got Infinity"),
        ("0x10", "", 'expected a whole number, got "0x10"'),
        ("1_000", "", 'expected a whole number, got "1_000"'),
        ("1,000", "[1]", 'expected a whole number, got "000"'),
        ("1.5", "", "expected a whole number, got 1.5"),
    ],
)
def test_what_is_no_list_of_numbers_is_refused_with_words_beside_its_value(
    typed_text: str, place: str, said: str
) -> None:
    [(where, why)] = refusals(forced(waits=typed_text)).items()
    assert where == f"arms[0].waits{place}" and said in why


@pytest.mark.parametrize("typed_text", ["1,2", " 1 , 2 ", "1, +2"])
def test_blanks_around_numbers_mean_nothing(typed_text: str) -> None:
    draft = forced(waits=typed_text)
    assert not refusals(draft)
    assert document(draft)["arms"][0]["waits"] == [1, 2]  # type: ignore[call-overload, index]


@pytest.mark.parametrize("typed_text", ["Wait |", "| Wait", "Wait || Hmm", "|"])
def test_an_empty_text_is_asked_for_in_quotes(typed_text: str) -> None:
    [(where, why)] = refusals(forced(wait=typed_text)).items()
    assert where.startswith("arms[0].wait[") and 'the empty text is written ""' in why
    assert not refusals(forced(wait='Wait | ""'))


@pytest.mark.parametrize("text", ["1,,2", "1;2", "１", "0x10", "1 2", "1,"])
def test_every_number_field_refuses_what_is_no_number_and_takes_blanks(text: str) -> None:
    whole, plain = forced(), {"name": "ladder-test"}
    assert list(refusals(replace(whole, data_set={**plain, "limit": text}))) == ["data_set.limit"]
    assert list(refusals(replace(whole, data_set={**plain, "seed": text}))) == ["data_set.seed"]
    assert list(refusals(replace(whole, numbers={"repeats": text}))) == ["repeats"]
    assert list(refusals(replace(whole, sampling={"temperature": text}))) == ["sampling.temperature"]
    spaced = replace(whole, data_set={**plain, "limit": " 5 "}, numbers={"repeats": " 2 ", "seed": " "})
    assert not refusals(replace(spaced, sampling={"temperature": " 0.5 ", "top_p": " "}))


def test_what_is_wrong_within_a_chain_or_an_arm_s_own_sampling_is_placed_there() -> None:
    chain = StrategyDraft("budget_forcing", {"max_thinking_tokens": "100", "waits": "1;2"})
    vote = StrategyDraft("majority_vote", {"samples": "4"}, chain, sampling={"temperature": "0,,1"})
    found = refusals(replace(forced(), arms=(vote,)))
    assert list(found) == ["arms[0].sampling.temperature[1]", "arms[0].chain.waits[0]"]


def test_a_choice_that_may_be_left_to_the_paper_is_chosen_from_its_values() -> None:
    (at_limit,) = [each for each in form_fields(ChainOfThought) if each.name == "at_limit"]
    assert (at_limit.kind, at_limit.options, at_limit.default) == (Kind.CHOICE, ("truncate", "answer"), "none")


def test_columns_of_options_are_typed_with_commas_and_come_back_as_typed() -> None:
    said: dict[str, JsonValue] = {"path": "g.csv", "grader": "choice", "incorrect": ["Incorrect 1", "Incorrect 2"]}
    draft = draft_of({"name": "n", "data_set": said})
    assert draft.data_set["incorrect"] == "Incorrect 1, Incorrect 2"
    assert document(draft)["data_set"] == said


def test_a_field_is_called_in_words_and_its_help_begins_with_the_key_of_yaml() -> None:
    assert labelled("max_thinking_tokens") == ("thinking budget", "`max_thinking_tokens` in YAML.")
    assert labelled("seed", "data_set", help="Of the subset.") == (
        "which problems (seed)",
        "`seed` in YAML. Of the subset.",
    )
    assert labelled("temperature") == ("temperature", None)


def test_an_arm_on_several_models_is_said_by_the_form_too() -> None:
    said: dict[str, JsonValue] = {"strategy": "chain_of_thought", "model": ["a", "b"]}
    assert strategy_document(strategy_draft(said, STRATEGIES), STRATEGIES) == said
