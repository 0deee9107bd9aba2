"""The page New as a person uses it: a draft that nothing loses, a bill that stays in view, an experiment handed in."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.slow_line import Line
from tests.acceptance.test_dashboard_ways import settled

START = "/submit?preset=papers/s1-table-4-tiny"
NAME = "s1 table 4 tiny"


def name_field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="name", exact=True)


def run(page: Page) -> Locator:
    return page.get_by_role("button", name="Run", exact=True)


def bill(page: Page, line: str) -> Locator:
    return page.locator(".ot-bill dt", has_text=line).locator("+ dd")


def opener(page: Page, says: str = "") -> Locator:
    """The first line of an arm that says that."""
    return page.locator("[class*=st-key-ot-opener-] button", has_text=says).first


def opened(page: Page, address: str = START) -> None:
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("New experiment")
    expect(run(page)).to_be_visible()
    expect(opener(page)).to_have_attribute("aria-expanded", "false")  # the keeper is there, and has heard what stands


def kept(page: Page, text: str) -> None:
    """The tab's storage has it: nothing that happens now loses it."""
    page.wait_for_function("text => (sessionStorage.getItem('overthink.drafts') ?? '').includes(text)", arg=text)


@pytest.fixture
def line(page: Page) -> Line:
    return Line(page)


def half_done(page: Page) -> None:
    opened(page)
    name_field(page).fill("half done")
    kept(page, "name: half done")


def in_yaml(page: Page) -> Locator:
    """With the numbers of its lines, which come last: what is filled in while a field is being drawn is drawn over."""
    page.get_by_role("radio", name="YAML").click()
    expect(page.locator(".ot-gutter")).to_be_visible()
    return page.get_by_label("Spec")


def test_an_experiment_is_handed_in_from_the_form(page: Page, experiments: dict[str, int]) -> None:
    page.goto("/")
    page.get_by_role("link", name="New").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("New experiment")
    opened(page)
    expect(name_field(page)).to_have_value(NAME)
    name_field(page).fill("from a browser")
    line = opener(page, "Waits")
    line.click()
    waits = page.get_by_label(re.compile("^Waits")).first
    waits.fill("1, many")
    expect(page.get_by_text('value 2: expected a whole number, got "many"').first).to_be_visible()
    expect(run(page)).to_be_disabled()
    waits.fill("1, 3")
    expect(run(page)).to_be_enabled()
    expect(line).to_contain_text("Waits 1, 3")
    run(page).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("from a browser")
    page.wait_for_function("sessionStorage.getItem('overthink.drafts') === '{}'")
    number = re.search(r"id=([0-9]+)", page.url)
    assert number is not None
    opened(page)
    expect(name_field(page)).to_have_value(NAME)
    page.goto(f"/submit?like={number[1]}")
    expect(page.get_by_text("The same spec was submitted before")).to_be_visible()


def test_a_draft_survives_a_reload(page: Page, experiments: dict[str, int]) -> None:
    half_done(page)
    page.reload()
    expect(name_field(page)).to_have_value("half done")
    page.get_by_role("button", name="Start over").click()
    expect(name_field(page)).to_have_value(NAME)
    page.wait_for_function("sessionStorage.getItem('overthink.drafts') === '{}'")
    page.reload()
    expect(name_field(page)).to_have_value(NAME)


def test_yaml_counts_while_it_is_typed_and_survives_a_reload_in_the_middle_of_a_word(
    page: Page, experiments: dict[str, int]
) -> None:
    opened(page)
    text = in_yaml(page)
    text.fill(text.input_value().replace(f"name: {NAME}", "name: typed") + "# mine\n")
    kept(page, "name: typed")  # though nobody left the field
    text.press("Control+End")
    page.keyboard.type("# and mo")
    page.reload()
    newest = page.get_by_label("Spec").first  # for a moment the one that was drawn before it is there, too
    expect(newest).to_have_value(re.compile("name: typed(.|\n)*# mine\n# and mo$"))
    page.get_by_role("radio", name="Form").click()
    expect(name_field(page)).to_have_value("typed")


def test_what_is_typed_before_anybody_listens_counts_once_somebody_does(
    page: Page, line: Line, experiments: dict[str, int]
) -> None:
    with line.losing('"prefix"'):
        page.goto(f"{START}&as=YAML")
        text = page.get_by_label("Spec").first
        expect(text).to_have_value(re.compile(NAME))
        settled(page)
        text.fill(text.input_value().replace(f"name: {NAME}", "name: typed early"))
    page.evaluate("window.dispatchEvent(new PopStateEvent('popstate', { state: {} }))")
    kept(page, "name: typed early")


def test_a_draft_is_there_when_one_comes_back_from_another_page(page: Page, experiments: dict[str, int]) -> None:
    half_done(page)
    page.get_by_role("link", name="Experiments").first.click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("New experiment")
    page.go_back()
    expect(name_field(page)).to_have_value("half done")


def test_a_draft_that_is_started_over_while_it_comes_back_does_not_come_back_again(
    page: Page, line: Line, experiments: dict[str, int]
) -> None:
    """The run that brings it back is cut off before it has told the keeper, by the one that starts over."""
    half_done(page)
    with line.losing('"is_changed":true'):
        page.reload()
        expect(name_field(page)).to_have_value("half done")
        page.get_by_role("button", name="Start over").click()
        expect(name_field(page)).to_have_value(NAME)
    page.wait_for_function("sessionStorage.getItem('overthink.drafts') === '{}'")


def test_no_field_is_there_before_the_draft_has_come_back_and_who_goes_on_before_it_has_loses_nothing(
    page: Page, line: Line, experiments: dict[str, int]
) -> None:
    """Text that was typed into the fields that were there first was overwritten by the draft."""
    half_done(page)
    with line.losing("half done"):
        page.reload()
        line.has_lost_some()
        expect(page.get_by_role("heading", level=1)).to_have_text("New experiment")
        expect(name_field(page)).to_have_count(0)
    page.evaluate("overthink.open('./submit?preset=demo')")
    expect(name_field(page)).to_have_value("demo")
    page.go_back()
    expect(name_field(page)).to_have_value("half done")
    kept(page, "half done")


def test_what_is_typed_while_the_server_is_slow_or_gone_is_not_lost(
    page: Page, line: Line, experiments: dict[str, int]
) -> None:
    opened(page)
    settled(page)
    line.hold()
    name_field(page).fill("typed")
    page.get_by_label("notes", exact=True).fill("and noted")
    page.get_by_label("notes", exact=True).blur()
    line.let_go()
    kept(page, "name: typed")
    kept(page, "and noted")
    line.cut()
    name_field(page).fill("typed again")
    kept(page, "name: typed again")
    kept(page, "and noted")


FIELDS = ["name", "notes", "Spec"]


def typed_last(page: Page, line: Line, label: str, text: str = "typed last") -> None:
    """Into a field whose server does not answer any more: in the form, or all of the YAML."""
    opened(page)
    box = in_yaml(page) if label == "Spec" else name_field(page) if label == "name" else page.get_by_label(label)
    settled(page)
    line.hold()
    box.fill(box.input_value().replace(NAME, text) if label == "Spec" else text)


def expect_typed(page: Page, label: str, text: str = "typed last") -> None:
    """For a moment the field that was drawn before is there, too."""
    expect(page.get_by_label(label, exact=True).first).to_have_value(re.compile(re.escape(text)))


@pytest.mark.parametrize("label", FIELDS)
def test_who_types_and_leaves_at_once_gets_the_page_that_was_asked_for_and_finds_the_text_again(
    page: Page, line: Line, experiments: dict[str, int], label: str
) -> None:
    """What was typed went out behind the link: the page that was left stayed, empty, under the address of the next."""
    typed_last(page, line, label)
    left = page.url
    page.get_by_role("link", name="Experiments").first.click()
    line.let_go()
    expect(page.get_by_role("heading", level=1)).to_have_text("Experiments")
    settled(page)
    page.evaluate("left => overthink.open(left)", left)
    expect_typed(page, label)


def test_a_late_run_of_a_page_that_was_left_stands_nowhere_in_the_history(
    page: Page, line: Line, experiments: dict[str, int]
) -> None:
    """Back led to it, without its preset."""
    opened(page)
    settled(page)
    left = page.url
    line.hold(answers_only=True)
    name_field(page).fill("typed last")
    name_field(page).blur()
    line.has_answers_on_its_way()
    page.get_by_role("link", name="Experiments").first.click()
    line.let_go()
    expect(page.get_by_role("heading", level=1)).to_have_text("Experiments")
    settled(page)
    page.go_back()
    expect(page).to_have_url(left)
    expect_typed(page, "name")
    settled(page)
    expect(page).to_have_url(left)


@pytest.mark.parametrize("label", FIELDS)
def test_who_types_and_reloads_at_once_finds_the_text_again(
    page: Page, line: Line, experiments: dict[str, int], label: str
) -> None:
    typed_last(page, line, label)
    line.let_go(lost=True)
    page.reload()
    expect_typed(page, label)
    kept(page, "name: typed last" if label != "notes" else "notes: typed last")


@pytest.mark.parametrize(("typed", "other"), [("Spec", START), ("name", f"{START}&as=YAML")], ids=["YAML", "form"])
def test_what_was_typed_into_one_view_is_there_when_one_comes_back_to_the_other(
    page: Page, line: Line, experiments: dict[str, int], typed: str, other: str
) -> None:
    typed_last(page, line, typed)
    line.let_go(lost=True)
    page.goto(other)
    if typed == "Spec":
        expect_typed(page, "name")
    else:
        expect_typed(page, "Spec", "name: typed last")
    kept(page, "name: typed last")


def test_what_is_typed_right_before_back_does_not_bring_the_page_that_was_left_again_and_is_not_lost(
    page: Page, line: Line, experiments: dict[str, int]
) -> None:
    page.goto("/")
    settled(page)
    page.get_by_role("link", name="New", exact=True).first.click()
    expect(name_field(page)).to_be_visible()
    settled(page)
    line.hold()
    name_field(page).fill("typed last")
    page.go_back()
    page.wait_for_timeout(1_500)  # Streamlit sends what was typed after 0.7 s
    line.let_go()
    settled(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Experiments")
    expect(page).to_have_url(re.compile("/$"))
    page.get_by_role("link", name="New", exact=True).first.click()
    expect_typed(page, "name")


def test_an_arm_s_fields_stay_while_its_line_says_another_thing_and_while_it_closes(
    page: Page, line: Line, experiments: dict[str, int]
) -> None:
    """The line was known by its words: when they changed its fields were drawn anew, and text in them was lost."""
    opened(page)
    arm = opener(page, "Waits")
    arm.click()
    expect(arm).to_have_attribute("aria-expanded", "true")
    instruction = page.locator("[class*=st-key-ot-fields-]").get_by_role("textbox", name="instruction")
    instruction.click()
    settled(page)
    line.hold()
    page.get_by_label(re.compile("^Waits")).first.fill("1, 3")
    instruction.press_sequentially("one")
    line.let_go()
    expect(arm).to_contain_text("Waits 1, 3")
    expect(instruction).to_be_focused()
    page.keyboard.type(" by one")
    expect(arm).to_contain_text("instruction one by one")
    settled(page)
    line.hold()
    instruction.fill("two")
    arm.press("Enter")
    line.let_go()
    expect(arm).to_have_attribute("aria-expanded", "false")
    expect(arm).to_contain_text("instruction two")
    expect(page.locator("[class*=st-key-ot-fields-]")).to_be_hidden()


def test_two_tabs_keep_two_drafts(page: Page, experiments: dict[str, int]) -> None:
    opened(page)
    other = page.context.new_page()
    opened(other)
    for tab, name in ((page, "one"), (other, "two")):
        name_field(tab).fill(name)
        kept(tab, f"name: {name}")
    page.reload()
    other.reload()
    expect(name_field(page)).to_have_value("one")
    expect(name_field(other)).to_have_value("two")
    other.close()


def test_the_bill_stays_in_view_and_follows_what_is_typed(page: Page, experiments: dict[str, int]) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    opened(page)
    before = bill(page, "jobs").inner_text()
    page.get_by_label(re.compile("^problems, at most")).fill("7")
    expect(bill(page, "jobs")).not_to_have_text(before)
    page.get_by_label("notes", exact=True).scroll_into_view_if_needed()
    expect(run(page)).to_be_in_viewport()
    expect(bill(page, "jobs")).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1280, 1920])
def test_nothing_sticks_out_of_the_page(page: Page, experiments: dict[str, int], width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    opened(page)
    opener(page).click()
    expect(page.get_by_text("Only this arm")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("[data-testid=stMain]")
    assert box.evaluate("element => element.scrollWidth <= element.clientWidth")


def test_hostile_text_is_literal_in_form_yaml_lines_and_changes(page: Page, experiments: dict[str, int]) -> None:
    hostile = "<img src=x onerror=\"document.title='owned'\"> :material/delete: **b** $x$ [l](javascript:1)"
    opened(page)
    name_field(page).fill(hostile)
    arm = page.locator("[class*=st-key-ot-arm-]").first
    opener(page).click()
    arm.get_by_role("textbox", name="instruction").fill(hostile)
    expect(page.locator(".ot-changes")).to_contain_text("onerror")
    expect(opener(page)).to_contain_text(":material/d")  # the line is cut
    expect(in_yaml(page)).to_have_value(re.compile("onerror"))
    expect(page.locator("main :is(img, a[href^=javascript]), .katex")).to_have_count(0)
    assert "owned" not in page.title()
