"""Addresses: what a page declares can be said, nothing else is, and nothing is opened in any other way."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.address import LIST, PARAMETERS, READING, Page, UndeclaredParameterError, here, href, in_list, of_list
from tests.dashboard_doors import DOORS

DASHBOARD = Path(__file__).parents[2] / "dashboard"


def test_an_address_has_all_that_it_was_given() -> None:
    made = href(Page.TRACES, experiment=3, arm="budget_forcing waits=2 & more", verdict=None, level="")
    assert made == "./traces?experiment=3&arm=budget_forcing+waits%3D2+%26+more"
    assert href(Page.EXPERIMENT, id=3, arms=["a", "b"]) == "./experiment?id=3&arms=a&arms=b"
    assert href(Page.EXPERIMENTS) == "./"


def test_a_change_of_this_page_keeps_what_else_stands_in_its_address() -> None:
    assert here(Page.TRACE, job=4, step=None) == "?job=4&step="  # the browser takes away what is empty


def test_what_a_page_does_not_declare_cannot_be_said_and_the_remedy_is() -> None:
    with pytest.raises(UndeclaredParameterError, match=r"/trace has no parameter arm; .* Declare it in dashboard/add"):
        href(Page.TRACE, job=1, arm="a")
    with pytest.raises(UndeclaredParameterError, match="/submit has no parameter view"):
        here(Page.SUBMIT, view="YAML")


def test_the_list_that_a_trace_was_opened_from_stands_in_its_address() -> None:
    listed = {"verdict": "wrong", "order": "by arm"}
    assert in_list({**listed, "page": "3"}) == {"in_verdict": "wrong", "in_order": "by arm"}
    assert of_list({**in_list(listed), "job": "3", "verdict": "correct", "in_vain": "x"}) == listed
    assert set(in_list(dict.fromkeys(LIST, "x"))) < set(PARAMETERS[Page.TRACE])


def test_no_two_pages_share_a_parameter_of_a_widget() -> None:
    """Streamlit takes a widget's parameter out of the address of every other page."""
    names = [name for of_page in PARAMETERS.values() for name in of_page if name not in READING]
    assert len(names) == len(set(names))


def calls() -> Iterator[tuple[Path, str, ast.Call]]:
    """Every call in the dashboard, with the last part of the function's name."""
    for path in sorted(DASHBOARD.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
                yield path, node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id, node


def keyword(call: ast.Call, name: str) -> str | None:
    return next((ast.unparse(each.value).strip("'") for each in call.keywords if each.arg == name), None)


def test_every_widget_that_stands_in_the_address_is_declared_there() -> None:
    """A widget of an experiment's views has a parameter of the experiment, one of a page's own file of that page."""
    bound = [(path, keyword(call, "key")) for path, _, call in calls() if keyword(call, "bind")]
    helped = {"arm", "verdict", "job_status", "level", "problem", "status", "owner", "tag"}  # keys given to a helper
    declared = {name for of_page in PARAMETERS.values() for name in of_page}
    assert {name for _, name in bound if name != "key"} | helped <= declared, "declare it in dashboard/address.py"
    for path, name in bound:
        if path.parent.name == "views":
            assert name in PARAMETERS[Page.EXPERIMENT]


def test_there_is_one_way_to_open_a_page() -> None:
    others = [(path.name, name) for path, name, _ in calls() if name in ("switch_page", "page_link", "link_button")]
    assert others == []


def test_every_table_and_plot_that_opens_something_is_walked_through_in_a_browser() -> None:
    num_doors = {"answers.show": 3}  # name, rows, doors; elsewhere the columns stand before the rows
    shown = [c for _, name, c in calls() if name == "show" and len(c.args) >= num_doors.get(ast.unparse(c.func), 4)]
    tables = {ast.literal_eval(call.args[0]) for call in shown if is_name(call.args[0])}
    plots = {ast.literal_eval(call.args[0]) for _, name, call in calls() if name == "Plot" and is_name(call.args[0])}
    walked = {door.name for door in DOORS}
    assert tables | plots == walked, "add it to tests/dashboard_doors.py"


def is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
