"""The page New, drawn without a browser: one text that form and YAML both show, errors at their fields, the bill."""

import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.form.written import Written
from db import queries, transitions
from db.queries.data_sets import uploads
from db.status import ExperimentStatus
from scaling.spec import Submission, yaml12
from tests.conftest import execute
from tests.integration.page_tables import table_of
from tests.integration.test_dashboard_pages import (
    World,
    addressed,
    gallery,
    html_of,
    own_world,
    ran,
    read,
    said,
    settings_are,
    world,
)
from worker.expansion import expand
from worker.registry import Registry

__all__ = ["gallery", "own_world", "settings_are", "world"]


def opened(**parameters: object) -> AppTest:
    """By a browser that had kept nothing."""
    app = addressed("submit", **parameters)
    app.session_state["new.told"] = set()
    return ran(app)


def key(app: AppTest, name: str) -> str:
    return f"new-{app.session_state['new.generation']}-{name.replace('.', '-')}"


def typed(app: AppTest, name: str, text: str) -> AppTest:
    """Into a field of the form, by its place."""
    app.text_input(key=key(app, name)).set_value(text)
    return ran(app)


def written(app: AppTest) -> Written:
    found: Written = app.session_state["new.written"][app.session_state["new.start"]]
    return found


def text_of(app: AppTest) -> str:
    return written(app).text


def spec_of(app: AppTest) -> Submission:
    return Submission.from_yaml(text_of(app))


def opened_arm(app: AppTest, position: int) -> str:
    """Opens its line; what stands before the keys of its fields."""
    number = list(written(app).arms)[position]
    app.button(key=f"ot-opener-{number}").click()
    ran(app)
    return f"arm.{number}"


def pressed(app: AppTest, verb: str, position: int) -> AppTest:
    app.button(key=f"arm.{list(written(app).arms)[position]}.{verb}").click()
    return ran(app)


def run_button(app: AppTest) -> Any:
    return next(each for each in app.button if each.label == "Run")


def lines(app: AppTest) -> list[str]:
    """The arms' lines, as they are read."""
    openers = [each for each in app.button if str(each.key).startswith("ot-opener-")]
    return [each.label.replace("\\", "").replace("*", "") for each in openers]


def wrong_after(app: AppTest, label: str) -> list[str]:
    """What is marked in red between the field of that label and the next."""
    found, is_after = [], False
    for element in app.main:
        if element.type == "html" and "ot-error" in element.proto.body:
            found += [element.proto.body] if is_after else []
        elif field := getattr(element, "label", None):
            is_after = str(field) == label
    return found


def test_a_preset_is_ready_to_run_with_its_bill(world: World) -> None:
    app = opened(preset="demo")
    assert not run_button(app).disabled
    assert "<dt>arms</dt><dd>12</dd>" in html_of(app)
    assert lines(app)[1:3] == [
        "2 · budget forcing · thinking budget 8, 16, 24, 32, 48",
        "3 · budget forcing · thinking budget 800, Waits 0, 1, 2, 4",
    ]


def test_a_field_of_the_form_is_a_value_of_the_text_and_comments_stay(world: World) -> None:
    app = opened(preset="demo")
    before = text_of(app)
    typed(app, "data_set.limit", "60")
    assert text_of(app) == before.replace("limit: 120", "limit: 60")
    assert "held-out problems, never seen in training" in text_of(app)
    assert "<dd>60</dd>" in html_of(app)


def test_form_and_yaml_show_one_text(world: World) -> None:
    app = opened(preset="demo")
    typed(app, "name", "here and there")
    app.button_group(key="as").set_value("YAML")
    ran(app)
    area = app.text_area(key=key(app, "yaml"))
    assert area.value == text_of(app) and "name: here and there" in area.value
    area.set_value(area.value.replace("waits: [0, 1, 2, 4]", "waits: [0, 3] # two"))
    ran(app)
    app.button_group(key="as").set_value("Form")
    ran(app)
    assert "Waits 0, 3" in lines(app)[2]
    assert app.text_input(key=key(app, "name")).value == "here and there"
    assert "# two" in text_of(app)


def test_what_was_typed_just_before_the_other_view_is_asked_for_stands_in_it(world: World) -> None:
    """A slow server hears of both at once: the fields were gone before anybody had read them."""
    app = opened(preset="demo")
    app.text_input(key=key(app, "name")).set_value("typed last")
    app.button_group(key="as").set_value("YAML")
    ran(app)
    area = app.text_area(key=key(app, "yaml"))
    assert "name: typed last" in area.value
    area.set_value(area.value.replace("name: typed last", "name: typed later"))
    app.button_group(key="as").set_value("Form")
    ran(app)
    assert app.text_input(key=key(app, "name")).value == "typed later"


def test_what_was_typed_just_before_run_is_pressed_is_run(own_world: World) -> None:
    app = opened(preset="demo")
    app.text_input(key=key(app, "name")).set_value("typed last")
    run_button(app).click()
    app.run()
    assert queries.experiment(own_world.engine, "typed last").summary.status is ExperimentStatus.QUEUED


def test_what_was_typed_just_before_an_arm_is_doubled_or_closed_is_kept(world: World) -> None:
    app = opened(preset="demo")
    arm = opened_arm(app, 2)
    app.text_input(key=key(app, f"{arm}.budget_forcing.waits")).set_value("0, 3")
    pressed(app, "duplicate", 2)
    assert [line.rpartition("Waits ")[2] for line in lines(app)[2:4]] == ["0, 3", "0, 3"]
    app.text_input(key=key(app, f"{arm}.budget_forcing.waits")).set_value("0, 5")
    opened_arm(app, 2)  # the same click closes it
    assert [line.rpartition("Waits ")[2] for line in lines(app)[2:4]] == ["0, 5", "0, 3"]


def test_lines_of_yaml_have_numbers_and_those_to_mend_are_marked(world: World) -> None:
    app = opened(**{"as": "YAML"})
    app.text_area(key=key(app, "yaml")).set_value(
        "name: x\ndata_set: ladder-test\nmodels: [ladder-tiny]\narms:\n  - strategy: chain_of_thougt\n"
    )
    ran(app)
    assert "\n4\n<b>5</b>\n6\n" in html_of(app)
    assert "line 5: arms[0].strategy: unknown strategy" in html_of(app)
    assert "did you mean chain_of_thought" in html_of(app) and run_button(app).disabled
    app.text_area(key=key(app, "yaml")).set_value("")
    ran(app)
    told = "empty; give at least name, data_set, models and arms"
    assert told in html_of(app) and f": {told}" not in html_of(app)


def test_what_is_missing_in_the_form_is_told_beside_it_without_a_line(world: World) -> None:
    app = opened()
    app.multiselect(key=key(app, "models")).set_value([])
    ran(app)
    told = re.findall('class="ot-error">(.*?)<', html_of(app))
    assert any(each.startswith("models: missing; name the models") for each in told), told


def test_what_is_not_yaml_is_marked_at_its_line_and_the_form_sends_back_to_it(world: World) -> None:
    app = opened(**{"as": "YAML"})
    app.text_area(key=key(app, "yaml")).set_value("name: x\nmodels: [broken\n")
    ran(app)
    assert "<b>3</b>" in html_of(app) and "not YAML" in html_of(app)
    app.button_group(key="as").set_value("Form")
    ran(app)
    assert "The form cannot show this" in said(app) and "Go on in the YAML view" in said(app)
    assert "marked in red" not in said(app) and "line 3: not YAML" in html_of(app)


def test_an_arm_opens_to_edit_and_its_line_follows(world: World) -> None:
    app = opened(preset="demo")
    arm = opened_arm(app, 2)
    typed(app, f"{arm}.budget_forcing.waits", "0, 3")
    assert lines(app)[2] == "3 · budget forcing · thinking budget 800, Waits 0, 3"
    assert spec_of(app).arms[2].waits == (0, 3)  # type: ignore[attr-defined]


def test_an_arm_has_models_a_prompt_a_temperature_and_a_seed_of_its_own(world: World) -> None:
    app = opened(preset="demo")
    arm = opened_arm(app, 0)
    app.multiselect(key=key(app, f"{arm}.models")).set_value(["ladder-tiny"])
    typed(app, f"{arm}.sampling.temperature", "0, 3")
    assert len(wrong_after(app, "temperature")) == 1
    assert "value 2: expected at most 2.0, got 3" in wrong_after(app, "temperature")[0]
    typed(app, f"{arm}.sampling.temperature", "0.5")
    typed(app, f"{arm}.prompt.instruction", "Think step by step.")
    typed(app, f"{arm}.seed", "4")
    first = spec_of(app).expand()[0]
    assert (first.model, first.sampling.temperature, first.prompt.instruction, first.seed) == (
        "ladder-tiny",
        0.5,
        "Think step by step.",
        4,
    )


def test_arms_are_doubled_moved_and_removed_and_each_keeps_what_it_says(world: World) -> None:
    app = opened(preset="demo")
    pressed(app, "move-down", 0)
    assert [line.partition(" · ")[2] for line in lines(app)][:2] == [
        "budget forcing · thinking budget 8, 16, 24, 32, 48",
        "chain of thought",
    ]
    pressed(app, "duplicate", 3)
    assert "The baseline: the model thinks for as long as it likes." in text_of(app)
    assert lines(app)[3].endswith("majority vote · samples 16") and lines(app)[4].endswith("majority vote · samples 16")
    assert "drop one of them" in html_of(app) and run_button(app).disabled
    twin = f"arm.{list(written(app).arms)[4]}"  # opened by itself
    typed(app, f"{twin}.majority_vote.samples", "32")
    assert not run_button(app).disabled
    pressed(app, "remove", 0)
    assert [arm.strategy for arm in spec_of(app).arms] == ["chain_of_thought", "budget_forcing", *["majority_vote"] * 3]
    assert "The baseline: the model thinks for as long as it likes." in text_of(app)


def test_an_open_arm_stays_open_while_another_is_removed(world: World) -> None:
    app = opened(preset="demo")
    arm = opened_arm(app, 2)
    pressed(app, "remove", 0)
    assert app.text_input(key=key(app, f"{arm}.budget_forcing.waits")).value == "0, 1, 2, 4"


def test_an_arm_is_added_and_opens(world: World) -> None:
    app = opened(preset="papers/s1-table-4-tiny")
    before = len(lines(app))
    app.button(key="add-arm").click()
    ran(app)
    assert len(lines(app)) == before + 1
    added = f"arm.{list(written(app).arms)[-1]}"
    assert app.selectbox(key=key(app, f"{added}.strategy")).value == "chain_of_thought"


def test_another_strategy_asks_for_what_it_needs(world: World) -> None:
    app = opened(preset="demo")
    arm = opened_arm(app, 0)
    app.selectbox(key=key(app, f"{arm}.strategy")).set_value("beam_search")
    ran(app)
    assert {"width", "verifier"} <= {str(each.label) for each in [*app.text_input, *app.multiselect]}
    assert "missing; give it a value" in wrong_after(app, "width")[0] and run_button(app).disabled


@pytest.mark.parametrize(
    ("name", "text", "label", "message"),
    [
        ("name", " ", "name", "empty; give a name"),
        ("data_set.limit", "1,,2", "problems, at most", "expected a whole number, got &quot;1,,2&quot;"),
        ("data_set.seed", "x", "which problems (seed)", "expected a whole number"),
        ("repeats", "0", "repeats of each problem", "expected at least 1, got 0"),
        ("priority", "high", "priority", "expected a whole number"),
        ("sampling.temperature", "9", "temperature", "expected at most 2.0, got 9"),
    ],
)
def test_what_is_wrong_stands_at_its_own_field_and_at_no_other(
    world: World, name: str, text: str, label: str, message: str
) -> None:
    app = opened(preset="demo")
    typed(app, name, text)
    [marked] = wrong_after(app, label)
    assert message in marked and "line:" not in marked
    assert run_button(app).disabled and "1 thing is to be mended" in said(app)


@pytest.mark.parametrize(
    ("text", "message"),
    [("8, many", "value 2: expected a whole number, got &quot;many&quot;"), ("8,,9", "value 2: nothing stands here")],
)
def test_what_is_wrong_with_a_sweep_names_its_value(world: World, text: str, message: str) -> None:
    app = opened(preset="demo")
    arm = opened_arm(app, 1)
    typed(app, f"{arm}.budget_forcing.max_thinking_tokens", text)
    [marked] = wrong_after(app, "thinking budget")
    assert message in marked


def test_what_is_wrong_with_an_arm_that_is_closed_stands_below_its_line(world: World) -> None:
    app = opened(**{"as": "YAML"})
    app.text_area(key=key(app, "yaml")).set_value(
        "name: x\ndata_set: ladder-test\nmodels: [ladder-tiny]\narms:\n"
        "  - {strategy: budget_forcing, waits: -1, max_thinking_tokens: 8}\n"
    )
    ran(app)
    app.button_group(key="as").set_value("Form")
    ran(app)
    assert "Waits: expected at least 0, got -1" in html_of(app)


def test_a_preset_introduces_itself(world: World) -> None:
    app = opened(preset="papers/s1-table-4-tiny")
    assert any("on the embedded stack" in caption.value for caption in app.caption)


def test_a_preset_of_several_data_sets_is_left_to_the_command(world: World) -> None:
    app = opened(preset="seed")
    assert "The form cannot show" in said(app)
    app.button_group(key="as").set_value("YAML")
    ran(app)
    assert "a list makes an experiment of each" in html_of(app) and run_button(app).disabled


def test_the_verifiers_that_workers_announced_are_offered_and_one_must_be_chosen(world: World) -> None:
    app = opened(preset="search")
    position = next(at for at, line in enumerate(lines(app)) if "beam search" in line)
    opened_arm(app, position)
    beams = next(each for each in app.multiselect if str(each.key).endswith("-beam_search-verifier"))
    assert (beams.options, beams.value) == (["ladder-tiny-prm"], ["ladder-tiny-prm"])
    assert not run_button(app).disabled
    beams.unselect("ladder-tiny-prm")
    ran(app)
    assert "missing; give it a value" in html_of(app) and run_button(app).disabled


def test_a_clone_shows_what_was_changed_against_its_original(own_world: World) -> None:
    app = opened(preset="demo")
    typed(app, "name", "original")
    run_button(app).click()
    app.run()
    original = queries.experiment(own_world.engine, "original").id
    clone = opened(like=original)
    assert "ot-changes" not in html_of(clone).replace(".ot-changes", "")
    assert "The same spec was submitted before" in said(clone) and run_button(clone).disabled
    typed(clone, "data_set.limit", "60")
    pressed(clone, "remove", 0)
    shown = html_of(clone)
    assert "data set: problems, at most: 120 → 60" in shown and "arm 1 removed: chain of thought" in shown
    assert any(each.label == f"2 changes against experiment {original}" for each in clone.expander)


def test_what_was_run_is_what_was_shown_by_whoever_says_so_and_it_is_known_again(own_world: World) -> None:
    app = opened(preset="demo")
    typed(app, "name", "from the form")
    run_button(app).click()
    app.run()
    made = queries.experiment(own_world.engine, "from the form")
    assert made.summary.owner == "tester" and made.summary.status is ExperimentStatus.QUEUED
    assert made.spec_yaml is not None and "held-out problems" in made.spec_yaml
    again = opened(like=made.id)
    assert f"experiment #{made.id}" in read(again) and run_button(again).disabled
    again.checkbox(key="again").check()
    ran(again)
    assert not run_button(again).disabled


def test_another_start_loses_nothing_and_starting_over_is_asked_for(world: World) -> None:
    app = opened(preset="demo")
    typed(app, "name", "half done")
    app.query_params["preset"] = "search"
    ran(app)
    assert spec_of(app).name == "search"
    app.query_params["preset"] = "demo"
    ran(app)
    assert app.text_input(key=key(app, "name")).value == "half done"
    next(each for each in app.button if each.label == "Start over").click()
    ran(app)
    assert app.text_input(key=key(app, "name")).value == "demo"


def test_hostile_text_is_shown_as_it_stands(world: World) -> None:
    app = opened(preset="demo")
    hostile = "<img src=x onerror=alert(1)> :material/delete: **b** $x$"
    typed(app, "name", hostile)
    arm = opened_arm(app, 0)
    typed(app, f"{arm}.prompt.instruction", hostile)
    assert "<img" not in html_of(app)
    assert yaml12.load(text_of(app))["name"] == hostile  # type: ignore[index]
    assert all("<img" not in str(each.label).replace("\\<", "") for each in app.button)


def test_a_model_that_nobody_has_served_yet_is_waited_for_and_marked_at_the_models(own_world: World) -> None:
    app = opened(preset="demo")
    app.multiselect(key=key(app, "models")).set_value(["ladder-tinny"])
    ran(app)
    marked = [each.proto.body for each in app.get("html") if '<div class="ot-remark">' in each.proto.body]
    assert len(marked) == 1 and "no worker serves ladder-tinny; did you mean ladder-tiny?" in marked[0]
    assert "its jobs wait for a worker that does" in read(app) and not run_button(app).disabled
    run_button(app).click()
    app.run()
    newest = max(queries.list_experiments(own_world.engine), key=lambda each: each.id)
    assert (newest.name, newest.status) == ("demo", ExperimentStatus.QUEUED)


def test_a_model_whose_workers_fell_silent_is_waited_for(own_world: World) -> None:
    execute(own_world.url, "UPDATE workers SET heartbeat_at = now() - interval '1 hour'")
    app = opened(preset="demo")
    assert "no worker that serves 'ladder-tiny' is alive now" in read(app) and not run_button(app).disabled


def test_the_bill_says_what_is_likely_by_what_ran_and_what_of_it_was_done_before(world: World) -> None:
    """The world's demo ran chains of thought on ladder-tiny; nobody has measured what another model takes."""
    app = opened(preset="demo")
    assert "<dt>tokens, likely</dt><dd>–</dd>" not in html_of(app)
    assert "<dt>tokens, at most</dt><dd>5,061,120" in html_of(app)
    app.multiselect(key=key(app, "models")).set_value(["never-ran"])
    ran(app)
    assert "<dt>tokens, likely</dt><dd>–</dd>" in html_of(app) and "nothing ran on never-ran yet" in read(app)


def test_a_cap_is_part_of_the_bill(world: World) -> None:
    app = opened(preset="demo")
    typed(app, "token_cap", "50000")
    assert "<dt>stops at</dt><dd>50,000 tokens</dd>" in html_of(app) and spec_of(app).token_cap == 50_000


def problems_of(app: AppTest) -> list[str]:
    return [row["question"] for row in table_of(html_of(app), "problems")]


def test_ten_of_its_problems_are_seen_before_anything_runs(world: World) -> None:
    app = opened(preset="demo")
    shown = problems_of(app)
    assert len(shown) == 10 and all(question.startswith("Evaluate left to right") for question in shown)
    assert any(each.label == "Its problems: 120 of 300" for each in app.expander)


def uploading(app: AppTest, name: str, content: bytes) -> AppTest:
    app.button_group(key=key(app, "source")).set_value("an upload")
    ran(app)
    app.file_uploader(key=key(app, "uploaded")).set_value((name, content, "text/plain"))
    return ran(app)


def test_a_file_is_uploaded_seen_and_run_without_a_disk_that_workers_share(own_world: World) -> None:
    app = uploading(opened(preset="demo"), "mine.csv", b"question,answer,level\n1+1,2,<b>\n2+2,4,hard\n")
    assert "<dt>problems, at most</dt><dd>2</dd>" in html_of(app)
    assert not any("120 problems" in each.value for each in app.caption)  # the preset asks so many: of another file
    assert problems_of(app) == ["1+1", "2+2"] and "<td>&lt;b&gt;" in re.sub("<td[^>]*><bdi>", "<td>", html_of(app))
    asked = spec_of(app).data_set
    assert asked.upload is not None and asked.upload.endswith(".csv") and asked.name is None
    run_button(app).click()
    app.run()
    newest = max(queries.list_experiments(own_world.engine), key=lambda each: each.id)
    assert expand(own_world.engine, newest.id, Registry(), Path("/nowhere"))
    assert queries.experiment(own_world.engine, newest.id).summary.data_set_digest == asked.upload.partition(".")[0]


def test_what_is_wrong_with_an_uploaded_file_is_told_by_its_lines(own_world: World) -> None:
    app = uploading(opened(preset="demo"), "mine.csv", b"question,answer\n1+1,2\n2+2,\n,3\n")
    assert "mine.csv:3: answer is empty" in html_of(app) and "mine.csv:4: question is empty" in html_of(app)
    assert any("2 to be mended in the file" in str(each.label) for each in app.expander)
    assert "2 things in the file are to be mended" in wrong_after(app, "uploaded file")[0] and run_button(app).disabled


def test_an_uploaded_file_is_deleted_after_a_question_but_not_while_what_asks_it_has_not_ended(
    own_world: World,
) -> None:
    app = uploading(opened(preset="demo"), "mine.csv", b"question,answer\n1+1,2\n")
    run_button(app).click()
    app.run()
    (kept,) = uploads(own_world.engine)
    app = uploading(opened(preset="demo"), "mine.csv", b"question,answer\n1+1,2\n")
    assert f"Asked by #{kept.experiments[0]}: they keep their results" in read(app)
    app.button(key=key(app, "upload.delete.really")).click()
    ran(app)
    assert f"demo #{kept.experiments[0]} asks what is in it, and has not ended" in html_of(app)
    transitions.cancel_experiment(own_world.engine, kept.experiments[0])
    app.button(key=key(app, "upload.delete.really")).click()
    ran(app)
    assert uploads(own_world.engine) == () and app.selectbox(key=key(app, "data_set.upload")).options == []


def test_a_file_that_only_workers_can_read_is_shown_as_it_was_asked_before(own_world: World) -> None:
    app = opened(**{"as": "YAML"})
    app.text_area(key=key(app, "yaml")).set_value(
        "name: x\ndata_set: {path: /nowhere/mine.jsonl, grader: integer}\nmodels: [ladder-tiny]\n"
        "arms:\n  - strategy: chain_of_thought\n"
    )
    ran(app)
    app.button_group(key="as").set_value("Form")
    ran(app)
    assert "Not read here, a worker will: /nowhere/mine.jsonl: No such file" in read(app)
    assert not run_button(app).disabled


def test_where_no_sweep_is_allowed_one_of_several_is_chosen(world: World) -> None:
    app = opened(preset="demo")
    cache = app.selectbox(key=key(app, "sampling.cache"))
    assert cache.options == ["job", "shared"] and cache.value is None
    cache.set_value("shared")
    ran(app)
    assert "cache: shared" in text_of(app)
    app.selectbox(key=key(app, "sampling.cache")).set_value(None)
    ran(app)
    assert "cache:" not in text_of(app)


def test_a_choice_that_there_is_none_of_stays_for_the_spec_to_refuse(world: World) -> None:
    app = opened(preset="demo")
    app.session_state["new.written"]["preset demo"].text = text_of(app).replace("sampling:", "sampling:\n  cache: mine")
    app.session_state["new.generation"] += 1
    ran(app)
    assert app.selectbox(key=key(app, "sampling.cache")).value == "mine"
    assert "unknown value &quot;mine&quot;. Allowed: job, shared" in wrong_after(app, "cache")[0]
