"""What of a plot stays while its numbers change: the question that it answers, and who its traces are."""

import re

import plotly.graph_objects as go

from dashboard.views.plot_element import question, spec_of


def plot(*names: str, x: str = "thinking tokens", is_log: bool = False, top: float = 0.5) -> go.Figure:
    figure = go.Figure([go.Scatter(name=name, x=[1, 2], y=[0.1, top]) for name in names])
    figure.update_xaxes(title=x, type="log" if is_log else "linear", range=(0, top))
    return figure


def uids(figure: go.Figure) -> list[str]:
    return [trace["uid"] for trace in spec_of(figure)["data"]]  # type: ignore[attr-defined]


def test_other_numbers_and_other_ranges_answer_the_same_question() -> None:
    assert question(spec_of(plot("a", top=0.5))) == question(spec_of(plot("a", "b", top=0.9)))


def test_another_axis_is_another_question() -> None:
    asked = {question(spec_of(each)) for each in (plot("a"), plot("a", x="seconds"), plot("a", is_log=True))}
    assert len(asked) == 3


def test_a_trace_keeps_its_identity_when_another_comes_before_it() -> None:
    assert uids(plot("b")) == uids(plot("a", "b"))[1:]


def test_traces_of_one_name_differ_and_none_breaks_a_selector() -> None:
    first, second = uids(plot("budget_forcing: waits <b>", "budget_forcing: waits <b>"))
    assert first != second
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", each) for each in (first, second))


def test_plotly_s_own_colours_do_not_hide_the_page_s() -> None:
    assert "template" not in spec_of(plot("a"))["layout"]  # type: ignore[operator]
